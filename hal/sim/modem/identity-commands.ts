import { integer, quoted } from "./command.js";
import type { Functionality, RunningModem } from "./running-modem.js";
import type { Answer, Commands, Handler } from "./terminal.js";

const IMEI = "867962041234567";
const RATES = [0, 300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600];
/** CFUN acts after its OK has left. */
const FUNCTIONALITY_TIME = 400;
/** Long enough for an OK at any rate. */
const RATE_CHANGE_TIME = 20;

/** Interpreter settings, identity, SIM card, clock and power: V.250, 27.007 ch. 5, 8 and what SIMCom has in common. */
export function identityCommands(modem: RunningModem): Commands {
  const { terminal, memory, options } = modem;
  const { family } = options;
  const accept: Handler = (_, answer) => answer.ok();
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
    Z: (_, answer) => restoreSettings(modem, answer),
    "&F": (_, answer) => {
      terminal.echo = true;
      terminal.errors = 0;
      answer.ok();
    },
    "&W": (_, answer) => {
      memory.echo = terminal.echo;
      memory.errors = terminal.errors;
      memory.baud = options.peer.baud;
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
      const baud = integer(command, 0, 0, 921600);
      if (baud === undefined || !RATES.includes(baud)) return answer.cme(50);
      answer.ok();
      modem.agenda.after(RATE_CHANGE_TIME, () => {
        options.peer.baud = baud;
      });
    },
    "+IFC": accept,
    "+CSCLK": accept,
    I: (_, answer) =>
      answer
        .line(`Manufacturer: ${family.manufacturer}`)
        .line(`Model: ${family.model}`)
        .line(`Revision: ${family.revision}`)
        .line(`IMEI: ${IMEI}`)
        .line("+GCAP: +CGSM")
        .ok(),
    "+CGMI": say(family.manufacturer),
    "+CGMM": say(family.model),
    "+CGMR": say(`+CGMR: ${family.revision}`),
    "+CGSN": say(IMEI),
    "+CIMI": (_, answer) => withSim(modem, answer, () => answer.line(modem.sim.imsi).ok()),
    "+CICCID": (_, answer) => withCard(modem, answer, () => answer.line(`+ICCID: ${modem.sim.iccid}`).ok()),
    "+CPIN": (command, answer) => {
      if (command.form === "read") {
        withCard(modem, answer, () => answer.line(`+CPIN: ${modem.sim.state}`).ok());
      } else {
        withCard(modem, answer, () => enterPin(modem, answer, quoted(command, 0), quoted(command, 1)));
      }
    },
    "+CFUN": (command, answer) => {
      if (command.form === "read") return answer.line(`+CFUN: ${modem.functionality}`).ok();
      const functionality = integer(command, 0, 0, 7);
      const reset = command.parameters[1] === "1";
      if (functionality === 6 || (functionality === 1 && reset)) return restart(modem, answer);
      if (!isFunctionality(functionality) || reset) return answer.cme(50);
      // Out of offline mode there is only a reset.
      if (modem.functionality === 7 && functionality !== 7) return answer.cme(3);
      modem.agenda.about(FUNCTIONALITY_TIME, () => {
        answer.ok();
        modem.setFunctionality(functionality);
      });
    },
    "+CRESET": (_, answer) => restart(modem, answer),
    "+CPOF": (_, answer) => {
      answer.ok();
      options.onPowerDown();
    },
  };
}

function restoreSettings(modem: RunningModem, answer: Answer): undefined {
  modem.terminal.echo = modem.memory.echo;
  modem.terminal.errors = modem.memory.errors;
  answer.ok();
}

function restart(modem: RunningModem, answer: Answer): undefined {
  answer.ok();
  modem.options.onRestart();
}

function isFunctionality(value: number | undefined): value is Functionality {
  return value === 0 || value === 1 || value === 4 || value === 7;
}

/** Runs `action` when there is a card and it was read. */
function withCard(modem: RunningModem, answer: Answer, action: () => undefined): undefined {
  if (modem.sim.state === "NOT INSERTED") answer.cme(10);
  else if (!modem.simReady) answer.cme(14);
  else action();
}

/** Runs `action` when the card is unlocked too. */
function withSim(modem: RunningModem, answer: Answer, action: () => undefined): undefined {
  withCard(modem, answer, () => {
    if (modem.sim.state === "SIM PIN") answer.cme(11);
    else if (modem.sim.state === "SIM PUK") answer.cme(12);
    else action();
  });
}

function enterPin(
  modem: RunningModem,
  answer: Answer,
  code: string | undefined,
  newPin: string | undefined,
): undefined {
  const { sim } = modem;
  if (code === undefined) answer.cme(50);
  else if (sim.state === "READY") answer.cme(3);
  else if (sim.state === "SIM PUK" && newPin === undefined) answer.cme(12);
  else if (sim.state === "SIM PUK" ? sim.enterPuk(code, newPin ?? "") : sim.enterPin(code)) {
    answer.ok();
    modem.unlocked();
  } else answer.cme(16);
}
