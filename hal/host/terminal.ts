import type { Readable, Writable } from "node:stream";
import type { Serial, SerialOptions } from "../serial.js";

/** Bytes that may wait, in either direction. */
const CAPACITY = 4096;
const CONTROL_C = 0x03;
const CONTROL_D = 0x04;
/** Signals that end a process without its "exit" event, while a terminal is still there to be restored. */
const SIGNALS = ["SIGHUP", "SIGTERM", "SIGQUIT"] as const;

export interface TerminalOptions extends SerialOptions {
  /** Ctrl-C or Ctrl-D was typed, or the other side has gone. The terminal is closed by then. */
  onEnd?: () => void;
  /** Default: standard input; raw when it is a terminal. */
  input?: Readable & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };
  /** Default: standard output. */
  output?: Writable;
}

/**
 * The process's terminal as a serial port. Keys come one by one, without echo, when input is a terminal; else as it was
 * piped, and the end of a pipe ends nothing. The terminal's own mode comes back on `close` and however the process ends (but SIGKILL).
 */
export class Terminal implements Serial {
  readonly #options: TerminalOptions;
  readonly #input: NonNullable<TerminalOptions["input"]>;
  readonly #output: Writable;
  readonly #raw: boolean;
  #received: Buffer = Buffer.alloc(0);
  #free = CAPACITY;
  #closed = false;

  constructor(options: TerminalOptions = {}) {
    const { format = "buffer", input = process.stdin, output = process.stdout } = options;
    if (format !== "buffer") throw new RangeError(`format must be "buffer", got ${String(format)}`);
    this.#options = options;
    this.#input = input;
    this.#output = output;
    this.#raw = input.isTTY === true;
    if (this.#raw) this.#holdTerminal();
    input.on("data", this.#onData);
    input.on("error", this.#onEnd);
    output.on("error", this.#onEnd);
    process.nextTick(() => this.#onWritable());
  }

  read(byteLength = CAPACITY): ArrayBuffer | undefined {
    const count = Math.min(byteLength, this.#received.byteLength);
    if (!(count > 0)) return undefined;
    const bytes = new Uint8Array(this.#received.subarray(0, count));
    this.#received = this.#received.subarray(count);
    if (this.#received.byteLength < CAPACITY && !this.#closed) this.#input.resume();
    return bytes.buffer;
  }

  write(buffer: ArrayBuffer | Uint8Array): void {
    if (this.#closed) throw new Error("closed");
    const bytes = new Uint8Array(buffer instanceof ArrayBuffer ? buffer.slice(0) : buffer);
    if (bytes.byteLength > this.#free)
      throw new Error(`would overflow: ${this.#free} bytes are free, got ${bytes.byteLength}`);
    this.#free -= bytes.byteLength;
    this.#output.write(bytes, () => {
      this.#free += bytes.byteLength;
      if (this.#free === CAPACITY) this.#onWritable();
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#input.off("data", this.#onData);
    this.#input.pause();
    // What has failed may fail again, and an error that nobody hears ends the process.
    if (!this.#input.errored) this.#input.off("error", this.#onEnd);
    if (!this.#output.errored) this.#output.off("error", this.#onEnd);
    if (this.#raw) this.#releaseTerminal();
  }

  readonly #onData = (chunk: Buffer): void => {
    const end = this.#raw ? chunk.findIndex((byte) => byte === CONTROL_C || byte === CONTROL_D) : -1;
    this.#received = Buffer.concat([this.#received, end < 0 ? chunk : chunk.subarray(0, end)]);
    if (end >= 0) {
      this.#onEnd();
      return;
    }
    // Someone who pipes a long script waits; a person does not type that much.
    if (this.#received.byteLength >= CAPACITY) this.#input.pause();
    this.#options.onReadable?.(this.#received.byteLength);
  };

  readonly #onEnd = (): void => {
    if (this.#closed) return;
    this.close();
    this.#options.onEnd?.();
  };

  #onWritable(): void {
    if (!this.#closed) this.#options.onWritable?.(this.#free);
  }

  #holdTerminal(): void {
    this.#input.setRawMode?.(true);
    process.on("exit", this.#restore);
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  #releaseTerminal(): void {
    this.#restore();
    process.off("exit", this.#restore);
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }

  readonly #restore = (): void => {
    this.#input.setRawMode?.(false);
  };

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.close();
    // Whoever else listens decides what happens now; else the signal does what it would have done.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
}
