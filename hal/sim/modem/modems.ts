import { frozen } from "../../frozen.js";
import { a7670 } from "./a76xx.js";
import { ModemEmulator, type ModemOptions } from "./emulator.js";
import type { Family } from "./family.js";
import { bg95, bg96, ec21, ec25, eg91 } from "./quectel.js";
import { saraR4, saraR5, saraU2 } from "./sara.js";
import { sim7000, sim7070, sim7080 } from "./sim70xx.js";
import { sim800 } from "./sim800.js";
import { sim7600 } from "./sim7600.js";

/** Every modem that can be emulated, by the name that users call it. */
const families: Readonly<Record<string, Family>> = frozen({
  SIM7600: sim7600,
  A7670: a7670,
  SIM800: sim800,
  SIM7000: sim7000,
  SIM7070: sim7070,
  SIM7080: sim7080,
  BG95: bg95,
  BG96: bg96,
  EC21: ec21,
  EC25: ec25,
  EG91: eg91,
  "SARA-R4": saraR4,
  "SARA-R5": saraR5,
  "SARA-U2": saraU2,
});

export const modemNames: readonly string[] = frozen(Object.keys(families));

export type ModemClass = new (options: ModemOptions) => ModemEmulator;

/** The emulator of a modem; throws RangeError for a name that is not in `modemNames`. */
export function modemNamed(name: string): ModemClass {
  if (!modemNames.includes(name)) throw new RangeError(`modem "${name}": expected one of ${modemNames.join(", ")}`);
  const family = families[name]!;
  return class extends ModemEmulator {
    constructor(options: ModemOptions) {
      super(options, family);
    }
  };
}
