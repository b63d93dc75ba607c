import { generate, type Packet, type Parser, parser } from "mqtt-packet";
import {
  CONNACK,
  DISCONNECT,
  type MQTTClient,
  type MQTTClientConstructor,
  type MQTTClientOptions,
  type MQTTWriteOptions,
  PUBACK,
  PUBLISH,
  SUBACK,
  SUBSCRIBE,
} from "../mqtt.js";
import type { ByteBuffer } from "../tcp.js";
import type { TimerHandle, Timers } from "../timer.js";
import { TCPDuplex } from "./tcp-duplex.js";
import { stir } from "./turn.js";

/** Bytes of messages that may wait for the socket. */
const WINDOW = 16384;

/** The client class on these timers: keep-alive is a matter of virtual time. */
export function hostMQTTClient(timer: Timers): MQTTClientConstructor {
  return class extends HostMQTTClient {
    constructor(options: MQTTClientOptions) {
      super(options, timer);
    }
  };
}

/**
 * The ECMA-419 MQTT client as the Moddable SDK has it, over `mqtt-packet` and the TCP class in `socket.io`. Messages are handed to
 * the broker whole, so pieces wait here for the last one. `dns` is not used: `socket.io` takes names.
 */
class HostMQTTClient implements MQTTClient {
  readonly #options: MQTTClientOptions;
  readonly #timer: Timers;
  readonly #parser: Parser = parser({ protocolVersion: 4 });
  #connection: TCPDuplex | undefined;
  #connected = false;
  #closed = false;
  /** A message that was not read yet. */
  #payload: Buffer | undefined;
  /** A message that is written in pieces. */
  #message: { readonly options: MQTTWriteOptions; readonly pieces: Buffer[]; missing: number } | undefined;
  #keepAlive: TimerHandle | undefined;
  #pinged = false;

  constructor(options: MQTTClientOptions, timer: Timers) {
    if (typeof options.host !== "string" || options.host === "") throw new Error("host required");
    this.#options = options;
    this.#timer = timer;
    this.#parser.on("packet", (packet) => this.#take(packet));
    this.#parser.on("error", (error) => this.#fail(error));
    // No callback may come from inside the constructor.
    process.nextTick(() => this.#connect());
    stir();
  }

  read(byteLength = this.#payload?.length ?? 0): ArrayBuffer | undefined {
    const payload = this.#payload;
    if (!payload || payload.length === 0) return undefined;
    this.#payload = payload.subarray(byteLength);
    return new Uint8Array(payload.subarray(0, byteLength)).buffer;
  }

  write(data: ByteBuffer | null, options: MQTTWriteOptions = {}): number {
    if (!this.#connected || this.#closed) throw new Error("not connected: wait for onWritable");
    const { operation = PUBLISH, id = 1 } = options;
    if (this.#message || operation === PUBLISH) this.#publish(data, options);
    else if (operation === SUBSCRIBE) {
      const subscriptions = (options.items ?? []).map(({ topic, QoS }) => ({ topic, qos: QoS === 1 ? 1 : 0 }) as const);
      this.#send({ cmd: "subscribe", messageId: id, subscriptions });
    } else if (operation === DISCONNECT) this.#send({ cmd: "disconnect" });
    else throw new RangeError(`operation ${operation}: PUBLISH, SUBSCRIBE or DISCONNECT expected`);
    return this.#free;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer.clear(this.#keepAlive);
    this.#connection?.destroySoon();
    stir();
  }

  get #free(): number {
    return Math.max(0, WINDOW - (this.#connection?.writableLength ?? WINDOW));
  }

  #connect(): void {
    if (this.#closed) return;
    const { host, port = 1883, socket } = this.#options;
    try {
      this.#connection = new TCPDuplex({ ...socket, address: host, host, port });
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#connection.on("connect", () => this.#greet());
    this.#connection.on("data", (bytes: Buffer) => this.#closed || this.#parser.parse(bytes));
    this.#connection.on("error", (error) => this.#fail(error));
    this.#connection.on("close", () => this.#fail(new Error("the broker closed the connection, or it was lost")));
  }

  #greet(): void {
    const { id = "", user, password, keepAlive = 0 } = this.#options;
    this.#send({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clean: true,
      clientId: id,
      keepalive: Math.ceil(keepAlive / 1000),
      ...(user !== undefined && { username: user }),
      ...(password !== undefined && { password: Buffer.from(password) }),
    });
    // The SDK pings after as much silence; here traffic does not put it off.
    if (keepAlive > 0) this.#keepAlive = this.#timer.repeat(() => this.#ping(), (keepAlive * 3) / 4);
  }

  #ping(): void {
    if (this.#pinged) this.#fail(new Error("the broker does not answer to pings"));
    else this.#send({ cmd: "pingreq" });
    this.#pinged = true;
  }

  #send(packet: Packet): void {
    this.#connection?.write(generate(packet), () => {
      if (!this.#closed && this.#connected && packet.cmd === "publish")
        this.#options.onWritable?.call(this, this.#free);
    });
    stir();
  }

  #publish(data: ByteBuffer | null, options: MQTTWriteOptions): void {
    const bytes = Buffer.from(new Uint8Array(data instanceof ArrayBuffer ? data : (data ?? [])));
    this.#message ??= { options, pieces: [], missing: options.byteLength ?? bytes.length };
    const { pieces } = this.#message;
    if (bytes.length > this.#message.missing) throw new Error("more than the message's byteLength");
    this.#message.missing -= bytes.length;
    pieces.push(bytes);
    if (this.#message.missing > 0)
      return void process.nextTick(() => this.#closed || this.#options.onWritable?.call(this, this.#free));
    const { topic = "", QoS = 0, id = 1 } = this.#message.options;
    this.#message = undefined;
    const packet = { cmd: "publish", topic, payload: Buffer.concat(pieces), dup: false, retain: false } as const;
    this.#send(QoS === 0 ? { ...packet, qos: 0 } : { ...packet, qos: 1, messageId: id });
  }

  #take(packet: Packet): void {
    stir();
    if (this.#closed) return;
    const { onControl } = this.#options;
    if (packet.cmd === "connack") {
      this.#welcomed(packet.returnCode ?? 0);
    } else if (packet.cmd === "suback") {
      const payload = packet.granted.map((granted) => Number(granted));
      onControl?.call(this, { operation: SUBACK, id: packet.messageId!, payload });
    } else if (packet.cmd === "puback") onControl?.call(this, { operation: PUBACK, id: packet.messageId! });
    else if (packet.cmd === "pingresp") this.#pinged = false;
    else if (packet.cmd === "publish") this.#deliver(packet);
  }

  #welcomed(returnCode: number): void {
    if (returnCode !== 0) {
      this.#fail(new Error(`connection refused: return code ${returnCode}`));
      return;
    }
    this.#connected = true;
    this.#options.onControl?.call(this, { operation: CONNACK });
    if (!this.#closed) this.#options.onWritable?.call(this, this.#free);
  }

  #deliver(packet: Extract<Packet, { cmd: "publish" }>): void {
    this.#payload = Buffer.from(packet.payload as Buffer);
    const { length } = this.#payload;
    this.#options.onReadable?.call(this, length, { more: false, topic: packet.topic, byteLength: length });
    if (packet.qos === 1 && !this.#closed) this.#send({ cmd: "puback", messageId: packet.messageId! });
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    this.close();
    this.#connection?.destroy();
    this.#options.onError?.call(this, error);
  }
}
