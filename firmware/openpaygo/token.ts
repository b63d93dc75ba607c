/**
 * OpenPAYGO Token, the device's side: what a token of digits is worth.
 *
 *   const decoder = new TokenDecoder({ key });
 *   const token = decoder.decode("588224011", { count: 1, used: 1 });
 *   // { valid: true, type: "ADD_TIME", value: 1, count: 2, counts: { count: 2, used: 3 } }
 *
 * A token is a hash chain over the starting code, one step per count, with the value in its last digits: 3 of 9 in a
 * standard token, 6 of 12 in an extended one. Even counts add time; odd counts set it, or say 998 to disable PAYG and 999
 * to synchronise the count. In the restricted digit set 1 to 4 each digit is two bits: 15 and 20 digits.
 * The chain depends on the value, so every token is followed from count 1; that costs one hash per count.
 *
 * It is stricter than the Python reference where that accepts a token twice, or one that no server makes: the token of the
 * last count, a token just used that fits a later count too, a synchronisation to a lower count, 996 and above as a time in
 * standard tokens, count 0 (the starting code itself), digits outside of the set, tokens of any other length. As in the
 * reference's encoder, and unlike its decoder, 998 and 999 are commands in extended tokens too.
 */
import { frozen } from "../../hal/frozen.js";
import { type Digest, SipHash, sipHash } from "./siphash.js";

export type TokenType = "ADD_TIME" | "SET_TIME" | "DISABLE_PAYG" | "COUNTER_SYNC";

/** What a device remembers of the tokens that it took. */
export interface TokenCounts {
  /** The highest count. */
  readonly count: number;
  /** Bit n: the token of `count` - n was used; 16 bits, for older tokens that may still be entered. */
  readonly used: number;
}

export interface TokenDecoderOptions {
  /** 16 bytes. */
  readonly key: Uint8Array;
  /** Up to 9 digits; made from the key when it is 0 or not given. */
  readonly startingCode?: number | undefined;
  /** Tokens consist of the digits 1 to 4. */
  readonly restrictedDigitSet?: boolean | undefined;
  /** How many of a token's units make one: 1 when not given. */
  readonly valueDivider?: number | undefined;
}

export interface ValidToken {
  readonly valid: true;
  readonly type: TokenType;
  /** Units to add or to set; undefined for DISABLE_PAYG and COUNTER_SYNC. */
  readonly value: number | undefined;
  readonly count: number;
  /** What to remember from now on, in one write with the credit. */
  readonly counts: TokenCounts;
}

export interface InvalidToken {
  readonly valid: false;
  readonly reason: "malformed" | "invalid" | "already used";
}

export type DecodedToken = ValidToken | InvalidToken;

/** Counts that a device can be behind. */
const MAX_TOKEN_JUMP = 64;
const MAX_TOKEN_JUMP_COUNTER_SYNC = 100;
/** Counts, the last one among them, in which an unused token is still taken. */
const WINDOW = 16;
const ALL_USED = 0xffff;

const MAX_STANDARD_VALUE = 995;
const DISABLE_PAYG = 998;
const COUNTER_SYNC = 999;

/** How the two lengths of tokens differ. */
interface Kind {
  readonly digits: number;
  readonly restrictedDigits: number;
  /** One above the largest value that the last digits hold. */
  readonly base: number;
  next(hash: SipHash, code: number): number;
}

const STANDARD: Kind = frozen({ digits: 9, restrictedDigits: 15, base: 1000, next: nextStandard });
const EXTENDED: Kind = frozen({ digits: 12, restrictedDigits: 20, base: 1000000, next: nextExtended });

export class TokenDecoder {
  readonly #hash: SipHash;
  readonly #startingCode: number;
  readonly #restricted: boolean;
  readonly #divider: number;

  constructor(options: TokenDecoderOptions) {
    const { key, startingCode = 0, restrictedDigitSet = false, valueDivider = 1 } = options;
    if (!Number.isInteger(startingCode) || startingCode < 0 || startingCode > 999999999) {
      throw new RangeError(`startingCode: expected up to 9 digits, not ${startingCode}`);
    }
    if (!(valueDivider > 0)) throw new RangeError(`valueDivider: expected a number above 0, not ${valueDivider}`);
    this.#hash = new SipHash(key);
    this.#startingCode = startingCode || standardCode(sipHash(key, key));
    this.#restricted = restrictedDigitSet;
    this.#divider = valueDivider;
  }

