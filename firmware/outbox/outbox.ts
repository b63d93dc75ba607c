import type { Flash } from "../../hal/flash.js";
import { RowDecoder, RowEncoder } from "../telemetry/record.js";
import type { Row, RowSource } from "../telemetry/row.js";
import { FlashLog } from "./flash-log.js";
import { MAX_ROW } from "./frame.js";
import { LogReader } from "./log-reader.js";

export interface OutboxOptions {
  /** The partition that is used as a whole: at least 2 blocks, block length a multiple of 512 from 1024 on. */
  flash: Flash;
  /** Rows of formats from this number on are passed over and counted as corrupt: firmware left them that was newer. Default: none are. */
  formats?: number;
}

/** Rows wait here until the server has them: push, read with a cursor, commit. Survives a cut of power at any moment. */
export class Outbox {
  /** Rows that could not be stored since start, because the flash failed. */
  rejected = 0;
  readonly #log: FlashLog;
  readonly #formats: number;
  readonly #encoder = new RowEncoder(MAX_ROW);

  /** Recovers what the flash holds; throws RangeError only when the geometry of the flash does not fit. */
  constructor({ flash, formats = Number.POSITIVE_INFINITY }: OutboxOptions) {
    this.#log = new FlashLog(flash);
    this.#formats = formats;
  }

  /**
   * Stores a row; when this returns true, no cut of power loses it. False when the flash failed (counted in `rejected`).
   * Throws TypeError or RangeError for a row that is none or takes more than 400 bytes, and stores nothing.
   */
  push(row: Row): boolean {
    // A new segment, and then a new block after a failed program: three attempts reach every case once.
    for (let i = 0; i < 3; i++) {
      if (this.#log.fresh) this.#encoder.restart();
      const length = this.#encoder.encode(row);
      if (this.#log.append(this.#encoder.form, this.#encoder.bytes, length)) return true;
      if (!this.#log.advance()) break;
    }
    this.rejected++;
    return false;
  }

  /**
   * Reads the rows that are not committed, from the oldest on. Any number of cursors may be used with pushes and commits
   * in between. Rows pushed later are seen; after an eviction it goes on with the oldest row that is left.
   */
  cursor(): RowSource {
    return new RowCursor(this.#log, this.#formats);
  }

  /**
   * The rows before `position` (of a cursor) are done with and are not given again. False when that could not be written:
   * it then holds until the next start. Throws RangeError for a position beyond the last row.
   */
  commit(position: number): boolean {
    const { committed, nextRow } = this.#log;
    if (!(position >= 0 && position <= nextRow)) {
      throw new RangeError(`commit of ${position}, give the position of a cursor: 0 to ${nextRow}`);
    }
    return position <= committed || this.#log.commit(position);
  }

  /** The last row that can be read, committed or not; undefined when the last two blocks hold none. */
  newest(): Row | undefined {
    const { sequence } = this.#log;
    return readLast(this.#log, sequence) ?? readLast(this.#log, sequence - 1);
  }

  /** Rows waiting. Those that prove corrupt count until a commit passes them. */
  get length(): number {
    return this.#log.nextRow - this.#log.committed;
  }

  /** Rows given up because the flash was full; survives restarts. */
  get evicted(): number {
    return this.#log.evicted;
  }

  /** Rows found unreadable since start. */
  get corrupt(): number {
    return this.#log.corrupt;
  }

  /** Flash operations that failed since start; each skips a block. */
  get failures(): number {
    return this.#log.media.failures;
  }

  /** The last failure of the flash in plain words. */
  get problem(): string | undefined {
    return this.#log.media.problem;
  }

  /** Bytes of flash that the waiting rows take, of `capacity`. */
  get used(): number {
    return this.#log.used;
  }

  /** Bytes of flash in the ring. */
  get capacity(): number {
    return this.#log.media.blocks * this.#log.media.blockLength;
  }
}

class RowCursor implements RowSource {
  readonly #log: FlashLog;
  readonly #formats: number;
  readonly #reader: LogReader;
  readonly #decoder = new RowDecoder();

  constructor(log: FlashLog, formats: number) {
    this.#log = log;
    this.#formats = formats;
    this.#reader = new LogReader(log, (from, to) => log.lost(from, to));
    this.#reader.openOldest();
  }

  get position(): number {
    return Math.max(this.#reader.row, this.#log.committed);
  }

  next(row: Row): boolean {
    const reader = this.#reader;
    while (reader.next()) {
      const number = reader.row - 1;
      if (reader.restarted || !reader.intact) this.#decoder.reset();
      const decoded = reader.intact && this.#decoder.decode(reader.form, reader.payload, reader.length, row);
      const known = decoded && row.format < this.#formats;
      if (known && number >= this.#log.committed) return true;
      if (!known) this.#log.lost(number, number + 1);
    }
    return false;
  }
}

/** The last row of a block and those after it. */
function readLast(log: FlashLog, sequence: number): Row | undefined {
  if (sequence < log.oldest) return undefined;
  const reader = new LogReader(log);
  const decoder = new RowDecoder();
  const row: Row = { format: 0, boot: 0, time: 0, values: [] };
  let found = false;
  reader.open(sequence, 0);
  while (reader.next()) {
    if (reader.restarted || !reader.intact) decoder.reset();
    if (reader.intact && decoder.decode(reader.form, reader.payload, reader.length, row)) found = true;
  }
  return found ? row : undefined;
}
