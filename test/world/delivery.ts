import type { Clock } from "../../firmware/clock.js";
import type { DecodedRow } from "../../tools/server/rows.js";
import type { TakenRequest } from "./metrics-server.js";
import type { Profile } from "./profile.js";
import { isEvent, type ModelRow } from "./row-model.js";
import { sameCells } from "./stored-row.js";
import { Violation } from "./violation.js";

/** Seconds that the network's time may take through a slow modem. */
const SLOW_CLOCK = 15;
/** Requests that may still reach a server. */
const REMEMBERED = 64;

/** A request and its rows; of each, whether the device knew its time. */
interface SentRequest {
  readonly rows: readonly ModelRow[];
  readonly dated: readonly boolean[];
}

export interface DeliveryOptions {
  readonly profile: Profile;
  /** Seconds since 1970 in the world. */
  readonly now: () => number;
  /** No clock around the device was ever wrong. */
  readonly clocksRight: () => boolean;
  readonly onViolation: (violation: Violation) => void;
}

/** Follows each row from its making to the servers: its values, and the one time that it may have. */
export class Delivery {
  readonly #options: DeliveryOptions;
  /** By body. */
  readonly #sent = new Map<string, SentRequest>();
  /** Boots that made a request when they knew the time. */
  readonly #told = new Set<number>();
  /** When each boot began, in seconds since 1970, by its dated rows at the servers. */
  readonly #starts = new Map<number, number>();
  #last: ModelRow | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Rows lie on the grid, and no interval gets two. */
  recorded(row: ModelRow): void {
    const { boot, time } = row.row;
    if (isEvent(row.row)) return;
    const interval = this.#options.profile.recordInterval;
    if (time % interval !== 0) this.#fail("rows lie on the grid", `a multiple of ${interval}`, `${time}`);
    const last = this.#last?.row;
    this.#last = row;
    if (this.#options.clocksRight() && last?.boot === boot && time <= last.time) {
      this.#fail("no interval gets two rows", `a time after ${last.time}`, `${time}`);
    }
  }

  /** A request was made of these rows. */
  sent(body: string, rows: readonly ModelRow[], clock: Clock): void {
    if (clock.now !== undefined) this.#told.add(clock.boot);
    const dated = rows.map(({ row }) => row.boot === 0 || clock.resolve(row.boot, row.time) !== undefined);
    if (this.#sent.has(body)) this.#fail("no request is made twice", "another request count", body);
    this.#sent.set(body, { rows, dated });
    if (this.#sent.size > REMEMBERED) this.#sent.delete(this.#sent.keys().next().value!);
  }

  /** A server took a request and stored its rows. */
  taken({ body, rows }: TakenRequest): void {
    const sent = this.#sent.get(body);
    if (!sent) this.#fail("a server takes only what was sent", "a request of the device", body);
    else for (const [i, stored] of rows.entries()) this.#arrived(stored, sent.rows[i], sent.dated[i] === true);
  }

  #arrived(stored: DecodedRow, row: ModelRow | undefined, dated: boolean): void {
    if (!row || !sameCells(row.row, stored.cells)) {
      this.#fail("rows arrive as recorded", JSON.stringify(row?.row), JSON.stringify([...stored.cells]));
      return;
    }
    row.stored = true;
    if (dated) this.#checkTime(row, stored.timestamp);
  }

  #checkTime(row: ModelRow, timestamp: number): void {
    row.timestamp ??= timestamp;
    if (row.timestamp !== timestamp) this.#fail("no row has two times", `${row.timestamp}`, `${timestamp}`);
    const { boot, time } = row.row;
    if (boot > 0) this.#checkStart(boot, timestamp - time);
    if (!this.#options.clocksRight()) return;
    // A row of a boot that never knew the time is late by as long as the power was off.
    const latest = boot === 0 || this.#told.has(boot) ? row.recordedAt : this.#options.now();
    const error = Math.max(row.recordedAt - timestamp, timestamp - latest);
    if (error > this.#options.profile.sampleInterval + SLOW_CLOCK) {
      this.#fail("rows carry their time", `${row.recordedAt} to ${latest}`, `${timestamp}`);
    }
  }

  #checkStart(boot: number, start: number): void {
    const before = this.#starts.get(boot) ?? start;
    this.#starts.set(boot, before);
    if (start !== before) this.#fail("rows of one boot keep their distances", `start ${before}`, `${start}`);
  }

  #fail(invariant: string, expected: string | undefined, found: string): void {
    this.#options.onViolation(new Violation(invariant, expected ?? "no more rows", found));
  }
}
