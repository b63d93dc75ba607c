import { frozen } from "../../frozen.js";
import { accept } from "./answer.js";
import { ApplicationNetwork } from "./ca-network.js";
import { CASecurity } from "./ca-security.js";
import { CASockets, SOCKETS } from "./ca-sockets.js";
import { type Family, type FamilyRun, usual } from "./family.js";
import { restart } from "./identity-commands.js";
import { type Knobs, lteMLink } from "./knobs.js";
import { AREA, CELL_NUMBER, OPERATOR_NUMBER, REFERENCE_QUALITY, referencePower } from "./network-commands.js";
import { PowerSavingMode } from "./power-saving.js";
import type { RunningModem } from "./running-modem.js";
import { MultiLinks } from "./sim800-links.js";
import { LegacyCommands } from "./simcom-legacy.js";

/** What SIM7000, SIM7070 and SIM7080 have in common: LTE-M and NB-IoT, autobaud as they come. */
const common = frozen({
  ...usual,
  manufacturer: "SIMCOM_Ltd",
  revisionPrefix: "Revision:",
  cardCommand: "+CCID",
  cardPrefix: "",
  bootCodes: ["RDY", "+CFUN: 1"],
  readyCodes: ["SMS Ready"],
  factory: { baud: 0, automaticTime: false },
});
const knobs: Readonly<Partial<Knobs>> = frozen({
  ...lteMLink,
  bootTime: 4500,
  connectTimeout: 75_000,
  unsolicited: [
    '*PSUTTZ: 24/02/29,12:34:56","+08",0',
    "DST: 1",
    "OVER-VOLTAGE WARNNING",
    '+CTZV: "+08"',
    "+CPIN: READY",
  ],
});

/** SIM7000 AT manual V1.06: plain TCP as on SIM800, TLS by CA*. */
export const sim7000: Family = frozen({
  ...common,
  model: "SIMCOM_SIM7000G",
  revision: "1529B05SIM7000G",
  identification: ["SIM7000G R1529"],
  pins: { keyOn: 1000, keyOff: 1200, gap: 2000, reset: 252 },
  knobs,
  start(modem: RunningModem): FamilyRun {
    const links = new MultiLinks(modem, { links: 8, largestRead: 1460, security: () => undefined });
    const run = startCommon(modem, true);
    return {
      ...run,
      commands: { ...run.commands, ...links.commands },
      onDetached: () => {
        links.onDetached();
        run.onDetached();
      },
    };
  },
});

/** SIM7070_SIM7080_SIM7090 AT manual V1.05, TCPUDP(S) application note V1.03; SIM7080 has no 2G. */
export const sim7070 = makeSIM70x0("SIM7070");
export const sim7080 = makeSIM70x0("SIM7080");

function makeSIM70x0(name: string): Family {
  return frozen({
    ...common,
    model: `SIMCOM_${name}G`,
    revision: `1951B08${name}`,
    identification: [`${name}G R1951`],
    pins: { keyOn: 1000, keyOff: 1300, gap: 2000, reset: 252 },
    knobs,
    start(modem: RunningModem): FamilyRun {
      const run = startCommon(modem, false);
      return { ...run, commands: { ...run.commands, "+CREBOOT": (_, answer) => restart(modem, answer) } };
    },
  });
}

function startCommon(modem: RunningModem, isSIM7000: boolean): FamilyRun {
  const network = new ApplicationNetwork(modem, !isSIM7000);
  const security = new CASecurity(modem, SOCKETS);
  const sockets = new CASockets(modem, network, security, isSIM7000);
  const powerSaving = new PowerSavingMode(modem, !isSIM7000);
  const general = new LegacyCommands(modem, {
    savesTimeSetting: !isSIM7000,
    sleepsByItself: false,
    tellsTime: true,
    bearerOpen: () => network.isActive(0),
  });
  return {
    commands: {
      ...general.commands,
      ...powerSaving.commands,
      ...network.commands,
      ...security.commands,
      ...sockets.commands,
      "+CPSI": (_, answer) => answer.line(`+CPSI: ${cell(modem)}`).ok(),
      "+CNMP": accept,
      "+CMNB": accept,
      "+CGNAPN": (_, answer) => answer.line(modem.radio.attached ? '+CGNAPN: 1,"internet"' : '+CGNAPN: 0,""').ok(),
    },
    onDetached: () => {
      sockets.onDetached();
      network.onDetached();
    },
    onBooted: () => {
      powerSaving.onBooted();
      general.update();
    },
    update: () => general.update(),
  };
}

/** Band, frequency and bandwidths, then RSRQ, RSRP and RSSI in dBm, and SNR. */
function cell(modem: RunningModem): string {
  const { radio, knobs, functionality } = modem;
  const mode = functionality === 1 ? "Online" : "Low Power Mode";
  if (!radio.registered) return `NO SERVICE,${mode}`;
  const place = `${mode},${OPERATOR_NUMBER},0x${AREA},${CELL_NUMBER}`;
  if (knobs.technology !== "LTE") return `GSM,${place},27 EGSM 900,${knobs.signal},2110,42-42`;
  const levels = `${REFERENCE_QUALITY},${referencePower(modem)},${knobs.signal},15`;
  return `LTE CAT-M1,${place},257,EUTRAN-BAND3,1825,5,5,${levels}`;
}
