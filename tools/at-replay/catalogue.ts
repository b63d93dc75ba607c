import type { Command, Pattern, Procedure, Reply } from "../../hal/modem/command.js";
import type { Dialect, Target, Transport } from "../../hal/modem/dialect.js";
import { SIM } from "../../hal/modem/sim.js";
import * as standard from "../../hal/modem/standard.js";

/** Takes what a read brings, by link. */
export type OnData = (id: number, bytes: Uint8Array) => void;

/** What the driver sends a command for. */
export type Purpose =
  | "open"
  | "send"
  | "receive"
  | "close"
  | "open network"
  | "ask for the network"
  | "close the network"
  | "something else";

/** Stands for whatever the log has. */
const ACCESS = { apn: "internet", user: "user", password: "password" };

interface Job {
  readonly purpose: Purpose;
  /** The link that it is about; -1: none. */
  readonly id: number;
  readonly start: () => Procedure<unknown>;
}

export interface Found {
  readonly command: Command;
  readonly purpose: Purpose;
  readonly id: number;
  /** What the procedure gives when this is the reply to the command; undefined when it wants to go on. */
  readonly conclude: (reply: Reply) => { readonly value: unknown } | undefined;
}

/**
 * The driver's own command for what a log says was sent: found by running the dialect's procedures, with the numbers
 * and texts of `sent` as their arguments, on every kind of reply. Undefined: the driver never sends it.
 */
export function findCommand(dialect: Dialect, sent: string, onData: OnData): Found | undefined {
  let best: Found | undefined;
  let likeness = 0;
  for (const job of jobs(dialect, sent, onData)) {
    for (const { command, replies } of commandsOf(job.start)) {
      const alike = compare(command.text, sent);
      if (alike <= likeness) continue;
      likeness = alike;
      const conclude = (reply: Reply) => follow(job.start(), [...replies, reply]).result;
      best = { command: { ...command, text: sent }, purpose: job.purpose, id: job.id, conclude };
    }
  }
  return best;
}

function jobs(dialect: Dialect, sent: string, onData: OnData): Job[] {
  const job = (purpose: Purpose, start: () => Procedure<unknown>): Job => ({ purpose, id: -1, start });
  const transports = [dialect.tcp, ...(dialect.tls ? [dialect.tls] : [])];
  return [
    job("something else", () => allOf(plainCommands(dialect))),
    job("something else", () => new SIM().unlock("0000")),
    job("something else", () => standard.defineContext(texts(sent)[1] ?? "internet")),
    job("open network", () => dialect.openNetwork(ACCESS)),
    job("something else", () => dialect.prepare?.() ?? allOf([])),
    job("ask for the network", () => dialect.isNetworkOpen()),
    job("close the network", () => dialect.closeNetwork()),
    ...transports.flatMap((transport) => transport.ids.flatMap((id) => linkJobs(transport, id, sent, onData))),
  ];
}

/** Commands that stand alone. */
function plainCommands(dialect: Dialect): readonly Command[] {
  return [
    { text: "AT", timeout: 1_000 },
    ...standard.INIT,
    ...standard.REGISTRATION,
    standard.RADIO_OFF,
    standard.FLIGHT_MODE,
    standard.RADIO,
    standard.MODEL,
    standard.IDENTITY,
    standard.IMEI,
    standard.IMSI,
    standard.SIGNAL,
    standard.OPERATOR,
    dialect.clock ?? standard.CLOCK,
    ...dialect.init,
    dialect.iccid,
    dialect.restart,
    ...(dialect.powerOff ? [dialect.powerOff] : []),
    ...(dialect.authenticate ? [dialect.authenticate("user", "password")] : []),
  ];
}

function linkJobs(transport: Transport, id: number, sent: string, onData: OnData): Job[] {
  const target = targetOf(sent);
  const last = Math.max(1, Number(sent.slice(sent.lastIndexOf(",") + 1)) || 1);
  const data = new Uint8Array(Math.min(last, transport.sendMaximum));
  const maximum = Math.min(last, transport.receiveMaximum);
  return [
    { purpose: "something else", id, start: () => transport.allocate?.() ?? allOf([]) },
    { purpose: "open", id, start: () => transport.open(id, target) },
    { purpose: "send", id, start: () => transport.send(id, data) },
    { purpose: "receive", id, start: () => transport.receive(id, maximum, (bytes) => onData(id, bytes)) },
    { purpose: "close", id, start: () => transport.close(id) },
  ];
}

