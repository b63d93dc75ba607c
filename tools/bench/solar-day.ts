import { existsSync, readFileSync } from "node:fs";

/** A recorded day with clouds; a cloudless one is computed when it is not there. */
const TRACE = new URL("../../../shared/traces/alamosa-2016-01-01.csv", import.meta.url);
/** Minute of the UTC day at which the day above starts for the customer. */
const MIDNIGHT = 7 * 60;
const SAMPLE_SECONDS = 10;
const ROW_SECONDS = 120;
/** INA219: 4 mV per count of the bus voltage; current at 1 mA per count. */
const VOLTAGE_STEP = 4;
const CURRENT_STEP = 1;

/** Battery voltage mV, battery current mA, panel voltage mV, panel current mA, load current mA. */
export type Measurements = [number, number, number, number, number];

/** What the irradiance by minute of the day, in W/m2, was taken from. */
export function irradiance(): { source: string; minutes: number[] } {
  if (!existsSync(TRACE)) return { source: "a clear sky", minutes: clearSky() };
  const lines = readFileSync(TRACE, "utf8").split("\n");
  const minutes = lines.filter((line) => /^\d/.test(line)).map((line) => Number(line.split(",")[1]));
  return { source: "the recorded day alamosa-2016-01-01", minutes };
}

function clearSky(): number[] {
  return Array.from({ length: 1440 }, (_, minute) => {
    const hour = ((minute - MIDNIGHT + 1440) % 1440) / 60;
    return Math.max(0, 600 * Math.sin((Math.PI * (hour - 7)) / 10));
  });
}

/** Averages over 120 s of a 50 W panel, a 20 Ah battery of 12 V, lights, telephones and a television; `noise`: sigma in ADC counts. */
export class SolarDay {
  readonly #minutes: readonly number[];
  readonly #noise: number;
  readonly #random: () => number;
  #second = 0;
  /** State of charge, 0 to 1. */
  #charge = 0.6;

  constructor(minutes: readonly number[], noise: number, random: () => number) {
    this.#minutes = minutes;
    this.#noise = noise;
    this.#random = random;
  }

  next(): Measurements {
    const sums: Measurements = [0, 0, 0, 0, 0];
    for (let i = 0; i < ROW_SECONDS / SAMPLE_SECONDS; i++) {
      this.#sample().forEach((value, column) => {
        sums[column]! += value;
      });
    }
    return sums.map((sum) => Math.round((sum * SAMPLE_SECONDS) / ROW_SECONDS)) as Measurements;
  }

  #sample(): Measurements {
    const sun = this.#sun();
    const load = this.#load();
    // Above 95 % of charge the controller takes less and the panel's voltage rises towards open circuit.
    const taken = Math.min(1, Math.max(0.03, (1 - this.#charge) / 0.05));
    const panel = 2.9 * sun * taken;
    const battery = panel - load;
    const batteryVoltage = 12000 + 1400 * this.#charge + 0.12 * battery;
    const panelVoltage = sun > 0.5 ? batteryVoltage + 600 + 5000 * (1 - taken) : 0;
    this.#charge = Math.min(1, Math.max(0.1, this.#charge + (battery * SAMPLE_SECONDS) / 3600 / 20000));
    this.#second += SAMPLE_SECONDS;
    return [
      Math.max(0, this.#read(batteryVoltage, VOLTAGE_STEP)),
      this.#read(battery, CURRENT_STEP),
      Math.max(0, this.#read(panelVoltage, VOLTAGE_STEP)),
      Math.max(0, this.#read(panel, CURRENT_STEP)),
      Math.max(0, this.#read(load, CURRENT_STEP)),
    ];
  }

  /** W/m2, between the minutes on a straight line. */
  #sun(): number {
    const minute = (this.#second / 60) % 1440;
    const before = this.#minutes[Math.floor(minute)]!;
    const after = this.#minutes[(Math.floor(minute) + 1) % 1440]!;
    return before + (after - before) * (minute % 1);
  }

  /** mA: a router at 15, lights in the evening and morning, a television, a telephone. */
  #load(): number {
    const hour = ((this.#second / 60 - MIDNIGHT + 1440) % 1440) / 60;
    const between = (from: number, to: number) => hour >= from && hour < to;
    return (
      15 +
      (between(18.5, 22.5) ? 420 : 0) +
      (between(5.5, 6.5) ? 210 : 0) +
      (between(19, 21) ? 600 : 0) +
      (between(10, 11.5) ? 350 : 0)
    );
  }

  #read(value: number, step: number): number {
    return Math.round(value / step + this.#noise * this.#normal()) * step;
  }

  /** Box and Muller. */
  #normal(): number {
    const radius = Math.sqrt(-2 * Math.log((this.#random() + 1) / 0x100000001));
    return radius * Math.cos((2 * Math.PI * this.#random()) / 0x100000000);
  }
}
