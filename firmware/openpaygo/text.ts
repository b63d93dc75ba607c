/**
 * Bytes written into a buffer of known size, and text as UTF-8. Running out of room is no error here: the writer stops
 * at the limit and says `overflowed`, so that its owner can rewind to the last whole row.
 */
import type { SipHash } from "./siphash.js";

const REPLACEMENT = 0xfffd;

export class ByteWriter {
  readonly bytes: Uint8Array;
  /** Where the next byte goes. */
  position = 0;
  /** Bytes that may be used; lowered by the owner to keep room for what must follow. */
  limit: number;
  overflowed = false;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.limit = bytes.length;
  }

  put(byte: number): void {
    if (this.position < this.limit || this.makeRoom()) this.bytes[this.position++] = byte;
  }

  /** Text that is known to be ASCII. */
  ascii(text: string): void {
    const { length } = text;
    for (let i = 0; i < length; i++) this.put(text.charCodeAt(i));
  }

  utf8(text: string): void {
    const { length } = text;
    for (let i = 0; i < length; i++) {
      const code = codePointAt(text, i);
      if (isPair(text, i, code)) i++;
      putUtf8(this, code);
    }
  }

  copy(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) this.put(bytes[i]!);
  }

  /** Forgets what was written after `position`, and that it overflowed. */
  rewind(position: number): void {
    this.position = position;
    this.overflowed = false;
  }

  /** Called when the limit is reached; true when there is room again. */
  protected makeRoom(): boolean {
    this.overflowed = true;
    return false;
  }
}

/** A writer without end: what is written goes into a hash. `flush` before the digest. */
export class HashWriter extends ByteWriter {
  readonly #hash: SipHash;

  constructor(hash: SipHash) {
    super(new Uint8Array(64));
    this.#hash = hash;
  }

  flush(): void {
    this.#hash.update(this.bytes, 0, this.position);
    this.position = 0;
  }

  protected override makeRoom(): boolean {
    this.flush();
    return true;
  }
}

/** The code point at a place; a lone surrogate, which UTF-8 cannot hold, is U+FFFD. */
export function codePointAt(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  // XS may keep text as UTF-8: then a character beyond U+FFFF is one unit.
  if (unit < 0xd800 || unit > 0xdfff) return unit;
  const next = index + 1 < text.length ? text.charCodeAt(index + 1) : 0;
  if (unit > 0xdbff || next < 0xdc00 || next > 0xdfff) return REPLACEMENT;
  return 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00);
}

/** Whether the code point at a place takes two units of the text. */
export function isPair(text: string, index: number, code: number): boolean {
  return code > 0xffff && text.charCodeAt(index) <= 0xffff;
}

function putUtf8(writer: ByteWriter, code: number): void {
  if (code < 0x80) {
    writer.put(code);
    return;
  }
  if (code < 0x800) {
    writer.put(0xc0 | (code >> 6));
  } else {
    if (code < 0x10000) {
      writer.put(0xe0 | (code >> 12));
    } else {
      writer.put(0xf0 | (code >> 18));
      writer.put(0x80 | ((code >> 12) & 0x3f));
    }
    writer.put(0x80 | ((code >> 6) & 0x3f));
  }
  writer.put(0x80 | (code & 0x3f));
}

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  const units = text.length;
  let length = 0;
  for (let i = 0; i < units; i++) {
    const code = codePointAt(text, i);
    if (isPair(text, i, code)) i++;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}

export function utf8(text: string): Uint8Array {
  const writer = new ByteWriter(new Uint8Array(utf8Length(text)));
  writer.utf8(text);
  return writer.bytes;
}

/** Text of UTF-8 bytes; undefined when they are not well-formed (Unicode, table 3-7). */
export function fromUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string | undefined {
  let text = "";
  let at = start;
  while (at < end) {
    const size = utf8Size(bytes, at, end);
    if (size === 0) return undefined;
    let code = size === 1 ? bytes[at]! : bytes[at]! & (0x7f >> size);
    for (let i = 1; i < size; i++) code = (code << 6) | (bytes[at + i]! & 0x3f);
    text += String.fromCodePoint(code);
    at += size;
  }
  return text;
}

/** Length of the well-formed sequence at a place, or 0: neither overlong forms nor surrogates nor beyond U+10FFFF. */
export function utf8Size(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const size = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (size === 0 || at + size > end) return 0;
  for (let i = 1; i < size; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1]!;
  if (first === 0xe0 && second < 0xa0) return 0;
  if (first === 0xed && second > 0x9f) return 0;
  if (first === 0xf0 && second < 0x90) return 0;
  if (first === 0xf4 && second > 0x8f) return 0;
  return size;
}
