import { INA, type INAOptions } from "./ina.js";

/** Datasheet SBOS448G: 32 V and 320 mV ranges, average of 128, continuous. The chip has no identity. */
const CHIP = Object.freeze({
  name: "INA219",
  channels: 1,
  configuration: 0x3fff,
  identity: Object.freeze([]),
  shuntShift: 0,
  shuntStep: 10,
  shuntLimit: 32000,
  busShift: 3,
  busStep: 4,
});

export class INA219 extends INA {
  constructor(options: INAOptions) {
    super(CHIP, options);
  }
}
