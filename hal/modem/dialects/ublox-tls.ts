import { frozen } from "../../frozen.js";
import { fields } from "../ascii.js";
import { certificateName } from "../certificate.js";
import type { Command, Procedure } from "../command.js";
import type { Target, URC } from "../dialect.js";
import { md5 } from "../md5.js";
import { PROMPT_PAUSE, type Preparation, QUICK } from "./ublox-socket.js";

/*
 * TLS inside u-blox SARA-R4 (AT manual R09, chapter 19), R5 and U2: at least 1.2, the chain checked against one stored
 * certificate, and the host's name against the server's (level 2). R5 and R422 resume sessions (Internet applications
 * guide R05, 3.4); the modem tells what is to be kept for that.
 */

/** A socket uses the security profile of its own number; there are five. */
const PROFILES: readonly number[] = frozen([0, 1, 2, 3, 4]);

/** Operations of USECPRF. */
const LEVEL = 0;
const VERSION = 1;
const CIPHER = 2;
const AUTHORITY = 3;
const EXPECTED_NAME = 4;
const SNI = 10;
const SESSION = 13;

export const secured: Preparation = frozen({
  ids: PROFILES,
  *prepare(socket: number, { host, tls }: Target, session: string | undefined): Procedure<boolean> {
    const name = yield* storeCertificate(tls!.ca);
    if (name === undefined) return false;
    yield { text: `AT+USECPRF=${socket}`, timeout: QUICK };
    for (const [operation, value] of wishes(host, session)) yield set(socket, operation, value);
    // A setting that fails must not lead to a connection that checks less.
    for (const [operation, value] of demands(host, name)) if (!(yield set(socket, operation, value)).ok) return false;
    return (yield { text: `AT+USOSEC=${socket},1,${socket}`, timeout: QUICK }).ok;
  },
});

/** `+UUSECPRF: <profile>,13,2,<session>,<secret>`, after the handshake. */
export const tlsURCs: readonly URC[] = frozen([
  {
    prefix: "+UUSECPRF:",
    handle: ({ links }, line) => {
      const [profile, operation, kind] = fields(line);
      const head = `+UUSECPRF: ${profile},${SESSION},2,`;
      if (operation === String(SESSION) && kind === "2") links.session(Number(profile), line.slice(head.length));
    },
  },
] satisfies URC[]);

function set(profile: number, operation: number, value: string): Command {
  return { text: `AT+USECPRF=${profile},${operation},${value}`, timeout: QUICK, secret: operation === SESSION };
}

/** Without these the connection may fail, but not check less: older firmware has neither SNI nor sessions. */
function wishes(host: string, session: string | undefined): [number, string][] {
  return [
    [CIPHER, "0"],
    [SNI, `"${host}"`],
    [SESSION, "0,1"],
    [SESSION, "1,0"],
    ...(session === undefined ? [] : [[SESSION, `2,${session}`] as [number, string]]),
  ];
}

function demands(host: string, name: string): [number, string][] {
  return [
    [VERSION, "3"],
    [LEVEL, "2"],
    [AUTHORITY, `"${name}"`],
    [EXPECTED_NAME, `"${host}"`],
  ];
}

/**
 * Makes sure that the modem holds a certificate, whole; gives the name it has there. The modem keeps DER, whatever it gets, and
 * tells the digest of that.
 */
function* storeCertificate(ca: Uint8Array): Procedure<string | undefined> {
  const name = certificateName(ca);
  const digest = md5(ca);
  const stored = yield { text: `AT+USECMNG=4,0,"${name}"`, timeout: QUICK, info: "+USECMNG: 4," };
  if (fields(stored.lines[0] ?? "")[3] === digest) return name;
  const text = `AT+USECMNG=0,0,"${name}",${ca.length}`;
  const prompt = { prompt: ">", promptPause: PROMPT_PAUSE, data: ca } as const;
  const upload = yield { text, timeout: QUICK, ...prompt, info: "+USECMNG: 0," };
  if (upload.ok && fields(upload.lines[0] ?? "")[3] === digest) return name;
  yield { text: `AT+USECMNG=2,0,"${name}"`, timeout: QUICK };
  return undefined;
}

frozen(storeCertificate);
