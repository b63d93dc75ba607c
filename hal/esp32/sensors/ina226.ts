import { INA, type INAOptions } from "./ina.js";

/** Datasheet SBOS547: 81.92 mV range, average of 128, 1.1 ms conversions, continuous; a round takes 0.3 s. */
const CHIP = Object.freeze({
  name: "INA226",
  channels: 1,
  configuration: 0x4927,
  identity: Object.freeze([Object.freeze([0xfe, 0x5449] as const), Object.freeze([0xff, 0x2260] as const)]),
  shuntShift: 0,
  shuntStep: 2.5,
  shuntLimit: 32767,
  busShift: 0,
  busStep: 1.25,
});

export class INA226 extends INA {
  constructor(options: INAOptions) {
    super(CHIP, options);
  }
}
