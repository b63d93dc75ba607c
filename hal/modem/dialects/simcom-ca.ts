import { frozen } from "../../frozen.js";
import { integer } from "../ascii.js";
import { certificateName } from "../certificate.js";
import { type Command, type Procedure, wasRefused } from "../command.js";
import type { LinkEvents, OpenOutcome, SendOutcome, Target, Transport, URC } from "../dialect.js";
import { pemOf } from "../pem.js";
import { QUICK } from "./simcom.js";

/*
 * The CA commands of SIM7070/7080/7090 (AT Command Manual V1.05, chapter 11; TCPUDP(S) note V1.03) and SIM7000 (V1.06,
 * chapter 18): TCP, and TLS 1.2 on top of it. The modem checks the server's chain against one stored certificate; without
 * one it would trust everybody. Results 25 and 26 tell of a name that does not match, but when it is compared is not
 * documented. There is no session resumption.
 */

/** Connecting, TLS included; where it cannot go on by itself, it holds the command line meanwhile. */
const CONNECT = 125_000;
/** Asked for before every connection, as it also shows that the modem still answers. */
const ASYNCHRONOUS: Command = frozen({ text: 'AT+CACFG="ASYNCOPEN",1', timeout: QUICK });
/** The modem may wait for room in its buffer. */
const SEND = 60_000;
/** The TLS context of all links, as firmware in the field refuses to be told another. One link opens at a time. */
const CONTEXT = 0;
/** A certificate that one command can store, at the most, and the time to send it. */
const CERTIFICATE = 10_239;
const UPLOAD = 10_000;

/** What differs between SIM7070 and SIM7000. */
export interface CAStyle {
  readonly ids: readonly number[];
  /** The modem's own number for the link with id 0. */
  readonly first: number;
  readonly secure: boolean;
  /** Connecting can go on by itself, unless the firmware is too old. */
  readonly asynchronous?: boolean;
  /** Commands up to the one that connects. */
  open(cid: number, target: Target): readonly string[];
  /** Bytes that wait in the modem; undefined when it does not tell. */
  unread?(cid: number): Procedure<number | undefined>;
}

export function caTransport(style: CAStyle): Transport {
  const { ids, first, secure, asynchronous = false, open, unread } = style;
  return frozen({
    ids,
    sendMaximum: 1460,
    receiveMaximum: 1460,
    openTimeout: CONNECT + 20_000,
    sendTimeout: SEND,

    *open(id: number, target: Target): Procedure<OpenOutcome> {
      const cid = id - first;
      const commands = open(cid, target);
      for (const text of commands.slice(0, -1)) yield { text, timeout: QUICK };
      if (secure && !(yield* setUpTLS(cid, target))) return "failed";
      return yield* connect(commands.at(-1)!, cid, asynchronous && (yield ASYNCHRONOUS).ok);
    },

    send: (id: number, data: Uint8Array) => send(id - first, data),

    *receive(id: number, maximum: number, onData: (bytes: Uint8Array) => void): Procedure<number | undefined> {
      const cid = id - first;
      const waiting = unread ? yield* unread(cid) : maximum;
      if (!waiting) return waiting;
      const count = yield* read(cid, Math.min(waiting, maximum), onData);
      // What comes meanwhile is not announced: one reads until nothing is left.
      return count === undefined ? undefined : Math.sign(count);
    },

    *close(id: number): Procedure {
      yield { text: `AT+CACLOSE=${id - first}`, timeout: QUICK };
    },
  });
}

/** The result comes before OK or after it, and is waited for where it holds the command line. */
function* connect(text: string, cid: number, asynchronous: boolean): Procedure<OpenOutcome> {
  const result = `+CAOPEN: ${cid},`;
  const reply = yield asynchronous ? { text, timeout: QUICK, info: result } : { text, timeout: CONNECT, result };
  const line = reply.lines[0];
  if (reply.ok && line === undefined) return "later";
  return reply.ok && integer(line!, 1) === 0 ? "done" : "failed";
}

