import { frozen } from "../frozen.js";
import { fields, integer } from "./ascii.js";
import type { Command, Procedure, Reply } from "./command.js";
import type { URC } from "./dialect.js";

/* Commands of 3GPP TS 27.007 that every family knows, and what they answer. Times in milliseconds. */

const QUICK = 9_000;

export const RADIO_OFF: Command = frozen({ text: "AT+CFUN=0", timeout: 25_000 });
/** The radio off, the SIM on. */
export const FLIGHT_MODE: Command = frozen({ text: "AT+CFUN=4", timeout: 25_000 });
export const RADIO_ON: Command = frozen({ text: "AT+CFUN=1", timeout: 25_000 });

/** Whether the radio is on: `+CFUN: 1`. */
export const RADIO: Command = frozen({ text: "AT+CFUN?", timeout: QUICK, info: "+CFUN:" });

/** First of all, in this order. Errors as numbers: their texts differ between makers. */
export const INIT: readonly Command[] = frozen([
  { text: "ATE0", timeout: QUICK },
  { text: "AT+CMEE=1", timeout: QUICK },
  RADIO_ON,
  { text: "AT+CREG=2", timeout: QUICK },
  { text: "AT+CGREG=2", timeout: QUICK },
  { text: "AT+CEREG=2", timeout: QUICK },
]);

/** Asks where we are registered. A modem without LTE refuses the last one. */
export const REGISTRATION: readonly Command[] = frozen([
  { text: "AT+CREG?", timeout: QUICK, info: "+CREG:" },
  { text: "AT+CGREG?", timeout: QUICK, info: "+CGREG:" },
  { text: "AT+CEREG?", timeout: QUICK, info: "+CEREG:" },
]);

export const MODEL: Command = frozen({ text: "AT+CGMM", timeout: QUICK, info: isModel });
/** For modems whose CGMM does not name them: the line of ATI that does. */
export const IDENTITY: Command = frozen({ text: "ATI", timeout: QUICK, info: "Model:" });
export const IMEI: Command = frozen({ text: "AT+CGSN", timeout: QUICK, info: isNumber });
export const IMSI: Command = frozen({ text: "AT+CIMI", timeout: 20_000, info: isNumber });
export const SIGNAL: Command = frozen({ text: "AT+CSQ", timeout: QUICK, info: "+CSQ:" });
export const OPERATOR: Command = frozen({ text: "AT+COPS?", timeout: 60_000, info: "+COPS:" });
export const CLOCK: Command = frozen({ text: "AT+CCLK?", timeout: QUICK, info: "+CCLK:" });
export const URCS: readonly URC[] = frozen([
  { prefix: "+CPIN:", handle: (events, line) => events.simChanged(fields(line)[0]!) },
  { prefix: "+CREG:", handle: (events, line) => events.registrationChanged(line) },
  { prefix: "+CGREG:", handle: (events, line) => events.registrationChanged(line) },
  { prefix: "+CEREG:", handle: (events, line) => events.registrationChanged(line) },
] satisfies URC[]);

/** What `RADIO` says. */
export function isRadioOn(reply: Reply): boolean {
  return integer(reply.lines[0] ?? "", 0) === 1;
}

/** IMEI and IMSI come without a prefix: anything but 14 to 16 digits is something else. */
function isNumber(line: string): boolean {
  return line.length >= 14 && line.length <= 16 && digitsIn(line) === line.length;
}

/** So does the model: one word with a digit in it, which no URC is (`RDY`, `PB DONE`, `+CPIN: READY`). */
function isModel(line: string): boolean {
  return digitsIn(line) > 0 && !line.includes(" ") && !line.includes(":") && !line.startsWith("AT");
}

function digitsIn(line: string): number {
  let count = 0;
  for (const c of line) if (c >= "0" && c <= "9") count++;
  return count;
}

/** Signal strength in dBm from `+CSQ: <rssi>,<ber>` (27.007, 8.5; 100 to 191: TD-SCDMA on SIM7600). */
export function signalOf(line: string): number | undefined {
  const rssi = integer(line, 0);
  if (rssi >= 0 && rssi <= 31) return -113 + 2 * rssi;
  if (rssi >= 100 && rssi <= 191) return -116 + rssi - 100;
  return undefined;
}

/**
 * Writes the access point into context 1. It is kept by the modem, often from another SIM, and taken at attach: a
 * change needs the radio off and on.
 */
export function* defineContext(apn: string): Procedure {
  const stored = yield { text: "AT+CGDCONT?", timeout: QUICK, info: "+CGDCONT:" };
  if (stored.lines.some((line) => isContext(line, apn))) return;
  yield { text: `AT+CGDCONT=1,"IP","${apn}"`, timeout: QUICK };
  if (!stored.ok) return;
  yield RADIO_OFF;
  yield RADIO_ON;
}
frozen(defineContext);

function isContext(line: string, apn: string): boolean {
  const [id, type, name] = fields(line);
  return id === "1" && type === "IP" && name === apn;
}
