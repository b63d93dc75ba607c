import type { Form } from "../telemetry/record.js";
import { getUint32 } from "./bytes.js";
import type { FlashLog } from "./flash-log.js";
import {
  decodeCode,
  endsRow,
  formOf,
  isRow,
  MARK,
  MAX_RECORD,
  MAX_ROW,
  PREFIX_LENGTH,
  payloadLength,
  recordCrc,
  SEGMENT_LENGTH,
  segmentEnd,
} from "./frame.js";

/** Bytes fetched at once. */
const WINDOW = 64;

/** Walks through the log in order, up to the place where the writer stands at that moment. */
export class LogReader {
  /** Number of the next row. */
  row = 0;
  /** The last row's bytes; of no use when it is not intact. */
  readonly payload = new Uint8Array(MAX_ROW);
  length = 0;
  form: Form = 0;
  /** False: the last row is corrupt. */
  intact = true;
  /** The last row is the first of a segment: it needs none before it. */
  restarted = false;
  /** The highest commit that was passed. */
  committed = 0;
  /** Code of the last record that was passed, its offset in the block and its length; 0 bytes when there was none. */
  lastCode = MARK;
  lastOffset = 0;
  lastLength = 0;
  readonly #log: FlashLog;
  readonly #onLost: ((from: number, to: number) => void) | undefined;
  #sequence = 0;
  #offset = 0;
  readonly #window = new Uint8Array(WINDOW);
  /** What of the flash the window holds. */
  #windowStart = 0;
  #windowEnd = 0;

  /** `onLost` is told of rows, `from` to `to` - 1, that are missing. */
  constructor(log: FlashLog, onLost?: (from: number, to: number) => void) {
    this.#log = log;
    this.#onLost = onLost;
  }

  /** Goes to the first readable block from `sequence` on; the rows from `row` on are expected there. */
  open(sequence: number, row: number): void {
    this.#sequence = sequence - 1;
    this.#offset = this.#log.media.blockLength;
    this.row = row;
  }

  /** Opens the oldest block, at the last segment that starts at or before the oldest row that waits. */
  openOldest(): void {
    const row = this.#log.committed;
    this.open(this.#log.oldest, row);
    if (!this.#enterBlock()) return;
    for (let at = this.#log.media.blockLength - SEGMENT_LENGTH; at > 0; at -= SEGMENT_LENGTH) {
      this.#offset = at;
      if (!this.#reached() && this.#code() === MARK && this.#intact(this.#number(), 4) && this.#number() <= row) return;
    }
    this.#offset = this.#log.firstSegment;
  }

  /** Reads one row, intact or not; false at the end of what is written. */
  next(): boolean {
    this.#dropParts();
    this.restarted = false;
    if (this.#block < this.#log.oldest) this.openOldest();
    for (let code = this.#seek(); code >= 0; code = this.#seek()) {
      const intact = this.#intact(this.row, payloadLength(code));
      if (isRow(code)) this.#take(code, intact);
      else if (intact) this.committed = Math.max(this.committed, this.#number());
      this.#pass(code);
      if (isRow(code) && endsRow(code)) {
        this.row++;
        return true;
      }
    }
    return false;
  }

  /** Finds the next commit or part of a row and gives its code; -1 when there is none up to the writer's place. */
  #seek(): number {
    while (!this.#reached()) {
      if (this.#offset >= this.#log.media.blockLength && !this.#enterBlock()) return -1;
      const code = this.#code();
      const atStart = this.#log.startsSegment(this.#offset);
      if (!atStart && code >= 0 && code !== MARK) return code;
      if (atStart && code === MARK && this.#intact(this.#number(), 4)) this.#enterSegment();
      else this.#leaveSegment();
    }
    return -1;
  }

  /** The block that is read, or is entered next. */
  get #block(): number {
    return this.#offset < this.#log.media.blockLength ? this.#sequence : this.#sequence + 1;
  }

  #reached(): boolean {
    const { sequence, offset } = this.#log;
    return this.#sequence > sequence || (this.#sequence === sequence && this.#offset >= offset);
  }

  /** Goes on to the next readable block; false when there is none yet. */
  #enterBlock(): boolean {
    const next = this.#log.findBlock(this.#sequence + 1);
    if (next > this.#log.sequence) return false;
    this.#sequence = next;
    this.#offset = this.#log.firstSegment;
    this.#windowEnd = 0;
    return true;
  }

  #enterSegment(): void {
    const row = this.#number();
    this.#onLost?.(this.row, row);
    this.row = row;
    this.restarted = true;
    this.#pass(MARK);
  }

  #leaveSegment(): void {
    this.#dropParts();
    this.#offset = segmentEnd(this.#offset);
  }

  /** Forgets the parts of a row whose end is missing. */
  #dropParts(): void {
    this.length = 0;
    this.intact = true;
  }

  #take(code: number, intact: boolean): void {
    const length = payloadLength(code);
    const start = this.#fetch() + PREFIX_LENGTH;
    this.intact &&= intact && this.length + length <= MAX_ROW;
    if (this.intact) for (let i = 0; i < length; i++) this.payload[this.length + i] = this.#window[start + i]!;
    this.length += length;
    this.form = formOf(code);
  }

  #pass(code: number): void {
    this.lastCode = code;
    this.lastOffset = this.#offset;
    this.lastLength = PREFIX_LENGTH + payloadLength(code);
    this.#offset = this.#log.media.align(this.#offset + this.lastLength);
  }

  /** Code of the record at this place; -1 when there is none that ends in this segment. */
  #code(): number {
    const left = segmentEnd(this.#offset) - this.#offset;
    const code = left > PREFIX_LENGTH ? decodeCode(this.#window[this.#fetch()]!) : -1;
    return code >= 0 && PREFIX_LENGTH + payloadLength(code) <= left ? code : -1;
  }

  /** The payload of a mark or commit. */
  #number(): number {
    return getUint32(this.#window, this.#fetch() + PREFIX_LENGTH);
  }

  #intact(row: number, length: number): boolean {
    const at = this.#fetch();
    return this.#window[at + 1] === recordCrc(row, this.#window, at, length);
  }

  /** Makes the window hold the record at this place, and gives its index there. */
  #fetch(): number {
    const { media, sequence, offset } = this.#log;
    const block = (this.#sequence % media.blocks) * media.blockLength;
    const at = block + this.#offset;
    const end = block + Math.min(this.#offset + MAX_RECORD, media.blockLength);
    if (at < this.#windowStart || end > this.#windowEnd) {
      const length = Math.min(WINDOW, media.blockLength - this.#offset);
      media.read(length < WINDOW ? this.#window.subarray(0, length) : this.#window, at);
      this.#windowStart = at;
      // What lies beyond the writer's place is blank now and may not be later.
      this.#windowEnd = this.#sequence === sequence ? Math.min(at + length, block + offset) : at + length;
    }
    return at - this.#windowStart;
  }
}
