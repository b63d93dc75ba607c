/**
 * Device requests (spec "Device Request Object"), written and signed in one pass from the records into a buffer.
 *
 *   const written = writeRequest(buffer, { serialNumber, key, auth: "ra", form: "condensed", encoding: "json",
 *     timestamp, requestCount, format, formatId: 12, data: { token_count: 3 }, rows, formatNumber: 1, resolveTime });
 *   // buffer.subarray(0, written.length) is the body, written.sent goes into readAnswer,
 *   // written.position is what to commit when the answer came.
 */
import type { Value } from "../../hal/sensor.js";
import type { RowSource } from "../telemetry/row.js";
import { type AuthMethod, type Counters, sentCounters } from "./auth.js";
import type { DataFormat, Encoding } from "./data-format.js";
import { RequestWriter } from "./request-writer.js";
import type { RowTimeOptions } from "./row-time.js";
import type { Form } from "./row-writer.js";

/** The most that the spec allows for one request. */
export const MAX_REQUEST_BYTES = 4096 * 1024;

export interface RequestOptions extends Counters {
  readonly serialNumber: string;
  readonly form: Form;
  readonly encoding: Encoding;
  /** Missing when a JWT outside of the request authenticates it. */
  readonly auth?: AuthMethod | undefined;
  /** 16 bytes; needed for `auth`. */
  readonly key?: Uint8Array | undefined;
  /** Hashes keep their leading zeros (16 digits): for the few servers that compare them so. */
  readonly paddedHash?: boolean | undefined;
  /** Seconds since 1970 at which a carrier collected the data. */
  readonly dataCollectionTimestamp?: number | undefined;
  readonly format: DataFormat;
  /** Id of `format` at this server; or `embedFormat` sends the format itself. A condensed request needs one of them. */
  readonly formatId?: number | undefined;
  readonly embedFormat?: boolean | undefined;
  /** The device as it is now, by long variable name. */
  readonly data?: Readonly<Record<string, Value>> | undefined;
  readonly rows?: RowSource | undefined;
  /** `Row.format` of rows in `format`: a row with another number ends the request. */
  readonly formatNumber?: number | undefined;
  readonly resolveTime?: RowTimeOptions["resolveTime"];
  readonly resolveUptime?: RowTimeOptions["resolveUptime"];
  readonly uptime?: RowTimeOptions["uptime"];
  /** Requests of accessories, whole and in the same encoding. */
  readonly accessories?: readonly Uint8Array[] | undefined;
}

export interface WrittenRequest {
  /** Bytes in the buffer; 0 when it cannot hold even a request without rows. */
  readonly length: number;
  readonly rows: number;
  /** `RowSource.position` after the last row included. */
  readonly position: number;
  /**
   * Why no more rows: none left, the next has another format, its time can't be told together with those before, or no room
   * (with `rows` 0: not for a single one).
   */
  readonly stop: "end" | "format" | "time" | "limit";
  /** The counters that the request carries, to check its answer with. */
  readonly sent: Counters;
}

/** Writes as many rows as fit into `buffer` (at most MAX_REQUEST_BYTES); throws on options that make no request. */
export function writeRequest(buffer: Uint8Array, options: RequestOptions): WrittenRequest {
  checkOptions(options);
  return new RequestWriter(buffer.subarray(0, MAX_REQUEST_BYTES), options).write();
}

function checkOptions(options: RequestOptions): void {
  if (options.serialNumber === "")
    throw new Error("serialNumber: expected the serial number of the device, not nothing");
  for (const name of ["timestamp", "requestCount", "dataCollectionTimestamp"] as const) {
    const value = options[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0)) {
      throw new RangeError(`${name}: expected a whole number above 0, not ${value}`);
    }
  }
  if (options.auth !== undefined) checkAuth(options.auth, options);
  const references = (options.formatId === undefined ? 0 : 1) + (options.embedFormat ? 1 : 0);
  if (references > 1) throw new Error("formatId, embedFormat: a request has one of them, not both");
  if (references < 1 && options.form === "condensed") {
    throw new Error("formatId: a condensed request needs it, or embedFormat");
  }
  if (options.rows && options.formatNumber === undefined) {
    throw new Error("formatNumber: expected the number that rows of this format carry");
  }
}

function checkAuth(auth: AuthMethod, options: RequestOptions): void {
  if (options.key?.length !== 16) throw new Error(`key: "${auth}" needs 16 bytes`);
  const { timestamp, requestCount } = sentCounters(auth, options);
  if (timestamp === undefined && requestCount === undefined) {
    const needed = auth === "ta" ? "timestamp" : auth === "ca" ? "requestCount" : "timestamp or requestCount";
    throw new Error(`${needed}: "${auth}" needs it`);
  }
}
