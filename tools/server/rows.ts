import type { Variable } from "../../firmware/openpaygo/data-format.js";
import { multiplyDecimal } from "./decimal.js";
import { checkName, expected, type PostedFormat } from "./format.js";
import { isObject, type JSONNode } from "./json.js";
import { Refusal } from "./refusal.js";
import type { DeviceRequest } from "./request.js";

/** A row as it is stored: its absolute time and the texts of its values by variable name. */
export interface DecodedRow {
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly cells: ReadonlyMap<string, string>;
}

/** Names that the spec also gives a short form inside `data`. */
const LONG_NAMES = new Map([
  ["tc", "token_count"],
  ["autsr", "active_until_timestamp_requested"],
  ["aslr", "active_seconds_left_requested"],
]);

/** The request's `data` by long variable names, values as they came, absent ones left out. Throws Refusal 400. */
export function decodeData(request: DeviceRequest, format: PostedFormat): ReadonlyMap<string, JSONNode> {
  const data = new Map<string, JSONNode>();
  if (!request.data) return data;
  for (const [name, node] of byName(request.data, format.data_order, "data", "data_order")) {
    const long = LONG_NAMES.get(name) ?? name;
    if (data.has(long)) throw new Refusal(400, `data: expected ${long} once, found it also as "${name}"`);
    data.set(long, node);
  }
  return data;
}

/**
 * The request's rows with absolute times (spec "historical_data"): a row that carries none follows the row before it
 * at the format's interval; `base` (seconds since 1970) is the time of a first row without one. Throws Refusal 400.
 */
export function decodeRows(request: DeviceRequest, format: PostedFormat, base: number): DecodedRow[] {
  let time = base;
  return request.rows.map((node, index) => {
    const path = `historical_data[${index}]`;
    const values = byName(node, format.historical_data_order, path, "historical_data_order");
    time = rowTime(values, path, time, index === 0 ? 0 : intervalOf(format));
    if (time <= 0) throw new Refusal(400, `${path}: expected a time after 1970, found ${time}`);
    return { timestamp: time, cells: readCells(values, format, path) };
  });
}

/** The text of a value: numbers scaled and in plain decimal, booleans as true and false, gps as "longitude latitude". */
export function cellText(node: JSONNode, variable: Variable | undefined, path: string): string {
  const { value } = node;
  if (variable?.type === "bool") return booleanText(node, path);
  if (variable?.type === "gps") return positionText(node, path);
  if (typeof value === "number") return multiplyDecimal(node.text, String(variable?.scale_factor ?? 1));
  if (variable?.type === "integer" || variable?.type === "float")
    throw expected(path, "a number, as its format says", node);
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return node.text;
  return positionText(node, path);
}

function byName(
  node: JSONNode,
  order: readonly string[] | undefined,
  path: string,
  orderName: string,
): ReadonlyMap<string, JSONNode> {
  const values = new Map<string, JSONNode>();
  for (const [key, value] of entries(node, path)) {
    const name = typeof key === "number" ? order?.[key] : key;
    if (name === undefined) throw outside(Number(key), order, path, orderName);
    checkName(name, path);
    if (values.has(name)) throw new Refusal(400, `${path}: expected ${name} once, found it by name and by index`);
    if (value.value !== null) values.set(name, value);
  }
  return values;
}

/** Members by name or by index (spec "Device Data Object", "Device Data Array"). */
function entries(node: JSONNode, path: string): [string | number, JSONNode][] {
  if (Array.isArray(node.value)) return [...node.value.entries()];
  if (!isObject(node.value)) throw expected(path, "an object or an array", node);
  return [...node.value].map(([key, value]) => [/^\d+$/.test(key) ? Number(key) : key, value]);
}

function outside(index: number, order: readonly string[] | undefined, path: string, orderName: string): Refusal {
  if (!order)
    return new Refusal(400, `${path}: expected a data format with ${orderName}, found none for index ${index}`);
  return new Refusal(
    400,
    `${path}: expected an index below ${order.length}, the length of ${orderName}, found ${index}`,
  );
}

/** 0 says that every row carries its time. */
function intervalOf({ historical_data_interval: interval }: PostedFormat): number | undefined {
  return interval === 0 ? undefined : interval;
}

function rowTime(
  values: ReadonlyMap<string, JSONNode>,
  path: string,
  previous: number,
  interval: number | undefined,
): number {
  const absolute = values.get("timestamp");
  const relative = values.get("relative_time");
  if (absolute && relative) throw new Refusal(400, `${path}: expected timestamp or relative_time, found both`);
  if (absolute) return seconds(absolute, `${path}.timestamp`);
  if (relative) return previous + seconds(relative, `${path}.relative_time`);
  if (interval === undefined) {
    throw new Refusal(400, `${path}: expected a time, or a historical_data_interval in its format, found neither`);
  }
  return previous + interval;
}

function seconds(node: JSONNode, path: string): number {
  if (Number.isSafeInteger(node.value)) return Number(node.value);
  throw expected(path, "whole seconds", node);
}

function readCells(
  values: ReadonlyMap<string, JSONNode>,
  format: PostedFormat,
  path: string,
): ReadonlyMap<string, string> {
  const cells = new Map<string, string>();
  for (const [name, node] of values) {
    if (name === "timestamp" || name === "relative_time") continue;
    cells.set(name, cellText(node, variableOf(format, name), `${path}.${name}`));
  }
  return cells;
}

export function variableOf(format: Pick<PostedFormat, "variables">, name: string): Variable | undefined {
  return Object.hasOwn(format.variables, name) ? format.variables[name] : undefined;
}

function booleanText(node: JSONNode, path: string): string {
  if (node.value === true || node.value === 1) return "true";
  if (node.value === false || node.value === 0) return "false";
  throw expected(path, "true, false, 1 or 0, as its format says", node);
}

function positionText(node: JSONNode, path: string): string {
  const parts: readonly JSONNode[] = Array.isArray(node.value) ? node.value : [];
  if (parts.length === 2 && parts.every((part) => typeof part.value === "number")) {
    return parts.map((part) => multiplyDecimal(part.text, "1")).join(" ");
  }
  throw expected(path, "a value, or [longitude, latitude] for a position", node);
}
