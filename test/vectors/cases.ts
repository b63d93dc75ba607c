/** The requests of the conformance kit, by what makes them worth testing. */
import { sipHash } from "../../firmware/openpaygo/siphash.js";
import { utf8 } from "../../firmware/openpaygo/text.js";
import type { RequestVector } from "./kit.js";

const KEY = "dac86b1a29ab82edc5fbbc41ec9530f6";
const START = 1750000000;

export const FORMAT = {
  data_order: ["token_count", "tampered", "firmware_version"],
  historical_data_order: [
    "panel_voltage",
    "battery_voltage",
    "battery_current",
    "timestamp",
    "note",
    "overload",
    "place",
  ],
  historical_data_interval: 120,
  variables: { panel_voltage: { name: "Panel Voltage", type: "float", unit: "V", scale_factor: 0.01 } },
};

const ROWS = [
  { timestamp: START, panel_voltage: 1751, battery_voltage: 1264, battery_current: -32 },
  { timestamp: START + 120, panel_voltage: 1749, battery_voltage: 1265, battery_current: -31 },
];

type Case = Omit<RequestVector, "body" | "body_hex" | "auth" | "form" | "encoding" | "name"> &
  Partial<Pick<RequestVector, "auth" | "form" | "encoding">>;

const BASE: Case = {
  key: KEY,
  serial_number: "A111222",
  timestamp: START + 300,
  request_count: 132,
  data_format: FORMAT,
  data_format_id: 12,
  data: { token_count: 13, tampered: false, firmware_version: "1.14.2" },
  historical_data: ROWS,
};

/** One row per value, in the variable that is named. */
function rowsOf(name: string, values: readonly unknown[]): Case["historical_data"] {
  return values.map((value, index) => ({ timestamp: START + 120 * index, panel_voltage: 1, [name]: value }));
}

const NUMBERS = [
  0,
  1,
  -1,
  23,
  24,
  255,
  256,
  65535,
  65536,
  4294967295,
  4294967296,
  -24,
  -25,
  -256,
  -257,
  2147483647,
  -2147483648,
  9007199254740991,
  -9007199254740991,
  1e16,
  1.5e16,
  -1e21,
  1e22,
  1.7976931348623157e308,
  5e-324,
  0.1,
  12.3,
  0.5,
  1.5,
  65504.5,
  0.333251953125,
  100000.5,
  16777216.5,
  0.0001,
  0.00012,
  0.00001,
  0.000012345,
  1e-7,
  1.5e-10,
  1 / 3,
];
const TEXTS = [
  "",
  "plain",
  'quote " backslash \\ slash /',
  "\b\t\n\f\r\u0000\u001f\u007f",
  "caf\u00e9",
  "\u65e5\u672c\u8a9e",
  "\u{1f31e} sun",
  "\u2028\u2029\ufeff",
  "x".repeat(23),
  "x".repeat(24),
];

/** A request count or serial number whose hash has leading zeros. */
function search(hashed: (n: number) => string): number {
  for (let n = 1; ; n++) {
    const { high } = sipHash(Buffer.from(KEY, "hex"), utf8(hashed(n)));
    if (high < 0x100000) return n;
  }
}

export const CASES: Readonly<Record<string, Case>> = {
  "edge numbers": { ...BASE, historical_data: rowsOf("battery_current", NUMBERS) },
  texts: { ...BASE, historical_data: rowsOf("note", TEXTS) },
  "serial number that is not ASCII": { ...BASE, serial_number: "s\u00e9rie \u65e5 7" },
  "booleans and places": {
    ...BASE,
    historical_data: [
      { timestamp: START, overload: true, place: [36.8219, -1.2921] },
      { timestamp: START + 120, overload: false, place: [-0.5, 0] },
    ],
  },
  "gaps in time, an event between rows": {
    ...BASE,
    historical_data: [
      ...ROWS,
      { timestamp: START + 187, overload: true },
      { timestamp: START + 240, panel_voltage: 1700 },
      { timestamp: START + 360, panel_voltage: 1701 },
      { timestamp: START + 36000, panel_voltage: 0 },
    ],
  },
  "missing values": {
    ...BASE,
    data: { firmware_version: "1.14.2" },
    historical_data: [
      { timestamp: START, battery_current: 5 },
      { timestamp: START + 120 },
      { timestamp: START + 240, place: [1, 2] },
      { timestamp: START + 360, panel_voltage: 1, battery_voltage: 2, note: "n" },
    ],
  },
  "no data": { ...BASE, data: undefined },
  "no history": { ...BASE, historical_data: undefined },
  "an empty history": { ...BASE, historical_data: [] },
  "no data and no history": { ...BASE, data: undefined, historical_data: undefined },
  "data outside of the order": { ...BASE, data: { token_count: 13, signal: -71 } },
  "embedded format": { ...BASE, data_format_id: undefined },
  "every member": {
    ...BASE,
    data_collection_timestamp: START + 310,
    accessories: [{ sn: "TV1", rc: 4, df: 3, d: [1, null, "on"], a: "ca51f14ab2c34dff0a" }],
  },
  "timestamp only": { ...BASE, request_count: undefined },
  "request count only": { ...BASE, timestamp: undefined },
  "leading zeros in the signature": {
    ...BASE,
    auth: "ca",
    timestamp: undefined,
    request_count: search((n) => `A111222${n}`),
  },
  "leading zeros in an inner hash": { ...BASE, auth: "ra", serial_number: `A${search((n) => `A${n}`)}` },
};

/** Cases of one request each, without its body. */
export function requestCases(): Omit<RequestVector, "body" | "body_hex">[] {
  const all: Omit<RequestVector, "body" | "body_hex">[] = [];
  for (const encoding of ["json", "cbor"] as const) {
    for (const form of ["condensed", "simple"] as const) {
      for (const auth of ["sa", "ta", "ca", "da", "ra"] as const) {
        all.push({ name: `${auth}, ${form}, ${encoding}`, ...BASE, auth, form, encoding });
      }
      for (const [name, one] of Object.entries(CASES)) {
        if (encoding === "cbor" && one.accessories) continue;
        for (const auth of one.auth ? [one.auth] : (["da", "ra"] as const)) {
          all.push({ name: `${name} (${auth}, ${form}, ${encoding})`, ...one, auth, form, encoding });
        }
      }
    }
  }
  return all;
}
