import { frozen } from "../../frozen.js";
import { integer } from "../ascii.js";
import { type Files, storeCertificate } from "../certificate.js";
import type { Procedure } from "../command.js";
import type { OpenOutcome, SendOutcome, Target, Transport, URC } from "../dialect.js";

/*
 * TLS inside SIM7600 (AT Command Manual V3.00, chapter 10) and A76xx (V1.09, chapter 19): the CCH commands, two sessions, up to
 * TLS 1.2. The modem checks the server's chain against one stored certificate. Whether it compares the name in it is
 * not documented, and there is no session resumption.
 */

const QUICK = 9_000;
const NETWORK = 120_000;
/** The sessions' ids here, as 0 and 1 are links of plain TCP. */
const FIRST = 16;
/** A certificate in the modem's memory, at the most. */
const CERTIFICATE = 10_240;

export const tls: Transport = frozen({
  ids: [FIRST, FIRST + 1],
  sendMaximum: 2048,
  receiveMaximum: 1024,
  openTimeout: 125_000,
  sendTimeout: 125_000,

  *open(id: number, { host, port, tls }: Target): Procedure<OpenOutcome> {
    const session = id - FIRST;
    const name = yield* storeCertificate(files, tls!.ca);
    if (name === undefined) return "failed";
    // Both are refused when they have been done since the modem started.
    yield { text: "AT+CCHSET=1,1", timeout: QUICK };
    yield { text: "AT+CCHSTART", timeout: NETWORK, result: "+CCHSTART:" };
    // A setting that fails must not lead to a connection that checks less.
    for (const text of settings(session, name)) if (!(yield { text, timeout: QUICK }).ok) return "failed";
    // Some firmware says OK only when it stands.
    const reply = yield { text: `AT+CCHOPEN=${session},"${host}",${port},2`, timeout: NETWORK };
    return reply.ok ? "later" : "failed";
  },

  *send(id: number, data: Uint8Array): Procedure<SendOutcome> {
    const text = `AT+CCHSEND=${id - FIRST},${data.length}`;
    const reply = yield { text, timeout: QUICK, prompt: ">", data };
    return reply.ok ? "later" : "failed";
  },

  *receive(id: number, maximum: number, onData: (bytes: Uint8Array) => void): Procedure<number | undefined> {
    const session = id - FIRST;
    const before = yield* unread(session);
    if (!before) return before;
    // OK comes first, then one or more blocks of data, then the line with the error, or 0.
    const reply = yield {
      text: `AT+CCHRECV=${session},${Math.min(maximum, before)}`,
      timeout: QUICK,
      success: `+CCHRECV: ${session},`,
      payload: `+CCHRECV: DATA,${session},`,
      onData,
    };
    return reply.ok && integer(reply.final, 1) === 0 ? yield* unread(session) : undefined;
  },

  *close(id: number): Procedure {
    yield { text: `AT+CCHCLOSE=${id - FIRST}`, timeout: QUICK };
  },
});

export const tlsURCs: readonly URC[] = frozen([
  { prefix: "+CCHOPEN:", handle: ({ links }, line) => links.opened(session(line), integer(line, 1) === 0) },
  { prefix: "+CCHSEND:", handle: ({ links }, line) => links.sent(session(line), integer(line, 1) === 0) },
  { prefix: "+CCHEVENT:", handle: ({ links }, line) => links.readable(session(line)) },
  { prefix: "+CCH_PEER_CLOSED:", handle: ({ links }, line) => links.closed(session(line)) },
  { prefix: "+CCH_RECV_CLOSED:", handle: ({ links }, line) => links.closed(session(line)) },
  { prefix: "+CCH: CCH STOP", handle: (events) => events.networkLost() },
] satisfies URC[]);

/** Closes both sessions; an error when nothing was started. What comes after OK says nothing new. */
export function* stopTLS(): Procedure {
  yield { text: "AT+CCHSTOP", timeout: NETWORK };
}

function session(line: string): number {
  return FIRST + integer(line, 0);
}

/** TLS 1.2, the chain checked, the name sent (SNI), the modem's clock (often wrong) left out. */
function settings(session: number, name: string): string[] {
  return [
    `AT+CSSLCFG="sslversion",${session},3`,
    `AT+CSSLCFG="authmode",${session},1`,
    `AT+CSSLCFG="cacert",${session},"${name}"`,
    `AT+CSSLCFG="enableSNI",${session},1`,
    `AT+CSSLCFG="ignorelocaltime",${session},1`,
    `AT+CCHSSLCFG=${session},${session}`,
  ];
}

/** Bytes that wait in the modem: `+CCHRECV: LEN,<session 0>,<session 1>`; undefined when the modem does not tell. */
function* unread(session: number): Procedure<number | undefined> {
  const reply = yield { text: "AT+CCHRECV?", timeout: QUICK, info: "+CCHRECV: LEN," };
  const count = integer(reply.lines[0] ?? "", 1 + session);
  return reply.ok && count >= 0 ? count : undefined;
}

/** The modem's memory for certificates; a name is there once. */
const files: Files = frozen({
  *has(name: string): Procedure<boolean> {
    return (yield { text: "AT+CCERTLIST", timeout: QUICK, info: `+CCERTLIST: "${name}"` }).lines.length > 0;
  },

  *remove(name: string): Procedure {
    yield { text: `AT+CCERTDELE="${name}"`, timeout: QUICK };
  },

  *upload(name: string, data: Uint8Array): Procedure<boolean> {
    if (data.length > CERTIFICATE) return false;
    return (yield { text: `AT+CCERTDOWN="${name}",${data.length}`, timeout: NETWORK, prompt: ">", data }).ok;
  },
});

frozen([stopTLS, unread]);
