import type { FirmwareSlots } from "../../hal/firmware-slots.js";
import { isProven, type UpdateHost } from "./host.js";

/** Seconds after the start in which a new firmware has to prove that it works. */
const PROBATION = 2 * 3600;

/** A new firmware's first hours: it stays when it has proven itself in time; else the one before comes back. */
export class Probation {
  readonly #host: UpdateHost;
  readonly #slots: FirmwareSlots;

  constructor(host: UpdateHost, slots: FirmwareSlots) {
    this.#host = host;
    this.#slots = slots;
    host.log("this firmware is new, on probation");
  }

  /** To be called every few seconds; gives true when the firmware stays, at the end. */
  keep(): boolean {
    if (isProven(this.#host)) return this.#confirm("the new firmware works and stays");
    return this.#host.clock.uptime >= PROBATION && this.#goBack();
  }

  #goBack(): boolean {
    this.#host.log("the new firmware did not report in time: back to the one before");
    try {
      this.#slots.rollBack();
      return false;
    } catch (error) {
      return this.#confirm(`the new firmware stays: ${(error as Error).message}`);
    }
  }

  #confirm(line: string): boolean {
    if (!this.#slots.confirm()) return false;
    this.#host.log(line);
    return true;
  }
}
