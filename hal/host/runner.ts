import type { SimulatedTime } from "../sim/time.js";

export interface RunOptions {
  time: SimulatedTime;
  /** Times as fast as real time; Infinity does not wait. */
  speed: number;
  /** Settles when no input or output outside of virtual time is under way; undefined when there is none now. */
  settled: () => Promise<void> | undefined;
  /** True ends the run; asked between callbacks. */
  ended: () => boolean;
}

/** How long a real wait may last, in milliseconds: what is typed at the console gets a turn in between. */
const SLICE = 50;

/** Drives virtual time, at a speed or without waiting. It stands still while real input or output is under way. */
export async function run({ time, speed, settled, ended }: RunOptions): Promise<void> {
  let real = performance.now();
  let virtual = time.now;
  while (!ended()) {
    const pending = settled();
    if (pending) {
      await pending;
      real = performance.now();
      virtual = time.now;
    }
    if (speed === Number.POSITIVE_INFINITY) {
      if (!time.step()) return;
      continue;
    }
    const target = virtual + (performance.now() - real) * speed;
    if (time.step(target)) continue;
    const wait = Math.min(SLICE, ((time.next ?? Number.POSITIVE_INFINITY) - target) / speed);
    await new Promise((resolve) => setTimeout(resolve, Math.max(1, wait)));
  }
}