export function caURCs(firstLink: number): readonly URC[] {
  // A parameter that is kept is a variable to Moddable's linker.
  const first = firstLink;
  const about = (prefix: string, tell: (links: LinkEvents, id: number, value: number) => void): URC => ({
    prefix,
    handle: ({ links }, line) => tell(links, first + integer(line, 0), integer(line, 1)),
  });
  return frozen([
    about("+CADATAIND:", (links, id) => links.readable(id)),
    about("+CAOPEN:", (links, id, error) => links.opened(id, error === 0)),
    // SIM7000 says afterwards how it went; data that did not go makes the link useless.
    about("+CASEND:", (links, id, error) => void (error > 0 && links.closed(id))),
    about("+CASTATE:", (links, id, state) => void (state === 0 && links.closed(id))),
    about("+CACLOSE:", (links, id) => links.closed(id)),
  ]);
}

/** Closes what an earlier life of the controller left open. */
export function* closeStrays(): Procedure {
  const { lines } = yield { text: "AT+CASTATE?", timeout: QUICK, info: "+CASTATE:" };
  for (const line of lines) yield { text: `AT+CACLOSE=${integer(line, 0)}`, timeout: QUICK };
}

function* send(cid: number, data: Uint8Array): Procedure<SendOutcome> {
  const reply = yield { text: `AT+CASEND=${cid},${data.length}`, timeout: SEND, prompt: ">", data };
  if (reply.ok) return data.length;
  if (!wasRefused(reply)) return "failed";
  // Refused before it got the data: either the link is dead, or there is no room.
  const room = yield { text: `AT+CASEND=${cid}`, timeout: QUICK, info: "+CASEND:" };
  return room.ok && room.lines.length > 0 ? 0 : "failed";
}

/**
 * Gives the count of bytes; they stand on the same line after a comma. SIM7000's manual has the connection's number before the count,
 * and the bytes on the next line: some firmware does that, and is understood for number 0.
 */
function* read(cid: number, maximum: number, onData: (bytes: Uint8Array) => void): Procedure<number | undefined> {
  const payload = "+CARECV: ";
  const text = `AT+CARECV=${cid},${maximum}`;
  const reply = yield { text, timeout: QUICK, info: payload, payload, payloadStart: ",", onData };
  const line = reply.lines[0] ?? "";
  const count = integer(line, line.includes(",") ? 1 : 0);
  return reply.ok && count >= 0 ? count : undefined;
}

/** Gives whether the modem will check whom it talks to. */
function* setUpTLS(cid: number, { host, tls }: Target): Procedure<boolean> {
  const name = `${certificateName(tls!.ca)}.pem`;
  if (!(yield* convert(name)) && !((yield* upload(name, pemOf(tls!.ca))) && (yield* convert(name)))) return false;
  // Without these the connection may fail, but not check less.
  yield { text: `AT+CSSLCFG="ignorertctime",${CONTEXT},1`, timeout: QUICK };
  yield { text: `AT+CSSLCFG="sni",${CONTEXT},"${host}"`, timeout: QUICK };
  yield { text: `AT+CASSLCFG=${cid},"CRINDEX",${CONTEXT}`, timeout: QUICK };
  const settings = [
    `AT+CSSLCFG="sslversion",${CONTEXT},3`,
    `AT+CASSLCFG=${cid},"SSL",1`,
    `AT+CASSLCFG=${cid},"CACERT","${name}"`,
  ];
  for (const text of settings) if (!(yield { text, timeout: QUICK }).ok) return false;
  return true;
}

/** Makes a file the certificate of an authority; refused when there is none, or one that was cut short. */
function* convert(name: string): Procedure<boolean> {
  return (yield { text: `AT+CSSLCFG="convert",2,"${name}"`, timeout: QUICK }).ok;
}

/** Into the folder for customers. */
function* upload(name: string, ca: Uint8Array): Procedure<boolean> {
  if (ca.length > CERTIFICATE) return false;
  yield { text: "AT+CFSINIT", timeout: QUICK };
  const text = `AT+CFSWFILE=3,"${name}",0,${ca.length},${UPLOAD}`;
  const { ok } = yield { text, timeout: UPLOAD + QUICK, prompt: "DOWNLOAD", data: ca };
  yield { text: "AT+CFSTERM", timeout: QUICK };
  return ok;
}

frozen([connect, closeStrays, send, read, setUpTLS, convert, upload]);
