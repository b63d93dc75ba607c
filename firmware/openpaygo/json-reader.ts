/**
 * Reads JSON (RFC 8259) where it lies, without a tree: a value is a range of bytes, checked when it is found, so that
 * signatures can be taken over the characters as they came. Nesting is limited and needs no recursion. Whatever the
 * bytes hold, the answer is a result or undefined, never an exception.
 */
import type { SipHash } from "./siphash.js";
import { fromUtf8, utf8Size } from "./text.js";

/** Containers inside one another. */
export const MAX_DEPTH = 8;
/** Of an object that is read; each takes memory, and an answer of 4 KB has room for 600. */
export const MAX_MEMBERS = 64;

/** Where a value lies: from `start` to before `end`, without space around it. */
export interface JsonRange {
  readonly start: number;
  readonly end: number;
}

export interface JsonMember extends JsonRange {
  readonly name: string;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Members of the object that fills a range; undefined when it is malformed, too deep, too large, or names a member twice. */
export function jsonMembers(bytes: Uint8Array, start = 0, end = bytes.length): JsonMember[] | undefined {
  const members: JsonMember[] = [];
  let at = skipSpace(bytes, start, end);
  if (bytes[at] !== OPEN_OBJECT) return undefined;
  at = skipSpace(bytes, at + 1, end);
  const empty = bytes[at] === CLOSE_OBJECT;
  while (!empty) {
    const keyEnd = skipText(bytes, at, end);
    if (keyEnd < 0) return undefined;
    const name = jsonText(bytes, at, keyEnd);
    const colon = skipSpace(bytes, keyEnd, end);
    if (bytes[colon] !== COLON || members.length === MAX_MEMBERS) return undefined;
    if (members.some((member) => member.name === name)) return undefined;
    const valueStart = skipSpace(bytes, colon + 1, end);
    const valueEnd = skipValue(bytes, valueStart, end);
    if (valueEnd < 0) return undefined;
    members.push({ name, start: valueStart, end: valueEnd });
    at = skipSpace(bytes, valueEnd, end);
    if (bytes[at] !== COMMA) break;
    at = skipSpace(bytes, at + 1, end);
  }
  return closes(bytes, at, end, CLOSE_OBJECT) ? members : undefined;
}

/** Hands on the elements of the array that fills a range; false when it is malformed, too deep, or `take` gave false. */
export function takeElements(bytes: Uint8Array, range: JsonRange, take: (element: JsonRange) => boolean): boolean {
  const { start, end } = range;
  if (bytes[start] !== OPEN_ARRAY) return false;
  let at = skipSpace(bytes, start + 1, end);
  const empty = bytes[at] === CLOSE_ARRAY;
  while (!empty) {
    const valueEnd = skipValue(bytes, at, end);
    if (valueEnd < 0 || !take({ start: at, end: valueEnd })) return false;
    at = skipSpace(bytes, valueEnd, end);
    if (bytes[at] !== COMMA) break;
    at = skipSpace(bytes, at + 1, end);
  }
  return closes(bytes, at, end, CLOSE_ARRAY);
}

/** Whether the value in a range is an array or object with nothing in it. */
export function isEmptyContainer(bytes: Uint8Array, { start, end }: JsonRange): boolean {
  const first = bytes[start];
  if (first !== OPEN_ARRAY && first !== OPEN_OBJECT) return false;
  return closes(bytes, skipSpace(bytes, start + 1, end), end, first === OPEN_ARRAY ? CLOSE_ARRAY : CLOSE_OBJECT);
}

/** The value in a range that a reader gave; undefined for null, arrays and objects. */
export function jsonScalar(bytes: Uint8Array, { start, end }: JsonRange): string | number | boolean | undefined {
  const first = bytes[start]!;
  if (first === QUOTE) return jsonText(bytes, start, end);
  if (first === 0x74) return true;
  if (first === 0x66) return false;
  if (first === 0x6e || first === OPEN_ARRAY || first === OPEN_OBJECT) return undefined;
  return Number(fromUtf8(bytes, start, end));
}

/** Hashes the characters of a range as they came, without the space between tokens. */
export function hashJson(hash: SipHash, bytes: Uint8Array, { start, end }: JsonRange): void {
  let from = start;
  let inText = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) inText = !inText;
    else if (byte === BACKSLASH) at++;
    else if (!inText && isSpace(byte)) {
      hash.update(bytes, from, at);
      from = at + 1;
    }
  }
  hash.update(bytes, from, end);
}

function closes(bytes: Uint8Array, at: number, end: number, bracket: number): boolean {
  return at < end && bytes[at] === bracket && skipSpace(bytes, at + 1, end) === end;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function skipSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isSpace(bytes[at]!)) at++;
  return at;
}

