/**
 * JSON as Python's `json.dumps(separators=(",", ":"))` writes it again after parsing: that text is what servers hash.
 * So numbers are in Python's repr, text is ASCII with \u escapes.
 */
import type { Value } from "../../hal/sensor.js";
import { type Encoder, isPresent } from "./encoder.js";
import { hexDigit } from "./siphash.js";
import { type ByteWriter, codePointAt, isPair } from "./text.js";

const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export class JsonEncoder implements Encoder {
  readonly writer: ByteWriter;
  readonly nullSize = 5;
  /** Whether the next element needs a comma before it. */
  #separate = false;

  constructor(writer: ByteWriter) {
    this.writer = writer;
  }

  indexSize(index: number): number {
    return index < 10 ? 4 : index < 100 ? 5 : 6;
  }

  beginArray(_count: number): void {
    this.#open(0x5b);
  }

  endArray(): void {
    this.#close(0x5d);
  }

  beginMap(_count: number): void {
    this.#open(0x7b);
  }

  endMap(): void {
    this.#close(0x7d);
  }

  beginList(): number {
    this.#open(0x5b);
    return 0;
  }

  endList(_place: number, _count: number): void {
    this.#close(0x5d);
  }

  key(name: string): void {
    this.#element();
    writeText(this.writer, name);
    this.writer.put(0x3a);
    this.#separate = false;
  }

  value(value: Value): void {
    this.#element();
    if (!isPresent(value)) writeNull(this.writer);
    else if (typeof value === "number") writeNumber(this.writer, value);
    else if (typeof value === "string") writeText(this.writer, value);
    else if (typeof value === "boolean") this.writer.ascii(value ? "true" : "false");
    else writePair(this.writer, value!);
  }

  encoded(bytes: Uint8Array): void {
    this.#element();
    this.writer.copy(bytes);
  }

  /** The next element is the first of a text of its own. */
  restart(): void {
    this.#separate = false;
  }

  #element(): void {
    if (this.#separate) this.writer.put(COMMA);
    this.#separate = true;
  }

  #open(bracket: number): void {
    this.#element();
    this.writer.put(bracket);
    this.#separate = false;
  }

  #close(bracket: number): void {
    this.writer.put(bracket);
    this.#separate = true;
  }
}

/** Byte by byte: a text costs XS memory for every character that is looked at, and rows hold many of these. */
function writeNull(writer: ByteWriter): void {
  writer.put(0x6e);
  writer.put(0x75);
  writer.put(0x6c);
  writer.put(0x6c);
}

function writePair(writer: ByteWriter, pair: readonly [number, number]): void {
  writer.put(0x5b);
  writeNumber(writer, pair[0]);
  writer.put(COMMA);
  writeNumber(writer, pair[1]);
  writer.put(0x5d);
}

function writeNumber(writer: ByteWriter, value: number): void {
  if ((value | 0) === value) writeInteger(writer, value);
  else writer.ascii(numberText(value));
}

/** Digits of a 32-bit integer, without a text in between. */
function writeInteger(writer: ByteWriter, value: number): void {
  let rest = value;
  if (value < 0) {
    writer.put(0x2d);
    rest = -value;
  }
  let unit = 1;
  while (unit * 10 <= rest) unit *= 10;
  for (; unit >= 1; unit /= 10) {
    const digit = Math.floor(rest / unit);
    writer.put(0x30 + digit);
    rest -= digit * unit;
  }
}

/**
 * A finite number as Python writes it: a safe integer in digits, any other number as the repr of a float, with ".0" where
 * it has no fraction, with an exponent of two digits at least below 1e-4 and from 1e16 on.
 */
export function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return value === 0 ? "0" : String(value);
  return floatText(value);
}

export function floatText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const text = value.toExponential();
    return text.charAt(text.length - 2) === "-" ? `${text.slice(0, -1)}0${text.slice(-1)}` : text;
  }
  const text = Object.is(value, -0) ? "-0" : String(value);
  return Number.isInteger(value) ? `${text}.0` : text;
}

function writeText(writer: ByteWriter, text: string): void {
  const { length } = text;
  writer.put(QUOTE);
  for (let i = 0; i < length; i++) {
    const code = codePointAt(text, i);
    if (code > 0xffff) {
      if (isPair(text, i, code)) i++;
      writeEscape(writer, 0xd800 + ((code - 0x10000) >> 10));
      writeEscape(writer, 0xdc00 + (code & 0x3ff));
    } else if (code < 0x20 || code > 0x7e) {
      writeEscape(writer, code);
    } else {
      if (code === QUOTE || code === BACKSLASH) writer.put(BACKSLASH);
      writer.put(code);
    }
  }
  writer.put(QUOTE);
}

function writeEscape(writer: ByteWriter, unit: number): void {
  const letter = escapeLetter(unit);
  writer.put(BACKSLASH);
  writer.put(letter === 0 ? 0x75 : letter);
  if (letter !== 0) return;
  for (let shift = 12; shift >= 0; shift -= 4) writer.put(hexDigit((unit >> shift) & 15));
}

/** The letter of a control character that has one of its own: b, t, n, f or r. */
function escapeLetter(unit: number): number {
  if (unit === 8) return 0x62;
  if (unit === 9) return 0x74;
  if (unit === 10) return 0x6e;
  if (unit === 12) return 0x66;
  return unit === 13 ? 0x72 : 0;
}
