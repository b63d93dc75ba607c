import { INA, type INAOptions } from "./ina.js";

/** Datasheet SBOS576: three channels of 163.8 mV, average of 128, 1.1 ms conversions, continuous; a round takes 0.9 s. */
const CHIP = Object.freeze({
  name: "INA3221",
  channels: 3,
  configuration: 0x7927,
  identity: Object.freeze([Object.freeze([0xfe, 0x5449] as const), Object.freeze([0xff, 0x3220] as const)]),
  shuntShift: 3,
  shuntStep: 40,
  shuntLimit: 4095,
  busShift: 3,
  busStep: 8,
});

export class INA3221 extends INA {
  constructor(options: INAOptions) {
    super(CHIP, options);
  }
}
