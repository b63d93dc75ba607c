import { ByteQueue } from "../bytes.js";

const ETX = 0x03;
const CTRL_Z = 0x1a;
const ESC = 0x1b;

/** Takes the payload that a prompt asked for: so many bytes, or text up to Ctrl-Z. */
export class Prompt {
  readonly #length: number | undefined;
  readonly #escapeAborts: boolean;
  readonly #bytes = new ByteQueue();
  #escaped = false;

  /** `escapeAborts`: ESC as the first of counted bytes ends them. */
  constructor(length: number | undefined, escapeAborts: boolean) {
    this.#length = length;
    this.#escapeAborts = escapeAborts;
  }

  /** Takes from `input`. Gives the payload when it is complete, "aborted", or undefined to wait for more. */
  take(input: ByteQueue): Uint8Array | "aborted" | undefined {
    return this.#length === undefined ? this.#takeText(input) : this.#takeCounted(input, this.#length);
  }

  #takeCounted(input: ByteQueue, length: number): Uint8Array | "aborted" | undefined {
    if (this.#escapeAborts && this.#bytes.length === 0 && input.indexOf(ESC) === 0) {
      input.take(1);
      return "aborted";
    }
    this.#bytes.push(input.take(length - this.#bytes.length));
    return this.#bytes.length === length ? this.#bytes.take(length) : undefined;
  }

  /** Ctrl-Z ends the text and ESC drops it, unless ETX stands before. */
  #takeText(input: ByteQueue): Uint8Array | "aborted" | undefined {
    while (input.length > 0) {
      const byte = input.take(1);
      const control = this.#escaped ? undefined : byte[0];
      this.#escaped = control === ETX;
      if (control === ESC) return "aborted";
      if (control === CTRL_Z) return this.#bytes.take(this.#bytes.length);
      if (control !== ETX) this.#bytes.push(byte);
    }
    return undefined;
  }
}
