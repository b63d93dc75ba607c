import Time from "time";
import Timer from "timer";
import type { SimulatedTime } from "../sim/time.js";

export interface PaceOptions {
  time: SimulatedTime;
  /** Times as fast as real time; read at every turn. */
  readonly speed: number;
  /** True while a connection to the real internet is open or coming up. */
  connected: () => boolean;
}

/** How often virtual time is brought forward, in milliseconds. */
const TURN = 2;
/** A turn makes up for so many milliseconds at most: a machine that slept does not run after its sleep. */
const LONGEST = 100;
/** Fastest speed while a real server is talked to: its 50 ms are a second for the device. */
const CONNECTED_SPEED = 20;

/** Drives virtual time from now on, at `speed`; slower while connected. */
export function keepPace(options: PaceOptions): void {
  const { time, connected } = options;
  let last = Time.ticks;
  Timer.repeat(() => {
    const { speed } = options;
    const elapsed = Math.min(LONGEST, Math.max(0, Time.ticks - last));
    last = Time.ticks;
    const before = connected();
    const until = time.now + elapsed * (before ? Math.min(speed, CONNECTED_SPEED) : speed);
    // The real world gets its turn as soon as a connection is wanted.
    while (connected() === before) {
      if (time.step(until)) continue;
      time.run(Math.max(0, until - time.now));
      return;
    }
  }, TURN);
}
