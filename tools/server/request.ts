import { expected, type PostedFormat, readFormat } from "./format.js";
import { isObject, type JSONNode } from "./json.js";
import { Refusal } from "./refusal.js";

/** Spec "Device Request Object", checked; `data` and the rows still as they came. */
export interface DeviceRequest {
  readonly serialNumber: string;
  readonly auth: string | undefined;
  readonly timestamp: number | undefined;
  readonly requestCount: number | undefined;
  /** When an intermediary collected the data; not signed. */
  readonly collectionTimestamp: number | undefined;
  readonly formatId: number | undefined;
  readonly format: PostedFormat | undefined;
  readonly data: JSONNode | undefined;
  readonly historicalData: JSONNode | undefined;
  readonly rows: readonly JSONNode[];
}

/** Long names by short name; the reference libraries spell `dct` of the spec `dtc`. */
const LONG_NAMES = new Map([
  ["sn", "serial_number"],
  ["d", "data"],
  ["hd", "historical_data"],
  ["ts", "timestamp"],
  ["rc", "request_count"],
  ["dct", "data_collection_timestamp"],
  ["dtc", "data_collection_timestamp"],
  ["a", "auth"],
  ["dfo", "data_format"],
  ["df", "data_format_id"],
]);
const MEMBERS = new Set(LONG_NAMES.values());

/** Text that is safe as a file name everywhere. */
const SERIAL_NUMBER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function isSerialNumber(text: string): boolean {
  return SERIAL_NUMBER.test(text);
}

/** Throws Refusal 400 for anything that is not a device request object of the spec, in simple, condensed or mixed form. */
export function readRequest(body: JSONNode): DeviceRequest {
  const members = readMembers(body);
  const format = members.get("data_format");
  const data = members.get("data");
  const historicalData = members.get("historical_data");
  const request = {
    serialNumber: readSerialNumber(members.get("serial_number")),
    auth: readAuth(members.get("auth")),
    timestamp: readCount(members, "timestamp"),
    requestCount: readCount(members, "request_count"),
    collectionTimestamp: readCount(members, "data_collection_timestamp"),
    formatId: readCount(members, "data_format_id"),
    format: format && readFormat(format),
    data,
    historicalData,
    rows: readRows(historicalData),
  };
  if (!data && !historicalData) throw new Refusal(400, "expected data or historical_data, found neither");
  if (data && !isObject(data.value) && !Array.isArray(data.value))
    throw expected("data", "an object or an array", data);
  if (request.format && request.formatId !== undefined) {
    throw new Refusal(400, "expected data_format or data_format_id, found both");
  }
  return request;
}

function readMembers(body: JSONNode): Map<string, JSONNode> {
  if (!isObject(body.value)) throw expected("the body", "an object", body);
  const members = new Map<string, JSONNode>();
  for (const [key, member] of body.value) {
    const name = LONG_NAMES.get(key) ?? key;
    if (!MEMBERS.has(name)) throw new Refusal(400, `expected members of a device request, found "${key}"`);
    if (members.has(name)) throw new Refusal(400, `expected ${name} once, found it also as "${key}"`);
    members.set(name, member);
  }
  return members;
}

function readSerialNumber(node: JSONNode | undefined): string {
  if (!node) throw new Refusal(400, "expected serial_number, found none");
  if (typeof node.value === "string" && isSerialNumber(node.value)) return node.value;
  throw expected("serial_number", "1 to 64 letters, digits, dots, dashes and underscores", node);
}

function readAuth(node: JSONNode | undefined): string | undefined {
  if (!node) return undefined;
  if (typeof node.value === "string") return node.value;
  throw expected("auth", "a text", node);
}

/** 0 would not be signed: the reference takes it as absent. */
function readCount(members: ReadonlyMap<string, JSONNode>, name: string): number | undefined {
  const node = members.get(name);
  if (!node) return undefined;
  if (typeof node.value === "number" && /^[1-9]\d*$/.test(node.text) && Number.isSafeInteger(node.value))
    return node.value;
  throw expected(name, "a whole number from 1", node);
}

/** The reference device sends an empty object when it has no rows. */
function readRows(node: JSONNode | undefined): readonly JSONNode[] {
  if (!node || node.text === "{}") return [];
  if (!Array.isArray(node.value)) throw expected("historical_data", "an array", node);
  return node.value;
}
