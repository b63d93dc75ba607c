import { clockText, parseClock } from "./clock.js";
import { integer, quoted } from "./command.js";
import type { RunningModem } from "./running-modem.js";
import type { Answer, Commands, Handler } from "./terminal.js";

/** The cell that serves, the same all the time. */
const AREA = "5A1E";
const CELL = "B28A50C";
const CELL_NUMBER = Number.parseInt(CELL, 16);
const OPERATOR = "Emulated Mobile";
const OPERATOR_NUMBER = "262-01";
/** <AcT> (27.007 7.3): GSM, E-UTRAN. */
const ACCESS_TECHNOLOGY = { GSM: 0, LTE: 7 } as const;

/** Registration, operator, signal, packet domain and time: 27.007 ch. 7, 8, 10 and SIMCom's CPSI. */
export function networkCommands(modem: RunningModem): Commands {
  const { radio, knobs, memory, clock, agenda } = modem;
  const accept: Handler = (_, answer) => answer.ok();
  return {
    ...registrationCommands(modem),
    "+CSQ": (_, answer) => answer.line(`+CSQ: ${signalQuality(modem)},99`).ok(),
    "+CPSI": (_, answer) => answer.line(`+CPSI: ${cell(modem)}`).ok(),
    "+CNMP": accept,
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
      if (command.form === "read") return answer.line(`+CGACT: 1,${radio.attached ? 1 : 0}`).ok();
      attach(modem, answer, integer(command, 0, 0, 1));
    },
    "+CGDCONT": (command, answer) => {
      if (command.form === "read") return contexts(modem, answer);
      const id = integer(command, 0, 1, 24);
      const apn = quoted(command, 2);
      if (id === undefined || quoted(command, 1) === undefined) return answer.cme(50);
      memory.contexts.set(id, apn ?? "");
      answer.ok();
    },
    "+CGAUTH": accept,
    "+CGPADDR": (_, answer) => answer.line(`+CGPADDR: 1,${radio.address ?? "0.0.0.0"}`).ok(),
    "+CTZU": (command, answer) => {
      if (command.form === "read") return answer.line(`+CTZU: ${memory.automaticTime ? 1 : 0}`).ok();
      const on = integer(command, 0, 0, 1);
      if (on === undefined) return answer.cme(50);
      memory.automaticTime = on === 1;
      answer.ok();
    },
    "+CTZR": accept,
    "+CCLK": (command, answer) => {
      if (command.form === "read") return answer.line(`+CCLK: "${clockText(clock.time, clock.zone)}"`).ok();
      const set = parseClock(quoted(command, 0) ?? "");
      if (!set) return answer.cme(50);
      clock.set(set.time, set.zone);
      answer.ok();
    },
  };
}

/** CREG and CGREG show every registration; CEREG shows LTE's only. */
function registrationCommands(modem: RunningModem): Commands {
  const { radio, knobs, terminal } = modem;
  const kinds = ["+CREG", "+CGREG", "+CEREG"];
  const modes = new Map(kinds.map((kind) => [kind, 0]));
  const state = (kind: string) => (kind === "+CEREG" && knobs.technology !== "LTE" ? 0 : radio.registration);
  const place = (kind: string) =>
    modes.get(kind) === 2 && radio.registered && state(kind) !== 0
      ? `,"${AREA}","${CELL}",${ACCESS_TECHNOLOGY[knobs.technology]}`
      : "";
  modem.onRegistration = () => {
    for (const kind of kinds) {
      if (modes.get(kind) !== 0) terminal.unsolicited(`${kind}: ${state(kind)}${place(kind)}`);
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

function operator(modem: RunningModem): string {
  const { radio, knobs } = modem;
  return radio.registered ? `0,0,"${OPERATOR}",${ACCESS_TECHNOLOGY[knobs.technology]}` : "0";
}

/** SIM7600: levels in tenths of dB, RSRP, RSRQ, RSSI and SNR last. */
function cell(modem: RunningModem): string {
  const { radio, knobs, functionality } = modem;
  const mode = functionality === 1 ? "Online" : "Low Power Mode";
  if (!radio.registered) return `NO SERVICE,${mode}`;
  if (knobs.technology === "GSM") {
    return `GSM,${mode},${OPERATOR_NUMBER},0x${AREA},${CELL_NUMBER},27 EGSM 900,${knobs.signal},2110,42-42`;
  }
  const levels = `${(knobs.signal - 27) * 10},-110,${knobs.signal * 10},15`;
  return `LTE,${mode},${OPERATOR_NUMBER},0x${AREA},${CELL_NUMBER},257,EUTRAN-BAND3,1825,5,5,${levels}`;
}
