import type { Knobs } from "./knobs.js";

const PIN_TRIES = 3;

/** The card, with the tries that are left on it; survives every reset of the modem. */
export class SimCard {
  readonly imsi = "262019876543210";
  readonly iccid = "8949020000012345678F";
  readonly #knobs: Knobs;
  #tries = PIN_TRIES;
  #unlocked = false;

  constructor(knobs: Knobs) {
    this.#knobs = knobs;
  }

  /** What AT+CPIN? says once the card is read. */
  get state(): Knobs["sim"] {
    return this.#unlocked && this.#knobs.sim === "SIM PIN" ? "READY" : this.#knobs.sim;
  }

  /** The card lost its power: the PIN is asked for again. */
  reset(): void {
    this.#unlocked = false;
  }

  /** Gives whether the PIN was right; the third wrong one blocks the card. */
  enterPin(pin: string): boolean {
    this.#unlocked = pin === this.#knobs.pin;
    this.#tries = this.#unlocked ? PIN_TRIES : this.#tries - 1;
    if (this.#tries === 0) this.#knobs.sim = "SIM PUK";
    return this.#unlocked;
  }

  /** Unblocks the card and gives it a new PIN. */
  enterPuk(puk: string, pin: string): boolean {
    if (puk !== this.#knobs.puk) return false;
    this.#knobs.pin = pin;
    this.#knobs.sim = "SIM PIN";
    this.#tries = PIN_TRIES;
    this.#unlocked = true;
    return true;
  }
}
