import { ModemEmulator, type ModemOptions } from "./emulator.js";
import type { Family, FamilyRun } from "./family.js";
import { SecureService } from "./simcom-cch.js";
import { IPService } from "./simcom-ip.js";

/** SIM7500/SIM7600 AT Command Manual V3.00: sockets by CIP*, TLS by CCH*. */
const sim7600: Family = {
  manufacturer: "SIMCOM INCORPORATED",
  model: "SIMCOM_SIM7600E-H",
  revision: "LE20B04SIM7600M22",
  keyOn: 500,
  keyOff: 2500,
  resetPulse: 100,
  bootCodes: ["RDY"],
  readyCodes: ["SMS DONE", "PB DONE"],
  start(modem): FamilyRun {
    const ip = new IPService(modem);
    const secure = new SecureService(modem);
    return {
      commands: { ...ip.commands, ...secure.commands },
      onDetached: () => {
        ip.onDetached();
        secure.onDetached();
      },
    };
  },
};

/** A SIM7600E-H on its development board's pins. */
export class SIM7600 extends ModemEmulator {
  constructor(options: ModemOptions) {
    super(options, sim7600);
  }
}
