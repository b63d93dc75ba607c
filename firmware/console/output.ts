import type { Serial } from "../../hal/serial.js";
import { utf8 } from "../openpaygo/text.js";

const CAPACITY = 512;

/** Bytes that wait for a port: a small buffer, emptied as far as the port takes it. */
export class Output {
  readonly #bytes = new Uint8Array(CAPACITY);
  #length = 0;
  /** Bytes that the port takes now, as its last `onWritable` said. */
  writable = 0;

  get length(): number {
    return this.#length;
  }

  /** Bytes that can be added. */
  get room(): number {
    return CAPACITY - this.#length;
  }

  /** Adds ASCII, control characters included. There must be room. */
  ascii(text: string): void {
    if (text.length > this.room) throw new RangeError(`${text.length} bytes do not fit into ${this.room}`);
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length++] = text.charCodeAt(i);
  }

  /** Adds what fits of `bytes` from `offset` on; gives the offset of the rest. */
  copy(bytes: Uint8Array, offset: number): number {
    const end = Math.min(bytes.length, offset + this.room);
    this.#bytes.set(bytes.subarray(offset, end), this.#length);
    this.#length += end - offset;
    return end;
  }

  flush(port: Serial): void {
    const count = Math.min(this.#length, this.writable);
    if (count === 0) return;
    port.write(this.#bytes.slice(0, count));
    this.#bytes.copyWithin(0, count, this.#length);
    this.#length -= count;
    this.writable -= count;
  }
}

/** A text as UTF-8, control characters as "?": text from outside, such as an operator's name, must not steer a terminal. */
export function printable(text: string): Uint8Array {
  let clean = "";
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x20 && (code < 0x7f || code > 0x9f)) continue;
    clean += `${text.slice(start, i)}?`;
    start = i + 1;
  }
  // A whole request may be one line: it is not copied.
  return utf8(start === 0 ? text : clean + text.slice(start));
}
