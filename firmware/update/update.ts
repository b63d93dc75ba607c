import type { FirmwareSlots } from "../../hal/firmware-slots.js";
import { parseOrder } from "../update-order.js";
import type { UpdateHost } from "./host.js";
import { Installation } from "./installation.js";
import { Probation } from "./probation.js";

/** Carries out the setting `update`, and watches over new firmware. Holds next to nothing while there is neither. */
export class Update {
  readonly #host: UpdateHost;
  readonly #slots: FirmwareSlots;
  #probation: Probation | undefined;
  #installation: Installation | undefined;

  constructor(host: UpdateHost, slots: FirmwareSlots) {
    this.#host = host;
    this.#slots = slots;
    if (slots.probation) this.#probation = new Probation(host, slots);
    this.changed();
  }

  /** Seconds until the network is wanted; Infinity when it is not. */
  get wait(): number {
    return this.#installation?.wait ?? Number.POSITIVE_INFINITY;
  }

  /** This firmware is on probation. */
  get proving(): boolean {
    return this.#probation !== undefined;
  }

  /** Where it stands, in words. */
  get description(): string {
    if (this.#probation) return "this firmware is new, on probation";
    return this.#installation?.description ?? "none ordered";
  }

  /** The setting has changed. */
  changed(): void {
    this.close();
    const order = parseOrder(this.#host.settings.text("update"));
    this.#installation = order && new Installation(this.#host, this.#slots, order);
  }

  /** Carries an order out that was given up, or done: other firmware may have been flashed since. */
  again(): void {
    this.#installation?.again();
  }

  /** To be called every few seconds. On probation the spare slot is the way back: nothing is installed then. */
  keep(): void {
    if (!this.#probation) this.#installation?.keep();
    else if (this.#probation.keep()) {
      this.#probation = undefined;
      this.#installation?.confirmed();
    }
  }

  /** Abandons what is under way; what was fetched is kept. */
  close(): void {
    this.#installation?.close();
  }
}
