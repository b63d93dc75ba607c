/** Random requests, from a seed: what goes in, and what a server must read from it. */

import type { AuthMethod } from "../../firmware/openpaygo/auth.js";
import type { DataFormat } from "../../firmware/openpaygo/data-format.js";
import type { RequestOptions } from "../../firmware/openpaygo/request.js";
import type { Row, RowSource } from "../../firmware/telemetry/row.js";
import type { Value } from "../../hal/sensor.js";
import { seededRandom } from "../../hal/sim/random.js";

export interface RandomRequest {
  options: RequestOptions;
  /** Long names, absolute times, nothing for what is missing. */
  expected: { data: Record<string, Value>; rows: Record<string, Value>[] };
}

const EDGE_NUMBERS = [
  0,
  -0,
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
  2147483647,
  -2147483648,
  -2147483649,
  9007199254740991,
  9007199254740992,
  9007199254740994,
  1e15,
  9999999999999998,
  1e16,
  1.5e16,
  123456789012345680000,
  1e21,
  1e22,
  1.5e300,
  0.1,
  0.0001,
  0.00012,
  0.00001,
  0.000012345,
  1e-7,
  1.5e-7,
  5e-324,
  1.7976931348623157e308,
  12.3,
  12.3,
  12.0,
  0.5,
  65504,
  65505,
  1.5,
  2 ** -24,
  2 ** -25,
  0.333251953125,
  3.4028234663852886e38,
  16777217,
  16777216.5,
  1 / 3,
];
const NOT_NUMBERS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const TEXTS = [
  "",
  "1.14.2",
  'say "no" \\ /',
  "tab\tline\nreturn\r\b\f\u0000\u001f\u007f",
  "caf\u00e9",
  "\u65e5\u672c\u8a9e",
  "\u{1f31e}\u{10ffff}",
  "\ud800",
  "\udc00x",
  "\u2028\ufeff",
];
const NAMES = [
  "battery_voltage",
  "battery_current",
  "panel_voltage",
  "load_current",
  "temperature",
  "tampered",
  "place",
  "note",
  "caf\u00e9_power",
  "a1",
  "x",
];

