/**
 * CBOR (RFC 8949) as condensed JSON text: answers in CBOR are read as that text, and their signatures are taken over it.
 * Taken: integers, floats, text, arrays and maps of definite length with text keys, false, true, null. Refused: byte
 * strings, tags, indefinite lengths, NaN and infinities, trailing bytes, more than MAX_DEPTH containers in one another.
 */
import { floatText, JsonEncoder } from "./json.js";
import { MAX_DEPTH } from "./json-reader.js";
import { ByteWriter, fromUtf8 } from "./text.js";

const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const SIMPLE = 7;

/** The text, of at most `limit` bytes; undefined when the bytes are no such CBOR or the text would be longer. */
export function cborToJson(bytes: Uint8Array, limit: number): Uint8Array | undefined {
  const writer = new ByteWriter(new Uint8Array(Math.min(limit, bytes.length * 8)));
  return new Transcoder(bytes, writer).run() && !writer.overflowed
    ? writer.bytes.subarray(0, writer.position)
    : undefined;
}

class Transcoder {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #json: JsonEncoder;
  #at = 0;
  /** Of the head read last: its major type, its 5 bits, and its argument as two words. */
  #major = 0;
  #info = 0;
  #high = 0;
  #low = 0;

  constructor(bytes: Uint8Array, writer: ByteWriter) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#json = new JsonEncoder(writer);
  }

  run(): boolean {
    // Items to come in each open container; in a map the keys count too, and stand where an even number is to come.
    const open: number[] = [];
    const isMap: boolean[] = [];
    do {
      const top = open.length - 1;
      const key = top >= 0 && isMap[top] === true && open[top]! % 2 === 0;
      if (!this.#head() || (key && this.#major !== TEXT)) return false;
      if (top >= 0) open[top]!--;
      if (this.#major === ARRAY || this.#major === MAP) {
        const count = this.#length();
        if (count < 0 || open.length >= MAX_DEPTH) return false;
        isMap.push(this.#major === MAP);
        open.push(this.#major === MAP ? count * 2 : count);
        if (this.#major === MAP) this.#json.beginMap(count);
        else this.#json.beginArray(count);
      } else if (!this.#scalar(key)) return false;
      while (open.length > 0 && open[open.length - 1] === 0) {
        open.pop();
        if (isMap.pop()) this.#json.endMap();
        else this.#json.endArray();
      }
    } while (open.length > 0);
    return this.#at === this.#bytes.length;
  }

  #head(): boolean {
    if (this.#at >= this.#bytes.length) return false;
    const initial = this.#bytes[this.#at++]!;
    this.#major = initial >> 5;
    this.#info = initial & 31;
    const size = this.#info < 24 ? 0 : 1 << (this.#info - 24);
    if (this.#info > 27 || this.#at + size > this.#bytes.length) return false;
    this.#high = size === 8 ? this.#view.getUint32(this.#at) : 0;
    this.#low = this.#info;
    if (size === 1) this.#low = this.#bytes[this.#at]!;
    else if (size === 2) this.#low = this.#view.getUint16(this.#at);
    else if (size >= 4) this.#low = this.#view.getUint32(this.#at + size - 4);
    this.#at += size;
    return true;
  }

  /** The argument as a length that the bytes left can fill, or -1. */
  #length(): number {
    return this.#high === 0 && this.#low <= this.#bytes.length - this.#at ? this.#low : -1;
  }

  #scalar(key: boolean): boolean {
    if (this.#major === TEXT) return this.#text(key);
    if (this.#major === SIMPLE) return this.#info < 25 ? this.#literal() : this.#float();
    if (this.#major > 1) return false;
    // -1 - argument: all but the very largest are far from the carry.
    if (this.#major === 0) {
      this.#bare(decimal(this.#high, this.#low));
    } else {
      // A negative integer is -1 minus the argument (RFC 8949, 3.1); the last one of 64 bits has no room for the 1.
      const carry = this.#low === 0xffffffff;
      if (carry && this.#high === 0xffffffff) return false;
      this.#bare(`-${decimal(this.#high + (carry ? 1 : 0), carry ? 0 : this.#low + 1)}`);
    }
    return true;
  }

  #text(key: boolean): boolean {
    const length = this.#length();
    const text = length < 0 ? undefined : fromUtf8(this.#bytes, this.#at, this.#at + length);
    if (text === undefined) return false;
    this.#at += length;
    if (key) this.#json.key(text);
    else this.#json.value(text);
    return true;
  }

  #literal(): boolean {
    if (this.#info < 20 || this.#info > 22) return false;
    this.#json.value(this.#info === 22 ? undefined : this.#info === 21);
    return true;
  }

  #float(): boolean {
    const value =
      this.#info === 25
        ? half(this.#low)
        : this.#info === 26
          ? this.#view.getFloat32(this.#at - 4)
          : this.#view.getFloat64(this.#at - 8);
    if (!Number.isFinite(value)) return false;
    this.#bare(floatText(value));
    return true;
  }

  #bare(text: string): void {
    const bytes = new ByteWriter(new Uint8Array(text.length));
    bytes.ascii(text);
    this.#json.encoded(bytes.bytes);
  }
}

function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? Number.POSITIVE_INFINITY
        : (fraction + 1024) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -size : size;
}

/** Digits of a 64-bit number: tokens of 20 digits are beyond what a number holds exactly. */
function decimal(high: number, low: number): string {
  if (high < 0x200000) return String(high * 0x100000000 + low);
  let digits = "";
  let upper = high;
  let lower = low;
  while (upper > 0 || lower > 0) {
    const rest = (upper % 10) * 0x100000000 + lower;
    upper = Math.floor(upper / 10);
    lower = Math.floor(rest / 10);
    digits = (rest % 10) + digits;
  }
  return digits;
}
