import type { Value } from "../../hal/sensor.js";
import { BitReader, BitWriter } from "./bits.js";
import type { Row } from "./row.js";

/*
 * A row as bits, coded against the row before it. The layout needs no data format to be read:
 *
 *     row, REGULAR    values                 the time is one interval after the last row's
 *     row, PREFACED   0, time, values        time: number, zigzag(time - the time expected)
 *                     1, format: 8, boot: number, time: 32, columns: number, values
 *                                            starts anew: every column absent, interval 0; a column that
 *                                            is absent here is left out of the rows up to the next start
 *     value           in a column that held an integer: Rice code of zigzag(value - last integer)
 *                       u ones (u < 8), 0, k bits           u * 2^k + these bits
 *                       11111111, number                    larger
 *                       11111111, 111111, new value         no longer an integer
 *                     in another column: 0 as before, or 1 and a new value
 *     new value       kind: 3, then
 *                       0 absent  1 integer: number, zigzag(value - last integer)  2 float
 *                       3 false   4 true   5 text   6 gps: float, float
 *
 * Integers are those of 32 bits; differences wrap at 32 bits. "number", "float" and "text" are drawn in bits.ts.
 * k follows a running mean of each column: mean += z - mean / 4 (so it holds 4 means), k = smallest with 8 * 2^k >= mean.
 * Which form a row has, REGULAR or PREFACED, is one bit that the outbox keeps in its record header.
 */
export const REGULAR = 0;
export const PREFACED = 1;
export type Form = typeof REGULAR | typeof PREFACED;

/** More columns than this no data format of ours has. */
const MAX_COLUMNS = 255;
const ESCAPE = 0xff;
const OTHER_KIND = 0x3f;
/** A restarted column expects differences of about 8. */
const FIRST_MEAN = 32;
/** Keeps the running mean in small integers. */
const LARGEST_COUNTED = 1 << 20;

type Kind = 0 | 1 | 2 | 3 | 4 | 5 | 6;
const ABSENT = 0;
const INTEGER = 1;
const FLOAT = 2;
const FALSE = 3;
const TRUE = 4;
const TEXT = 5;
const GPS = 6;

interface Column {
  /** False: absent since the last start, and not written. */
  present: boolean;
  kind: number;
  value: Value;
  /** The last integer, also across other kinds. */
  integer: number;
  mean: number;
}

/** What writer and reader know from the rows before. */
class Context {
  /** False: the next row has to start anew. */
  started = false;
  format = 0;
  boot = 0;
  time = 0;
  interval = 0;
  columns: Column[] = [];

  start(format: number, boot: number, time: number, columns: number): void {
    this.format = format;
    this.boot = boot;
    this.time = time;
    this.interval = 0;
    this.columns = [];
    for (let i = 0; i < columns; i++) {
      this.columns.push({ present: false, kind: ABSENT, value: undefined, integer: 0, mean: FIRST_MEAN });
    }
  }

  get expected(): number {
    return (this.time + this.interval) >>> 0;
  }

  moveTo(time: number): void {
    this.interval = (time - this.time) | 0;
    this.time = time;
  }
}

/** Codes rows into one buffer that is used again and again. */
export class RowEncoder {
  readonly bytes: Uint8Array;
  /** Of the last row coded. */
  form: Form = PREFACED;
  readonly #writer: BitWriter;
  readonly #context = new Context();

