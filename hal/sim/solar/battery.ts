import { frozen } from "../../frozen.js";

/** Rested voltage of four LiFePO4 cells in series by state of charge, 0 to 1: flat, with a knee at each end. */
const OPEN_CIRCUIT: readonly (readonly [stateOfCharge: number, volts: number])[] = frozen([
  [0, 10],
  [0.1, 12],
  [0.2, 12.8],
  [0.3, 12.9],
  [0.4, 13],
  [0.6, 13.1],
  [0.8, 13.3],
  [0.95, 13.4],
  [0.985, 13.6],
  [1, 14.6],
]);
/** Ohms: cells, protection circuit and cable. */
const RESISTANCE = 0.06;
/** Share of the charge put in that comes out again. */
const COULOMB_EFFICIENCY = 0.99;

/** A 12.8 V LiFePO4 battery. Amperes count positive when they charge it. */
export class Battery {
  /** Ampere hours. */
  readonly capacity: number;
  #charge: number;
  #current = 0;

  constructor(capacity: number, stateOfCharge: number) {
    this.capacity = capacity;
    this.#charge = capacity * stateOfCharge;
  }

  /** 0 to 1. */
  get stateOfCharge(): number {
    return this.#charge / this.capacity;
  }

  /** Volts at the terminals, under the current of the last step. */
  get voltage(): number {
    return openCircuitVoltage(this.stateOfCharge) + this.#current * RESISTANCE;
  }

  get current(): number {
    return this.#current;
  }

  /** The current that would bring the terminals to `voltage`; negative when they are above it. */
  currentAt(voltage: number): number {
    return (voltage - openCircuitVoltage(this.stateOfCharge)) / RESISTANCE;
  }

  /** Lets `current` flow for `seconds`; an empty battery gives nothing. */
  step(current: number, seconds: number): void {
    const flow = current > 0 ? current * COULOMB_EFFICIENCY : current;
    const charge = this.#charge + (flow * seconds) / 3600;
    this.#current = charge < 0 ? 0 : current;
    this.#charge = Math.min(this.capacity, Math.max(0, charge));
  }
}

function openCircuitVoltage(stateOfCharge: number): number {
  let i = 1;
  while (i < OPEN_CIRCUIT.length - 1 && OPEN_CIRCUIT[i]![0] < stateOfCharge) i++;
  const [from, low] = OPEN_CIRCUIT[i - 1]!;
  const [to, high] = OPEN_CIRCUIT[i]!;
  return low + ((high - low) * (stateOfCharge - from)) / (to - from);
}
