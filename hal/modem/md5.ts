import { frozen } from "../frozen.js";

/*
 * MD5 (RFC 1321), by which u-blox modems tell what they have stored. It guards against errors of the serial line, not
 * against people.
 */

/** Step 4: the integer part of 2^32 times the sine of 1, 2, 3 ... */
const SINES: readonly number[] = frozen([
  0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8,
  0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
  0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87,
  0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
  0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039,
  0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
  0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
  0xeb86d391,
]);

/** How far each of the four rounds rotates, in turn. */
const ROTATIONS: readonly number[] = frozen([7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]);

const BLOCK = 64;

/** The digest in 32 lower-case hexadecimal digits. */
export function md5(bytes: Uint8Array): string {
  const state = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  const whole = bytes.length - (bytes.length % BLOCK);
  for (let offset = 0; offset < whole; offset += BLOCK) mix(state, bytes, offset);
  const end = padded(bytes.subarray(whole), bytes.length);
  for (let offset = 0; offset < end.length; offset += BLOCK) mix(state, end, offset);
  return toHex(new Uint8Array(state.buffer));
}

/** Steps 1 and 2: what is left over, a one bit, zeros, and the length of the message in bits, least byte first. */
function padded(rest: Uint8Array, length: number): Uint8Array {
  const block = new Uint8Array(rest.length < BLOCK - 8 ? BLOCK : 2 * BLOCK);
  block.set(rest);
  block[rest.length] = 0x80;
  const bits = length * 8;
  for (let i = 0; i < 4; i++) block[block.length - 8 + i] = bits >>> (8 * i);
  return block;
}

/** Step 4 for one block of 16 words. */
function mix(state: Uint32Array, bytes: Uint8Array, offset: number): void {
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    const sum = a + combine(round, b, c, d) + SINES[i]! + wordAt(bytes, offset + 4 * wordOf(round, i));
    const rotation = ROTATIONS[4 * round + (i & 3)]!;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << rotation) | ((sum | 0) >>> (32 - rotation)))) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
}

/** Which word of the block step `i` takes. */
function wordOf(round: number, i: number): number {
  if (round === 0) return i & 15;
  if (round === 1) return (5 * i + 1) & 15;
  return round === 2 ? (3 * i + 5) & 15 : (7 * i) & 15;
}

function combine(round: number, b: number, c: number, d: number): number {
  if (round === 0) return (b & c) | (~b & d);
  if (round === 1) return (d & b) | (~d & c);
  return round === 2 ? b ^ c ^ d : c ^ (b | ~d);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}
