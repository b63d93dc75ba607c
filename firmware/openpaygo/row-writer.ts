import type { Value } from "../../hal/sensor.js";
import type { Row } from "../telemetry/row.js";
import type { DataFormat } from "./data-format.js";
import { compareKeys, type Encoder, isPresent } from "./encoder.js";
import type { RowTime } from "./row-time.js";

/** Condensed: by place in the orders of the data format, short keys. Simple: by name (spec "Simple vs Condensed"). */
export type Form = "condensed" | "simple";

/**
 * The current data: in the condensed form an array in `data_order`, its tail cut; an object with long names in the simple
 * form, or when a value has no place in the order. `names` are those of `data` that are present.
 */
export function writeData(
  encoder: Encoder,
  data: Readonly<Record<string, Value>>,
  names: readonly string[],
  order: readonly string[] | undefined,
): void {
  if (order !== undefined && names.every((name) => order.includes(name))) {
    let length = order.length;
    while (length > 0 && !names.includes(order[length - 1]!)) length--;
    encoder.beginArray(length);
    for (let i = 0; i < length; i++) encoder.value(names.includes(order[i]!) ? data[order[i]!] : undefined);
    encoder.endArray();
  } else {
    encoder.beginMap(names.length);
    for (const name of [...names].sort(compareKeys)) {
      encoder.key(name);
      encoder.value(data[name]);
    }
    encoder.endMap();
  }
}

/**
 * Writes rows as Device Data Arrays with the tail cut, or as Device Data Objects: with index keys where that is shorter,
 * with names in the simple form. No object is made per row.
 */
export class RowWriter {
  readonly #time: RowTime;
  /** Names by index: the order of the format, and "relative_time" when the format has no place for it. */
  readonly #names: string[];
  readonly #orderLength: number;
  readonly #timestampIndex: number;
  readonly #relativeIndex: number;
  /** Indices in the order in which an object holds them; undefined when that is the order of the format. */
  readonly #sorted: number[] | undefined;
  #values: readonly Value[] = [];
  /** Values up to the last one that is present. */
  #length = 0;
  #present = 0;
  #asObject = false;

  constructor(format: DataFormat, form: Form, time: RowTime) {
    this.#time = time;
    this.#names = [...format.historical_data_order];
    this.#orderLength = this.#names.length;
    if (!this.#names.includes("relative_time")) this.#names.push("relative_time");
    this.#timestampIndex = this.#names.indexOf("timestamp");
    this.#relativeIndex = this.#names.indexOf("relative_time");
    if (form === "simple") {
      const names = this.#names;
      this.#sorted = names.map((_, index) => index).sort((a, b) => compareKeys(names[a]!, names[b]!));
    }
  }

  /**
   * Takes the next row, to be written any number of times; `encoder` is the one that decides which shape is shorter. False:
   * its time can't be told in this request.
   */
  load(row: Row, encoder: Encoder): boolean {
    if (!this.#time.next(row)) return false;
    this.#values = row.values;
    this.#length = 0;
    this.#present = 0;
    let keys = 0;
    for (let index = 0; index < this.#names.length; index++) {
      if (!isPresent(this.#value(index))) continue;
      this.#length = index + 1;
      this.#present++;
      keys += encoder.indexSize(index);
    }
    const nulls = (this.#length - this.#present) * encoder.nullSize;
    this.#asObject = this.#sorted !== undefined || this.#length > this.#orderLength || keys < nulls;
    return true;
  }

  write(encoder: Encoder): void {
    if (this.#asObject) this.#writeObject(encoder);
    else this.#writeArray(encoder);
  }

  #writeArray(encoder: Encoder): void {
    encoder.beginArray(this.#length);
    for (let index = 0; index < this.#length; index++) encoder.value(this.#value(index));
    encoder.endArray();
  }

  #writeObject(encoder: Encoder): void {
    encoder.beginMap(this.#present);
    for (let place = 0; place < this.#names.length; place++) {
      const index = this.#sorted ? this.#sorted[place]! : place;
      const value = this.#value(index);
      if (!isPresent(value)) continue;
      encoder.key(this.#sorted || index >= this.#orderLength ? this.#names[index]! : String(index));
      encoder.value(value);
    }
    encoder.endMap();
  }

  #value(index: number): Value {
    if (index === this.#timestampIndex) return this.#time.timestamp;
    if (index === this.#relativeIndex) return this.#time.relativeTime;
    return this.#values[index];
  }
}
