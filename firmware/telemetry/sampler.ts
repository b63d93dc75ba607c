import type { DigitalInput } from "../../hal/digital.js";
import type { Sample, Sensor, Value } from "../../hal/sensor.js";
import type { TimerHandle, Timers } from "../../hal/timer.js";
import type { Clock } from "../clock.js";
import type { DataFormat } from "../openpaygo/data-format.js";
import { Aggregator } from "./aggregate.js";
import type { Row } from "./row.js";

/** A clock that is put back by more than this was wrong before, in seconds. */
const PUT_BACK = 3600;

export interface SamplerOptions {
  timer: Timers;
  clock: Clock;
  sensors: readonly Sensor[];
  inputs: readonly DigitalInput[];
  format: DataFormat;
  /** Number of the format, for the rows. */
  formatNumber: number;
  /** Seconds. */
  sampleInterval: number;
  recordInterval: number;
  /** Readings of the sampler before, when the intervals have changed: an input that stays active is no news. */
  latest?: Sample;
  /** A row is complete; the object is reused. */
  onRow: (row: Row) => void;
}

/**
 * Reads the sensors at the sample interval and makes a row at every multiple of the record interval (of the time of
 * day, or of the uptime while that is unknown): what could not be read is absent in it. An input that changes makes a row
 * of its own at once.
 */
export class Sampler {
  readonly #options: SamplerOptions;
  readonly #aggregator: Aggregator;
  readonly #row: Row;
  readonly #timer: TimerHandle;
  /** Readings of the last round, for the console. */
  readonly latest: Sample;
  /** Number of the record interval that is being gathered, and of the boot whose clock counts it (0: time of day). */
  #slot: number;
  #boot: number;
  /** Readings taken since start. */
  samples = 0;

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.latest = { ...options.latest };
    this.#aggregator = new Aggregator(options.format);
    this.#row = { format: options.formatNumber, boot: 0, time: 0, values: [] };
    this.#boot = this.#clockBoot();
    this.#slot = this.#slotNow();
    for (const input of options.inputs) {
      input.onChanged = () => this.event(input.variable, input.read() === 1);
      if (input.read() && this.latest[input.variable] !== true) this.event(input.variable, true);
    }
    this.#timer = options.timer.repeat(() => this.#sample(), options.sampleInterval * 1000);
  }

  /** Records one changed variable at once, in a row of its own. */
  event(variable: string, value: Value): void {
    this.#closeSlot();
    const order = this.#options.format.historical_data_order;
    const index = order.indexOf(variable);
    this.latest[variable] = value;
    if (index < 0) return;
    for (let i = 0; i < order.length; i++) this.#row.values[i] = undefined;
    this.#row.values[index] = value;
    this.#emit(this.#boot, this.#moment());
  }

  close(): void {
    this.#options.timer.clear(this.#timer);
    for (const input of this.#options.inputs) input.onChanged = undefined;
  }

  #sample(): void {
    this.#closeSlot();
    this.samples++;
    const order = this.#options.format.historical_data_order;
    for (const sensor of this.#options.sensors) {
      const sample = sensor.sample();
      if (!sample) continue;
      for (const name in sample) {
        this.latest[name] = sample[name];
        const index = order.indexOf(name);
        if (index >= 0) this.#aggregator.add(index, sample[name]);
      }
    }
  }

  /**
   * Ends the interval when its time is over. A clock that was set in between starts a new count without a row; one
   * that was put back a little goes on with the interval under way, so that no interval gets two rows.
   */
  #closeSlot(): void {
    const boot = this.#clockBoot();
    const slot = this.#slotNow();
    const back = (this.#slot - slot) * this.#options.recordInterval;
    if (boot === this.#boot && back > 0 && back <= PUT_BACK) return;
    if (boot === this.#boot && slot > this.#slot && this.#aggregator.close(this.#row.values)) {
      this.#emit(boot, slot * this.#options.recordInterval);
    }
    this.#boot = boot;
    this.#slot = slot;
  }

  #emit(boot: number, time: number): void {
    this.#row.boot = boot;
    this.#row.time = time;
    this.#options.onRow(this.#row);
  }

  #clockBoot(): number {
    return this.#options.clock.now === undefined ? this.#options.clock.boot : 0;
  }

  #moment(): number {
    return this.#options.clock.now ?? this.#options.clock.uptime;
  }

  #slotNow(): number {
    return Math.floor(this.#moment() / this.#options.recordInterval);
  }
}
