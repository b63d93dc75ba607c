import type { Sample, Sensor } from "../../sensor.js";
import type { Analog, AnalogConstructor } from "../io.js";

/** Millivolts of a full reading: the SDK scales by the chip's calibration so, on all ESP32 at its default attenuation. */
const FULL_SCALE = 2450;
/** Readings that are averaged. */
const READINGS = 16;

export interface DividerOptions {
  readonly io: AnalogConstructor;
  readonly pin: number;
  /** Resistors from the measured voltage to the pin and from the pin to ground, ohms. */
  readonly upper: number;
  readonly lower: number;
  readonly variable: string;
}

/** A voltage behind a resistor divider, in mV. A reading at the end of the scale is absent: nobody knows how far beyond it is. */
export class Divider implements Sensor {
  readonly #options: DividerOptions;
  readonly #analog: Analog;

  constructor(options: DividerOptions) {
    this.#options = options;
    this.#analog = new options.io({ pin: options.pin });
  }

  sample(): Sample {
    const { upper, lower, variable } = this.#options;
    const reading = this.#readAverage();
    return { [variable]: reading && Math.round((reading * FULL_SCALE * (upper + lower)) / lower) };
  }

  /** 0 to 1; undefined when one reading was clipped or failed. */
  #readAverage(): number | undefined {
    const maximum = (1 << this.#analog.resolution) - 1;
    let sum = 0;
    for (let i = 0; i < READINGS; i++) {
      const reading = this.#analog.read();
      if (reading === undefined || reading >= maximum) return undefined;
      sum += reading;
    }
    return sum / READINGS / maximum;
  }
}
