/**
 * How large a report is: 30 rows of the 5 variables that the OpenPAYGO Metrics spec takes as its example ("Purpose"),
 * one hour at 2 minutes, with envelope and signature. Rows carry the time, so the request only has its count.
 * `npx tsx tools/bench/payload.ts` prints one line per way to send it.
 */
import { pathToFileURL } from "node:url";
import type { DataFormat } from "../../firmware/openpaygo/data-format.js";
import { type RequestOptions, writeRequest } from "../../firmware/openpaygo/request.js";
import type { RowSource } from "../../firmware/telemetry/row.js";
import { seededRandom } from "../../hal/sim/random.js";

const ROWS = 30;
const INTERVAL = 120;
const START = 1750000000;

const FORMAT: DataFormat = {
  data_order: ["token_count"],
  historical_data_order: [
    "battery_voltage",
    "battery_current",
    "panel_voltage",
    "output_1_current",
    "output_2_current",
    "timestamp",
  ],
  historical_data_interval: INTERVAL,
  variables: {},
};

/** Where each variable starts, and how far it may move in a row, in hundredths of V and A: an afternoon with a fan and a lamp. */
const BEHAVIOUR: readonly (readonly [start: number, step: number])[] = [
  [1284, 2],
  [121, 9],
  [1742, 15],
  [52, 3],
  [14, 1],
];

/** The hour, in units of `1 / perUnit` V and A. */
function hour(perUnit: number): number[][] {
  const random = seededRandom(2026);
  const state = BEHAVIOUR.map(([start]) => start);
  return Array.from({ length: ROWS }, () =>
    BEHAVIOUR.map(([, step], index) => {
      state[index]! += (random() % (2 * step + 1)) - step;
      return (state[index]! * perUnit) / 100;
    }),
  );
}

function source(rows: readonly number[][]): RowSource {
  let position = 0;
  return {
    get position() {
      return position;
    },
    next(row) {
      const values = rows[position];
      if (values === undefined) return false;
      Object.assign(row, { format: 0, boot: 0, time: START + INTERVAL * position, values });
      position++;
      return true;
    },
  };
}

function size(form: RequestOptions["form"], encoding: RequestOptions["encoding"], perUnit: number): number {
  const written = writeRequest(new Uint8Array(8192), {
    serialNumber: "A111222",
    key: new Uint8Array(16).fill(7),
    auth: "ra",
    form,
    encoding,
    requestCount: 132,
    format: FORMAT,
    formatId: 12,
    data: { token_count: 13 },
    rows: source(hour(perUnit)),
    formatNumber: 0,
  });
  if (written.rows !== ROWS) throw new Error(`${written.rows} of ${ROWS} rows fitted`);
  return written.length;
}

/** Bytes of the report by the way it is sent. */
export function payloadSizes(): Record<string, number> {
  return {
    "simple JSON, 2 decimals": size("simple", "json", 1),
    "condensed JSON, 2 decimals": size("condensed", "json", 1),
    "condensed JSON, thousandths as integers": size("condensed", "json", 1000),
    "condensed JSON, hundredths as integers": size("condensed", "json", 100),
    "condensed CBOR, 2 decimals": size("condensed", "cbor", 1),
    "condensed CBOR, thousandths as integers": size("condensed", "cbor", 1000),
    "condensed CBOR, hundredths as integers": size("condensed", "cbor", 100),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  console.log(`${ROWS} rows of ${BEHAVIOUR.length} variables, with envelope and signature:`);
  for (const [name, bytes] of Object.entries(payloadSizes()))
    console.log(`${String(bytes).padStart(6)} bytes  ${name}`);
}
