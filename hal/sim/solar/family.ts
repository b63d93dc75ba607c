import { seededRandom } from "../random.js";
import { DAY } from "./weather.js";

const HOUR = 3600;
/** Below this many W/m2 a room needs light. */
const DARK = 15;
/** From this air temperature on, in degrees Celsius, a fan is welcome. */
const HOT = 27;

interface Appliance {
  readonly name: string;
  readonly watts: number;
  /** Seconds of the solar day (noon is 43200). */
  readonly from: number;
  readonly to: number;
  readonly when?: "dark" | "hot";
}

/** What a family switches on, hour by hour: every day differs, and the same seed gives the same days. */
export class Family {
  readonly #seed: number;
  /** Added to a time to make the sun stand highest at 12:00. */
  readonly #offset: number;
  #day = Number.NaN;
  #plan: readonly Appliance[] = [];

  /** `noon`: solar noon in seconds of the UTC day. */
  constructor(seed: number, noon: number) {
    this.#seed = seed;
    this.#offset = DAY / 2 - noon;
  }

  /** Watts wanted at `time` (seconds since 1970) under that light (W/m2) and in that air (degrees Celsius). */
  watts(time: number, irradiance: number, airTemperature: number): number {
    let watts = 0;
    for (const appliance of this.#planOf(time))
      if (this.#isOn(appliance, time, irradiance, airTemperature)) watts += appliance.watts;
    return watts;
  }

  /** Names of what is on. */
  appliances(time: number, irradiance: number, airTemperature: number): string[] {
    return this.#planOf(time)
      .filter((appliance) => this.#isOn(appliance, time, irradiance, airTemperature))
      .map((appliance) => appliance.name);
  }

  #isOn(appliance: Appliance, time: number, irradiance: number, airTemperature: number): boolean {
    const second = (time + this.#offset) % DAY;
    if (second < appliance.from || second >= appliance.to) return false;
    if (appliance.when === "dark") return irradiance < DARK;
    if (appliance.when === "hot") return airTemperature > HOT;
    return true;
  }

  #planOf(time: number): readonly Appliance[] {
    const day = Math.floor((time + this.#offset) / DAY);
    if (day !== this.#day) {
      this.#day = day;
      this.#plan = planDay(seededRandom(this.#seed ^ Math.imul(day, 0x9e3779b1)));
    }
    return this.#plan;
  }
}

function planDay(random: () => number): Appliance[] {
  const hours = (least: number, most: number) => (least + ((most - least) * random()) / 2 ** 32) * HOUR;
  const happens = (share: number) => random() / 2 ** 32 < share;
  const plan: Appliance[] = [
    { name: "lights", watts: 3, from: hours(5, 5.7), to: 8 * HOUR, when: "dark" },
    { name: "lights", watts: 4, from: 15 * HOUR, to: hours(21, 22.7), when: "dark" },
    { name: "fan", watts: 7, from: hours(10, 11), to: hours(20, 22), when: "hot" },
  ];
  const add = (name: string, watts: number, from: number, length: number) =>
    plan.push({ name, watts, from, to: Math.min(from + length, DAY) });
  add("phone 1", 4, hours(6, 13), hours(1, 2));
  add("phone 2", 4, hours(16, 20), hours(1, 2));
  if (happens(0.7)) add("radio", 2, hours(6, 15), hours(2, 5));
  if (happens(0.5)) add("television", 8, hours(18, 20), hours(1.5, 2.5));
  return plan;
}
