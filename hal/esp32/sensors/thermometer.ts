import type { Sample, Sensor } from "../../sensor.js";
import type { SMBus, SMBusDevice, SMBusOptions } from "../io.js";

/** An ECMA-419 temperature sensor, such as the SDK's TMP102: degrees Celsius. */
export interface TemperatureSensor {
  sample(): { readonly temperature: number };
}

/** Throws when the device does not answer, and lets go of the bus then. */
export type TemperatureSensorConstructor = new (options: { sensor: SMBusDevice }) => TemperatureSensor;

export interface ThermometerOptions {
  readonly driver: TemperatureSensorConstructor;
  readonly sensor: SMBusDevice;
  readonly variable: string;
}

/** A temperature sensor as the firmware wants it: one variable in 0.1 degrees Celsius. */
export class Thermometer implements Sensor {
  readonly #sensor: TemperatureSensor;
  readonly #variable: string;
  #bus: SMBus | undefined;

  constructor({ driver, sensor, variable }: ThermometerOptions) {
    const keep = (bus: SMBus) => {
      this.#bus = bus;
    };
    class KeptBus extends sensor.io {
      constructor(options: SMBusOptions) {
        super(options);
        keep(this);
      }
    }
    this.#variable = variable;
    this.#sensor = new driver({ sensor: { ...sensor, io: KeptBus } });
  }

  sample(): Sample {
    return { [this.#variable]: Math.round(this.#sensor.sample().temperature * 10) };
  }

  /** Not by the driver's own `close`: that says goodbye over the bus, and keeps the bus when nobody answers. */
  close(): void {
    this.#bus?.close();
    this.#bus = undefined;
  }
}
