import { frozen } from "../../frozen.js";
import type { ConnectOptions } from "../../network.js";
import { fields, integer } from "../ascii.js";
import { type Command, type Procedure, wasRefused } from "../command.js";
import type { Events, OpenOutcome, SendOutcome, Target, Transport, URC } from "../dialect.js";
import { QUICK } from "./simcom.js";

/*
 * TCP of SIM800 (AT Command Manual V1.09, chapter 8) and SIM7000 (V1.06, chapter 8): many connections (CIPMUX), the
 * answer to a send as soon as the modem has the data (CIPQSEND), received data by command (CIPRXGET).
 */

const SHUT: Command = frozen({ text: "AT+CIPSHUT", timeout: 65_000, success: "SHUT OK" });

/** The modem may wait for room in its buffer. */
const SEND = 60_000;

/** Accepted only while no connection is there. */
const MODE: readonly Command[] = frozen([
  { text: "AT+CIPMODE=0", timeout: QUICK }, // another firmware may have left data mode
  { text: "AT+CIPMUX=1", timeout: QUICK },
  { text: "AT+CIPQSEND=1", timeout: QUICK },
  { text: "AT+CIPRXGET=1", timeout: QUICK },
]);

/** The address comes alone: no prefix, no OK. */
const ADDRESS: Command = frozen({ text: "AT+CIFSR", timeout: QUICK, success: isAddress });

export function cipTransport(ids: readonly number[]): Transport {
  return frozen({
    ids,
    sendMaximum: 1460,
    receiveMaximum: 1460,
    // CIPSTART may take 75 s.
    openTimeout: 80_000,
    sendTimeout: SEND,
    open,
    send,
    receive,
    close,
  });
}

export function cipURCs(ids: readonly number[]): readonly URC[] {
  return frozen([
    { prefix: "+CIPRXGET: 1,", handle: (events, line) => events.links.readable(integer(line, 1)) },
    ...ids.map((id) => ({ prefix: `${id},`, handle: takeState })),
    { prefix: "+PDP: DEACT", handle: (events) => events.networkLost() },
  ] satisfies URC[]);
}

/** From any state; what was open before is closed, as nobody knows it any more. */
export function* openCIP({ apn, user = "", password = "" }: ConnectOptions): Procedure<string | undefined> {
  yield SHUT;
  yield { text: "AT+CGATT=1", timeout: 75_000 };
  for (const command of MODE) yield command;
  yield { text: `AT+CSTT="${apn}","${user}","${password}"`, timeout: QUICK, secret: true };
  yield { text: "AT+CIICR", timeout: 85_000 };
  const reply = yield ADDRESS;
  return reply.ok ? reply.final : undefined;
}

export function* isCIPOpen(): Procedure<boolean> {
  return (yield ADDRESS).ok;
}

export function* closeCIP(): Procedure {
  yield SHUT;
}

function* open(id: number, { host, port }: Target): Procedure<OpenOutcome> {
  const reply = yield { text: `AT+CIPSTART=${id},"TCP","${host}",${port}`, timeout: QUICK };
  return reply.ok ? "later" : "failed";
}

function* send(id: number, data: Uint8Array): Procedure<SendOutcome> {
  const reply = yield {
    text: `AT+CIPSEND=${id},${data.length}`,
    timeout: SEND,
    prompt: ">",
    data,
    success: (line) => line.startsWith("DATA ACCEPT:") || stateOf(line, id) === "SEND OK",
    failure: (line) => stateOf(line, id) === "SEND FAIL",
  };
  if (reply.ok) return integer(reply.final, 1) || (reply.final.startsWith("DATA") ? 0 : data.length);
  // Refused before it got the data: either the link is dead, or there is no room.
  return wasRefused(reply) && (yield* isConnected(id)) ? 0 : "failed";
}

function* isConnected(id: number): Procedure<boolean> {
  const reply = yield { text: `AT+CIPSTATUS=${id}`, timeout: QUICK, info: `+CIPSTATUS: ${id},` };
  return fields(reply.lines[0] ?? "")[5] === "CONNECTED";
}

function* receive(id: number, maximum: number, onData: (bytes: Uint8Array) => void): Procedure<number | undefined> {
  // Any number of `+CIPRXGET: 1,` may come before it.
  const payload = `+CIPRXGET: 2,${id},`;
  const reply = yield { text: `AT+CIPRXGET=2,${id},${maximum}`, timeout: QUICK, info: payload, payload, onData };
  const line = reply.lines[0];
  if (!reply.ok || line === undefined) return undefined;
  // What is left, though the manual says "confirmed bytes". Where it is not told, one reads until nothing comes.
  const left = integer(line, 3);
  return Number.isNaN(left) ? Math.sign(integer(line, 2)) || 0 : left;
}

function* close(id: number): Procedure {
  yield { text: `AT+CIPCLOSE=${id},1`, timeout: QUICK, success: (line) => stateOf(line, id) === "CLOSE OK" };
}

/** The words in `<id>, <words>`, which have no space before them in the manual and one in the field. */
function stateOf(line: string, id: number): string | undefined {
  const prefix = `${id},`;
  return line.startsWith(prefix) ? line.slice(prefix.length).trim() : undefined;
}

function takeState({ links }: Events, line: string): void {
  const id = Number.parseInt(line, 10);
  const state = stateOf(line, id);
  if (state === "CONNECT OK") links.opened(id, true);
  else if (state === "CONNECT FAIL" || state === "ALREADY CONNECT") links.opened(id, false);
  else if (state === "CLOSED") links.closed(id);
}

function isAddress(line: string): boolean {
  const parts = line.split(".");
  return parts.length === 4 && parts.every((part) => part !== "" && Number(part) >= 0 && Number(part) <= 255);
}

frozen([openCIP, isCIPOpen, closeCIP, open, send, isConnected, receive, close]);
