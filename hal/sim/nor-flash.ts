import type { Flash, FlashStatus } from "../flash.js";
import { frozen } from "../frozen.js";

/** Outbox of 1 MB in blocks of 4 KB, as on the ESP32. */
export const OUTBOX_FLASH = frozen({ size: 1 << 20, blockLength: 4096, writeAlign: 1 });
/** Steps that an erase is cut in; a program operation has one step per byte. */
const ERASE_STEPS = 8;
/** Bytes that are erased to the same degree when an erase is cut. */
const ERASE_PAGE = 64;

/** Supply voltage is gone: this operation stopped in the middle, and each one until `restart` does nothing. */
export class PowerCut extends Error {
  constructor() {
    super("power cut");
    this.name = "PowerCut";
  }
}

export interface NorFlashOptions {
  /** Bytes; a multiple of `blockLength`. */
  size: number;
  /** Bytes; default 4096. */
  blockLength?: number;
  /** Bytes; default 1. */
  writeAlign?: number;
  /** 32 random bits; decides what a cut leaves behind. */
  random: () => number;
  /** A cut leaves all the rest of a write half done, as a chip that programs a page at once; default: in order, unit by unit. */
  atOnce?: boolean;
}

/**
 * NOR flash in memory by the rules of the `Flash` contract, with counters and faults. What a cut leaves behind: of the bits
 * on their way to zero, any may have arrived; those that have may be weak, which means that `leak` takes them back to one.
 */
export class NorFlash implements Flash {
  /** The content; tests may change it to model ageing. */
  readonly bytes: Uint8Array;
  bytesRead = 0;
  bytesProgrammed = 0;
  programs = 0;
  /** By block. */
  readonly erases: Uint32Array;
  readonly programmed: Uint32Array;
  /** False from a cut until `restart`. */
  powered = true;
  /** Blocks whose erases or programs fail: "throws", or "silent" when the bits just stay as they are. */
  readonly bad = new Map<number, { operation: "erase" | "program"; how: "throws" | "silent" }>();
  readonly #status: FlashStatus;
  readonly #random: () => number;
  readonly #atOnce: boolean;
  #stepsLeft = Number.POSITIVE_INFINITY;
  /** Weak bits, by offset. */
  readonly #weak = new Map<number, number>();

