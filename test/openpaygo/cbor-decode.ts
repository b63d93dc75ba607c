/** A plain CBOR reader to check ours with: it refuses everything that is not deterministic (RFC 8949, 4.2). */
import assert from "node:assert/strict";

type Item = string | { text: string } | Item[] | Map<string, Item>;

/**
 * The JSON text that a server gets from CBOR: floats stay floats, so they are written with an exponent, integers without.
 * Throws when the bytes are not deterministic.
 */
export function cborAsJson(bytes: Uint8Array): string {
  const reader = new Reader(bytes);
  const item = reader.item();
  assert.equal(reader.at, bytes.length, "bytes after the item");
  return json(item);
}

function json(item: Item): string {
  if (typeof item === "string") return item;
  if (Array.isArray(item)) return `[${item.map(json).join(",")}]`;
  if (item instanceof Map)
    return `{${[...item].map(([key, value]) => `${JSON.stringify(key)}:${json(value)}`).join(",")}}`;
  return JSON.stringify(item.text);
}

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  item(): Item {
    const start = this.at;
    const initial = this.#view.getUint8(this.at++);
    const major = initial >> 5;
    if (major === 7) return this.#simple(initial & 31);
    const argument = this.#argument(initial & 31);
    if (major === 0) return String(argument);
    if (major === 1) return String(-1n - argument);
    const count = Number(argument);
    if (major === 3) return { text: this.#text(count) };
    if (major === 4) return Array.from({ length: count }, () => this.item());
    assert.equal(major, 5, `initial byte ${initial} at ${start}`);
    return this.#map(count);
  }

  #map(count: number): Map<string, Item> {
    const map = new Map<string, Item>();
    let before: Buffer | undefined;
    for (let i = 0; i < count; i++) {
      const start = this.at;
      const key = this.item();
      assert.ok(typeof key === "object" && "text" in key, "a key is text");
      const encoded = Buffer.from(this.#bytes.subarray(start, this.at));
      if (before) assert.ok(Buffer.compare(before, encoded) < 0, `key ${key.text} is out of order`);
      before = encoded;
      map.set(key.text, this.item());
    }
    return map;
  }

  #argument(info: number): bigint {
    if (info < 24) return BigInt(info);
    assert.ok(info < 28, "indefinite length");
    const size = 1 << (info - 24);
    let value = 0n;
    for (let i = 0; i < size; i++) value = (value << 8n) | BigInt(this.#view.getUint8(this.at++));
    assert.ok(value >= (size === 1 ? 24n : 1n << BigInt(size * 4)), "a shorter head would do");
    return value;
  }

  #text(length: number): string {
    const bytes = this.#bytes.subarray(this.at, this.at + length);
    this.at += length;
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  }

  #simple(info: number): string {
    if (info === 20 || info === 21) return String(info === 21);
    if (info === 22) return "null";
    const value = this.#float(info);
    assert.ok(Number.isFinite(value), "NaN and infinities are not sent");
    assert.ok(!Number.isSafeInteger(value), `${value} is an integer`);
    assert.equal(info, shortestFloat(value), `${value} has another shortest float`);
    return value.toExponential();
  }

  #float(info: number): number {
    const at = this.at;
    this.at += 1 << (info - 24);
    if (info === 25) return halfValue(this.#view.getUint16(at));
    if (info === 26) return this.#view.getFloat32(at);
    assert.equal(info, 27);
    return this.#view.getFloat64(at);
  }
}

function halfValue(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return Number.NaN;
  if (exponent === 0) return sign * (bits & 0x3ff) * 2 ** -24;
  return sign * (1 + (bits & 0x3ff) / 1024) * 2 ** (exponent - 15);
}

/** Additional information of the smallest float that holds a value: found by trying. */
function shortestFloat(value: number): number {
  if (Math.fround(value) !== value) return 27;
  const size = Math.abs(value);
  if (size > 65504) return 26;
  const unit = Math.max(2 ** -24, 2 ** (Math.floor(Math.log2(size)) - 10));
  return Number.isInteger(size / unit) ? 25 : 26;
}
