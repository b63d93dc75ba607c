import type { TimerHandle } from "../../timer.js";
import type { Agenda } from "./agenda.js";

/** How long the UART of a SIMCom modem in CSCLK=2 stays awake; a figure of ours, milliseconds. */
export const UART_IDLE_TIME = 5000;

/**
 * The sleep of a UART: "pin" while DTR is released, "idle" when no byte came for some time; the byte that wakes it from
 * that is lost. The radio goes on, and the modem can still say something.
 */
export class Sleep {
  readonly #agenda: Agenda;
  readonly #dataTerminalReady: () => boolean;
  #mode: "never" | "pin" | "idle" = "never";
  #idleTime = 0;
  #asleep = false;
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
    if (this.#mode === "pin" && !this.#dataTerminalReady()) return bytes.subarray(bytes.length);
    const heard = this.#asleep ? bytes.subarray(1) : bytes;
    this.#stayAwake();
    return heard;
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
