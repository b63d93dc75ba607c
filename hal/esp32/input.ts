import type { DigitalInput } from "../digital.js";
import type { TimerHandle, Timers } from "../timer.js";
import type { Digital, DigitalConstructor } from "./io.js";

/** Milliseconds after the first edge at which a contact has come to rest. */
const BOUNCE = 50;

export interface InputOptions {
  readonly io: DigitalConstructor;
  readonly timer: Timers;
  readonly variable: string;
  readonly pin: number;
  /** The level that means 1. */
  readonly active: "high" | "low";
  /** Resistor inside the chip; pins 34 to 39 of the ESP32 have none. */
  readonly pull: "up" | "down" | "none";
}

/** A debounced input pin: counts as changed when it still is different after the contact came to rest. */
export class Input implements DigitalInput {
  readonly variable: string;
  onChanged?: (() => void) | undefined;
  readonly #timer: Timers;
  readonly #pin: Digital;
  #value: 0 | 1;
  #settling: TimerHandle | undefined;

  constructor({ io, timer, variable, pin, active, pull }: InputOptions) {
    this.variable = variable;
    this.#timer = timer;
    this.#pin = new io({
      pin,
      mode: pull === "up" ? io.InputPullUp : pull === "down" ? io.InputPullDown : io.Input,
      activeLow: active === "low",
      edge: io.Rising | io.Falling,
      onReadable: () => this.#edge(),
    });
    this.#value = this.#pin.read();
  }

  read(): 0 | 1 {
    return this.#value;
  }

  #edge(): void {
    this.#settling ??= this.#timer.set(() => this.#settle(), BOUNCE);
  }

  #settle(): void {
    this.#settling = undefined;
    const value = this.#pin.read();
    if (value === this.#value) return;
    this.#value = value;
    this.onChanged?.();
  }
}
