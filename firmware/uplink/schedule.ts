import type { Clock } from "../clock.js";
import { hashText } from "./formats.js";

/**
 * When to report: once after the start, then at every multiple of the interval, moved by a part that depends on the
 * serial number so that a fleet does not call at the same second. Times in seconds of uptime.
 */
export class Schedule {
  readonly #clock: Clock;
  readonly #serialNumber: () => string;
  #due: number;

  /** `first`: seconds until the first report. */
  constructor(options: { clock: Clock; serialNumber: () => string; first: number }) {
    this.#clock = options.clock;
    this.#serialNumber = options.serialNumber;
    this.#due = options.clock.uptime + options.first;
  }

  /** Seconds until the next report; 0 or less: now. */
  get wait(): number {
    return this.#due - this.#clock.uptime;
  }

  /** The next report comes in `seconds`. */
  after(seconds: number): void {
    this.#due = this.#clock.uptime + seconds;
  }

  /** The next report comes at the device's own place in the next `interval` (seconds); after one while the time is unknown. */
  next(interval: number): void {
    const { now } = this.#clock;
    this.after(now === undefined ? interval : interval - this.#elapsed(now, interval));
  }

  /** Seconds since the device's place in the interval. */
  #elapsed(now: number, interval: number): number {
    const phase = hashText(this.#serialNumber()) % Math.min(interval, 600);
    return (((now - phase) % interval) + interval) % interval;
  }
}
