import { frozen } from "../../frozen.js";
import { ModemEmulator, type ModemOptions } from "./emulator.js";
import { type Family, type FamilyRun, usual } from "./family.js";
import type { RunningModem } from "./running-modem.js";
import { commands76 } from "./simcom-76xx.js";
import { SecureService } from "./simcom-cch.js";
import { IPService } from "./simcom-ip.js";

/** SIM7500/SIM7600 AT Command Manual V3.00: sockets by CIP*, TLS by CCH*. */
export const sim7600: Family = frozen({
  ...usual,
  manufacturer: "SIMCOM INCORPORATED",
  model: "SIMCOM_SIM7600E-H",
  revision: "LE20B04SIM7600M22",
  identification: [
    "Manufacturer: SIMCOM INCORPORATED",
    "Model: SIMCOM_SIM7600E-H",
    "Revision: LE20B04SIM7600M22",
    "IMEI: <IMEI>",
    "+GCAP: +CGSM",
  ],
  revisionPrefix: "+CGMR: ",
  cardCommand: "+CICCID",
  cardPrefix: "+ICCID: ",
  pins: { keyOn: 500, keyOff: 2500, gap: 0, reset: 100 },
  bootCodes: ["RDY"],
  readyCodes: ["SMS DONE", "PB DONE"],
  functionalities: [0, 1, 4, 7],
  restarts: [6],
  start(modem: RunningModem): FamilyRun {
    const ip = new IPService(modem, { noData: 21, listsClosedLinks: false });
    const secure = new SecureService(modem, {
      longestName: 128,
      reportsStop: false,
      textKeywords: ["cacert", "clientcert", "clientkey", "keypwd", "ciphersuites"],
    });
    const general = commands76(modem, { indexedLevels: false, sleepsByItself: false, defaultZone: 0 });
    return {
      commands: { ...general, ...ip.commands, ...secure.commands },
      onDetached: () => {
        ip.onDetached();
        secure.onDetached();
      },
    };
  },
});

/** A SIM7600E-H on its development board's pins. */
export class SIM7600 extends ModemEmulator {
  constructor(options: ModemOptions) {
    super(options, sim7600);
  }
}
