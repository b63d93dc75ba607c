import { connect, type Socket } from "node:net";
import type { ByteBuffer, TCP, TCPOptions } from "../tcp.js";

/** Bytes that may wait to be sent. */
const CAPACITY = 16384;

/**
 * An ECMA-419 TCP socket over the machine's own network. What is written in one turn is sent together, and still goes out after
 * `close`. Everything but `close` throws after `close`.
 */
export class HostTCP implements TCP {
  readonly target: unknown;
  readonly #options: TCPOptions;
  readonly #socket: Socket;
  #format: "buffer" | "number";
  #connected = false;
  #corked = false;
  /** Bytes written and not yet sent. */
  #pending = 0;
  /** Unread bytes that onReadable has told of. */
  #offered = 0;
  #lost = false;
  #closed = false;

  constructor(options: TCPOptions) {
    const { address = options.host, port, format = "buffer" } = options;
    if (typeof address !== "string" || address === "")
      throw new TypeError(`address must be a name or IP address, got ${address}`);
    this.#format = checkFormat(format);
    this.#options = options;
    this.target = options.target;
    this.#socket = connect({ host: address, port: checkPort(port), noDelay: true });
    this.#socket.on("connect", () => this.#onConnect());
    this.#socket.on("readable", () => this.#onReadable());
    this.#socket.on("end", () => this.#onLost());
    // The reason is not part of the contract; "close" follows in any case.
    this.#socket.on("error", () => this.#onLost());
    this.#socket.on("close", () => this.#onLost());
  }

  get format(): "buffer" | "number" {
    this.#checkOpen();
    return this.#format;
  }

  set format(format: "buffer" | "number") {
    this.#checkOpen();
    this.#format = checkFormat(format);
  }

  get remoteAddress(): string | undefined {
    this.#checkOpen();
    return this.#socket.remoteAddress;
  }

  get remotePort(): number | undefined {
    this.#checkOpen();
    return this.#socket.remotePort;
  }

  read(): ArrayBuffer | number | undefined;
  read(byteLength: number): ArrayBuffer | undefined;
  read(buffer: ByteBuffer): number | undefined;
  read(count?: number | ByteBuffer): ArrayBuffer | number | undefined {
    this.#checkOpen();
    if (this.#format === "number") return this.#take(1)?.[0];
    if (count === undefined || typeof count === "number") {
      const bytes = this.#take(count ?? Number.POSITIVE_INFINITY);
      return bytes && copyOf(bytes);
    }
    const view = viewOf(count);
    const bytes = this.#take(view.byteLength);
    if (bytes) view.set(bytes);
    return bytes?.byteLength;
  }

  write(data: ByteBuffer | number): number {
    this.#checkOpen();
    const bytes = this.#bytesOf(data);
    if (!this.#connected || this.#lost) throw new Error("not connected: wait for onWritable");
    const free = CAPACITY - this.#pending;
    if (bytes.byteLength > free) throw new Error(`would overflow: ${free} bytes are free, got ${bytes.byteLength}`);
    this.#pending += bytes.byteLength;
    this.#cork();
    this.#socket.write(bytes, (error) => {
      if (!error) this.#onSent(bytes.byteLength);
    });
    return free - bytes.byteLength;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#connected) this.#socket.destroySoon();
    else this.#socket.destroy();
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error("closed");
  }

  /** A copy: the caller may use its buffer again at once. */
  #bytesOf(data: ByteBuffer | number): Uint8Array {
    if (this.#format === "buffer") return new Uint8Array(viewOf(data));
    if (typeof data !== "number") throw new TypeError(`a byte must be a number, got ${typeof data}`);
    return Uint8Array.of(data);
  }

  #take(count: number): Uint8Array | undefined {
    const length = Math.min(count, this.#socket.readableLength);
    if (!(length > 0)) return undefined;
    const bytes: Buffer | null = this.#socket.read(length);
    this.#offered = Math.max(0, this.#offered - length);
    if (this.#socket.readableLength === 0) this.#socket.read(0);
    // Everything was read: what waited for that may come now, but not from inside this call.
    if (this.#lost && this.#socket.readableLength === 0) process.nextTick(() => this.#reportLost());
    return bytes ?? undefined;
  }

  /** Gathers what is written in one turn into one segment. */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#socket.uncork();
    });
  }

  #onConnect(): void {
    this.#connected = true;
    if (!this.#closed) this.#options.onWritable?.call(this, CAPACITY);
  }

  #onSent(count: number): void {
    this.#pending -= count;
    if (this.#pending === 0 && !this.#closed && !this.#lost) this.#options.onWritable?.call(this, CAPACITY);
  }

  #onReadable(): void {
    if (this.#closed) return;
    const count = this.#socket.readableLength;
    // A stream that was read to the last byte notices its end only when asked for more.
    if (count === 0) this.#socket.read(0);
    if (count <= this.#offered) return;
    this.#offered = count;
    this.#options.onReadable?.call(this, count);
  }

  #onLost(): void {
    if (this.#lost) return;
    this.#lost = true;
    if (this.#socket.readableLength === 0) this.#reportLost();
    else this.#onReadable();
  }

  #reportLost(): void {
    if (!this.#closed) this.#options.onError?.call(this);
  }
}

function checkPort(port: unknown): number {
  if (typeof port !== "number") throw new TypeError(`port must be a number, got ${typeof port}`);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new RangeError(`port must be from 0 to 65535, got ${port}`);
  return port;
}

function checkFormat(format: unknown): "buffer" | "number" {
  if (format === "buffer" || format === "number") return format;
  throw new RangeError(`format must be "buffer" or "number", got ${String(format)}`);
}

function viewOf(data: unknown): Uint8Array {
  if (data instanceof Uint8Array) return data;
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new TypeError("expected an ArrayBuffer or Uint8Array");
}

/** A plain ArrayBuffer: Node's buffers are windows into a shared one. */
function copyOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
