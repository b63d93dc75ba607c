import type { Value } from "../../hal/sensor.js";
import type { ByteWriter } from "./text.js";
import { utf8 } from "./text.js";

/** What requests and data formats are written through: JSON and CBOR are its two kinds. */
export interface Encoder {
  readonly writer: ByteWriter;
  /** Bytes that a missing value costs in an array, with its separator. */
  readonly nullSize: number;
  /** Bytes that the key of an index costs in a map, with its separators. */
  indexSize(index: number): number;
  beginArray(count: number): void;
  endArray(): void;
  /** Keys must come in the order of `compareKeys`. */
  beginMap(count: number): void;
  endMap(): void;
  key(name: string): void;
  /** What cannot be sent (undefined, NaN, infinities) becomes null. */
  value(value: Value): void;
  /** An array whose count is known only at its end: `beginList` gives the place that `endList` wants back. */
  beginList(): number;
  endList(place: number, count: number): void;
  /** One element that is encoded already. */
  encoded(bytes: Uint8Array): void;
}

/**
 * Order of map keys in deterministic CBOR (RFC 8949, 4.2.1): shorter first, then by bytes. JSON is written in the same
 * order, so that a server which decodes CBOR and writes it as JSON hashes the text that the device hashed.
 */
export function compareKeys(a: string, b: string): number {
  const left = utf8(a);
  const right = utf8(b);
  if (left.length !== right.length) return left.length - right.length;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return left[i]! - right[i]!;
  return 0;
}

/** Whether a value can be sent at all. */
export function isPresent(value: Value): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "object") return Number.isFinite(value[0]) && Number.isFinite(value[1]);
  return value !== undefined;
}