  /** `size`: bytes of the longest row. */
  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#writer = new BitWriter(this.bytes);
  }

  /** The next row will be readable without those before it. */
  restart(): void {
    this.#context.started = false;
  }

  /** Gives the length in `bytes`. Throws TypeError or RangeError for a row that can't be recorded; the next row then starts anew. */
  encode(row: Row): number {
    checkRow(row);
    const continues = this.#continues(row);
    this.#context.started = false;
    this.#writer.clear();
    this.#writePreface(row, continues);
    this.#writeValues(row.values, continues);
    this.#context.started = true;
    if (this.#writer.length === 0) this.#writer.write(0, 1);
    return this.#writer.length;
  }

  #continues(row: Row): boolean {
    const { started, format, boot, columns } = this.#context;
    if (!started || row.format !== format || row.boot !== boot || row.values.length !== columns.length) return false;
    return columns.every((column, i) => column.present || row.values[i] === undefined);
  }

  #writeValues(values: readonly Value[], continues: boolean): void {
    this.#context.columns.forEach((column, i) => {
      if (!continues) column.present = values[i] !== undefined;
      if (!continues || column.present) this.#writeValue(column, values[i]);
    });
  }

  #writePreface(row: Row, continues: boolean): void {
    const context = this.#context;
    this.form = continues && row.time === context.expected ? REGULAR : PREFACED;
    if (this.form === PREFACED) this.#writer.write(continues ? 0 : 1, 1);
    if (!continues) {
      this.#writer.write(row.format, 8);
      this.#writer.writeNumber(row.boot);
      this.#writer.write(row.time, 32);
      this.#writer.writeNumber(row.values.length);
      context.start(row.format, row.boot, row.time, row.values.length);
      return;
    }
    if (this.form === PREFACED) this.#writer.writeNumber(zigzag(row.time - context.expected));
    context.moveTo(row.time);
  }

  #writeValue(column: Column, value: Value): void {
    const kind = kindOf(value);
    if (column.kind === INTEGER && kind === INTEGER) this.#writeStep(column, value as number);
    else if (column.kind === kind && same(column.value, value)) this.#writer.write(0, 1);
    else this.#writeNew(column, kind, value);
    column.kind = kind;
    column.value = value;
  }

  #writeStep(column: Column, value: number): void {
    const step = zigzag(value - column.integer);
    const shift = riceShift(column.mean);
    const ones = step >>> shift;
    if (ones < 8) {
      this.#writer.write((1 << (ones + 1)) - 2, ones + 1);
      this.#writer.write(step, shift);
    } else {
      this.#writer.write(ESCAPE, 8);
      this.#writer.writeNumber(step);
    }
    learn(column, step, value);
  }

  #writeNew(column: Column, kind: Kind, value: Value): void {
    const writer = this.#writer;
    if (column.kind === INTEGER) writer.write((ESCAPE << 6) | OTHER_KIND, 14);
    else writer.write(1, 1);
    writer.write(kind, 3);
    if (kind === INTEGER) {
      writer.writeNumber(zigzag((value as number) - column.integer));
      column.integer = value as number;
    } else if (kind === FLOAT) writer.writeFloat(value as number);
    else if (kind === TEXT) writer.writeText(value as string);
    else if (kind === GPS) for (const degrees of value as readonly number[]) writer.writeFloat(degrees);
  }
}

/** Decodes rows in the order they were coded in. */
export class RowDecoder {
  readonly #reader = new BitReader();
  readonly #context = new Context();

  /** A row was missed: nothing is readable until one that starts anew. */
  reset(): void {
    this.#context.started = false;
  }

  /** Fills `row`; false when it needs an earlier row that is missing, or is no row at all. */
  decode(form: Form, bytes: Uint8Array, length: number, row: Row): boolean {
    const context = this.#context;
    this.#reader.open(bytes, length);
    if (!this.#readPreface(form)) return false;
    row.format = context.format;
    row.boot = context.boot;
    row.time = context.time;
    row.values.length = context.columns.length;
    const starts = !context.started;
    for (let i = 0; i < context.columns.length; i++) {
      const column = context.columns[i]!;
      row.values[i] = starts || column.present ? this.#readValue(column) : undefined;
      if (starts) column.present = column.kind !== ABSENT;
    }
    context.started = !this.#reader.overrun;
    return context.started;
  }

  #readPreface(form: Form): boolean {
    const reader = this.#reader;
    const context = this.#context;
    if (form === PREFACED && reader.read(1) === 1) {
      const format = reader.read(8);
      const boot = reader.readNumber();
      const time = reader.read(32);
      const columns = reader.readNumber();
      context.start(format, boot, time, columns <= MAX_COLUMNS ? columns : 0);
      context.started = false;
      return columns <= MAX_COLUMNS && !reader.overrun;
    }
    const step = form === PREFACED ? unzigzag(reader.readNumber()) : 0;
    context.moveTo((context.expected + step) >>> 0);
    return context.started && !reader.overrun;
  }

