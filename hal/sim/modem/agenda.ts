import type { TimerHandle, Timers } from "../../timer.js";

/** What a modem still has to do in one run; all of it is forgotten when the run ends. */
export class Agenda {
  readonly #timer: Timers;
  readonly #random: () => number;
  readonly #pending = new Set<TimerHandle>();
  #ended = false;

  constructor(timer: Timers, random: () => number) {
    this.#timer = timer;
    this.#random = random;
  }

  /** Runs `action` after `milliseconds`, unless it is cancelled or the run ends first. */
  after(milliseconds: number, action: () => void): TimerHandle | undefined {
    if (this.#ended) return undefined;
    const handle = this.#timer.set(() => {
      this.#pending.delete(handle);
      action();
    }, milliseconds);
    this.#pending.add(handle);
    return handle;
  }

  /** Like `after`, but 25 % sooner or later: no two modems and no two commands take the same time. */
  about(milliseconds: number, action: () => void): TimerHandle | undefined {
    return this.after(Math.round(milliseconds * (0.75 + (this.#random() % 1001) / 2000)), action);
  }

  cancel(handle: TimerHandle | undefined): void {
    if (!handle) return;
    this.#timer.clear(handle);
    this.#pending.delete(handle);
  }

  end(): void {
    this.#ended = true;
    for (const handle of this.#pending) this.#timer.clear(handle);
    this.#pending.clear();
  }
}
