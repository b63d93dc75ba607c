import { frozen } from "../frozen.js";
import type { Command } from "./command.js";

/*
 * 3GPP power saving (TS 27.007, 7.38 and 7.40). Timers are eight bits, written as text (TS 24.008, 10.5.7.3 and 10.5.7.4a):
 *
 *   bit   8 7 6   5 4 3 2 1
 *         unit    how many of it, 0 to 31
 */

const QUICK = 9_000;
const MOST = 31;

type Unit = readonly [code: number, seconds: number];

/** Of T3412 as PSM extends it (GPRS timer 3), shortest first. */
const PERIODIC: readonly Unit[] = frozen([
  [3, 2],
  [4, 30],
  [5, 60],
  [0, 600],
  [1, 3_600],
  [2, 36_000],
  [6, 1_152_000],
]);
/** Of T3324 (GPRS timer 2). */
const ACTIVE: readonly Unit[] = frozen([
  [0, 2],
  [1, 60],
  [2, 360],
]);

/** T3412: after how long a modem in PSM wakes by itself to tell the network that it is there. */
export function periodicTimer(seconds: number): string {
  return encode(seconds, PERIODIC);
}

/** T3324: how long a modem listens after the last traffic before it goes into PSM. */
export function activeTimer(seconds: number): string {
  return encode(seconds, ACTIVE);
}

/** The shortest time that is not shorter than `seconds`; the longest there is, where none is. */
function encode(seconds: number, units: readonly Unit[]): string {
  const [code, length] = units.find((unit) => unit[1] * MOST >= seconds) ?? units[units.length - 1]!;
  const count = Math.min(MOST, Math.ceil(seconds / length));
  return bits(code, 3) + bits(count, 5);
}

function bits(value: number, length: number): string {
  return value.toString(2).padStart(length, "0");
}

/** Asks the network for both timers. */
export function askPowerSaving(periodic: number, active: number): Command {
  return { text: `AT+CPSMS=1,,,"${periodicTimer(periodic)}","${activeTimer(active)}"`, timeout: QUICK };
}

/** `+CPSMS: 1,...` when the modem goes into PSM whenever it may; it keeps that. */
export const POWER_SAVING: Command = frozen({ text: "AT+CPSMS?", timeout: QUICK, info: "+CPSMS:" });
export const NO_POWER_SAVING: Command = frozen({ text: "AT+CPSMS=0", timeout: QUICK });

/**
 * eDRX: listens to the network every 20.48 s (TS 24.008, 10.5.5.32: 0010) instead of every 1 to 3 s, on LTE-M and on NB-IoT. It
 * stays in force while there is a connection: an answer that comes late, when the radio sleeps again, waits no longer.
 */
export const EXTENDED_CYCLES: readonly Command[] = frozen([
  { text: 'AT+CEDRXS=1,4,"0010"', timeout: QUICK },
  { text: 'AT+CEDRXS=1,5,"0010"', timeout: QUICK },
]);
