import { SocketInternet } from "../../hal/host/internet.js";
import type { TimerHandle, Timers } from "../../hal/timer.js";

/** Timers of the real clock. */
export class RealTime implements Timers {
  readonly #start = performance.now();

  /** Milliseconds since it was made. */
  get now(): number {
    return Math.floor(performance.now() - this.#start);
  }

  set(callback: () => void, milliseconds = 0): TimerHandle {
    return setTimeout(callback, milliseconds);
  }

  repeat(callback: () => void, milliseconds: number): TimerHandle {
    return setInterval(callback, milliseconds);
  }

  clear(timer: TimerHandle | undefined): void {
    clearTimeout(timer as NodeJS.Timeout | undefined);
  }
}

/** The real internet for a modem in real time: nothing has to wait for it. */
export class RealTimeInternet extends SocketInternet {
  override get busy(): boolean {
    return false;
  }
}
