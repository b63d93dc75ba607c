import { accept, type Commands } from "./answer.js";
import { integer, quoted } from "./command.js";
import { restart } from "./identity-commands.js";
import { AREA, CELL_NUMBER, OPERATOR_NUMBER, REFERENCE_QUALITY, referencePower } from "./network-commands.js";
import type { RunningModem } from "./running-modem.js";
import { UART_IDLE_TIME } from "./sleep.js";
import { askTimeServer } from "./time-commands.js";

/** What differs between SIM7600 (Qualcomm) and A76xx (ASR). */
export interface Dialect76 {
  /** CPSI tells levels as indices of 3GPP reports, not in tenths of dB. */
  readonly indexedLevels: boolean;
  /** CSCLK=2: the UART sleeps by itself. */
  readonly sleepsByItself: boolean;
  /** Of CNTP, quarter hours. */
  readonly defaultZone: number;
}

/** <err> of +CNTP: network error; 0 is success. */
const TIME_NETWORK_ERROR = 4;

/** SIM7600 and A76xx: cell, time server, sleep, reset and power off. */
export function commands76(modem: RunningModem, dialect: Dialect76): Commands {
  const { options, sleep } = modem;
  let server = "";
  let zone = dialect.defaultZone;
  return {
    "+CPSI": (_, answer) => answer.line(`+CPSI: ${cell(modem, dialect.indexedLevels)}`).ok(),
    "+CNMP": accept,
    "+CSCLK": (command, answer) => {
      const mode = integer(command, 0, 0, dialect.sleepsByItself ? 2 : 1);
      if (mode === undefined) return answer.error();
      sleep.set((["never", "pin", "idle"] as const)[mode]!, UART_IDLE_TIME);
      answer.ok();
    },
    "+CNTP": (command, answer) => {
      if (command.form === "read") return answer.line(`+CNTP: ${server},${zone}`).ok();
      if (command.form === "run") {
        const failed = `+CNTP: ${TIME_NETWORK_ERROR}`;
        return askTimeServer(modem, answer, server, { zone, ok: () => "+CNTP: 0", dns: failed, network: failed });
      }
      const host = quoted(command, 0);
      const given = command.parameters[1] ?? `${dialect.defaultZone}`;
      if (host === undefined || !/^[+-]?\d+$/.test(given)) return answer.error();
      server = host;
      zone = Number(given);
      answer.ok();
    },
    "+CRESET": (_, answer) => restart(modem, answer),
    "+CPOF": (_, answer) => {
      answer.ok();
      options.onPowerDown();
    },
  };
}

/** Levels last: RSRP, RSRQ, RSSI and SNR; tenths of dB, or RSRP + 140 and 2 RSRQ + 40. */
function cell(modem: RunningModem, indexedLevels: boolean): string {
  const { radio, knobs, functionality } = modem;
  const mode = functionality === 1 ? "Online" : "Low Power Mode";
  if (!radio.registered) return `NO SERVICE,${mode}`;
  const place = `${mode},${OPERATOR_NUMBER},0x${AREA},${CELL_NUMBER}`;
  if (knobs.technology !== "LTE") return `GSM,${place},27 EGSM 900,${knobs.signal},2110,42-42`;
  const power = referencePower(modem);
  const levels = indexedLevels
    ? `${power + 140},${REFERENCE_QUALITY * 2 + 40},${knobs.signal + 110},15`
    : `${power * 10},${REFERENCE_QUALITY * 10},${knobs.signal * 10},15`;
  return `LTE,${place},257,EUTRAN-BAND3,1825,5,5,${levels}`;
}
