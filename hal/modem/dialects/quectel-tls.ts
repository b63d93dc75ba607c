import { frozen } from "../../frozen.js";
import { integer } from "../ascii.js";
import { type Files, storeCertificate } from "../certificate.js";
import type { Procedure } from "../command.js";
import type { OpenOutcome, SendOutcome, Target, Transport, URC } from "../dialect.js";
import { FIN, QUICK, receiveBy, sendBy } from "./quectel-link.js";

/*
 * TLS 1.2 inside Quectel BG95, BG96, EC2x, EG9x (AT+QSSL*). The modem checks the server's chain against one stored
 * certificate; whether it compares the name is not documented. Sessions are resumed where the firmware can.
 */

/** The connections' ids here, as 0 to 5 are links of plain TCP. Connection and TLS context have the same number. */
const FIRST = 16;
/** Seconds for the handshake. */
const HANDSHAKE = 120;
/** Seconds for the upload of a certificate. */
const UPLOAD = 60;
const FOLDER = "UFS:";

export const tls: Transport = frozen({
  ids: [FIRST, FIRST + 1, FIRST + 2, FIRST + 3, FIRST + 4, FIRST + 5],
  sendMaximum: 1460,
  receiveMaximum: 1500,
  openTimeout: 155_000,
  sendTimeout: 90_000,

  *open(id: number, { host, port, tls }: Target): Procedure<OpenOutcome> {
    const context = id - FIRST;
    const name = yield* storeCertificate(files, tls!.ca);
    if (name === undefined) return "failed";
    for (const setting of wishes(context)) yield configure(setting);
    // BG9x, or else EC2x and EG9x.
    if (!(yield configure(`"session_cache",${context},1`)).ok) yield configure(`"session",${context},1`);
    // A setting that fails must not lead to a connection that checks less.
    for (const setting of demands(context, name)) if (!(yield configure(setting)).ok) return "failed";
    const text = `AT+QSSLOPEN=1,${context},${context},"${host}",${port},0`;
    return (yield { text, timeout: QUICK }).ok ? "later" : "failed";
  },

  send: (id: number, data: Uint8Array): Procedure<SendOutcome> => sendBy("AT+QSSLSEND", id - FIRST, data),

  receive: (id: number, maximum: number, onData: (bytes: Uint8Array) => void): Procedure<number | undefined> =>
    receiveBy("+QSSLRECV", id - FIRST, maximum, onData),

  *close(id: number): Procedure {
    yield { text: `AT+QSSLCLOSE=${id - FIRST},${FIN}`, timeout: FIN * 1000 + QUICK };
  },
});

export const tlsURCs: readonly URC[] = frozen([
  { prefix: "+QSSLOPEN:", handle: ({ links }, line) => links.opened(FIRST + integer(line, 0), integer(line, 1) === 0) },
  { prefix: '+QSSLURC: "recv",', handle: ({ links }, line) => links.readable(FIRST + integer(line, 1)) },
  { prefix: '+QSSLURC: "closed",', handle: ({ links }, line) => links.closed(FIRST + integer(line, 1)) },
] satisfies URC[]);

function configure(setting: string) {
  return { text: `AT+QSSLCFG=${setting}`, timeout: QUICK };
}

/** Without these the connection may fail, but not check less. The modem's clock, which is often wrong, is left out. */
function wishes(context: number): string[] {
  return [
    `"ciphersuite",${context},0XFFFF`,
    `"sni",${context},1`,
    `"ignorelocaltime",${context},1`,
    `"negotiatetime",${context},${HANDSHAKE}`,
  ];
}

/** TLS 1.2, and the server's chain checked. */
function demands(context: number, name: string): string[] {
  return [`"sslversion",${context},3`, `"seclevel",${context},1`, `"cacert",${context},"${FOLDER}${name}"`];
}

/** The modem's file system. */
const files: Files = frozen({
  *has(name: string): Procedure<boolean> {
    const file = `"${FOLDER}${name}"`;
    // Some list every file, whatever was asked for.
    return (yield { text: `AT+QFLST=${file}`, timeout: QUICK, info: `+QFLST: ${file}` }).lines.length > 0;
  },

  *remove(name: string): Procedure {
    yield { text: `AT+QFDEL="${FOLDER}${name}"`, timeout: QUICK };
  },

  *upload(name: string, data: Uint8Array): Procedure<boolean> {
    const reply = yield {
      text: `AT+QFUPL="${FOLDER}${name}",${data.length},${UPLOAD}`,
      timeout: UPLOAD * 1000 + QUICK,
      prompt: "CONNECT",
      data,
      info: "+QFUPL:",
    };
    return reply.ok && integer(reply.lines[0] ?? "", 0) === data.length;
  },
});
