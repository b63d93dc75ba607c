/**
 * What a row says about its time. A server gives a row without a time the time of the row before plus the interval, and
 * the first row the time of the request (spec, "historical_data_interval"). So:
 * - a known time is sent as "timestamp", or left out where the row follows the one before at the interval;
 * - an unknown time is sent as "relative_time", seconds since the row before (or since the request, in the first row):
 *   the true step inside one boot, else the interval, but never a step beyond the request, so that nothing lies in the future.
 *   A row of the present boot is dated back from the request itself: with that, a device without a clock is exact.
 */
import type { Row } from "../telemetry/row.js";

export interface RowTimeOptions {
  /** Seconds; `historical_data_interval` of the format. */
  interval: number;
  /** Every row carries its time, also where it follows at the interval. */
  explicit: boolean;
  /** Seconds since 1970 of the request, when known. */
  now?: number | undefined;
  /** The present boot and its seconds at the request. */
  uptime?: { readonly boot: number; readonly time: number } | undefined;
  /** Seconds since 1970 of a second of a boot, when known. */
  resolveTime?: ((boot: number, time: number) => number | undefined) | undefined;
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

  next(row: Row): void {
    const time = row.boot === 0 ? row.time : this.#options.resolveTime?.(row.boot, row.time);
    this.timestamp = undefined;
    this.relativeTime = undefined;
    if (time === undefined) this.#unknown(row);
    else this.#known(time);
    this.#first = false;
    this.#boot = row.boot;
    this.#bootTime = row.time;
  }

  #known(time: number): void {
    if (this.#first || !this.#follows(time - this.#last)) this.timestamp = time;
    this.#last = time;
    // Without a clock of our own, the request lies somewhere after this.
    if (this.#options.now === undefined) this.#request = Number.POSITIVE_INFINITY;
  }

  #unknown(row: Row): void {
    const step = Math.min(this.#guess(row), this.#request) - this.#last;
    if (this.#first || !this.#follows(step)) this.relativeTime = step;
    this.#last += step;
  }

  /** The likeliest time of a row, on the scale of `#last`. */
  #guess(row: Row): number {
    const { uptime, interval } = this.#options;
    const anchored = uptime !== undefined && this.#request !== Number.POSITIVE_INFINITY;
    if (anchored && row.boot === uptime.boot) return this.#request - uptime.time + row.time;
    if (this.#first) return anchored ? this.#request - uptime.time : this.#request;
    return this.#last + (row.boot === this.#boot ? row.time - this.#bootTime : interval);
  }

  #follows(step: number): boolean {
    return step === this.#options.interval && step !== 0 && !this.#options.explicit;
  }
}
