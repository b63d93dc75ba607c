const FIRST = 30;
const CAP = 3600;

/** Pauses between tries, in seconds: 30 doubling up to an hour, each cut by a random part up to a half (so that a fleet does not move in step). */
export class Backoff {
  readonly #random: () => number;
  /** In a row. */
  failures = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The pause after one more failure, in seconds. */
  next(): number {
    const pause = Math.min(CAP, FIRST * 2 ** Math.min(this.failures++, 16));
    return pause - (this.#random() % (Math.floor(pause / 2) + 1));
  }

  reset(): void {
    this.failures = 0;
  }
}
