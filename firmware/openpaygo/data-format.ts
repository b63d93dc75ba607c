/**
 * Data formats (spec "Data Format Object"): their types, their check, and how they are sent.
 *
 *   const format = checkDataFormat(value);            // throws with the place and what was expected
 *   const body = encodeDataFormat(format, "json");    // for POST /data_format
 *   const hash = dataFormatHash(format);              // 64 bits in hex: equal for equal formats, stable over releases
 */
import { frozen } from "../../hal/frozen.js";
import { CborEncoder } from "./cbor.js";
import { compareKeys, type Encoder } from "./encoder.js";
import { JsonEncoder } from "./json.js";
import { SipHash } from "./siphash.js";
import { ByteWriter, HashWriter } from "./text.js";

/** How requests, answers and formats are encoded (spec "Encoding rules"). */
export type Encoding = "json" | "cbor";

/** Kind of a variable (spec "Variable Type Object"); "text" when not said. */
export type VariableType = "text" | "integer" | "float" | "bool" | "gps";

/** How a variable's samples become one value of an interval; numbers are averaged and the rest is "latest" when not said. */
export type AggregationMethod = "average" | "latest" | "sum" | "min" | "max";

/** Spec "Variable Type Object", in the names it is sent under. */
export interface Variable {
  readonly name?: string;
  readonly type?: VariableType;
  readonly unit?: string;
  readonly description?: string;
  readonly scale_factor?: number;
  readonly aggregation_method?: AggregationMethod;
}

/** Spec "Data Format Object", in the names it is sent under. */
export interface DataFormat {
  readonly data_order: readonly string[];
  /** Holds "timestamp": rows that do not follow at the interval carry their time there. */
  readonly historical_data_order: readonly string[];
  /** Seconds from one row to the next; 0 when every row carries its time. */
  readonly historical_data_interval: number;
  readonly variables: Readonly<Record<string, Variable>>;
}

const FORMAT_KEYS: readonly string[] = frozen([
  "variables",
  "data_order",
  "historical_data_order",
  "historical_data_interval",
]);
const VARIABLE_KEYS: readonly string[] = frozen([
  "name",
  "type",
  "unit",
  "description",
  "scale_factor",
  "aggregation_method",
]);
const TYPES: readonly unknown[] = frozen(["text", "integer", "float", "bool", "gps"]);
const METHODS: readonly unknown[] = frozen(["average", "latest", "sum", "min", "max"]);

/** Short names of the envelope: servers rename variables that are called so. */
const SHORT_NAMES: readonly string[] = frozen(
  "sn ts a rc dct dtc df dfo d hd acc tkl auts asl st ed tc autsr aslr".split(" "),
);

/** The value as a data format; throws an Error that names the first wrong place. */
export function checkDataFormat(value: unknown): DataFormat {
  const format = checkKeys(value, "data format", FORMAT_KEYS);
  checkOrder(format.data_order, "data_order");
  const order = checkOrder(format.historical_data_order, "historical_data_order");
  if (!order.includes("timestamp")) {
    throw new Error('historical_data_order: expected "timestamp" in it, as the place of a row\'s time');
  }
  const interval = format.historical_data_interval;
  if (!Number.isSafeInteger(interval)) {
    throw new Error(`historical_data_interval: expected whole seconds, not ${show(interval)}`);
  }
  const variables = checkKeys(format.variables, "variables");
  for (const name of Object.keys(variables)) {
    checkName(name, "variables");
    checkVariable(variables[name], `variables.${name}`);
  }
  return value as DataFormat;
}

function checkOrder(value: unknown, where: string): readonly string[] {
  if (!Array.isArray(value)) throw new Error(`${where}: expected an array of variable names, not ${show(value)}`);
  const seen = new Set<string>();
  value.forEach((name: unknown, index) => {
    checkName(name, `${where}[${index}]`);
    if (seen.has(name)) throw new Error(`${where}[${index}]: "${name}" stands there twice`);
    seen.add(name);
  });
  return value;
}

