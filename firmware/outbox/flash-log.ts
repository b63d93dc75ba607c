import type { Flash } from "../../hal/flash.js";
import type { Form } from "../telemetry/record.js";
import { putUint32 } from "./bytes.js";
import {
  type BlockHeader,
  COMMIT,
  decodeHeader,
  encodeCode,
  encodeHeader,
  endsRow,
  HEADER_LENGTH,
  isRow,
  MARK,
  MAX_PART,
  MAX_RECORD,
  PREFIX_LENGTH,
  payloadLength,
  recordCrc,
  rowCode,
  SEGMENT_LENGTH,
  segmentEnd,
} from "./frame.js";
import { LogReader } from "./log-reader.js";
import { Media } from "./media.js";

/** Blocks that are tried one after the other for one row, so that a flash that takes nothing does not cost every row it holds. */
const ATTEMPTS = 4;

/**
 * Numbered rows in a ring of erase blocks. Blocks are used in turn: the one with sequence number s lies at s modulo the
 * number of blocks, so the wear is even. The oldest block is erased only when it is needed again. Layout: frame.ts and FORMAT.md.
 */
export class FlashLog {
  readonly media: Media;
  /** Offset in each block of its first segment. */
  readonly firstSegment: number;
  /** The block that is written, and where in it; -1 before the first. */
  sequence = -1;
  offset = 0;
  /** No row follows the segment's mark yet: the next one has to be readable without those before it. */
  fresh = true;
  /** Number of the row that is appended next. */
  nextRow = 0;
  /** Rows below this one are done with. */
  committed = 0;
  /** The block that holds the first row that is not committed. */
  oldest = 0;
  /** Rows given up because the ring was full, ever. */
  evicted = 0;
  /** Rows that were found unreadable, since start. */
  corrupt = 0;
  #corruptUpTo = 0;
  /** Erase count of the block that is written. */
  #erases = 0;
  readonly #buffer = new Uint8Array(32);
  readonly #found: BlockHeader = { sequence: 0, firstRow: 0, committed: 0, evicted: 0, erases: 0 };

  /** Recovers what the flash holds; throws RangeError only when the geometry does not fit. */
  constructor(flash: Flash) {
    this.media = new Media(flash);
    this.firstSegment = this.media.align(HEADER_LENGTH);
    const newest = this.#findNewest();
    if (newest >= 0) this.#recover(newest);
  }

  /** Bytes from the first row that waits to the end, of `blocks` times `blockLength`. */
  get used(): number {
    return this.sequence < 0 ? 0 : (this.sequence - this.oldest) * this.media.blockLength + this.offset;
  }

