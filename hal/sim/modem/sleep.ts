import type { TimerHandle } from "../../timer.js";
import type { Agenda } from "./agenda.js";

/** How long the UART of a SIMCom modem in CSCLK=2 stays awake; a figure of ours, milliseconds. */
export const UART_IDLE_TIME = 5000;

/** What comes within so long after DTR, or the first byte, has woken the UART is lost (SIM868: 50 by DTR), milliseconds. */
const WAKE_TIME = 50;

/**
 * The sleep of a UART: "pin" while DTR is released, "idle" when no byte came for some time; what wakes it from that is lost. The
 * radio goes on, and the modem can still say something.
 */
export class Sleep {
  readonly #agenda: Agenda;
  readonly #dataTerminalReady: () => boolean;
  #mode: "never" | "pin" | "idle" = "never";
  #idleTime = 0;
  #asleep = false;
  /** It wakes. */
  #deaf: TimerHandle | undefined;
  #timer: TimerHandle | undefined;

  constructor(agenda: Agenda, dataTerminalReady: () => boolean) {
    this.#agenda = agenda;
    this.#dataTerminalReady = dataTerminalReady;
  }

  /** `idleTime`: milliseconds. */
  set(mode: "never" | "pin" | "idle", idleTime = 0): void {
    this.#mode = mode;
    this.#idleTime = idleTime;
    this.#stayAwake();
  }

  /** What the UART makes of bytes that arrive. */
  hear(bytes: Uint8Array): Uint8Array {
    const released = this.#mode === "pin" && !this.#dataTerminalReady();
    if (this.#asleep && !released) this.wake();
    const heard = released || this.#deaf ? bytes.subarray(bytes.length) : bytes;
    this.#stayAwake();
    return heard;
  }

  /** DTR was asserted, or a byte came. */
  wake(): void {
    if (this.#mode === "never") return;
    this.#agenda.cancel(this.#deaf);
    this.#deaf = this.#agenda.after(WAKE_TIME, () => {
      this.#deaf = undefined;
    });
  }

  #stayAwake(): void {
    this.#agenda.cancel(this.#timer);
    this.#asleep = false;
    if (this.#mode !== "idle") return;
    this.#timer = this.#agenda.after(this.#idleTime, () => {
      this.#asleep = true;
    });
  }
}