  constructor({ size, blockLength = 4096, writeAlign = 1, random, atOnce = false }: NorFlashOptions) {
    if (!(size > 0) || size % blockLength !== 0) {
      throw new RangeError(`flash of ${size} bytes, needs a multiple of ${blockLength}`);
    }
    this.#status = { size, blockLength, blocks: size / blockLength, writeAlign };
    this.#random = random;
    this.#atOnce = atOnce;
    this.bytes = new Uint8Array(size).fill(0xff);
    this.erases = new Uint32Array(this.#status.blocks);
    this.programmed = new Uint32Array(this.#status.blocks);
  }

  status(): FlashStatus {
    return this.#status;
  }

  /** Cuts the power when `steps` more bytes were programmed; an erase counts as 8. */
  cutAfter(steps: number): void {
    this.#stepsLeft = steps;
  }

  restart(): void {
    this.powered = true;
    this.#stepsLeft = Number.POSITIVE_INFINITY;
  }

  /** Weak bits lose what charge they have and read as ones from now on. */
  leak(): void {
    for (const [offset, bits] of this.#weak) {
      this.bytes[offset]! |= bits;
      this.changed(offset, offset + 1);
    }
    this.#weak.clear();
  }

  read(buffer: Uint8Array, byteOffset: number): number {
    this.#needPower();
    this.#checkRange(buffer.length, byteOffset, 1);
    buffer.set(this.bytes.subarray(byteOffset, byteOffset + buffer.length));
    this.bytesRead += buffer.length;
    return buffer.length;
  }

  write(buffer: Uint8Array, byteOffset: number): void {
    this.#needPower();
    this.#checkRange(buffer.length, byteOffset, this.#status.writeAlign);
    for (let i = 0; i < buffer.length; i++) this.#checkClears(byteOffset + i, buffer[i]!);
    this.programs++;
    if (this.#fails("program", byteOffset)) return;
    for (let i = 0; i < buffer.length; i++) {
      if (this.#stepsLeft-- <= 0) this.#cutProgram(buffer, byteOffset, i);
      this.#program(byteOffset + i, buffer[i]!);
    }
    this.changed(byteOffset, byteOffset + buffer.length);
  }

  eraseBlock(start: number, end = start + 1): void {
    this.#needPower();
    if (!(Number.isInteger(start) && start >= 0 && end > start && end <= this.#status.blocks)) {
      throw new RangeError(`erase of blocks ${start} to ${end} of ${this.#status.blocks}`);
    }
    for (let block = start; block < end; block++) this.#erase(block);
  }

  /** Called after the content changed; a model that keeps its content elsewhere overrides it. */
  protected changed(_start: number, _end: number): void {}

  #erase(block: number): void {
    const { blockLength } = this.#status;
    const start = block * blockLength;
    this.erases[block]!++;
    if (this.#fails("erase", start)) return;
    const cutAt = this.#stepsLeft;
    this.#stepsLeft -= ERASE_STEPS;
    if (this.#stepsLeft < 0) this.#cutErase(start, cutAt / ERASE_STEPS);
    this.bytes.fill(0xff, start, start + blockLength);
    for (const offset of this.#weak.keys()) {
      if (offset >= start && offset < start + blockLength) this.#weak.delete(offset);
    }
    this.changed(start, start + blockLength);
  }

  #program(offset: number, value: number): void {
    this.bytesProgrammed++;
    this.programmed[Math.floor(offset / this.#status.blockLength)]!++;
    const weak = this.#weak.get(offset);
    if (weak !== undefined) this.#weak.set(offset, weak & value);
    this.bytes[offset] = value;
  }

  /** Bytes before the unit of byte `at` are done; the unit is half done, or all the rest with `atOnce`. */
  #cutProgram(buffer: Uint8Array, byteOffset: number, at: number): never {
    const { writeAlign } = this.#status;
    const start = at - (at % writeAlign);
    const end = this.#atOnce ? buffer.length : start + writeAlign;
    for (let i = start; i < end; i++) {
      const offset = byteOffset + i;
      const arrived = this.bytes[offset]! & ~buffer[i]! & this.#random();
      this.bytes[offset]! &= ~arrived;
      this.#weak.set(offset, (this.#weak.get(offset) ?? 0) | (arrived & this.#random()));
    }
    this.changed(byteOffset, byteOffset + end);
    this.#cut();
  }

  /** The pages are erased to different degrees, some not at all, so that a header may outlive its rows or the reverse. */
  #cutErase(start: number, progress: number): never {
    const { blockLength } = this.#status;
    for (let page = start; page < start + blockLength; page += ERASE_PAGE) {
      const chance = 2 * progress * 0x100000000 - this.#random();
      for (let offset = page; offset < page + ERASE_PAGE; offset++) {
        for (let bit = 1; bit < 256; bit <<= 1) if (this.#random() < chance) this.bytes[offset]! |= bit;
      }
    }
    this.changed(start, start + blockLength);
    this.#cut();
  }

  #cut(): never {
    this.powered = false;
    throw new PowerCut();
  }

  #needPower(): void {
    if (!this.powered) throw new PowerCut();
  }

  #checkRange(length: number, offset: number, align: number): void {
    if (!(Number.isInteger(offset) && offset >= 0 && offset + length <= this.#status.size)) {
      throw new RangeError(`${length} bytes at ${offset} of a flash of ${this.#status.size}`);
    }
    if (offset % align !== 0 || length % align !== 0) {
      throw new RangeError(`${length} bytes at ${offset}, not aligned to ${align}`);
    }
  }

  #checkClears(offset: number, value: number): void {
    if ((value & ~this.bytes[offset]!) !== 0) {
      throw new Error(
        `byte at ${offset} is ${this.bytes[offset]}, writing ${value} would set bits to one without an erase`,
      );
    }
  }

  #fails(operation: "erase" | "program", offset: number): boolean {
    const fault = this.bad.get(Math.floor(offset / this.#status.blockLength));
    if (fault?.operation !== operation) return false;
    if (fault.how === "throws") throw new Error(`${operation} failed at ${offset}`);
    return true;
  }
}
