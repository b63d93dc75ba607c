import { frozen } from "../frozen.js";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const EQUALS = 0x3d;

/** Base64 with padding (RFC 4648, 4). */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let digit = 0; digit < 4; digit++)
      text += i + digit > bytes.length ? "=" : DIGITS[(group >> (18 - 6 * digit)) & 63];
  }
  return text;
}

/** The bytes of Base64 in ASCII, white space and padding left out; undefined when anything else is in it. */
export function fromBase64(ascii: Uint8Array): Uint8Array | undefined {
  const bytes = new Uint8Array((ascii.length * 3) >> 2);
  let length = 0;
  let bits = 0;
  let count = 0;
  for (const c of ascii) {
    if (c <= 0x20 || c === EQUALS) continue;
    const digit = digitOf(c);
    if (digit < 0) return undefined;
    bits = ((bits << 6) | digit) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes[length++] = bits >> count;
  }
  return bytes.subarray(0, length);
}
frozen([toBase64, fromBase64]);

function digitOf(c: number): number {
  if (c >= 0x41 && c <= 0x5a) return c - 0x41;
  if (c >= 0x61 && c <= 0x7a) return c - 0x61 + 26;
  if (c >= 0x30 && c <= 0x39) return c - 0x30 + 52;
  return c === 0x2b ? 62 : c === 0x2f ? 63 : -1;
}