/** The end of the value at a place, or -1. One loop: the open containers are bits, 1 for an object. */
function skipValue(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let depth = 0;
  let objects = 0;
  for (;;) {
    const first = at < end ? bytes[at]! : -1;
    if (first === OPEN_ARRAY || first === OPEN_OBJECT) {
      // The container whose members or elements are being read counts too.
      if (++depth >= MAX_DEPTH) return -1;
      objects = (objects << 1) | (first === OPEN_OBJECT ? 1 : 0);
      at = skipSpace(bytes, at + 1, end);
      if (bytes[at] !== (objects & 1 ? CLOSE_OBJECT : CLOSE_ARRAY)) {
        if (objects & 1) at = skipKey(bytes, at, end);
        if (at < 0) return -1;
        continue;
      }
    } else {
      at = first === QUOTE ? skipText(bytes, at, end) : skipBare(bytes, at, end);
      if (at < 0) return -1;
    }
    let next = depth > 0 ? skipSpace(bytes, at, end) : at;
    while (depth > 0 && next < end && bytes[next] === (objects & 1 ? CLOSE_OBJECT : CLOSE_ARRAY)) {
      depth--;
      objects >>= 1;
      at = next + 1;
      next = depth > 0 ? skipSpace(bytes, at, end) : at;
    }
    if (depth === 0) return at;
    if (next >= end || bytes[next] !== COMMA) return -1;
    at = skipSpace(bytes, next + 1, end);
    if (objects & 1) at = skipKey(bytes, at, end);
    if (at < 0) return -1;
  }
}

/** Past a key, its colon and the space after it. */
function skipKey(bytes: Uint8Array, start: number, end: number): number {
  const keyEnd = skipText(bytes, start, end);
  if (keyEnd < 0) return -1;
  const colon = skipSpace(bytes, keyEnd, end);
  return colon < end && bytes[colon] === COLON ? skipSpace(bytes, colon + 1, end) : -1;
}

function skipText(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end || bytes[start] !== QUOTE) return -1;
  let at = start + 1;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at + 1;
    if (byte < 0x20) return -1;
    const size = byte === BACKSLASH ? escapeSize(bytes, at, end) : utf8Size(bytes, at, end);
    if (size === 0) return -1;
    at += size;
  }
  return -1;
}

function escapeSize(bytes: Uint8Array, at: number, end: number): number {
  if (at + 1 >= end) return 0;
  const letter = bytes[at + 1]!;
  if (letter !== 0x75) return unescaped(letter) < 0 ? 0 : 2;
  if (at + 6 > end) return 0;
  for (let i = at + 2; i < at + 6; i++) if (hexValue(bytes[i]!) < 0) return 0;
  return 6;
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** What a letter after a backslash stands for. */
function unescaped(letter: number): number {
  const place = '"\\/bfnrt'.indexOf(String.fromCharCode(letter));
  return place < 0 ? -1 : '"\\/\b\f\n\r\t'.charCodeAt(place);
}

/** Past a number, true, false or null. */
function skipBare(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let text = "";
  while (at < end && isBare(bytes[at]!)) text += String.fromCharCode(bytes[at++]!);
  return /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(text) ||
    text === "true" ||
    text === "false" ||
    text === "null"
    ? at
    : -1;
}

function isBare(byte: number): boolean {
  const letter = byte | 0x20;
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (letter >= 0x61 && letter <= 0x7a) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e
  );
}

/** The text of a range that was checked as such. */
function jsonText(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let at = start + 1;
  while (at < end - 1) {
    const from = at;
    while (at < end - 1 && bytes[at] !== BACKSLASH) at++;
    text += fromUtf8(bytes, from, at);
    if (at < end - 1) {
      const code = escapedCode(bytes, at);
      text += String.fromCodePoint(code);
      at += bytes[at + 1] !== 0x75 ? 2 : code > 0xffff ? 12 : 6;
    }
  }
  return text;
}

/** What an escape stands for; two escaped surrogates stand for one character. */
function escapedCode(bytes: Uint8Array, at: number): number {
  if (bytes[at + 1] !== 0x75) return unescaped(bytes[at + 1]!);
  const unit = unicodeEscape(bytes, at);
  if (unit < 0xd800 || unit > 0xdbff || bytes[at + 6] !== BACKSLASH || bytes[at + 7] !== 0x75) return unit;
  const next = unicodeEscape(bytes, at + 6);
  return next >= 0xdc00 && next <= 0xdfff ? 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00) : unit;
}

function unicodeEscape(bytes: Uint8Array, at: number): number {
  let unit = 0;
  for (let i = at + 2; i < at + 6; i++) unit = unit * 16 + hexValue(bytes[i]!);
  return unit;
}
