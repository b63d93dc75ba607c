import type { Flash } from "../../hal/flash.js";

/** Bytes that are programmed at once: a page of NOR flash. */
const PAGE = 256;
/** Bytes that are erased at once, and then asked for: 2 % of them are spent on the request, and an erase takes half a second. */
const PART = 65536;

/**
 * Writes an image into a slot from front to back, whatever pieces it comes in. Erases only in `prepare`: while flash is erased
 * a chip may take nothing in from its UARTs, and the modem must be silent.
 */
export class ImageWriter {
  readonly #slot: Flash;
  readonly #length: number;
  readonly #page = new Uint8Array(PAGE);
  /** Bytes of the image that have come; those of an unfinished page are not in the slot yet. */
  position: number;
  #erased: number;

  /** `position`: a multiple of the slot's block length. */
  constructor(slot: Flash, length: number, position: number) {
    this.#slot = slot;
    this.#length = length;
    this.position = position;
    this.#erased = position;
  }

  /** Bytes that a cut of power does not take: whole blocks, and the end. */
  get safe(): number {
    return this.position === this.#length ? this.#length : this.position - (this.position % this.#blockLength);
  }

  /** Makes room for the next part; gives the offset where it ends. Throws what the flash throws. */
  prepare(): number {
    if (this.position === this.#erased) {
      const start = this.#erased / this.#blockLength;
      const end = Math.min(this.#length, this.#erased - (this.#erased % PART) + PART);
      this.#slot.eraseBlock(start, Math.ceil(end / this.#blockLength));
      this.#erased = end;
    }
    return this.#erased;
  }

  /** Takes the next bytes. Throws RangeError beyond what was prepared, and what the flash throws. */
  write(bytes: Uint8Array): void {
    if (this.position + bytes.length > this.#erased) throw new RangeError("more came than was asked for");
    for (let taken = 0; taken < bytes.length; ) {
      const at = this.position % PAGE;
      const piece = bytes.subarray(taken, taken + PAGE - at);
      this.#page.set(piece, at);
      if (at + piece.length === PAGE || this.position + piece.length === this.#length) this.#program(at + piece.length);
      taken += piece.length;
      this.position += piece.length;
    }
  }

  /** The last page may end anywhere: blank bytes fill it up. */
  #program(length: number): void {
    const { writeAlign } = this.#slot.status();
    const filled = Math.ceil(length / writeAlign) * writeAlign;
    this.#page.fill(0xff, length, filled);
    this.#slot.write(this.#page.subarray(0, filled), this.position - (this.position % PAGE));
  }

  get #blockLength(): number {
    return this.#slot.status().blockLength;
  }
}
