import type { Sample, Sensor } from "../../sensor.js";
import type { SMBus, SMBusDevice } from "../io.js";

/*
 * The shunt and bus voltage registers of the INA family, signed, high byte first. Channel 0 is in 1 and 2, channel 1 in 3 and 4,
 * channel 2 in 5 and 6; register 0 is the configuration.
 */
const CONFIGURATION = 0;
const shuntRegister = (channel: number) => 1 + 2 * channel;
const busRegister = (channel: number) => 2 + 2 * channel;

/** What the chips of the family differ in, from their datasheets. */
export interface Chip {
  readonly name: string;
  readonly channels: number;
  /** Written at start, and read back as it is. */
  readonly configuration: number;
  /** Registers that tell what it is, and their content; none on chips that do not say. */
  readonly identity: readonly (readonly [register: number, content: number])[];
  /** Unused low bits of the shunt register; microvolts of a step; steps at which it is clipped. */
  readonly shuntShift: number;
  readonly shuntStep: number;
  readonly shuntLimit: number;
  /** Unused low bits of the bus voltage register; millivolts of a step. */
  readonly busShift: number;
  readonly busStep: number;
}

/** One shunt and the names of what is measured there; a name that is absent is not measured. */
export interface Channel {
  /** Milliohms. */
  readonly shunt?: number | undefined;
  /** Variable of the current through the shunt, in mA: positive from IN+ to IN-. */
  readonly current?: string | undefined;
  /** Variable of the voltage of IN- (INA226: of VBUS) against ground, in mV. */
  readonly voltage?: string | undefined;
}

export interface INAOptions {
  readonly sensor: SMBusDevice;
  /** In the order of the chip's channels; `{}` for one that is not used. */
  readonly channels: readonly Channel[];
}

/** A current and voltage sensor of the INA family (ECMA-419 Sensor class pattern). */
export abstract class INA implements Sensor {
  readonly #chip: Chip;
  readonly #channels: readonly Channel[];
  readonly #bus: SMBus;
  #closed = false;

  /** Throws TypeError or RangeError for wrong options, and Error when the chip does not answer or is another. */
  constructor(chip: Chip, { sensor, channels }: INAOptions) {
    checkChannels(chip, channels);
    this.#chip = chip;
    this.#channels = channels;
    this.#bus = new sensor.io(sensor);
    try {
      this.#identify();
      this.#configure();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Throws when the chip does not answer. A current beyond the chip's range is absent. */
  sample(): Sample {
    const sample: Sample = {};
    this.#channels.forEach(({ shunt, current, voltage }, channel) => {
      if (current !== undefined) sample[current] = this.#readCurrent(channel, shunt!);
      if (voltage !== undefined) sample[voltage] = this.#readVoltage(channel);
    });
    return sample;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#bus.close();
  }

  #identify(): void {
    for (const [register, content] of this.#chip.identity) this.#expect(register, content);
  }

  #configure(): void {
    const { configuration } = this.#chip;
    this.#bus.writeUint16(CONFIGURATION, configuration, true);
    this.#expect(CONFIGURATION, configuration);
  }

  #expect(register: number, content: number): void {
    const found = this.#bus.readUint16(register, true);
    if (found === content) return;
    throw new Error(`is no ${this.#chip.name}: register ${register} holds ${found}, not ${content}`);
  }

  #readCurrent(channel: number, shunt: number): number | undefined {
    const { shuntShift, shuntStep, shuntLimit } = this.#chip;
    const steps = this.#read(shuntRegister(channel)) >> shuntShift;
    if (steps >= shuntLimit || steps <= -shuntLimit) return undefined;
    return Math.round((steps * shuntStep) / shunt);
  }

  #readVoltage(channel: number): number {
    const { busShift, busStep } = this.#chip;
    return Math.round((this.#read(busRegister(channel)) >> busShift) * busStep);
  }

  #read(register: number): number {
    return (this.#bus.readUint16(register, true) << 16) >> 16;
  }
}

function checkChannels(chip: Chip, channels: readonly Channel[]): void {
  if (channels.length < 1 || channels.length > chip.channels)
    throw new RangeError(`channels: 1 to ${chip.channels} expected for ${chip.name}, got ${channels.length}`);
  for (const { shunt, current } of channels) {
    if (current !== undefined && !(shunt !== undefined && shunt > 0))
      throw new RangeError(`channels: ${current} needs a shunt in milliohms`);
  }
}
