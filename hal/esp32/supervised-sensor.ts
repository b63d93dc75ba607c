import type { Sample, Sensor } from "../sensor.js";

/** Milliseconds after which a sensor that failed is tried again. */
const RETRY = 60_000;

export interface SupervisedSensorOptions {
  /** For the log: chip and place. */
  readonly name: string;
  readonly variables: readonly string[];
  /** Throws when the sensor is not there. */
  readonly open: () => Sensor;
  /** Milliseconds since boot. */
  readonly ticks: () => number;
  readonly log: (line: string) => void;
}

/**
 * A sensor that may be missing, come and go. While it is away its readings are absent; it is tried again once a minute, and
 * only a change is logged.
 */
export class SupervisedSensor implements Sensor {
  readonly #options: SupervisedSensorOptions;
  readonly #absent: Sample = {};
  #sensor: Sensor | undefined;
  #problem: string | undefined;
  #due = 0;

  constructor(options: SupervisedSensorOptions) {
    this.#options = options;
    for (const variable of options.variables) this.#absent[variable] = undefined;
  }

  /** Opens the sensor; gives one part of the self-test's line. */
  test(): string {
    this.#open();
    return `${this.#options.name} ${this.#problem === undefined ? "ok" : `missing (${this.#problem})`}`;
  }

  /** Gives readings from the round after the one that opened the sensor: by then it has measured. */
  sample(): Sample {
    if (this.#sensor === undefined) {
      if (this.#options.ticks() >= this.#due) this.#retry();
      return this.#absent;
    }
    try {
      return this.#sensor.sample() ?? this.#absent;
    } catch (error) {
      this.#lose(error);
      this.#options.log(`sensor ${this.#options.name} lost (${this.#problem})`);
      return this.#absent;
    }
  }

  #retry(): void {
    this.#open();
    if (this.#sensor) this.#options.log(`sensor ${this.#options.name} is back`);
  }

  #open(): void {
    try {
      this.#sensor = this.#options.open();
      this.#problem = undefined;
    } catch (error) {
      this.#lose(error);
    }
  }

  #lose(error: unknown): void {
    this.#problem = error instanceof Error ? error.message : String(error);
    this.#due = this.#options.ticks() + RETRY;
    this.#sensor?.close?.();
    this.#sensor = undefined;
  }
}
