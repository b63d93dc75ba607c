import { frozen } from "../../frozen.js";
import { fields, integer } from "../ascii.js";
import { certificateName } from "../certificate.js";
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

export const tls: Transport = frozen({
  ids: [FIRST, FIRST + 1, FIRST + 2, FIRST + 3, FIRST + 4, FIRST + 5],
  sendMaximum: 1460,
  receiveMaximum: 1500,
  openTimeout: 155_000,
  sendTimeout: 90_000,

  *open(id: number, { host, port, tls }: Target): Procedure<OpenOutcome> {
    const context = id - FIRST;
    const name = yield* storeCertificate(tls!.ca);
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
  return [`"sslversion",${context},3`, `"seclevel",${context},1`, `"cacert",${context},"${name}"`];
}

/** Makes sure that the modem's file system holds a certificate; gives the name it has there. */
function* storeCertificate(ca: Uint8Array): Procedure<string | undefined> {
  const name = `UFS:${certificateName(ca)}`;
  const list = yield { text: `AT+QFLST="${name}"`, timeout: QUICK, info: "+QFLST:" };
  // Some list every file, whatever was asked for.
  const line = list.lines.find((each) => fields(each)[0] === name);
  if (line !== undefined && integer(line, 1) === ca.length) return name;
  // A file that an upload left behind half done is in the way of the next.
  if (line !== undefined) yield { text: `AT+QFDEL="${name}"`, timeout: QUICK };
  const upload = yield {
    text: `AT+QFUPL="${name}",${ca.length},${UPLOAD}`,
    timeout: UPLOAD * 1000 + QUICK,
    prompt: "CONNECT",
    data: ca,
    info: "+QFUPL:",
  };
  return upload.ok && integer(upload.lines[0] ?? "", 0) === ca.length ? name : undefined;
}

frozen(storeCertificate);
