import { frozen } from "../../frozen.js";
import type { Commands } from "./answer.js";
import { integer } from "./command.js";
import { type Family, type FamilyRun, usual } from "./family.js";
import { lteMLink } from "./knobs.js";
import { PowerSavingMode } from "./power-saving.js";
import type { RunningModem } from "./running-modem.js";
import { type UbloxContext, UbloxContexts } from "./ublox-context.js";
import { UbloxSecurity } from "./ublox-security.js";
import { UbloxSockets } from "./ublox-sockets.js";

/** The UART of UPSV sleeps after so long without a byte, milliseconds: UPSV=4; UPSV=1, 2000 frames of GSM. */
const UART_IDLE_TIME = 6000;
const FRAMES_IDLE_TIME = 9230;
/** Pauses shorter than this between prompt and payload cost payload (R4 18.10.4), milliseconds. */
const PROMPT_GUARD = 50;

/** What u-blox modems have in common: no word at boot, and @ asks for data. */
const common = frozen({
  ...usual,
  manufacturer: "u-blox",
  revisionPrefix: "",
  cardCommand: "+CCID",
  cardPrefix: "+CCID: ",
  bootCodes: [],
  readyCodes: [],
  announcesCard: false,
  restarts: [15, 16],
  prompt: "@",
  capitalErrors: true,
});

/** SARA-R4/N4 AT manual R09: LTE-M and 2G; the context comes with the attach. */
export const saraR4: Family = frozen({
  ...common,
  model: "SARA-R410M-02B",
  revision: "L0.0.00.00.05.08",
  identification: ["SARA-R410M-02B"],
  pins: { keyOn: 150, keyOff: 1500, gap: 0, reset: 10_000, resetSwitchesOff: true },
  contextsNeedRadioOff: true,
  knobs: { ...lteMLink, bootTime: 4500, promptGuard: PROMPT_GUARD },
  factory: { automaticTime: false },
  start: (modem: RunningModem) =>
    startCommon(modem, {
      context: "attach",
      activatesLater: false,
      newerTLS: false,
      counts: false,
      sleepMode: 4,
      savesAtOnce: false,
    }),
});

/** SARA-R5: a profile that UPSDA activates; server names and session resumption. */
export const saraR5: Family = frozen({
  ...common,
  model: "SARA-R510S-01B",
  revision: "03.15",
  identification: ["SARA-R510S-01B"],
  pins: { keyOn: 1000, keyOff: 1500, gap: 0, reset: 100 },
  contextsNeedRadioOff: true,
  knobs: { ...lteMLink, bootTime: 4500, promptGuard: PROMPT_GUARD },
  factory: { automaticTime: false },
  start: (modem: RunningModem) =>
    startCommon(modem, {
      context: "profile",
      activatesLater: true,
      newerTLS: true,
      counts: true,
      sleepMode: 1,
      savesAtOnce: true,
    }),
});

/** SARA-U2: 2G and 3G, with autobaud. */
export const saraU2: Family = frozen({
  ...common,
  model: "SARA-U201",
  revision: "23.60",
  identification: ["SARA-U201-03B"],
  pins: { keyOn: 10, keyOff: 1500, gap: 0, reset: 75 },
  lte: false,
  knobs: {
    ...{ technology: "UMTS", latency: 200, uplink: 384_000, downlink: 2_000_000 },
    ...{ bootTime: 5000, promptGuard: PROMPT_GUARD },
  } as const,
  factory: { baud: 0, automaticTime: false },
  start: (modem: RunningModem) =>
    startCommon(modem, {
      context: "profile",
      activatesLater: false,
      newerTLS: false,
      counts: true,
      sleepMode: 1,
      savesAtOnce: true,
    }),
});

interface Variant {
  readonly context: UbloxContext;
  readonly activatesLater: boolean;
  /** Has the later operations of USECPRF. */
  readonly newerTLS: boolean;
  /** Tells byte counts (USOCTL, UGCNTRD). */
  readonly counts: boolean;
  /** The mode of UPSV in which the UART sleeps by itself. */
  readonly sleepMode: number;
  /** CPSMS takes effect at once, not after a restart. */
  readonly savesAtOnce: boolean;
}

function startCommon(modem: RunningModem, variant: Variant): FamilyRun {
  const contexts = new UbloxContexts(modem, variant.context, variant.activatesLater);
  const security = new UbloxSecurity(modem, variant.newerTLS, modem.memory.sessions);
  const sockets = new UbloxSockets(modem, contexts, security, variant.counts);
  const powerSaving = modem.options.family.lte ? new PowerSavingMode(modem, variant.savesAtOnce).commands : {};
  return {
    commands: {
      ...powerSaving,
      ...contexts.commands,
      ...security.commands,
      ...sockets.commands,
      ...(variant.counts ? counterCommands(modem) : {}),
      "+UPSV": (command, answer) => {
        const mode = integer(command, 0, 0, 4);
        if (mode === undefined) return answer.cme(50);
        const idleTime = variant.sleepMode === 4 ? UART_IDLE_TIME : FRAMES_IDLE_TIME;
        modem.sleep.set(mode === variant.sleepMode ? "idle" : "never", idleTime);
        answer.ok();
      },
      "+CPWROFF": (_, answer) => {
        answer.ok();
        modem.options.onPowerDown();
      },
    },
    onDetached: () => contexts.onDetached(),
  };
}

/** UGCNTRD: bytes of this run and of all runs, sent before received. */
function counterCommands(modem: RunningModem): Commands {
  const { meter } = modem.options;
  const start = { sent: meter.sent, received: meter.received };
  return {
    "+UGCNTRD": (_, answer) => {
      const session = `${meter.sent - start.sent},${meter.received - start.received}`;
      answer.line(`+UGCNTRD: 1,${session},${meter.sent},${meter.received}`).ok();
    },
  };
}
