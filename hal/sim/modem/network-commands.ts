import { frozen } from "../../frozen.js";
import { type Answer, accept, type Commands, type Handler } from "./answer.js";
import { integer, quoted } from "./command.js";
import type { RunningModem } from "./running-modem.js";

/** The cell that serves, the same all the time. */
export const AREA = "5A1E";
const CELL = "B28A50C";
export const CELL_NUMBER = Number.parseInt(CELL, 16);
const OPERATOR = "Emulated Mobile";
export const OPERATOR_NUMBER = "262-01";
/** <AcT> (27.007 7.3): GSM, UTRAN, E-UTRAN. */
const ACCESS_TECHNOLOGY = frozen({ GSM: 0, UMTS: 2, LTE: 7 } as const);

/** Registration, operator, signal and packet domain: 27.007 ch. 7, 8 and 10. */
export function networkCommands(modem: RunningModem): Commands {
  const { radio, knobs, agenda } = modem;
  return {
    ...registrationCommands(modem),
    "+CSQ": (_, answer) => answer.line(`+CSQ: ${signalQuality(modem)},99`).ok(),
    "+CESQ": (_, answer) => answer.line(`+CESQ: ${extendedSignalQuality(modem)}`).ok(),
    "+COPS": (command, answer) => {
      if (command.form === "read") return answer.line(`+COPS: ${operator(modem)}`).ok();
      const mode = integer(command, 0, 0, 4);
      if (mode === undefined) return answer.cme(50);
      if (mode === 2) radio.stop();
      else if (modem.functionality === 1 && modem.sim.state === "READY") radio.start();
      agenda.about(knobs.searchTime, () => answer.ok());
    },
    "+CGATT": (command, answer) => {
      if (command.form === "read") return answer.line(`+CGATT: ${radio.attached ? 1 : 0}`).ok();
      attach(modem, answer, integer(command, 0, 0, 1));
    },
    "+CGACT": (command, answer) => {
      if (knobs.contextCommandHangs) return answer.silence();
      if (command.form === "read") return answer.line(`+CGACT: 1,${radio.attached ? 1 : 0}`).ok();
      attach(modem, answer, integer(command, 0, 0, 1));
    },
    "+CGDCONT": (command, answer) => {
      if (command.form === "read") return contexts(modem, answer);
      const id = integer(command, 0, 1, 24);
      if (id === undefined || quoted(command, 1) === undefined) return answer.cme(50);
      if (modem.options.family.contextsNeedRadioOff && modem.functionality === 1) return answer.cme(3);
      modem.memory.contexts.set(id, quoted(command, 2) ?? "");
      answer.ok();
    },
    "+CGAUTH": accept,
    "+CGPADDR": (_, answer) => answer.line(`+CGPADDR: 1,${radio.address ?? "0.0.0.0"}`).ok(),
  };
}

/** CGREG shows every registration; CREG none where there is no voice, and CEREG LTE's only. */
function registrationCommands(modem: RunningModem): Commands {
  const { radio, knobs, terminal, options } = modem;
  const kinds = options.family.lte ? ["+CREG", "+CGREG", "+CEREG"] : ["+CREG", "+CGREG"];
  const modes = new Map(kinds.map((kind) => [kind, 0]));
  const hidden = (kind: string) =>
    kind === "+CEREG" ? knobs.technology !== "LTE" : kind === "+CREG" && !knobs.circuitSwitched;
  const state = (kind: string) => (hidden(kind) ? 0 : radio.registration);
  const place = (kind: string) =>
    modes.get(kind) === 2 && radio.registered && state(kind) !== 0
      ? `,"${AREA}","${CELL}",${ACCESS_TECHNOLOGY[knobs.technology]}${knobs.talkativeRegistration ? ',"01"' : ""}`
      : "";
  modem.onRegistration = () => {
    for (const kind of kinds) {
      if (modes.get(kind) === 0) continue;
      const code = `${kind}: ${state(kind)}${place(kind)}`;
      terminal.unsolicited(code);
      if (knobs.talkativeRegistration) terminal.unsolicited(code);
    }
  };
  const handler =
    (kind: string): Handler =>
    (command, answer) => {
      if (command.form === "read") return answer.line(`${kind}: ${modes.get(kind)},${state(kind)}${place(kind)}`).ok();
      const mode = integer(command, 0, 0, 2);
      if (mode === undefined) return answer.cme(50);
      modes.set(kind, mode);
      answer.ok();
    };
  return Object.fromEntries(kinds.map((kind) => [kind, handler(kind)]));
}

function attach(modem: RunningModem, answer: Answer, wanted: number | undefined): undefined {
  const { radio, agenda, knobs } = modem;
  if (wanted === undefined) return answer.cme(50);
  agenda.about(knobs.attachTime, () => {
    if (wanted === 0) radio.detach();
    else radio.attach();
    if (wanted === 1 && !radio.attached) answer.cme(30);
    else answer.ok();
  });
}

function contexts(modem: RunningModem, answer: Answer): undefined {
  for (const [id, apn] of modem.memory.contexts) answer.line(`+CGDCONT: ${id},"IP","${apn}","0.0.0.0",0,0,0,0`);
  answer.ok();
}

/** <rssi> of 27.007 8.5: 0 is -113 dBm, 31 is -51 dBm, 99 is unknown. */
function signalQuality(modem: RunningModem): number {
  const { knobs, functionality } = modem;
  if (!knobs.coverage || functionality !== 1) return 99;
  return Math.max(0, Math.min(31, Math.round((knobs.signal + 113) / 2)));
}

/** How far RSRP lies below RSSI on a loaded carrier of 10 MHz, in dB: 10 log (50 resource blocks times 12) is 27.8. */
const REFERENCE_BELOW_RSSI = 27;
/** RSRQ, dB. */
export const REFERENCE_QUALITY = -11;

/** RSRP of the serving cell, dBm. */
export function referencePower(modem: RunningModem): number {
  return modem.knobs.signal - REFERENCE_BELOW_RSSI;
}

/** 27.007 8.69: <rxlev> 0 is below -110 dBm; <rsrq> 0 is below -19.5 dB; <rsrp> 0 is below -140 dBm; 99 and 255 unknown. */
function extendedSignalQuality(modem: RunningModem): string {
  const { knobs, radio } = modem;
  if (!radio.registered) return "99,99,255,255,255,255";
  if (knobs.technology !== "LTE") return `${Math.max(0, Math.min(63, knobs.signal + 111))},99,255,255,255,255`;
  const quality = (REFERENCE_QUALITY + 20) * 2;
  return `99,99,255,255,${quality},${Math.max(0, Math.min(97, referencePower(modem) + 141))}`;
}

function operator(modem: RunningModem): string {
  const { radio, knobs } = modem;
  return radio.registered ? `0,0,"${OPERATOR}",${ACCESS_TECHNOLOGY[knobs.technology]}` : "0";
}
