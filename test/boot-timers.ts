import type { SimulatedTime } from "../hal/sim/time.js";
import type { TimerHandle, Timers } from "../hal/timer.js";

/** Timers that end with the power. */
export class BootTimers implements Timers {
  readonly #time: SimulatedTime;
  #ended = false;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  set(callback: () => void, milliseconds?: number): TimerHandle {
    return this.#time.set(() => this.#ended || callback(), milliseconds);
  }

  repeat(callback: () => void, milliseconds: number): TimerHandle {
    return this.#time.repeat(() => this.#ended || callback(), milliseconds);
  }

  clear(timer: TimerHandle | undefined): void {
    this.#time.clear(timer);
  }

  end(): void {
    this.#ended = true;
  }
}
