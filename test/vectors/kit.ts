/** The conformance kit: what its files hold, and how a vector is given to this implementation. See README.md. */
import type { AuthMethod } from "../../firmware/openpaygo/auth.js";
import type { DataFormat, Encoding } from "../../firmware/openpaygo/data-format.js";
import { type RequestOptions, writeRequest } from "../../firmware/openpaygo/request.js";
import { type Answer, type RequestedTime, readAnswer } from "../../firmware/openpaygo/response.js";
import type { Form } from "../../firmware/openpaygo/row-writer.js";
import type { Row } from "../../firmware/telemetry/row.js";
import type { Value } from "../../hal/sensor.js";
import { sourceOf } from "../openpaygo/random-request.js";

export interface RequestVector {
  name: string;
  key: string;
  auth: AuthMethod;
  form: Form;
  encoding: Encoding;
  serial_number: string;
  timestamp?: number | undefined;
  request_count?: number | undefined;
  data_collection_timestamp?: number | undefined;
  data_format: DataFormat | object;
  data_format_id?: number | undefined;
  data?: Record<string, unknown> | undefined;
  historical_data?: Record<string, unknown>[] | undefined;
  accessories?: object[] | undefined;
  body?: string;
  body_hex?: string;
}

export interface AnswerVector {
  name: string;
  encoding: Encoding;
  body?: string;
  body_hex?: string;
  key: string;
  serial_number: string;
  timestamp?: number;
  request_count?: number;
  first_request_count?: number;
  requested?: RequestedTime;
  expect: object;
}

export interface TokenVector {
  name: string;
  key: string;
  starting_code: number;
  restricted: boolean;
  count: number;
  used: number[];
  token: string;
  expect: object;
}

export interface FormatVector {
  name: string;
  format: unknown;
  valid: boolean;
}

/** The body of a request, as this implementation writes it. */
export function writeVector(vector: Omit<RequestVector, "body" | "body_hex">): Buffer {
  const format = vector.data_format as DataFormat;
  const options: RequestOptions = {
    serialNumber: vector.serial_number,
    key: Buffer.from(vector.key, "hex"),
    auth: vector.auth,
    form: vector.form,
    encoding: vector.encoding,
    timestamp: vector.timestamp,
    requestCount: vector.request_count,
    dataCollectionTimestamp: vector.data_collection_timestamp,
    format,
    formatId: vector.data_format_id,
    embedFormat: vector.data_format_id === undefined,
    data: vector.data as Record<string, Value> | undefined,
    rows: vector.historical_data && sourceOf(vector.historical_data.map((row) => rowOf(row, format))),
    formatNumber: 0,
    accessories: vector.accessories?.map((request) => Buffer.from(JSON.stringify(request))),
  };
  const buffer = Buffer.alloc(65536);
  return buffer.subarray(0, writeRequest(buffer, options).length);
}

function rowOf(row: Record<string, unknown>, format: DataFormat): Row {
  const values = format.historical_data_order.map((name) => (name === "timestamp" ? undefined : (row[name] as Value)));
  return { format: 0, boot: 0, time: row.timestamp as number, values };
}

/** What this implementation makes of an answer, in the words of the kit. */
export function readVector(vector: AnswerVector): object {
  const body = vector.body_hex === undefined ? Buffer.from(vector.body!, "utf8") : Buffer.from(vector.body_hex, "hex");
  const answer: Answer = readAnswer(body, {
    encoding: vector.encoding,
    serialNumber: vector.serial_number,
    key: Buffer.from(vector.key, "hex"),
    sent: { timestamp: vector.timestamp, requestCount: vector.request_count },
    time: vector.requested,
    firstRequestCount: vector.first_request_count,
  });
  if (!answer.accepted) return { refused: answer.reason };
  const { tokens, activeUntil, activeSecondsLeft, settings, verified } = answer;
  return {
    tokens,
    ...(activeUntil !== undefined && { active_until_timestamp: activeUntil }),
    ...(activeSecondsLeft !== undefined && { active_seconds_left: activeSecondsLeft }),
    settings: settings.map(({ name, value }) => [name, value ?? null]),
    verified,
  };
}
