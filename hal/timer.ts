/** A scheduled callback; opaque to everyone but the `Timers` that made it. */
export type TimerHandle = NonNullable<unknown>;

/** Timers in milliseconds, in the shape of the Moddable SDK's `timer` module. Callbacks never run from inside a call. */
export interface Timers {
  /** Runs `callback` once after `milliseconds` (0: on the next turn). */
  set(callback: () => void, milliseconds?: number): TimerHandle;
  /** Runs `callback` every `milliseconds` until cleared. */
  repeat(callback: () => void, milliseconds: number): TimerHandle;
  /** Stops a timer; one that has run, or undefined, is ignored. */
  clear(timer: TimerHandle | undefined): void;
}
