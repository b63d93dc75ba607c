import { CborEncoder } from "../../firmware/openpaygo/cbor.js";
import { ByteWriter } from "../../firmware/openpaygo/text.js";

/** A number that goes as a double even where an integer would do, as servers send computed times. */
export class Double {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** Plain values as CBOR; keys in the order they have. */
export function cborOf(value: unknown): Buffer {
  if (value instanceof Double) {
    const bytes = Buffer.alloc(9, 0xfb);
    bytes.writeDoubleBE(value.value, 1);
    return bytes;
  }
  const writer = new ByteWriter(new Uint8Array(4096));
  const encoder = new CborEncoder(writer);
  if (Array.isArray(value)) {
    encoder.beginArray(value.length);
    return Buffer.concat([writer.bytes.subarray(0, writer.position), ...value.map(cborOf)]);
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    encoder.beginMap(entries.length);
    return Buffer.concat([
      writer.bytes.subarray(0, writer.position),
      ...entries.flatMap(([key, one]) => [cborOf(key), cborOf(one)]),
    ]);
  }
  encoder.value(value === null ? undefined : (value as string | number | boolean));
  return Buffer.from(writer.bytes.subarray(0, writer.position));
}