/** A letter keeps a name from being taken for an index: some servers read the digits of any script as numbers. */
function checkName(name: unknown, where: string): asserts name is string {
  if (typeof name !== "string") throw new Error(`${where}: expected a variable name, not ${show(name)}`);
  if (!/[A-Za-z]/.test(name)) {
    throw new Error(`${where}: "${name}" can be taken for an index; a name holds a letter from A to Z`);
  }
  if (SHORT_NAMES.includes(name))
    throw new Error(`${where}: "${name}" is a short name of the protocol; use a long one`);
}

function checkVariable(value: unknown, where: string): void {
  const variable = checkKeys(value, where, VARIABLE_KEYS);
  for (const key of ["name", "unit", "description"]) {
    const text = variable[key];
    if (text !== undefined && typeof text !== "string") {
      throw new Error(`${where}.${key}: expected text, not ${show(text)}`);
    }
  }
  checkOneOf(variable.type, TYPES, `${where}.type`);
  checkOneOf(variable.aggregation_method, METHODS, `${where}.aggregation_method`);
  const method = variable.aggregation_method ?? "latest";
  const type = variable.type ?? "text";
  if (method !== "latest" && (type === "text" || type === "gps")) {
    throw new Error(`${where}.aggregation_method: "${method}" needs a number; a ${type} can only be "latest"`);
  }
  const factor = variable.scale_factor;
  if (factor !== undefined && (typeof factor !== "number" || !Number.isFinite(factor) || factor === 0)) {
    throw new Error(`${where}.scale_factor: expected a number other than 0, not ${show(factor)}`);
  }
}

function checkOneOf(value: unknown, allowed: readonly unknown[], where: string): void {
  if (value !== undefined && !allowed.includes(value)) {
    throw new Error(`${where}: expected one of ${allowed.join(", ")}, not ${show(value)}`);
  }
}

function checkKeys(value: unknown, where: string, allowed?: readonly string[]): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${where}: expected an object, not ${show(value)}`);
  }
  for (const key of Object.keys(value)) {
    if (allowed && !allowed.includes(key)) {
      throw new Error(`${where}: "${key}" is unknown; expected ${allowed.join(", ")}`);
    }
  }
  return value as Record<string, unknown>;
}

function show(value: unknown): string {
  if (typeof value === "string") return `"${value}"`;
  return typeof value === "object" && value !== null
    ? Array.isArray(value)
      ? "an array"
      : "an object"
    : String(value);
}

/** Writes a format that was checked. */
export function writeDataFormat(encoder: Encoder, format: DataFormat): void {
  encoder.beginMap(4);
  encoder.key("variables");
  const names = Object.keys(format.variables).sort(compareKeys);
  encoder.beginMap(names.length);
  for (const name of names) {
    encoder.key(name);
    writeVariable(encoder, format.variables[name]!);
  }
  encoder.endMap();
  writeOrder(encoder, "data_order", format.data_order);
  writeOrder(encoder, "historical_data_order", format.historical_data_order);
  encoder.key("historical_data_interval");
  encoder.value(format.historical_data_interval);
  encoder.endMap();
}

function writeVariable(encoder: Encoder, variable: Variable): void {
  const entries = Object.entries(variable).filter(([, value]) => value !== undefined);
  encoder.beginMap(entries.length);
  for (const [key, value] of entries.sort((a, b) => compareKeys(a[0], b[0]))) {
    encoder.key(key);
    encoder.value(value);
  }
  encoder.endMap();
}

function writeOrder(encoder: Encoder, key: string, order: readonly string[]): void {
  encoder.key(key);
  encoder.beginArray(order.length);
  for (const name of order) encoder.value(name);
  encoder.endArray();
}

/** The body of POST /data_format. */
export function encodeDataFormat(format: DataFormat, encoding: Encoding): Uint8Array {
  for (let size = 1024; ; size *= 2) {
    const writer = new ByteWriter(new Uint8Array(size));
    writeDataFormat(encoding === "json" ? new JsonEncoder(writer) : new CborEncoder(writer), format);
    if (!writer.overflowed) return writer.bytes.slice(0, writer.position);
  }
}

/** Tells formats apart, whatever order their keys were written in: SipHash under the zero key of their JSON text. */
export function dataFormatHash(format: DataFormat): string {
  const hash = new SipHash(new Uint8Array(16));
  const writer = new HashWriter(hash);
  writeDataFormat(new JsonEncoder(writer), format);
  writer.flush();
  return hash.hex();
}
