import { frozen } from "../../frozen.js";
import { integer } from "../ascii.js";
import { type Command, MUTE, type Procedure, pause, TIMEOUT } from "../command.js";
import type { OpenOutcome, SendOutcome, Target, Transport, URC } from "../dialect.js";

/*
 * Sockets of u-blox SARA-R4 (AT manual UBX-17003787 R09, chapter 18), R5 and U2. The modem chooses a socket's number. Where
 * the firmware can, connecting and closing go on by themselves; elsewhere they hold the command line.
 */

/** For commands that only touch the modem's memory. USORD has 1 s. */
export const QUICK = 10_000;
/** USOCO, USOWR and USOCL may take so long. */
const SOCKET = 120_000;
/** Data that comes sooner after the prompt is lost (18.10.4). */
export const PROMPT_PAUSE = 50;
/** So long an asynchronous close may take: a peer that is gone does not answer. */
const CLOSE = 15_000;
export const SOCKETS: readonly number[] = frozen([0, 1, 2, 3, 4, 5, 6]);
/** USOER: the socket would block, its buffer is full. */
const WOULD_BLOCK = 11;
/** Firmware that says OK to USOCO twice does it within this time. */
const SECOND_OK = 250;

/** How connections of one kind are opened, apart from USOCO itself. */
export interface Preparation {
  readonly ids: readonly number[];
  /** Gives whether the socket is as it should be. */
  prepare?(socket: number, target: Target, session: string | undefined): Procedure<boolean>;
}

export function socketTransport(style: Preparation & { readonly asynchronous: boolean }): Transport {
  const { ids, prepare, asynchronous } = style;
  const flag = asynchronous ? ",1" : "";
  return frozen({
    ids,
    sendMaximum: 1024,
    receiveMaximum: 1024,
    openTimeout: SOCKET + 20_000,
    sendTimeout: 90_000,
    allocate: () => allocate(ids),

    *open(id: number, target: Target, session?: string): Procedure<OpenOutcome> {
      if (prepare && !(yield* prepare(id, target, session))) return "failed";
      const { host, port } = target;
      const reply = yield { text: `AT+USOCO=${id},"${host}",${port}${flag}`, timeout: SOCKET };
      if (asynchronous) return reply.ok ? "later" : "failed";
      yield pause(SECOND_OK);
      return reply.ok ? "done" : "failed";
    },

    send,
    receive,

    *close(id: number): Procedure {
      // The second half is waited for: coming later, it would be taken for the end of the number's next socket.
      if (asynchronous) yield { text: `AT+USOCL=${id},1`, timeout: CLOSE, result: `+UUSOCL: ${id}` };
      else yield { text: `AT+USOCL=${id}`, timeout: SOCKET };
    },
  });
}

export const socketURCs: readonly URC[] = frozen([
  { prefix: "+UUSORD:", handle: ({ links }, line) => links.readable(integer(line, 0)) },
  { prefix: "+UUSOCL:", handle: ({ links }, line) => links.closed(integer(line, 0)) },
  { prefix: "+UUSOCO:", handle: ({ links }, line) => links.opened(integer(line, 0), integer(line, 1) === 0) },
] satisfies URC[]);

const CREATE: Command = frozen({ text: "AT+USOCR=6", timeout: QUICK, info: "+USOCR:" });

/**
 * Closes what an earlier life of the controller left open: the modem chooses numbers from what is left, and only some can have
 * TLS. It gives the lowest, so that the first tells whether there is anything.
 */
export function* closeStrays(): Procedure {
  const first = integer((yield CREATE).lines[0] ?? "", 0);
  // Nobody is at the other end of this one, so that it takes no time.
  if (first === 0) yield { text: "AT+USOCL=0", timeout: QUICK };
  else yield* closeAll();
}

function* closeAll(): Procedure {
  for (const id of SOCKETS) yield { text: `AT+USOCL=${id}`, timeout: SOCKET };
}

function* allocate(ids: readonly number[]): Procedure<number | undefined> {
  let reply = yield CREATE;
  if (!reply.ok) {
    // None of ours asks for one while it has them all.
    yield* closeAll();
    reply = yield CREATE;
  }
  const id = integer(reply.lines[0] ?? "", 0);
  if (ids.includes(id)) return id;
  if (SOCKETS.includes(id)) yield { text: `AT+USOCL=${id}`, timeout: SOCKET };
  return undefined;
}

function* send(id: number, data: Uint8Array): Procedure<SendOutcome> {
  const info = `+USOWR: ${id},`;
  const text = `AT+USOWR=${id},${data.length}`;
  const reply = yield { text, timeout: SOCKET, prompt: "@", promptPause: PROMPT_PAUSE, data, info };
  // OK without the line that tells how much was taken: nobody knows.
  if (reply.ok) return reply.lines[0] === undefined ? "failed" : integer(reply.lines[0], 1) || 0;
  if (reply.final === TIMEOUT || reply.final === MUTE) return "failed";
  const error = yield { text: "AT+USOER", timeout: QUICK, info: "+USOER:" };
  return integer(error.lines[0] ?? "", 0) === WOULD_BLOCK ? 0 : "failed";
}

/** Never asks for more than there is: SARA-U2 may then answer twice. */
function* receive(id: number, maximum: number, onData: (bytes: Uint8Array) => void): Procedure<number | undefined> {
  const waiting = yield* unread(id);
  if (!waiting) return waiting;
  const payload = `+USORD: ${id},`;
  const text = `AT+USORD=${id},${Math.min(waiting, maximum)}`;
  const reply = yield { text, timeout: QUICK, info: payload, payload, payloadStart: '"', onData };
  const count = integer(reply.lines[0] ?? "", 1);
  return reply.ok && count >= 0 ? waiting - count : undefined;
}

function* unread(id: number): Procedure<number | undefined> {
  const reply = yield { text: `AT+USORD=${id},0`, timeout: QUICK, info: `+USORD: ${id},` };
  const line = reply.lines[0];
  return reply.ok && line !== undefined ? integer(line, 1) || 0 : undefined;
}

frozen([closeStrays, closeAll, allocate, send, receive, unread]);