  #readValue(column: Column): Value {
    if (column.kind !== INTEGER) {
      if (this.#reader.read(1) === 0) return column.value;
      column.kind = this.#reader.read(3);
    } else if (this.#readStep(column)) return column.integer;
    else column.kind = this.#reader.read(3);
    column.value = this.#readNew(column);
    return column.value;
  }

  /** False when the column no longer holds an integer. */
  #readStep(column: Column): boolean {
    const reader = this.#reader;
    let ones = 0;
    while (ones < 8 && reader.read(1) === 1) ones++;
    const shift = riceShift(column.mean);
    const count = ones < 8 ? 0 : reader.read(6);
    if (count === OTHER_KIND) return false;
    const step = ones < 8 ? (ones << shift) | reader.read(shift) : reader.readSignificant(count);
    learn(column, step, (column.integer + unzigzag(step)) | 0);
    return true;
  }

  #readNew(column: Column): Value {
    const reader = this.#reader;
    switch (column.kind) {
      case INTEGER:
        column.integer = (column.integer + unzigzag(reader.readNumber())) | 0;
        return column.integer;
      case FLOAT:
        return reader.readFloat();
      case FALSE:
        return false;
      case TRUE:
        return true;
      case TEXT:
        return reader.readText();
      case GPS:
        return [reader.readFloat(), reader.readFloat()];
      default:
        return undefined;
    }
  }
}

/** 0, -1, 1, -2 ... as 0, 1, 2, 3 ...; differences wrap at 32 bits. */
function zigzag(difference: number): number {
  const d = difference | 0;
  return ((d << 1) ^ (d >> 31)) >>> 0;
}

function unzigzag(code: number): number {
  return (code >>> 1) ^ -(code & 1);
}

/** Smallest k with 8 * 2^k >= mean. */
function riceShift(mean: number): number {
  return mean > 8 ? 32 - Math.clz32((mean - 1) >> 3) : 0;
}

function learn(column: Column, step: number, value: number): void {
  column.mean += Math.min(step, LARGEST_COUNTED) - (column.mean >> 2);
  column.integer = value;
}

function kindOf(value: Value): Kind {
  switch (typeof value) {
    case "undefined":
      return ABSENT;
    case "number":
      return Object.is(value, value | 0) ? INTEGER : FLOAT;
    case "boolean":
      return value ? TRUE : FALSE;
    case "string":
      return TEXT;
    default:
      return GPS;
  }
}

function same(a: Value, b: Value): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return Object.is(a[0], b[0]) && Object.is(a[1], b[1]);
  return Object.is(a, b);
}

function checkRow({ format, boot, time, values }: Row): void {
  if ((format & 0xff) !== format) throw new RangeError(`row.format ${format} is not an integer of 0 to 255`);
  if (boot >>> 0 !== boot) throw new RangeError(`row.boot ${boot} is not a 32-bit count`);
  if (time >>> 0 !== time) throw new RangeError(`row.time ${time} is not a 32-bit count of seconds`);
  if (values.length > MAX_COLUMNS) throw new RangeError(`${values.length} values in a row, at most ${MAX_COLUMNS}`);
  for (const value of values) checkValue(value);
}

function checkValue(value: unknown): void {
  if (value === undefined || typeof value === "number" || typeof value === "string" || typeof value === "boolean")
    return;
  const pair = Array.isArray(value) && value.length === 2 && value.every((degrees) => typeof degrees === "number");
  if (!pair)
    throw new TypeError(`a value is a number, text, boolean, [longitude, latitude] or undefined, not ${value}`);
}
