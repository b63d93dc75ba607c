import { generate, type Packet, parser } from "mqtt-packet";
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
} from "../../hal/mqtt.js";
import { toText } from "../../hal/sim/bytes.js";
import type { ByteBuffer, TCP } from "../../hal/tcp.js";
import type { Timers } from "../../hal/timer.js";

/** Room that is kept for a packet's head, as the SDK's client does. */
const OVERHEAD = 8;
/** The most of a message that the owner is given at once. */
const PIECE = 100;

/** A client that hands over each request as soon as all of it was written. */
export function watchedMQTTClient(timer: Timers, onRequest: (body: string) => void): MQTTClientConstructor {
  return class extends TestMQTTClient {
    constructor(options: MQTTClientOptions) {
      super(options, timer, onRequest);
    }
  };
}

/**
 * Stands in for the SDK's `embedded:network/mqtt/client`: the same contract, without a turn of the event loop of its own,
 * so that it runs on virtual time. Messages leave piece by piece, as the socket has room.
 */
class TestMQTTClient implements MQTTClient {
  readonly #options: MQTTClientOptions;
  readonly #timer: Timers;
  readonly #onRequest: (body: string) => void;
  readonly #parser = parser({ protocolVersion: 4 });
  #socket: TCP | undefined;
  #state: "connecting" | "login" | "connected" | "closed" = "connecting";
  /** Bytes that the socket takes. */
  #writable = 0;
  /** The message that is written in pieces. */
  #body = "";
  #missing = 0;
  /** Packets of the client's own, which wait for room and for the end of the message. */
  #waiting: Buffer[] = [];
  #unread = Buffer.alloc(0);
  #keepAlive: ReturnType<Timers["repeat"]> | undefined;
  #pinged = false;

  constructor(options: MQTTClientOptions, timer: Timers, onRequest: (body: string) => void) {
    this.#options = options;
    this.#timer = timer;
    this.#onRequest = onRequest;
    this.#parser.on("packet", (packet) => this.#take(packet));
    this.#parser.on("error", () => this.#fail());
    this.#connect();
  }

  read(byteLength = this.#unread.length): ArrayBuffer | undefined {
    const piece = this.#unread.subarray(0, byteLength);
    this.#unread = this.#unread.subarray(byteLength);
    return piece.length > 0 ? new Uint8Array(piece).buffer : undefined;
  }

  write(data: ByteBuffer | null, options: MQTTWriteOptions = {}): number {
    if (this.#state !== "connected") throw new Error("not connected: wait for onWritable");
    const { operation = PUBLISH, id = 1, items = [] } = options;
    if (this.#missing > 0 || operation === PUBLISH) this.#publish(Buffer.from(new Uint8Array(data!)), options);
    else if (operation === SUBSCRIBE) {
      const subscriptions = items.map(({ topic, QoS }) => ({ topic, qos: QoS === 1 ? 1 : 0 }) as const);
      this.#send(generate({ cmd: "subscribe", messageId: id, subscriptions }));
    } else if (operation === DISCONNECT) this.#send(generate({ cmd: "disconnect" }));
    return this.#room;
  }

  close(): void {
    this.#state = "closed";
    this.#timer.clear(this.#keepAlive);
    this.#socket?.close();
  }

  get #room(): number {
    return Math.max(0, this.#writable - OVERHEAD);
  }

  #connect(): void {
    const { host, port = 1883, socket } = this.#options;
    try {
      this.#socket = new socket.io({
        ...socket,
        ...{ address: host, host, port },
        onReadable: (count) => void this.#parser.parse(Buffer.from(this.#socket!.read(count)!)),
        onWritable: (count) => this.#drained(count),
        onError: () => this.#fail(),
      });
    } catch {
      this.#fail();
    }
  }

  #drained(count: number): void {
    this.#writable = count;
    if (this.#state === "connecting") this.#greet();
    if (this.#state !== "connected") return;
    this.#flush();
    if (this.#room > 0) this.#options.onWritable?.call(this, this.#room);
  }

  #greet(): void {
    const { id = "", keepAlive = 0 } = this.#options;
    const keepalive = Math.ceil(keepAlive / 1000);
    this.#state = "login";
    this.#send(
      generate({ cmd: "connect", protocolId: "MQTT", protocolVersion: 4, clean: true, clientId: id, keepalive }),
    );
    if (keepAlive > 0) this.#keepAlive = this.#timer.repeat(() => this.#ping(), (keepAlive * 3) / 4);
  }

  #ping(): void {
    if (this.#pinged) this.#fail();
    else this.#queue({ cmd: "pingreq" });
    this.#pinged = true;
  }

  /** The head of a message goes with its first piece. */
  #publish(piece: Buffer, { topic = "", id = 1, byteLength = piece.length }: MQTTWriteOptions): void {
    let bytes = piece;
    if (this.#missing === 0) {
      this.#body = "";
      this.#missing = byteLength;
      const payload = Buffer.alloc(byteLength);
      const flags = { qos: 1, dup: false, retain: false } as const;
      const packet = generate({ cmd: "publish", topic, payload, messageId: id, ...flags });
      bytes = Buffer.concat([packet.subarray(0, packet.length - byteLength), piece]);
    }
    if (piece.length > this.#missing) throw new Error("more than the message's byteLength");
    this.#missing -= piece.length;
    this.#body += toText(piece);
    if (this.#missing === 0) this.#onRequest(this.#body);
    this.#send(bytes);
  }

  #send(bytes: Uint8Array): void {
    if (bytes.length > this.#writable) throw new Error("overflow");
    this.#writable = this.#socket!.write(bytes);
  }

  /** What they leave of the room is told to the owner. */
  #queue(packet: Packet): void {
    this.#waiting.push(generate(packet));
    this.#timer.set(() => this.#drained(this.#writable));
  }

  #flush(): void {
    while (this.#missing === 0 && this.#waiting[0] && this.#waiting[0].length <= this.#writable)
      this.#send(this.#waiting.shift()!);
  }

  #take(packet: Packet): void {
    if (this.#state === "closed") return;
    const { onControl } = this.#options;
    if (packet.cmd === "connack") this.#welcomed(packet.returnCode ?? 0);
    else if (packet.cmd === "puback") onControl?.call(this, { operation: PUBACK, id: packet.messageId! });
    else if (packet.cmd === "suback") {
      const payload = packet.granted.map(Number);
      onControl?.call(this, { operation: SUBACK, id: packet.messageId!, payload });
    } else if (packet.cmd === "pingresp") this.#pinged = false;
    else if (packet.cmd === "publish") this.#deliver(packet);
  }

  #welcomed(returnCode: number): void {
    if (returnCode !== 0) {
      this.#fail();
      return;
    }
    this.#state = "connected";
    this.#options.onControl?.call(this, { operation: CONNACK });
    this.#drained(this.#writable);
  }

  #deliver({ topic, payload, messageId }: Extract<Packet, { cmd: "publish" }>): void {
    const bytes = Buffer.from(payload as Buffer);
    this.#queue({ cmd: "puback", messageId: messageId! });
    for (let at = 0; at < bytes.length && this.#state === "connected"; at += PIECE) {
      this.#unread = bytes.subarray(at, at + PIECE);
      const first = at === 0 && { topic, byteLength: bytes.length };
      const more = at + PIECE < bytes.length;
      this.#options.onReadable?.call(this, this.#unread.length, { more, ...first });
    }
  }

  /** The owner is told first, as by the SDK's client. */
  #fail(): void {
    if (this.#state === "closed") return;
    this.#options.onError?.call(this);
    this.close();
  }
}