export class RandomRequests {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  next(auth: AuthMethod): RandomRequest {
    const format = this.#format();
    const timestamp = 1700000000 + this.#below(100000000);
    const bothCounters = this.#chance(0.5);
    const first = this.#chance(0.5);
    const rows = this.#rows(format, timestamp);
    const data = this.#data(format);
    const form = this.#chance(0.6) ? "condensed" : "simple";
    const options: RequestOptions = {
      serialNumber: this.#pick(["A111222", "OP123456789", "s\u00e9rie 7", "\u5e8f\u5217"]),
      key: Uint8Array.from({ length: 16 }, () => this.#below(256)),
      auth,
      form,
      encoding: this.#chance(0.7) ? "json" : "cbor",
      timestamp: bothCounters || first || auth === "ta" ? timestamp : undefined,
      requestCount: bothCounters || !first || auth === "ca" ? 1 + this.#below(100000) : undefined,
      format,
      formatId: this.#chance(0.5) ? 1 + this.#below(5000) : undefined,
      data: data.given,
      rows: this.#chance(0.9) ? sourceOf(rows.given) : undefined,
      formatNumber: 3,
      resolveTime: (boot, time) => bootStart(boot) + time,
    };
    const embedFormat = options.formatId === undefined && (form === "condensed" || this.#chance(0.5));
    return {
      options: { ...options, embedFormat },
      expected: { data: data.expected, rows: options.rows ? rows.expected : [] },
    };
  }

  #format(): DataFormat {
    const order = this.#shuffle(NAMES).slice(0, 1 + this.#below(NAMES.length));
    order.splice(this.#below(order.length + 1), 0, "timestamp");
    if (this.#chance(0.2)) order.push("relative_time");
    return {
      data_order: this.#shuffle(["token_count", "tampered", "firmware_version", "signal"]).slice(0, this.#below(5)),
      historical_data_order: order,
      historical_data_interval: this.#pick([0, 60, 120, 900]),
      variables: { battery_voltage: { name: "Voltage \u00b0", type: "float", unit: "V", scale_factor: 0.001 } },
    };
  }

  #rows(format: DataFormat, end: number): { given: Row[]; expected: Record<string, Value>[] } {
    const given: Row[] = [];
    const expected: Record<string, Value>[] = [];
    let time = end - 100000;
    for (let count = this.#below(6); count > 0; count--) {
      time += this.#chance(0.7) ? format.historical_data_interval : 1 + this.#below(5000);
      const values = format.historical_data_order.map((name) =>
        name === "timestamp" || name === "relative_time" ? undefined : this.#value(),
      );
      const boot = this.#chance(0.5) ? 0 : 1 + this.#below(3);
      given.push({ format: 3, boot, time: boot === 0 ? time : time - bootStart(boot), values });
      const row: Record<string, Value> = { timestamp: time };
      format.historical_data_order.forEach((name, index) => {
        keep(row, name, values[index]);
      });
      expected.push(row);
    }
    return { given, expected };
  }

  #data(format: DataFormat): { given: Record<string, Value> | undefined; expected: Record<string, Value> } {
    const expected: Record<string, Value> = {};
    if (this.#chance(0.15)) return { given: undefined, expected };
    const given: Record<string, Value> = {};
    const names = this.#chance(0.8) ? format.data_order : ["token_count", "signal", "note"];
    for (const name of names) {
      given[name] = this.#value();
      keep(expected, name, given[name]);
    }
    return { given, expected };
  }

  #value(): Value {
    switch (this.#below(12)) {
      case 0:
      case 1:
        return undefined;
      case 2:
        return this.#chance(0.5);
      case 3:
        return this.#chance(0.8) ? this.#text() : this.#pick(TEXTS);
      case 4:
        return this.#pick(EDGE_NUMBERS) * (this.#chance(0.5) ? 1 : -1);
      case 5:
        return [this.#below(36000) / 100 - 180, this.#below(18000) / 100 - 90];
      case 6:
        return this.#pick(NOT_NUMBERS);
      case 7:
        return this.#anyFloat();
      case 8:
        return (this.#below(2000000) - 1000000) / this.#pick([10, 100, 1000, 3, 7]);
      default:
        return this.#below(100000) - 20000;
    }
  }

  #anyFloat(): number {
    const view = new DataView(new ArrayBuffer(8));
    view.setUint32(0, this.#random());
    view.setUint32(4, this.#random());
    return this.#chance(0.3) ? view.getFloat32(0) : view.getFloat64(0);
  }

  #text(): string {
    let text = "";
    const limit = this.#pick([0x80, 0x80, 0x300, 0x10000]);
    for (let length = this.#below(8); length > 0; length--) text += String.fromCharCode(this.#below(limit));
    return text;
  }

  #below(limit: number): number {
    return this.#random() % limit;
  }

  #chance(probability: number): boolean {
    return this.#random() < probability * 0x100000000;
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#below(values.length)]!;
  }

  #shuffle<T>(values: readonly T[]): T[] {
    const rest = [...values];
    return values.map(() => rest.splice(this.#below(rest.length), 1)[0]!);
  }
}

export function sourceOf(rows: readonly Row[]): RowSource {
  let position = 0;
  return {
    next(row) {
      const next = rows[position];
      if (next) Object.assign(row, next, { values: [...next.values] });
      if (next) position++;
      return next !== undefined;
    },
    get position() {
      return position;
    },
  };
}

/** Seconds since 1970 at which a boot began. */
function bootStart(boot: number): number {
  return 1500000000 + boot * 1000;
}

function keep(target: Record<string, Value>, name: string, value: Value): void {
  const numbers = typeof value === "object" ? value : [value];
  if (value === undefined || numbers.some((number) => typeof number === "number" && !Number.isFinite(number))) return;
  target[name] = typeof value === "string" ? wellFormed(value) : value;
}

/** Lone surrogates cannot be sent as UTF-8. */
function wellFormed(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}
