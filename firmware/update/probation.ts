import type { FirmwareSlots } from "../../hal/firmware-slots.js";

/** Seconds after the start in which a new firmware has to prove that it works. */
const PROBATION = 2 * 3600;

export interface ProbationOptions {
  readonly slots: FirmwareSlots;
  /** Whether this firmware has done what it is there for. */
  readonly proven: () => boolean;
  /** Seconds since start. */
  readonly uptime: () => number;
  /** The firmware stays. */
  readonly onKept: () => void;
  readonly log: (line: string) => void;
}

/** A new firmware's first hours: it stays when it has proven itself in time; else the one before comes back. */
export class Probation {
  readonly #options: ProbationOptions;
  #over = false;

  constructor(options: ProbationOptions) {
    this.#options = options;
  }

  get over(): boolean {
    return this.#over;
  }

  /** To be called every few seconds. */
  keep(): void {
    const { proven, uptime } = this.#options;
    if (this.#over) return;
    if (proven()) this.#confirm("the new firmware works and stays");
    else if (uptime() >= PROBATION) this.#goBack();
  }

  #goBack(): void {
    const { slots, log } = this.#options;
    log("the new firmware did not report in time: back to the one before");
    try {
      slots.rollBack();
    } catch (error) {
      this.#confirm(`the new firmware stays: ${(error as Error).message}`);
    }
  }

  #confirm(line: string): void {
    const { slots, onKept, log } = this.#options;
    this.#over = slots.confirm();
    if (!this.#over) return;
    onKept();
    log(line);
  }
}
