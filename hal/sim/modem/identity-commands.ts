import { frozen } from "../../frozen.js";
import { type Answer, accept, type Commands, type Handler } from "./answer.js";
import { type Command, integer } from "./command.js";
import type { RunningModem } from "./running-modem.js";

const IMEI = "867962041234567";
const RATES: readonly number[] = frozen([
  ...[0, 300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600],
]);
/** CFUN acts after its OK has left. */
const FUNCTIONALITY_TIME = 400;
/** Long enough for an OK at any rate. */
const RATE_CHANGE_TIME = 20;

/** Interpreter settings, identity and functionality: V.250, 27.007 ch. 5 and 8. */
export function identityCommands(modem: RunningModem): Commands {
  const { terminal, memory, options } = modem;
  const { family } = options;
  const say =
    (text: string): Handler =>
    (_, answer) =>
      answer.line(text).ok();
  return {
    "": accept,
    "&C": accept,
    "&D": accept,
    V: (command, answer) => (command.parameters[0] === "1" ? answer.ok() : answer.error()),
    E: (command, answer) => {
      const echo = integer(command, 0, 0, 1);
      if (echo === undefined) return answer.error();
      terminal.echo = echo === 1;
      answer.ok();
    },
    O: (_, answer) => terminal.resume(answer),
    Z: (_, answer) => {
      terminal.echo = memory.echo;
      terminal.errors = memory.errors;
      answer.ok();
    },
    "&F": (_, answer) => {
      terminal.echo = true;
      terminal.errors = family.factory.errors ?? 0;
      answer.ok();
    },
    "&W": (_, answer) => {
      saveSettings(modem);
      answer.ok();
    },
    "+CMEE": (command, answer) => {
      if (command.form === "read") return answer.line(`+CMEE: ${terminal.errors}`).ok();
      const errors = integer(command, 0, 0, 2);
      if (errors === undefined) return answer.cme(50);
      terminal.errors = errors;
      answer.ok();
    },
    "+IPR": (command, answer) => {
      if (command.form === "read") return answer.line(`+IPR: ${options.peer.baud}`).ok();
      setRate(modem, integer(command, 0, 0, 921600), answer);
    },
    "+IFC": accept,
    I: (_, answer) => {
      for (const line of family.identification) answer.line(line.replace("<IMEI>", IMEI));
      answer.ok();
    },
    "+CGMI": say(family.manufacturer),
    "+CGMM": say(family.model),
    "+CGMR": say(`${family.revisionPrefix}${family.revision}`),
    "+CGSN": say(IMEI),
    "+CFUN": (command, answer) => {
      if (command.form === "read") answer.line(`+CFUN: ${modem.functionality}`).ok();
      else setFunctionality(modem, command, answer);
    },
  };
}

/** AT&W. */
export function saveSettings({ memory, terminal, options }: RunningModem): void {
  memory.echo = terminal.echo;
  memory.errors = terminal.errors;
  memory.baud = options.peer.baud;
}

function setRate(modem: RunningModem, baud: number | undefined, answer: Answer): undefined {
  if (baud === undefined || !RATES.includes(baud)) return answer.cme(50);
  answer.ok();
  modem.agenda.after(RATE_CHANGE_TIME, () => {
    modem.options.peer.baud = baud;
  });
}

function setFunctionality(modem: RunningModem, command: Command, answer: Answer): undefined {
  const { functionalities, restarts } = modem.options.family;
  const functionality = integer(command, 0, 0, 255) ?? -1;
  const reset = command.parameters[1] === "1";
  if (restarts.includes(functionality) || (functionality === 1 && reset)) return restart(modem, answer);
  if (!functionalities.includes(functionality) || reset) return answer.cme(50);
  // Out of offline mode there is only a reset.
  if (modem.functionality === 7 && functionality !== 7) return answer.cme(3);
  modem.agenda.about(FUNCTIONALITY_TIME, () => {
    answer.ok();
    modem.setFunctionality(functionality);
  });
}

/** Resets the module by command. */
export function restart(modem: RunningModem, answer: Answer): undefined {
  if (modem.knobs.resetsRefused) return answer.error();
  answer.ok();
  modem.options.onRestart();
}
