import type { ByteBuffer, TCPConstructor } from "./tcp.js";

/** Control packet types (MQTT 3.1.1, 2.2.1) that pass between a client and its owner. */
export const CONNACK = 2;
export const PUBLISH = 3;
export const PUBACK = 4;
export const SUBSCRIBE = 8;
export const SUBACK = 9;
export const DISCONNECT = 14;

export interface MQTTClientOptions {
  host: string;
  /** Default 1883. */
  port?: number;
  /** Client identifier. */
  id?: string;
  user?: string;
  password?: string;
  /** Milliseconds without traffic after which the client pings, at the latest; 0: never. */
  keepAlive?: number;
  /** Socket class and its options: `{ io: network.TCP }`. */
  socket: { io: TCPConstructor } & Record<string, unknown>;
  /** Name resolver; a modem resolves names itself, so the board passes one that hands the name on. */
  dns: { io: unknown } & Record<string, unknown>;
  /** `count` bytes of a message can be read, now only. */
  onReadable?: (this: MQTTClient, count: number, options: MQTTReadableOptions) => void;
  /** So much payload can be written; the first call comes after the broker has accepted the connection. */
  onWritable?: (this: MQTTClient, count: number) => void;
  /** CONNACK, SUBACK, PUBACK. */
  onControl?: (this: MQTTClient, message: MQTTControlMessage) => void;
  /** Refused, closed or lost; the client is closed. */
  onError?: (this: MQTTClient, error?: unknown) => void;
}

export interface MQTTReadableOptions {
  /** More of this message is to come. */
  readonly more: boolean;
  /** With the first piece of a message. */
  readonly topic?: string;
  readonly byteLength?: number;
}

export interface MQTTControlMessage {
  readonly operation: number;
  /** Packet identifier of what is acknowledged. */
  readonly id?: number;
  /** Of a SUBACK: one return code for each topic. */
  readonly payload?: readonly number[];
}

export interface MQTTWriteOptions {
  /** Default PUBLISH. */
  operation?: number;
  /** Packet identifier. */
  id?: number;
  topic?: string;
  QoS?: number;
  /** Length of a whole message whose first piece is written; the others are written without options. */
  byteLength?: number;
  /** What to subscribe to. */
  items?: { topic: string; QoS: number }[];
}

/** ECMA-419 MQTT client class as the SDK's `embedded:network/mqtt/client` has it. Acknowledges what it receives by itself. */
export interface MQTTClient {
  read(byteLength?: number): ArrayBuffer | undefined;
  /** `data` is looked at for a PUBLISH only. Throws when more is written than the last `onWritable` allowed. */
  write(data: ByteBuffer | null, options?: MQTTWriteOptions): number;
  close(): void;
}

export type MQTTClientConstructor = new (options: MQTTClientOptions) => MQTTClient;
