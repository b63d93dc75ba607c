import { frozen } from "../../frozen.js";
import type { Answer, Commands } from "./answer.js";
import { type Command, integer, quoted } from "./command.js";
import type { RunningModem } from "./running-modem.js";

/** What AT+CPSMS asked for (27.007 7.38). */
export interface PowerSaving {
  readonly enabled: boolean;
  /** T3412, eight binary digits: after so long the modem wakes by itself. */
  readonly periodic: string;
  /** T3324, eight binary digits: how long the modem listens after the last traffic. */
  readonly active: string;
  /** The modem says when it enters and leaves (CPSMSTATUS of SIM70xx). */
  readonly reported: boolean;
}

/** Units of T3412 (24.008 10.5.7.4a) and T3324 (10.5.7.3) by the upper three of eight bits, seconds. */
const PERIODIC_UNITS: readonly number[] = frozen([600, 3600, 36_000, 2, 30, 60, 1_152_000]);
const ACTIVE_UNITS: readonly number[] = frozen([2, 60, 360]);
/** Nobody falls asleep within less, milliseconds; a figure of ours. */
const SHORTEST_ACTIVE_TIME = 1000;
/** For the last word to leave, milliseconds. */
const FAREWELL_TIME = 20;

/** Milliseconds; undefined when it is malformed, or means "switched off". */
function duration(bits: string, units: readonly number[]): number | undefined {
  const unit = /^[01]{8}$/.test(bits) ? units[Number.parseInt(bits.slice(0, 3), 2)] : undefined;
  return unit === undefined ? undefined : unit * Number.parseInt(bits.slice(3), 2) * 1000;
}

/** PSM and eDRX (27.007 7.38, 7.40). In PSM the module is off but for a timer; the key wakes it as well. LTE only. */
export class PowerSavingMode {
  readonly commands: Commands;
  readonly #modem: RunningModem;
  /** What CPSMS asked for when it last took effect. */
  #inForce: PowerSaving;
  readonly #atOnce: boolean;
  #watching = false;
  /** CEDRXS: the cycle that was asked for; the link does not get slower by it. */
  #cycle = "";

  /** `atOnce`: a change takes effect at once, not after a restart. */
  constructor(modem: RunningModem, atOnce = true) {
    this.#modem = modem;
    this.#atOnce = atOnce;
    this.#inForce = modem.memory.powerSaving;
    this.commands = {
      "+CPSMS": (command, answer) => (command.form === "read" ? this.#tell(answer) : this.#set(command, answer)),
      "+CEDRXS": (command, answer) => {
        if (command.form === "read") return answer.line(`+CEDRXS: ${this.#cycle}`).ok();
        this.#cycle = command.parameters.slice(1).join(",");
        answer.ok();
      },
      "+CPSMSTATUS": (command, answer) => {
        const on = integer(command, 0, 0, 1);
        if (on === undefined) return answer.cme(50);
        modem.memory.powerSaving = { ...modem.memory.powerSaving, reported: on === 1 };
        answer.ok();
      },
    };
    this.#watch();
  }

  /** The modem has booted. */
  onBooted(): void {
    if (this.#modem.options.known) this.#report("EXIT PSM");
  }

  #report(what: string): void {
    if (this.#modem.memory.powerSaving.reported) this.#modem.terminal.unsolicited(`+CPSMSTATUS: "${what}"`);
  }

  #tell(answer: Answer): undefined {
    const { enabled, periodic, active } = this.#modem.memory.powerSaving;
    answer.line(`+CPSMS: ${enabled ? `1,,,"${periodic}","${active}"` : 0}`).ok();
  }

  /** AT+CPSMS=1,,,"<T3412>","<T3324>"; absent times stay as they were. */
  #set(command: Command, answer: Answer): undefined {
    const { memory } = this.#modem;
    const enabled = integer(command, 0, 0, 1) === 1;
    const periodic = quoted(command, 3) ?? memory.powerSaving.periodic;
    const active = quoted(command, 4) ?? memory.powerSaving.active;
    const valid = duration(periodic, PERIODIC_UNITS) !== undefined && duration(active, ACTIVE_UNITS) !== undefined;
    if (enabled && !valid) return answer.cme(50);
    memory.powerSaving = { ...memory.powerSaving, enabled, periodic, active };
    if (this.#atOnce) this.#inForce = memory.powerSaving;
    this.#watch();
    answer.ok();
  }

  /** Falls asleep when neither the network nor the host had anything to say for the active time. */
  #watch(): void {
    const { agenda, options } = this.#modem;
    if (this.#watching || !this.#inForce.enabled) return;
    this.#watching = true;
    const before = this.#traffic;
    const active = duration(this.#inForce.active, ACTIVE_UNITS) ?? 0;
    agenda.after(Math.max(SHORTEST_ACTIVE_TIME, active), () => {
      this.#watching = false;
      const { enabled, periodic } = this.#inForce;
      if (!enabled || !this.#granted || this.#traffic !== before) return this.#watch();
      this.#report("ENTER PSM");
      agenda.after(FAREWELL_TIME, () => options.onPowerSaving(duration(periodic, PERIODIC_UNITS) ?? 0));
    });
  }

  get #granted(): boolean {
    const { radio, knobs } = this.#modem;
    return radio.registered && knobs.technology === "LTE";
  }

  get #traffic(): number {
    const { sent, received } = this.#modem.options.meter;
    return sent + received + this.#modem.bytesHeard;
  }
}
