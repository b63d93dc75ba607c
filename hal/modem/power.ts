import type { DigitalOutput } from "../digital.js";
import { type Command, MUTE, type Procedure, pause } from "./command.js";
import type { PowerTiming } from "./dialect.js";

/** The wires to a modem, as far as a board has them. 1 presses the key, holds the reset, switches the supply on. */
export interface PowerPins {
  readonly key?: DigitalOutput | undefined;
  readonly reset?: DigitalOutput | undefined;
  readonly supply?: DigitalOutput | undefined;
}

/**
 * For a modem that has not yet said what it is: an on pulse that is long enough for all families and too short to
 * switch any but SARA-R4 and BG96 off.
 */
export const ANY_MODEM: PowerTiming = Object.freeze({
  keyOn: 1_100,
  keyOff: 3_300,
  off: 8_000,
  reset: 2_600,
  boot: 20_000,
});

/** How long the supply stays off, milliseconds. */
const CUT = 2_000;

/** An `AT` that is not answered is sent three times more, a second apart, by the chat: 4 s in all. */
const PROBE_TIME = 4_000;
const AT: Command = Object.freeze({ text: "AT", timeout: 1_000 });

/** Switches a modem on, off and over, in procedures that end with whether it answers. */
export class Power {
  readonly #pins: PowerPins;
  timing = ANY_MODEM;

  constructor(pins: PowerPins) {
    this.#pins = pins;
    for (const pin of [pins.key, pins.reset]) pin?.write(0);
  }

  get hasKey(): boolean {
    return this.#pins.key !== undefined;
  }

  get hasReset(): boolean {
    return this.#pins.reset !== undefined;
  }

  get hasSupply(): boolean {
    return this.#pins.supply !== undefined;
  }

  /** Makes sure that the modem runs. The key toggles: it is pressed only when the modem does not answer. */
  *on(): Procedure<boolean> {
    this.#pins.supply?.write(1);
    if (yield* this.answers()) return true;
    if (!this.#pins.key) return false;
    yield* this.#pulse(this.#pins.key, this.timing.keyOn);
    return yield* this.booted();
  }

  /** Waits until the modem answers, as long as it may take to start. */
  *booted(): Procedure<boolean> {
    for (let waited = 0; waited < this.timing.boot; waited += PROBE_TIME) if (yield* this.answers()) return true;
    return false;
  }

  /** Whether the modem answers now. */
  *answers(): Procedure<boolean> {
    const reply = yield AT;
    return reply.final !== MUTE;
  }

  *reset(): Procedure {
    yield* this.#pulse(this.#pins.reset, this.timing.reset);
    yield* this.booted();
  }

  *cycleKey(): Procedure {
    yield* this.#pulse(this.#pins.key, this.timing.keyOff);
    yield pause(this.timing.off);
    yield* this.on();
  }

  *cycleSupply(): Procedure {
    this.#pins.supply?.write(0);
    yield pause(CUT);
    yield* this.on();
  }

  *#pulse(pin: DigitalOutput | undefined, milliseconds: number): Procedure {
    pin?.write(1);
    yield pause(milliseconds);
    pin?.write(0);
  }
}
