import type { Serial, SerialPort } from "../serial.js";

/** The serial line to the modem: takes any amount of output and hands it on as fast as the UART allows. */
export class Port {
  readonly #port: SerialPort;
  readonly #onBytes: (bytes: Uint8Array) => void;
  #serial: Serial;
  #writable = 0;
  #queue: Uint8Array[] = [];

  /** `onBytes` gets what arrives; the array is the receiver's to keep. */
  constructor(port: SerialPort, onBytes: (bytes: Uint8Array) => void) {
    this.#port = port;
    this.#onBytes = onBytes;
    this.#serial = this.#open({});
  }

  /** Opens the line anew at another rate, bits per second. */
  reopen(baud: number): void {
    this.close();
    this.#writable = 0;
    this.#serial = this.#open({ baud });
  }

  /** The bytes must stay as they are until they are out. */
  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#queue.push(bytes);
    this.#flush();
  }

  /** Drops what could not be written yet. */
  discard(): void {
    this.#queue = [];
  }

  close(): void {
    this.discard();
    this.#serial.close();
  }

  #open(changes: { baud?: number }): Serial {
    const { io, ...options } = this.#port;
    return new io({
      ...options,
      ...changes,
      format: "buffer",
      onReadable: () => {
        const buffer = this.#serial.read();
        if (buffer !== undefined) this.#onBytes(new Uint8Array(buffer));
      },
      onWritable: (count) => {
        this.#writable = count;
        this.#flush();
      },
    });
  }

  #flush(): void {
    while (this.#writable > 0 && this.#queue.length > 0) {
      const bytes = this.#queue[0]!;
      const count = Math.min(this.#writable, bytes.length);
      this.#writable -= count;
      if (count === bytes.length) this.#queue.shift();
      else this.#queue[0] = bytes.subarray(count);
      this.#serial.write(count === bytes.length ? bytes : bytes.subarray(0, count));
    }
  }
}
