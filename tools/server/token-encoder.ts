/**
 * OpenPAYGO Token, standard tokens of 9 digits: the last three carry the value, the rest a hash chain that starts at
 * the starting code and takes one step per count. Even counts add time; odd counts set time, disable or synchronise.
 */
import { sipHash } from "../../firmware/openpaygo/siphash.js";

export const TOKEN_TYPES = ["ADD_TIME", "SET_TIME", "DISABLE_PAYG", "COUNTER_SYNC"] as const;
export type TokenType = (typeof TOKEN_TYPES)[number];

const LARGEST_VALUE = 995;
const FIXED_VALUES = { DISABLE_PAYG: 998, COUNTER_SYNC: 999 };

export interface TokenOptions {
  readonly key: Uint8Array;
  /** 0 to 999999999; derived from the key when absent. */
  readonly startingCode?: number | undefined;
  /** Count of the last token made for the device. */
  readonly count: number;
  readonly type: TokenType;
  /** 0 to 995, in the device's units (days, when its value divider is 1); only for ADD_TIME and SET_TIME. */
  readonly value?: number | undefined;
}

/** The next token after `count`, and its own count. Throws RangeError for a value the type does not take. */
export function encodeToken(options: TokenOptions): { count: number; token: string } {
  const value = encodedValue(options.type, options.value);
  const start = options.startingCode ?? startingCodeOf(options.key);
  const base = (start + value) % 1000;
  const count = countAfter(options.count, options.type === "ADD_TIME" ? 0 : 1);
  let code = withBase(start, base);
  for (let i = 0; i < count; i++) code = nextCode(options.key, code);
  return { count, token: String(withBase(code, base)).padStart(9, "0") };
}

function encodedValue(type: TokenType, value: number | undefined): number {
  if (type === "DISABLE_PAYG" || type === "COUNTER_SYNC") {
    if (value !== undefined) throw new RangeError(`${type} takes no value, not ${value}`);
    return FIXED_VALUES[type];
  }
  if (value !== undefined && Number.isInteger(value) && value >= 0 && value <= LARGEST_VALUE) return value;
  throw new RangeError(`${type} takes a whole value from 0 to ${LARGEST_VALUE}, not ${value}`);
}

/** The next higher count of the given parity. */
function countAfter(count: number, parity: 0 | 1): number {
  return count % 2 === parity ? count + 2 : count + 1;
}

function withBase(code: number, base: number): number {
  return code - (code % 1000) + base;
}

function startingCodeOf(key: Uint8Array): number {
  return codeOfHash(key, key);
}

/** The hash of the code's four bytes, highest first, twice. */
function nextCode(key: Uint8Array, code: number): number {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setUint32(0, code);
  bytes.setUint32(4, code);
  return codeOfHash(key, new Uint8Array(bytes.buffer));
}

/** Both halves of the hash folded into 30 bits, and those that have ten digits brought below 10^9. */
function codeOfHash(key: Uint8Array, bytes: Uint8Array): number {
  const { high, low } = sipHash(key, bytes);
  const code = (high ^ low) >>> 2;
  return code > 999_999_999 ? code - 73_741_825 : code;
}
