/**
 * Deterministic CBOR (RFC 8949, section 4.2): shortest heads, definite lengths, safe integers as integers, else
 * the shortest float that is exact. The order of map keys is the caller's (`compareKeys`).
 */
import type { Value } from "../../hal/sensor.js";
import { type Encoder, isPresent } from "./encoder.js";
import { type ByteWriter, utf8Length } from "./text.js";

const UNSIGNED = 0;
const NEGATIVE = 1;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
const HALF = 0xf9;
const SINGLE = 0xfa;
const DOUBLE = 0xfb;

export class CborEncoder implements Encoder {
  readonly writer: ByteWriter;
  readonly nullSize = 1;
  readonly #float = new DataView(new ArrayBuffer(8));

  constructor(writer: ByteWriter) {
    this.writer = writer;
  }

  indexSize(index: number): number {
    return index < 10 ? 2 : index < 100 ? 3 : 4;
  }

  beginArray(count: number): void {
    writeHead(this.writer, ARRAY, count);
  }

  endArray(): void {}

  beginMap(count: number): void {
    writeHead(this.writer, MAP, count);
  }

  endMap(): void {}

  key(name: string): void {
    this.#text(name);
  }

  value(value: Value): void {
    if (!isPresent(value)) this.writer.put(NULL);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "string") this.#text(value);
    else if (typeof value === "boolean") this.writer.put(value ? TRUE : FALSE);
    else {
      this.beginArray(2);
      this.#number(value![0]);
      this.#number(value![1]);
    }
  }

  /** Leaves one byte for the head; `endList` makes room when the count needs more. */
  beginList(): number {
    this.writer.put(0);
    return this.writer.position - 1;
  }

  endList(place: number, count: number): void {
    const { writer } = this;
    const end = writer.position;
    for (let size = headSize(count); size > 1; size--) writer.put(0);
    if (writer.overflowed) return;
    writer.bytes.copyWithin(place + headSize(count), place + 1, end);
    const after = writer.position;
    writer.position = place;
    writeHead(writer, ARRAY, count);
    writer.position = after;
  }

  encoded(bytes: Uint8Array): void {
    this.writer.copy(bytes);
  }

  #text(text: string): void {
    writeHead(this.writer, TEXT, utf8Length(text));
    this.writer.utf8(text);
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value)) {
      if (value < 0) writeHead(this.writer, NEGATIVE, -1 - value);
      else writeHead(this.writer, UNSIGNED, value);
    } else this.#writeFloat(value);
  }

  #writeFloat(value: number): void {
    const view = this.#float;
    view.setFloat32(0, value);
    if (view.getFloat32(0) !== value) {
      view.setFloat64(0, value);
      this.#initial(DOUBLE, 8);
      return;
    }
    const half = halfOfSingle(view.getUint32(0));
    if (half === undefined) {
      this.#initial(SINGLE, 4);
    } else {
      view.setUint16(0, half);
      this.#initial(HALF, 2);
    }
  }

  #initial(initial: number, size: number): void {
    this.writer.put(initial);
    for (let i = 0; i < size; i++) this.writer.put(this.#float.getUint8(i));
  }
}

/** The half-precision bits of the same value, when there are such. */
function halfOfSingle(bits: number): number | undefined {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 127;
  const fraction = bits & 0x7fffff;
  if (exponent >= -14 && exponent <= 15) {
    return (fraction & 0x1fff) === 0 ? sign | ((exponent + 15) << 10) | (fraction >> 13) : undefined;
  }
  // Subnormal halves count units of 2^-24.
  const drop = -1 - exponent;
  if (exponent < -24 || exponent > -15 || ((fraction | 0x800000) & ((1 << drop) - 1)) !== 0) return undefined;
  return sign | ((fraction | 0x800000) >> drop);
}

/** Bytes of the head of an item: its major type and its argument (section 3). */
export function headSize(argument: number): number {
  return argument < 24 ? 1 : argument < 0x100 ? 2 : argument < 0x10000 ? 3 : argument < 0x100000000 ? 5 : 9;
}

function writeHead(writer: ByteWriter, major: number, argument: number): void {
  const size = headSize(argument) - 1;
  if (size === 0) {
    writer.put((major << 5) | argument);
    return;
  }
  writer.put((major << 5) | (size === 1 ? 24 : size === 2 ? 25 : size === 4 ? 26 : 27));
  for (let i = size - 1; i >= 0; i--) writer.put(Math.floor(argument / 256 ** i) % 256);
}
