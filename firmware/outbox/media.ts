import type { Flash, FlashStatus } from "../../hal/flash.js";
import { SEGMENT_LENGTH } from "./frame.js";

const BLANK = 0xff;

/** Flash that can fail: every operation is verified, failures are counted and answered with false, none throws. */
export class Media {
  readonly blockLength: number;
  readonly blocks: number;
  readonly writeAlign: number;
  /** Programs, erases and reads that failed, since start. */
  failures = 0;
  /** The last failure in plain words. */
  problem: string | undefined;
  readonly #flash: Flash;
  readonly #check = new Uint8Array(64);

  /** Throws RangeError for a geometry that the format does not fit. */
  constructor(flash: Flash) {
    const status = flash.status();
    checkGeometry(status);
    this.blockLength = status.blockLength;
    this.blocks = status.blocks;
    this.writeAlign = status.writeAlign;
    this.#flash = flash;
  }

  /** The next offset that a write may start at. */
  align(offset: number): number {
    return Math.ceil(offset / this.writeAlign) * this.writeAlign;
  }

  /** Fills `buffer`; with zeros, which are no record, when the flash can't be read. */
  read(buffer: Uint8Array, offset: number): void {
    try {
      this.#flash.read(buffer, offset);
    } catch (error) {
      this.#failed(`read at ${offset}: ${error}`);
      buffer.fill(0);
    }
  }

  /**
   * Programs and verifies `length` bytes, byte 0 last: until then the place reads as blank, whatever was cut. `bytes` has
   * room up to the next multiple of `writeAlign`.
   */
  program(bytes: Uint8Array, length: number, offset: number): boolean {
    const end = this.align(length);
    const first = bytes[0]!;
    bytes.fill(BLANK, length, end);
    bytes[0] = BLANK;
    const body = this.writeAlign === 1 ? 1 : 0;
    const written = this.#write(bytes.subarray(body, end), offset + body);
    bytes[0] = first;
    return written && this.#write(bytes.subarray(0, this.writeAlign), offset);
  }

  /** Programs once more what is there, so that bits left weak by a cut hold. */
  refresh(offset: number, length: number): void {
    const bytes = new Uint8Array(this.align(length));
    this.read(bytes, offset);
    this.#write(bytes, offset);
  }

  /** Makes a header or record invalid without an erase. */
  void(offset: number): boolean {
    return this.#write(new Uint8Array(this.writeAlign), offset);
  }

  erase(block: number): boolean {
    try {
      this.#flash.eraseBlock(block);
    } catch (error) {
      return this.#failed(`erase of block ${block}: ${error}`);
    }
    const start = block * this.blockLength;
    if (this.endOfData(start, this.blockLength) === 0) return true;
    return this.#failed(`erase of block ${block} left bits at zero`);
  }

  /** Bytes from `start` up to the last one that is not blank, of `length`. */
  endOfData(start: number, length: number): number {
    const check = this.#check;
    for (let at = length - check.length; at >= 0; at -= check.length) {
      this.read(check, start + at);
      for (let i = check.length - 1; i >= 0; i--) if (check[i] !== BLANK) return at + i + 1;
    }
    return 0;
  }

  #write(bytes: Uint8Array, offset: number): boolean {
    if (bytes.length === 0) return true;
    try {
      this.#flash.write(bytes, offset);
    } catch (error) {
      return this.#failed(`write at ${offset}: ${error}`);
    }
    const check = this.#check.subarray(0, bytes.length);
    this.read(check, offset);
    for (let i = 0; i < bytes.length; i++) {
      if (check[i] !== bytes[i])
        return this.#failed(`byte at ${offset + i} reads ${check[i]} after ${bytes[i]} was written`);
    }
    return true;
  }

  #failed(problem: string): false {
    this.failures++;
    this.problem = problem;
    return false;
  }
}

function checkGeometry({ blockLength, blocks, writeAlign }: FlashStatus): void {
  const least = 2 * SEGMENT_LENGTH;
  if (blockLength < least || blockLength % SEGMENT_LENGTH !== 0) {
    throw new RangeError(
      `outbox: a block of ${blockLength} bytes, needs a multiple of ${SEGMENT_LENGTH} from ${least} on`,
    );
  }
  if (blocks < 2) throw new RangeError(`outbox: ${blocks} erase blocks, needs at least 2`);
  if (![1, 2, 4, 8, 16].includes(writeAlign)) {
    throw new RangeError(`outbox: writes aligned to ${writeAlign} bytes, knows 1, 2, 4, 8 and 16`);
  }
}