/** Host and port as they stand in the command. */
function targetOf(sent: string): Target {
  const host = texts(sent).find((text) => text.includes(".")) ?? "example.com";
  const port = Number(/,\s*(\d+)/.exec(sent.slice(sent.indexOf(host) + host.length))?.[1] ?? 80);
  return { host, port, tls: { ca: Uint8Array.of(0x30) } };
}

function texts(sent: string): string[] {
  return [...sent.matchAll(/"([^"]*)"/g)].map((match) => match[1]!);
}

function* allOf(commands: readonly Command[]): Procedure {
  for (const command of commands) yield command;
}

interface Way {
  readonly command: Command;
  readonly replies: readonly Reply[];
}

/** Every command that a procedure can come to, with the replies that lead there. */
function commandsOf(start: () => Procedure<unknown>): Way[] {
  const found: Way[] = [];
  const queue: (readonly Reply[])[] = [[]];
  for (let replies = queue.shift(); replies; replies = queue.shift()) {
    const { command } = follow(start(), replies);
    if (!command || found.some((way) => way.command.text === command.text)) continue;
    found.push({ command, replies });
    for (const reply of imaginable(command)) queue.push([...replies, reply]);
  }
  return found;
}

/** Where a procedure gets to on these replies: to another command, or to its result. */
function follow(
  procedure: Procedure<unknown>,
  replies: readonly Reply[],
): { command?: Command; result?: { value: unknown } } {
  let used = 0;
  for (let step = procedure.next(NOTHING); ; ) {
    if (step.done) return { result: { value: step.value } };
    const isCommand = "text" in step.value;
    if (isCommand && used === replies.length) return { command: step.value as Command };
    step = procedure.next(isCommand ? replies[used++]! : NOTHING);
  }
}

const NOTHING: Reply = { ok: true, final: "", lines: [] };

/** Replies of each kind that a command can have: with lines in several shapes, without, and refusals. */
function imaginable(command: Command): Reply[] {
  const head = firstOf(command.info ?? command.result ?? command.payload);
  const success = firstOf(command.success);
  const shapes = ["1,1,1,1", "0,0,0,0", '1,1,1,"10.0.0.1"', '"10.0.0.1"', "SIM PIN", '0,"10.0.0.1"'];
  const lines = head === undefined ? [] : shapes.map((shape) => [`${head}${shape}`]);
  const good = success === undefined ? "OK" : `${success}0,0`;
  return [
    ...[...lines, []].map((each) => ({ ok: true, final: good, lines: each })),
    { ok: false, final: "ERROR", lines: [] },
  ];
}

function firstOf(pattern: Pattern | undefined): string | undefined {
  if (typeof pattern === "function") return undefined;
  return typeof pattern === "string" ? pattern : pattern?.[0];
}

/** How alike two commands are; 0: not the same command, or about something else (another mode, another link). */
function compare(own: string, sent: string): number {
  if (own.toUpperCase() === sent.toUpperCase()) return Number.POSITIVE_INFINITY;
  const [name, parameters] = own.split(/=(.*)/s);
  const [sentName, sentParameters] = sent.split(/=(.*)/s);
  if (parameters === undefined || sentParameters === undefined) return 0;
  if (name!.toUpperCase() !== sentName!.toUpperCase()) return 0;
  const mine = parameters.split(",");
  const theirs = sentParameters.split(",");
  if (mine.length > 1 && (theirs.length === 1 || mine[0] !== theirs[0])) return 0;
  if (mine.length === 1 && (theirs.length > 1 || !sameKind(mine[0]!, theirs[0]!))) return 0;
  let same = 0;
  while (same < mine.length && mine[same] === theirs[same]) same++;
  // A zero is often a question where another number is an order.
  const alike = mine.length === theirs.length && mine.every((text, i) => (text === "0") === (theirs[i] === "0"));
  return 1 + 2 * same + (alike ? 1 : 0);
}

/** One parameter alone is a mode or a link when it is a number, and free when it is a text. */
function sameKind(one: string, other: string): boolean {
  return one.startsWith('"') && other.startsWith('"');
}
