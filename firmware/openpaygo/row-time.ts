/**
 * What a row says about its time. A server gives a row without a time the time of the row before plus the interval, and
 * the first row the time of the request (spec, "historical_data_interval"). So:
 * - a known time is sent as "timestamp", or left out where the row follows the one before at the interval. So is that of
 *   a boot that never knew the time, when a later one did: it is the same in every request that repeats the row;
 * - an unknown time is sent as "relative_time", seconds since the row before (or since the request, in the first row).
 *   A row of the present boot is dated back from the request itself: with that, a device without a clock is exact. So is
 *   a row of a boot before, less the time without power. Neither goes into one request with rows before it that count from
 *   1970 while the request does not; the answer may tell the time. Where the uptime helps no more, it is the true step
 *   inside one boot, else the interval, but never beyond the start of the present boot: nothing lies in the future.
 */
import type { Row } from "../telemetry/row.js";

export interface RowTimeOptions {
  /** Seconds; `historical_data_interval` of the format. */
  interval: number;
  /** Every row carries its time, also where it follows at the interval. */
  explicit: boolean;
  /** Seconds since 1970 of the request, when known. */
  now?: number | undefined;
  /** Seconds of the present boot at the request. */
  uptime?: number | undefined;
  /** Seconds since 1970 of a second of a boot, when known. */
  resolveTime?: ((boot: number, time: number) => number | undefined) | undefined;
  /** The second of the present boot, negative before it, that a second of a boot was, when known. */
  resolveUptime?: ((boot: number, time: number) => number | undefined) | undefined;
}

export class RowTime {
  /** What the last row given to `next` must carry; both undefined when it follows at the interval. */
  timestamp: number | undefined;
  relativeTime: number | undefined;
  readonly #options: RowTimeOptions;
  /** Time of the row before as the server reckons it, and of the request: both count from 1970, or from the request. */
  #last: number;
  #request: number;
  #first = true;
  #boot = 0;
  #bootTime = 0;

  constructor(options: RowTimeOptions) {
    this.#options = options;
    this.#last = options.now ?? 0;
    this.#request = options.now ?? 0;
  }

  /** False: it counts from the request, and the rows before from 1970; it can be told in another request only. */
  next(row: Row): boolean {
    const time = row.boot === 0 ? row.time : this.#options.resolveTime?.(row.boot, row.time);
    this.timestamp = undefined;
    this.relativeTime = undefined;
    if (time !== undefined) this.#known(time);
    else if (!this.#unknown(row)) return false;
    this.#first = false;
    this.#boot = row.boot;
    this.#bootTime = row.time;
    return true;
  }

  #known(time: number): void {
    if (this.#first || !this.#follows(time - this.#last)) this.timestamp = time;
    this.#last = time;
    // Without a clock of our own, the request lies somewhere after this.
    if (this.#options.now === undefined) this.#request = Number.POSITIVE_INFINITY;
  }

  #unknown(row: Row): boolean {
    const guess = this.#guess(row);
    if (guess === Number.POSITIVE_INFINITY) return false;
    const step = Math.min(guess, this.#request) - this.#last;
    if (this.#first || !this.#follows(step)) this.relativeTime = step;
    this.#last += step;
    return true;
  }

  /** The likeliest time of a row, on the scale of `#last`. */
  #guess(row: Row): number {
    const { uptime = 0, interval, resolveUptime } = this.#options;
    const start = this.#request - uptime;
    const moment = resolveUptime?.(row.boot, row.time);
    if (moment !== undefined) return start + moment;
    if (this.#first) return start;
    return Math.min(start, this.#last + (row.boot === this.#boot ? row.time - this.#bootTime : interval));
  }

  #follows(step: number): boolean {
    return step === this.#options.interval && step !== 0 && !this.#options.explicit;
  }
}
