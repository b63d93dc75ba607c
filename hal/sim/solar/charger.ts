import { frozen } from "../../frozen.js";
import type { Battery } from "./battery.js";
import { type PanelPoint, throttled } from "./panel.js";

export type ChargeStage = "night" | "bulk" | "absorption" | "float";

const STAGES: readonly ChargeStage[] = frozen(["night", "bulk", "absorption", "float"]);

/** Volts at the battery. */
const ABSORPTION = 14.4;
const FLOAT = 13.6;
/** A float battery that has fallen to this is charged again. */
const RECHARGE = 13.2;
/** Absorption ends after this many seconds, or when the battery takes less than a twentieth of its capacity in an hour. */
const ABSORPTION_LIMIT = 7200;
const TAIL_HOURS = 20;
const EFFICIENCY = 0.95;
/** Volts that the panel's best point must lie above the battery for the converter to run. */
const HEADROOM = 0.3;

/** What is saved of a charger. */
export interface ChargerState {
  readonly stage: ChargeStage;
  /** Seconds spent in absorption. */
  readonly absorbed: number;
}

/** Says whether a saved state can be continued from. */
export function isChargerState(state: ChargerState): boolean {
  return STAGES.includes(state.stage) && state.absorbed >= 0;
}

/** An MPPT charge controller: bulk (all there is), absorption (constant voltage), float (kept full). */
export class Charger {
  #stage: ChargeStage;
  #absorbed: number;

  constructor(state: ChargerState) {
    this.#stage = state.stage;
    this.#absorbed = state.absorbed;
  }

  get state(): ChargerState {
    return { stage: this.#stage, absorbed: this.#absorbed };
  }

  /** Feeds `battery` and a load of `load` amperes from a panel that could work at `full` for `seconds`; gives where it does work. */
  step(full: PanelPoint, battery: Battery, load: number, seconds: number): PanelPoint {
    const volts = battery.voltage;
    const available = full.voltage > volts + HEADROOM ? (full.voltage * full.current * EFFICIENCY) / volts : 0;
    this.#changeStage(available, battery, seconds);
    const wanted = load + battery.currentAt(this.#stage === "float" ? FLOAT : ABSORPTION);
    const output = Math.min(available, Math.max(0, wanted));
    battery.step(output - load, seconds);
    if (available === 0) return { ...full, voltage: full.openVoltage, current: 0 };
    return throttled(full, output / available);
  }

  #changeStage(available: number, battery: Battery, seconds: number): void {
    if (available === 0) this.#enter("night");
    else if (this.#stage === "night") this.#enter("bulk");
    else if (this.#stage === "bulk" && battery.currentAt(ABSORPTION) < available) this.#enter("absorption");
    else if (this.#stage === "absorption") this.#absorb(battery, seconds);
    else if (this.#stage === "float" && battery.voltage < RECHARGE) this.#enter("bulk");
  }

  #absorb(battery: Battery, seconds: number): void {
    this.#absorbed += seconds;
    const tail = battery.capacity / TAIL_HOURS;
    if (this.#absorbed >= ABSORPTION_LIMIT || battery.currentAt(ABSORPTION) < tail) this.#enter("float");
  }

  #enter(stage: ChargeStage): void {
    this.#stage = stage;
    this.#absorbed = 0;
  }
}
