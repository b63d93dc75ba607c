import { frozen } from "../../frozen.js";
import { type Command, integer, quoted } from "./command.js";
import { type Family, type FamilyRun, usual } from "./family.js";
import { type Knobs, lteMLink } from "./knobs.js";
import { PowerSavingMode } from "./power-saving.js";
import { quectelCommands, signalCommands } from "./quectel-commands.js";
import { QuectelContexts } from "./quectel-context.js";
import { QuectelSecurity } from "./quectel-security.js";
import { QuectelSockets, type QuectelTarget } from "./quectel-sockets.js";
import type { RunningModem } from "./running-modem.js";

/** What Quectel modems have in common (QAT, QTCP). */
const common = frozen({
  ...usual,
  manufacturer: "Quectel",
  revisionPrefix: "",
  cardCommand: "+QCCID",
  cardPrefix: "+QCCID: ",
  farewell: "POWERED DOWN",
  factory: { errors: 1, automaticTime: false },
});

/** BG95 and BG96: LTE-M, NB-IoT and 2G. */
export const bg95 = makeBG9x("BG95-M3", "BG95M3LAR02A03", "CAT-M1");
export const bg96 = makeBG9x("BG96", "BG96MAR02A07M1G", "eMTC");

function makeBG9x(model: string, revision: string, accessName: string): Family {
  // A parameter that is kept is a variable to Moddable's linker.
  const lteName = accessName;
  const knobs: Readonly<Partial<Knobs>> = { ...lteMLink, bootTime: 4500, connectTimeout: 150_000 };
  return frozen({
    ...common,
    model,
    revision,
    identification: ["Quectel", model, `Revision: ${revision}`],
    pins: { keyOn: 500, keyOff: 650, gap: 0, reset: 2000 },
    bootCodes: ["RDY", "APP RDY"],
    readyCodes: [],
    knobs: knobs,
    start(modem: RunningModem): FamilyRun {
      const { commands } = new PowerSavingMode(modem);
      const run = startCommon(modem, "session_cache");
      return { ...run, commands: { ...run.commands, ...commands, ...signalCommands(modem, lteName) } };
    },
  });
}

/** EC21, EC25 and EG91: LTE category 1 and 4. After RDY unsolicited codes go to the USB port until QURCCFG says otherwise. */
export const ec21 = makeCat("EC21", "EC21EFAR06A01M4G");
export const ec25 = makeCat("EC25", "EC25EFAR06A01M4G");
export const eg91 = makeCat("EG91", "EG91EFBR05A02M4G");

function makeCat(model: string, revision: string): Family {
  return frozen({
    ...common,
    model,
    revision,
    identification: ["Quectel", model, `Revision: ${revision}`],
    pins: { keyOn: 500, keyOff: 650, gap: 0, reset: 150 },
    bootCodes: ["RDY"],
    readyCodes: ["+QIND: SMS DONE", "+QIND: PB DONE"],
    knobs: { bootTime: 12_000, connectTimeout: 150_000 },
    start(modem: RunningModem): FamilyRun {
      const run = startCommon(modem, "session");
      return {
        ...run,
        onBooted: () => {
          modem.terminal.elsewhere = true;
        },
        commands: {
          ...run.commands,
          "+QURCCFG": (command, answer) => {
            const port = quoted(command, 1) ?? "";
            if (quoted(command, 0) !== "urcport" || !/^(usbat|usbmodem|uart1)$/.test(port)) return answer.error();
            modem.terminal.elsewhere = port !== "uart1";
            answer.ok();
          },
        },
      };
    },
  });
}

function startCommon(modem: RunningModem, sessionKeyword: "session" | "session_cache"): FamilyRun {
  let echoes = true;
  let tellsLength = false;
  const contexts = new QuectelContexts(modem, (context) => {
    plain.drop(context);
    secure.drop(context);
  });
  const security = new QuectelSecurity(modem, sessionKeyword);
  const usualNames = { announcement: (unread: number) => (tellsLength ? `,${unread}` : ""), echo: () => echoes };
  const plain = new QuectelSockets(modem, contexts, {
    ...{ open: "+QIOPEN", send: "+QISEND", receive: "+QIRD", close: "+QICLOSE", state: "+QISTATE", event: "+QIURC" },
    ...usualNames,
    target: plainTarget,
  });
  const secure = new QuectelSockets(modem, contexts, {
    ...{ open: "+QSSLOPEN", send: "+QSSLSEND", receive: "+QSSLRECV" },
    ...{ close: "+QSSLCLOSE", state: "+QSSLSTATE", event: "+QSSLURC" },
    ...usualNames,
    target: (command) => security.target(command),
  });
  return {
    commands: {
      ...quectelCommands(modem),
      ...contexts.commands,
      ...security.commands,
      ...plain.commands,
      ...secure.commands,
      "+QISDE": (command, answer) => {
        echoes = command.parameters[0] !== "0";
        answer.ok();
      },
      "+QICFG": (command, answer) => {
        if (quoted(command, 0) === "recvind") tellsLength = command.parameters[1] === "1";
        answer.ok();
      },
    },
    onDetached: () => contexts.onDetached(),
  };
}

/** AT+QIOPEN=<context>,<id>,"TCP","host",<port>[,<local port>[,<access mode>]]. */
function plainTarget(command: Command): QuectelTarget | undefined {
  const context = integer(command, 0, 1, 7);
  const id = integer(command, 1, 0, 11);
  const host = quoted(command, 3);
  const port = integer(command, 4, 1, 65535);
  const mode = command.parameters.length > 6 ? integer(command, 6, 0, 2) : 0;
  if (context === undefined || id === undefined || host === undefined) return undefined;
  if (port === undefined || mode === undefined || quoted(command, 2) !== "TCP") return undefined;
  return { context, id, host, port, pushes: mode === 1, transparent: mode === 2 };
}
