import { frozen } from "../../frozen.js";

/** MD5 (RFC 1321), by which u-blox modems tell what they have stored. */

/** Rotations of the four rounds (3.4). */
const ROTATIONS: readonly number[] = frozen([7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]);
/** The message word of step i in round r is (i * FACTOR[r] + OFFSET[r]) mod 16. */
const FACTORS: readonly number[] = frozen([1, 5, 3, 7]);
const OFFSETS: readonly number[] = frozen([0, 1, 5, 0]);
const BLOCK = 64;

/** The digest as 32 lower-case hex digits. */
export function md5(bytes: Uint8Array): string {
  const message = pad(bytes);
  const words = new DataView(message.buffer);
  let state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let at = 0; at < message.length; at += BLOCK) state = addBlock(state, words, at);
  const digest = new DataView(new ArrayBuffer(16));
  for (const [i, word] of state.entries()) digest.setUint32(4 * i, word, true);
  let text = "";
  for (let i = 0; i < 16; i++) text += digest.getUint8(i).toString(16).padStart(2, "0");
  return text;
}

/** A one, zeros, and the length in bits as a 64-bit little-endian number (3.1, 3.2). */
function pad(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(Math.ceil((bytes.length + 9) / BLOCK) * BLOCK);
  message.set(bytes);
  message[bytes.length] = 0x80;
  const length = new DataView(message.buffer, message.length - 8);
  length.setUint32(0, bytes.length << 3, true);
  length.setUint32(4, Math.floor(bytes.length / 0x20000000), true);
  return message;
}

function addBlock(state: number[], words: DataView, at: number): number[] {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let i = 0; i < BLOCK; i++) {
    const round = i >> 4;
    const word = words.getUint32(at + 4 * ((i * FACTORS[round]! + OFFSETS[round]!) % 16), true);
    const sine = Math.floor(Math.abs(Math.sin(i + 1)) * 0x100000000);
    const sum = (a + mix(round, b, c, d) + word + sine) | 0;
    const rotation = ROTATIONS[4 * round + (i % 4)]!;
    [a, d, c, b] = [d, c, b, (b + ((sum << rotation) | (sum >>> (32 - rotation)))) | 0];
  }
  return [a, b, c, d].map((value, i) => (value + state[i]!) | 0);
}

/** The functions F, G, H and I. */
function mix(round: number, b: number, c: number, d: number): number {
  if (round === 0) return (b & c) | (~b & d);
  if (round === 1) return (b & d) | (c & ~d);
  return round === 2 ? b ^ c ^ d : c ^ (b | ~d);
}