  /** Appends row `nextRow`; false when the segment has no room for it or the flash failed: `advance`, and code it anew. */
  append(form: Form, row: Uint8Array, length: number): boolean {
    if (!this.#fits(length)) return false;
    for (let at = 0; at < length; at += MAX_PART) {
      const code = rowCode(form, length - at);
      for (let i = payloadLength(code) - 1; i >= 0; i--) this.#buffer[PREFIX_LENGTH + i] = row[at + i]!;
      if (!this.#program(code, this.nextRow)) return false;
    }
    this.nextRow++;
    this.fresh = false;
    return true;
  }

  /** Starts the next segment, in the next block when need be; false when no block could be made ready. */
  advance(): boolean {
    if (this.sequence >= 0) {
      const start = this.startsSegment(this.offset) ? this.offset : segmentEnd(this.offset);
      if (start < this.media.blockLength && this.#mark(start)) return true;
    }
    const { sequence } = this;
    const attempts = Math.min(ATTEMPTS, this.media.blocks - 1);
    for (let i = 1; i <= attempts; i++) if (this.#openBlock(sequence + i)) return true;
    this.sequence = sequence;
    this.offset = this.media.blockLength;
    return false;
  }

  /** Marks the rows below `row` as done with; false when that could not be written, and holds until the next start only. */
  commit(row: number): boolean {
    this.committed = row;
    this.#moveOldest();
    for (let i = 0; i < ATTEMPTS; i++) {
      putUint32(this.#buffer, PREFIX_LENGTH, row);
      if (this.#fits(4) && this.#program(COMMIT, this.nextRow)) return true;
      if (!this.advance()) return false;
    }
    return false;
  }

  /** Counts rows `from` to `to` - 1 as corrupt, each only once and only while it waits. */
  lost(from: number, to: number): void {
    const first = Math.max(from, this.#corruptUpTo, this.committed);
    if (to <= first) return;
    this.corrupt += to - first;
    this.#corruptUpTo = to;
  }

  /** Sequence of the first readable block from `sequence` on; beyond the block that is written when there is none. */
  findBlock(sequence: number): number {
    let found = sequence;
    while (found <= this.sequence && !this.#readHeader(found)) found++;
    return found;
  }

  startsSegment(offset: number): boolean {
    return offset === this.firstSegment || offset % SEGMENT_LENGTH === 0;
  }

  #fits(length: number): boolean {
    if (this.sequence < 0 || this.startsSegment(this.offset)) return false;
    const { media } = this;
    const tail = length % MAX_PART;
    const parts = ((length - tail) / MAX_PART) * media.align(MAX_RECORD);
    return this.offset + parts + (tail > 0 ? PREFIX_LENGTH + tail : 0) <= segmentEnd(this.offset);
  }

  /** Writes the record whose payload lies in the buffer; a failure closes the block. */
  #program(code: number, row: number): boolean {
    const length = payloadLength(code);
    this.#buffer[0] = encodeCode(code);
    this.#buffer[1] = recordCrc(row, this.#buffer, 0, length);
    const done = this.media.program(this.#buffer, PREFIX_LENGTH + length, this.#address(this.sequence) + this.offset);
    this.offset = done ? this.media.align(this.offset + PREFIX_LENGTH + length) : this.media.blockLength;
    return done;
  }

  #mark(start: number): boolean {
    this.offset = start;
    this.fresh = true;
    putUint32(this.#buffer, PREFIX_LENGTH, this.nextRow);
    return this.#program(MARK, this.nextRow);
  }

  #openBlock(sequence: number): boolean {
    const { media } = this;
    const block = sequence % media.blocks;
    const erases = (this.#readHeaderAt(block) ? this.#found.erases : this.#erases) + 1;
    // All rows of the block go at once, not one by one as the erase gets to them; and none when nothing can be written.
    if (!media.void(block * media.blockLength)) return false;
    this.#evict(sequence);
    this.sequence = sequence;
    this.#erases = erases;
    return media.erase(block) && this.#writeHeader() && this.#mark(this.firstSegment);
  }

  #writeHeader(): boolean {
    const { sequence, committed, evicted } = this;
    const header = { sequence, firstRow: this.nextRow, committed, evicted, erases: this.#erases };
    encodeHeader(header, this.#buffer);
    return this.media.program(this.#buffer, HEADER_LENGTH, this.#address(sequence));
  }

  /** Gives up the rows of the block whose place `sequence` takes. */
  #evict(sequence: number): void {
    if (this.oldest > sequence - this.media.blocks) return;
    this.oldest = this.findBlock(this.oldest + 1);
    this.#giveUpTo(this.oldest <= this.sequence ? this.#found.firstRow : this.nextRow);
  }

  #giveUpTo(row: number): void {
    if (row <= this.committed) return;
    this.evicted += row - this.committed;
    this.committed = row;
  }

  #moveOldest(): void {
    while (this.oldest < this.sequence) {
      const next = this.findBlock(this.oldest + 1);
      if (next > this.sequence || this.#found.firstRow > this.committed) return;
      this.oldest = next;
    }
  }

  #findNewest(): number {
    const { blocks } = this.media;
    let newest = -1;
    for (let block = 0; block < blocks; block++) {
      const sequence = this.#readHeaderAt(block) ? this.#found.sequence : -1;
      if (sequence % blocks === block) newest = Math.max(newest, sequence);
    }
    return newest;
  }

  /** Finds the end of the last block and where the waiting rows start; makes bits hold that a cut may have left weak. */
  #recover(newest: number): void {
    const { media } = this;
    this.#readHeader(newest);
    this.sequence = newest;
    this.committed = this.#found.committed;
    this.evicted = this.#found.evicted;
    this.#erases = this.#found.erases;
    this.oldest = newest;
    this.offset = media.blockLength;
    const reader = new LogReader(this);
    reader.open(newest, this.#found.firstRow);
    while (reader.next());
    this.nextRow = reader.row;
    this.committed = Math.max(this.committed, reader.committed);
    this.#closeTail(reader);
    this.oldest = this.findBlock(Math.max(0, newest - media.blocks + 1));
    this.#giveUpTo(this.#found.firstRow);
    this.#moveOldest();
  }

  /** Goes on after the last record, or in the next segment when something half-written lies behind it. */
  #closeTail({ lastCode, lastOffset, lastLength }: LogReader): void {
    const { media } = this;
    const start = this.#address(this.sequence);
    const end = lastLength === 0 ? this.firstSegment : media.align(lastOffset + lastLength);
    const used = media.endOfData(start, media.blockLength);
    const whole = used <= end && (!isRow(lastCode) || endsRow(lastCode));
    this.offset = whole ? end : segmentEnd(Math.max(used, end) - 1);
    media.refresh(start, HEADER_LENGTH);
    if (lastLength > 0) media.refresh(start + lastOffset, lastLength);
    const next = this.sequence + 1;
    if (!this.#readHeaderAt(next % media.blocks)) media.void(this.#address(next));
  }

  /** Reads the header of block `sequence` into `#found`; false when another block, or none, lies there. */
  #readHeader(sequence: number): boolean {
    return this.#readHeaderAt(sequence % this.media.blocks) && this.#found.sequence === sequence;
  }

  #readHeaderAt(block: number): boolean {
    const bytes = this.#buffer.subarray(0, HEADER_LENGTH);
    this.media.read(bytes, block * this.media.blockLength);
    return decodeHeader(bytes, this.#found);
  }

  #address(sequence: number): number {
    return (sequence % this.media.blocks) * this.media.blockLength;
  }
}
