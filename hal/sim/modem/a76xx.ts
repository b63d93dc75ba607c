import { frozen } from "../../frozen.js";
import { type Family, type FamilyRun, usual } from "./family.js";
import { PowerSavingMode } from "./power-saving.js";
import type { RunningModem } from "./running-modem.js";
import { commands76 } from "./simcom-76xx.js";
import { SecureService } from "./simcom-cch.js";
import { IPService } from "./simcom-ip.js";

/** A76XX Series AT Command Manual V1.09, A7670 hardware design V1.06: the dialogue of SIM7600 on another chip. */
export const a7670: Family = frozen({
  ...usual,
  manufacturer: "SIMCOM INCORPORATED",
  model: "A7670E-FASE",
  revision: "A7670M6_V1.11.1",
  identification: ["Manufacturer: INCORPORATED", "Model: A7670E-FASE", "Revision: A7670M6_V1.11.1", "IMEI: <IMEI>"],
  revisionPrefix: "+CGMR: ",
  cardCommand: "+CICCID",
  cardPrefix: "+ICCID: ",
  pins: { keyOn: 50, keyOff: 2500, gap: 2000, reset: 2000 },
  bootCodes: ["*ATREADY: 1"],
  readyCodes: ["SMS DONE", "PB DONE"],
  functionalities: [0, 1, 4, 7],
  restarts: [6],
  cardBusy: 13,
  knobs: { bootTime: 11_100, stopTime: 2000 },
  factory: { automaticTime: false },
  start(modem: RunningModem): FamilyRun {
    const ip = new IPService(modem, { noData: 22, listsClosedLinks: true });
    const secure = new SecureService(modem, {
      longestName: 108,
      reportsStop: true,
      textKeywords: ["cacert", "clientcert", "clientkey", "password"],
    });
    const general = commands76(modem, { indexedLevels: true, sleepsByItself: true, defaultZone: 32 });
    const { commands } = new PowerSavingMode(modem);
    return {
      commands: { ...general, ...commands, ...ip.commands, ...secure.commands },
      onDetached: () => {
        ip.onDetached();
        secure.onDetached();
      },
    };
  },
});