  decode(token: string, counts: TokenCounts): DecodedToken {
    const kind = this.#kind(token);
    const code = kind && (this.#restricted ? fromRestricted(token) : fromDecimal(token));
    if (kind === undefined || code === undefined) return { valid: false, reason: "malformed" };
    return this.#find(kind, code, counts);
  }

  #kind(token: string): Kind | undefined {
    const { length } = token;
    if (length === (this.#restricted ? STANDARD.restrictedDigits : STANDARD.digits)) return STANDARD;
    return length === (this.#restricted ? EXTENDED.restrictedDigits : EXTENDED.digits) ? EXTENDED : undefined;
  }

  #find(kind: Kind, token: number, counts: TokenCounts): DecodedToken {
    const base = token % kind.base;
    const start = this.#startingCode;
    const value = (base - (start % kind.base) + kind.base) % kind.base;
    const last = counts.count + (value === COUNTER_SYNC ? MAX_TOKEN_JUMP_COUNTER_SYNC : MAX_TOKEN_JUMP);
    let reason: InvalidToken["reason"] = "invalid";
    let code = start - (start % kind.base) + base;
    for (let count = 1; count <= last; count++) {
      code = kind.next(this.#hash, code);
      if (code - (code % kind.base) + base !== token) continue;
      const type = typeOf(kind, value, count);
      if (type === undefined || (type !== "COUNTER_SYNC" && count > counts.count + MAX_TOKEN_JUMP)) continue;
      if (isFresh(type, count, counts)) return this.#valid(type, value, count, counts);
      reason = "already used";
      // One token in some 15,000 fits two counts: just used for one, it is not taken for the other.
      if (count > counts.count - WINDOW) break;
    }
    return { valid: false, reason };
  }

  #valid(type: TokenType, value: number, count: number, counts: TokenCounts): ValidToken {
    const isTime = type === "ADD_TIME" || type === "SET_TIME";
    return {
      valid: true,
      type,
      value: isTime ? value / this.#divider : undefined,
      count,
      counts: countsAfter(type, count, counts),
    };
  }
}

/** Undefined for values that no server may put into a token of this kind. */
function typeOf(kind: Kind, value: number, count: number): TokenType | undefined {
  if (count % 2 === 1) {
    if (value === COUNTER_SYNC) return "COUNTER_SYNC";
    if (value === DISABLE_PAYG) return "DISABLE_PAYG";
  }
  if (kind === STANDARD && value > MAX_STANDARD_VALUE) return undefined;
  return count % 2 === 1 ? "SET_TIME" : "ADD_TIME";
}

/** Only tokens that add time are taken out of order. */
function isFresh(type: TokenType, count: number, counts: TokenCounts): boolean {
  const age = counts.count - count;
  if (age < 0) return true;
  return type === "ADD_TIME" && age > 0 && age < WINDOW && (counts.used & (1 << age)) === 0;
}

function countsAfter(type: TokenType, count: number, counts: TokenCounts): TokenCounts {
  if (type !== "ADD_TIME") return { count, used: ALL_USED };
  const age = counts.count - count;
  if (age >= 0) return { count: counts.count, used: counts.used | (1 << age) };
  const shifted = -age < WINDOW ? (counts.used << -age) & ALL_USED : 0;
  return { count, used: shifted | 1 };
}

function fromDecimal(token: string): number | undefined {
  return /^[0-9]+$/.test(token) ? Number(token) : undefined;
}

function fromRestricted(token: string): number | undefined {
  if (!/^[1-4]+$/.test(token)) return undefined;
  let code = 0;
  for (let i = 0; i < token.length; i++) code = code * 4 + token.charCodeAt(i) - 0x31;
  return code;
}

/** The hash of the code's 4 bytes, highest first, twice. */
function nextStandard(hash: SipHash, code: number): number {
  const word = swapBytes(code);
  return standardCode(hash.digestBlock(word, word));
}

/** At most 9 digits of a hash. */
function standardCode({ high, low }: Digest): number {
  const code = (high ^ low) >>> 2;
  return code > 999999999 ? code - 73741825 : code;
}

/** The hash of the code's 8 bytes, highest first, cut to 12 digits at most. */
function nextExtended(hash: SipHash, code: number): number {
  const high = Math.floor(code / 0x100000000);
  const result = hash.digestBlock(swapBytes(high), swapBytes(code - high * 0x100000000));
  const next = result.high * 256 + (result.low >>> 24);
  return next > 999999999999 ? next - 99511627777 : next;
}

function swapBytes(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
