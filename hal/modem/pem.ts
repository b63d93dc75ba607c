import { frozen } from "../frozen.js";
import { toBytes } from "./ascii.js";
import { fromBase64, toBase64 } from "./base64.js";

/* A certificate (RFC 5280) as DER and as text, PEM (RFC 7468). */

const BEGIN = "-----BEGIN CERTIFICATE-----";
const END = "-----END CERTIFICATE-----";
/** Bytes of DER in a line of PEM. */
const LINE = 48;

/** One certificate as DER, from DER or PEM, with any text around it; undefined when it is none, cut short, or more than one. */
export function derOf(certificate: Uint8Array): Uint8Array | undefined {
  const der = isSequence(certificate) ? certificate : decode(certificate);
  return der && isSequence(der) && der.length === lengthOf(der) ? der : undefined;
}

export function pemOf(der: Uint8Array): Uint8Array {
  const lines = Math.ceil(der.length / LINE);
  const pem = new Uint8Array(BEGIN.length + 4 * Math.ceil(der.length / 3) + lines + END.length + 2);
  let length = 0;
  const add = (line: string) => {
    pem.set(toBytes(line), length);
    length += line.length;
  };
  add(`${BEGIN}\n`);
  for (let i = 0; i < der.length; i += LINE) add(`${toBase64(der.subarray(i, i + LINE))}\n`);
  add(`${END}\n`);
  return pem;
}
frozen([derOf, pemOf]);

function isSequence(bytes: Uint8Array): boolean {
  return bytes[0] === 0x30;
}

/** Of the value and what stands before it (X.690, 8.1.3), as its first bytes tell. */
function lengthOf(der: Uint8Array): number {
  const first = der[1] ?? 0;
  if (first < 0x80) return 2 + first;
  let length = 0;
  const count = first & 0x7f;
  for (let i = 0; i < count; i++) length = length * 256 + (der[2 + i] ?? 0);
  return 2 + count + length;
}

function decode(pem: Uint8Array): Uint8Array | undefined {
  const begin = find(pem, BEGIN, 0);
  const end = begin < 0 ? -1 : find(pem, END, begin);
  if (end < 0 || find(pem, BEGIN, end) >= 0) return undefined;
  return fromBase64(pem.subarray(begin + BEGIN.length, end));
}

/** Where `text` begins at `from` or after it; -1 where it does not. */
function find(bytes: Uint8Array, text: string, from: number): number {
  for (let at = from; at + text.length <= bytes.length; at++) {
    let same = 0;
    while (same < text.length && bytes[at + same] === text.charCodeAt(same)) same++;
    if (same === text.length) return at;
  }
  return -1;
}
