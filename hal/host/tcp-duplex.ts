import { Duplex } from "node:stream";
import type { TCP, TCPConstructor, TCPOptions } from "../tcp.js";
import { stir } from "./turn.js";

export type TCPDuplexOptions = Omit<TCPOptions, "onReadable" | "onWritable" | "onError" | "format"> & {
  /** Socket class; everything else is handed on to it. */
  io: TCPConstructor;
};

/**
 * A Node stream over an ECMA-419 TCP socket, for Node's `http`, `tls` and packet parsers. Emits "connect" once. The socket has no half-close
 * and does not tell a closed peer from a lost one: `end` sends what is left and waits for the peer, a loss after connecting is
 * the end of the stream. No timers: the order of events follows the socket's.
 */
export class TCPDuplex extends Duplex {
  readonly #tcp: TCP;
  #connected = false;
  /** Bytes that the socket takes without overflow. */
  #free = 0;
  #unsent: Uint8Array = new Uint8Array(0);
  #sent: ((error?: Error) => void) | undefined;
  /** The stream's reader wants more. */
  #wanted = false;

  constructor(options: TCPDuplexOptions) {
    super({ allowHalfOpen: false });
    const { io, ...rest } = options;
    this.#tcp = new io({
      ...rest,
      format: "buffer",
      onReadable: () => this.#onReadable(),
      onWritable: (count) => this.#onWritable(count),
      onError: () => this.#onError(),
    });
  }

  /** Ends, and closes as soon as everything was handed to the socket (as net.Socket has it; Node's `http` calls it). */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  override _read(): void {
    this.#wanted = true;
    this.#pull();
  }

  override _write(chunk: Uint8Array, _encoding: string, sent: (error?: Error) => void): void {
    this.#unsent = chunk;
    this.#sent = sent;
    this.#push();
  }

  override _writev(chunks: { chunk: Uint8Array }[], sent: (error?: Error) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "buffer", sent);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#tcp.close();
    done(error);
  }

  #onReadable(): void {
    stir();
    this.#pull();
  }

  #onWritable(count: number): void {
    stir();
    this.#free = count;
    if (!this.#connected) {
      this.#connected = true;
      this.emit("connect");
    }
    this.#push();
  }

  #onError(): void {
    stir();
    if (!this.#connected) this.destroy(new Error("no connection: refused, unreachable or name not found"));
    else if (this.#sent) this.destroy(new Error("connection lost while sending"));
    else this.push(null);
  }

  /** Moves bytes from the socket to the reader while it wants them. */
  #pull(): void {
    while (this.#wanted && !this.destroyed) {
      const bytes = this.#tcp.read() as ArrayBuffer | undefined;
      if (!bytes) return;
      this.#wanted = this.push(new Uint8Array(bytes));
    }
  }

  /** Moves bytes to the socket while it takes them. */
  #push(): void {
    const sent = this.#sent;
    if (!sent || this.destroyed) return;
    try {
      while (this.#unsent.byteLength > 0 && this.#free > 0) {
        const part = this.#unsent.subarray(0, this.#free);
        this.#free = this.#tcp.write(part);
        this.#unsent = this.#unsent.subarray(part.byteLength);
      }
    } catch (error) {
      this.#sent = undefined;
      sent(error as Error);
      return;
    }
    if (this.#unsent.byteLength > 0) return;
    this.#sent = undefined;
    sent();
  }
}
