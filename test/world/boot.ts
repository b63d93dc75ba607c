import type { SimulatedTime } from "../../hal/sim/time.js";
import type { TimerHandle, Timers } from "../../hal/timer.js";

/**
 * One run of the firmware, from power on to power off: its ticks, its timers, and the door through which the world calls it.
 * When the power goes in the middle of a call, JavaScript runs on to the end of that call; nothing of it counts any more.
 */
export class Boot implements Timers {
  /** Milliseconds of world time. */
  readonly startedAt: number;
  ended = false;
  readonly #time: SimulatedTime;
  readonly #onError: (error: unknown) => void;
  readonly #repeating = new Set<TimerHandle>();

  constructor(time: SimulatedTime, onError: (error: unknown) => void) {
    this.#time = time;
    this.#onError = onError;
    this.startedAt = time.now;
  }

  ticks(): number {
    return this.#time.now - this.startedAt;
  }

  set(callback: () => void, milliseconds?: number): TimerHandle {
    return this.#time.set(() => this.enter(callback), milliseconds);
  }

  repeat(callback: () => void, milliseconds: number): TimerHandle {
    const timer = this.#time.repeat(() => this.enter(callback), milliseconds);
    this.#repeating.add(timer);
    return timer;
  }

  clear(timer: TimerHandle | undefined): void {
    this.#time.clear(timer);
    if (timer) this.#repeating.delete(timer);
  }

  /** Calls into the firmware. What it throws with its power on would end the program on a real device. */
  enter(action: () => void): void {
    if (this.ended) return;
    try {
      action();
    } catch (error) {
      if (!this.ended) this.#onError(error);
    }
  }

  end(): void {
    this.ended = true;
    for (const timer of this.#repeating) this.#time.clear(timer);
  }
}
