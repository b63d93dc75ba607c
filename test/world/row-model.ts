import { isDeepStrictEqual } from "node:util";
import type { Outbox } from "../../firmware/outbox/outbox.js";
import { FORMATS } from "../../firmware/telemetry/format.js";
import type { Row, RowSource } from "../../firmware/telemetry/row.js";
import type { OutboxWatcher } from "./outbox-watch.js";
import { Violation } from "./violation.js";

/** A row that the device recorded, and what became of it. */
export interface ModelRow {
  readonly row: Row;
  /** World time, in seconds since 1970. */
  readonly recordedAt: number;
  /** A server stored it. */
  stored: boolean;
  /** Its time at the servers, in seconds since 1970, once it was sent with a known time. */
  timestamp: number | undefined;
}

export interface RowModelOptions {
  /** Of the flash, in bytes. */
  blockLength: number;
  /** Seconds since 1970 in the world. */
  now: () => number;
  /** False from the moment the power goes: what the firmware still does then does not happen. */
  powered: () => boolean;
  /** A row is complete; checked against the ones before. */
  onRow: (row: ModelRow) => void;
  /** Not thrown: it is found in the middle of the firmware, which may catch what is thrown. */
  onViolation: (violation: Violation) => void;
}

/**
 * The plain list that the outbox is compared with: rows that were recorded and not acknowledged, oldest first. A cut
 * leaves the operation in progress open; the next boot shows which way it went.
 */
export class RowModel implements OutboxWatcher {
  waiting: ModelRow[] = [];
  /** What the last cursor read: the rows of the request that is being written. */
  read: ModelRow[] = [];
  recorded = 0;
  acknowledged = 0;
  evicted = 0;
  readonly #options: RowModelOptions;
  #outbox: Outbox | undefined;
  #openPush: ModelRow | undefined;
  #openCommit = 0;

  constructor(options: RowModelOptions) {
    this.#options = options;
  }

  push(outbox: Outbox, row: Row, call: () => boolean): boolean {
    if (!this.#options.powered()) return call();
    this.meet(outbox);
    const used = outbox.used;
    const pushed = { row: copyOf(row), recordedAt: this.#options.now(), stored: false, timestamp: undefined };
    this.#openPush = pushed;
    const done = call();
    if (!this.#options.powered()) return done;
    this.#openPush = undefined;
    if (done) this.#add(pushed);
    else this.#fail("the outbox takes every row", "push to give true", `false, ${outbox.problem}`);
    this.#evict(outbox, used);
    return done;
  }

  commit(outbox: Outbox, rows: number, call: () => boolean): boolean {
    if (!this.#options.powered()) return call();
    this.meet(outbox);
    const used = outbox.used;
    this.#checkAcknowledged(rows);
    this.#openCommit = rows;
    const done = call();
    if (!this.#options.powered()) return done;
    this.#openCommit = 0;
    this.#acknowledge(rows);
    this.#evict(outbox, used);
    return done;
  }

  /** Every cursor has to give the rows that wait, in order. */
  cursor(outbox: Outbox, call: () => RowSource): RowSource {
    if (this.#options.powered()) this.meet(outbox);
    const source = call();
    const { waiting } = this;
    const read: ModelRow[] = [];
    this.read = read;
    return {
      get position() {
        return source.position;
      },
      next: (row) => {
        const more = source.next(row);
        if (!this.#options.powered()) return more;
        this.#checkSame(waiting[read.length], more ? row : undefined, read.length);
        const next = waiting[read.length];
        if (more && next) read.push(next);
        return more;
      },
    };
  }

  /** Compares an outbox that was opened anew with what may be in it. */
  meet(outbox: Outbox): void {
    if (outbox === this.#outbox) return;
    this.#outbox = outbox;
    const evicted = outbox.evicted - this.evicted;
    if (evicted < 0) this.#fail("evicted rows are counted", `${this.evicted} or more`, `${outbox.evicted}`);
    this.#recover(outbox.length, evicted);
    for (let source = outbox.cursor(), row = emptyRow(); source.next(row); row = emptyRow());
    if (this.read.length !== this.waiting.length) {
      this.#fail("no row is missing", `${this.waiting.length} rows`, `${this.read.length}`);
    }
    if (outbox.corrupt > 0) this.#fail("no row is corrupt", "0", `${outbox.corrupt} after a restart`);
  }

  /** Decides by the number of rows found which way the operation went that was cut. */
  #recover(found: number, evicted: number): void {
    this.evicted += evicted;
    const committed = this.waiting.length - this.#openCommit - evicted;
    this.waiting.splice(0, evicted);
    if (this.#openCommit > 0 && found === committed) this.#acknowledge(this.#openCommit);
    if (this.#openPush && found === this.waiting.length + 1) this.#add(this.#openPush);
    this.#openCommit = 0;
    this.#openPush = undefined;
    if (found !== this.waiting.length) {
      this.#fail("no row is missing after a restart", `${this.waiting.length} rows`, `${found}`);
    }
  }

  #add(row: ModelRow): void {
    this.waiting.push(row);
    this.recorded++;
    this.#options.onRow(row);
  }

  #acknowledge(rows: number): void {
    this.waiting.splice(0, rows);
    this.acknowledged += rows;
  }

  #checkAcknowledged(rows: number): void {
    const lost = this.waiting.slice(0, rows).filter((row) => !row.stored).length;
    if (lost > 0) this.#fail("only stored rows are committed", `${rows} rows at a server`, `${lost} without`);
  }

  /** Rows go, oldest first, only when the ring is full: then no block is free. */
  #evict(outbox: Outbox, used: number): void {
    const rows = outbox.evicted - this.evicted;
    if (rows === 0) return;
    if (rows < 0 || used <= outbox.capacity - this.#options.blockLength) {
      this.#fail("rows are evicted from a full ring only", `none with ${used} of ${outbox.capacity} B`, `${rows}`);
    }
    this.evicted += rows;
    this.waiting.splice(0, rows);
  }

  #checkSame(expected: ModelRow | undefined, found: Row | undefined, index: number): void {
    if (isDeepStrictEqual(expected?.row, found)) return;
    this.#fail(
      "the outbox gives what was recorded, in order",
      `${JSON.stringify(expected?.row)} as row ${index}`,
      JSON.stringify(found) ?? "no more rows",
    );
  }

  #fail(invariant: string, expected: string, found: string): void {
    this.#options.onViolation(new Violation(invariant, expected, found));
  }
}

export function emptyRow(): Row {
  return { format: 0, boot: 0, time: 0, values: [] };
}

/** The place of the timestamp in the values stays undefined in the device, whatever it was before. */
function copyOf({ format, boot, time, values }: Row): Row {
  return { format, boot, time, values: [...values] };
}

/** A row that an event made carries only the variables of events. */
export function isEvent({ format, values }: Row): boolean {
  const index = FORMATS[format]!.historical_data_order.indexOf("battery_voltage");
  return values[index] === undefined;
}
