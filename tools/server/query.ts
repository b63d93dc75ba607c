import { Refusal } from "./refusal.js";
import { isSerialNumber } from "./request.js";
import { type DecodedRow, variableOf } from "./rows.js";
import type { DeviceState, Store } from "./state.js";

/** What `GET /device_data` asks for, times in seconds since 1970, both included. */
export interface Range {
  readonly serialNumber: string;
  readonly from: number;
  readonly to: number;
}

const DATETIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Throws Refusal 400. */
export function readRange(parameters: URLSearchParams): Range {
  const serialNumber = parameters.get("serial_number");
  if (serialNumber === null || !isSerialNumber(serialNumber)) {
    throw new Refusal(400, `serial_number: expected the serial number of a device, found ${serialNumber ?? "none"}`);
  }
  return {
    serialNumber,
    from: readDatetime(parameters, "from_datetime") ?? Number.NEGATIVE_INFINITY,
    to: readDatetime(parameters, "to_datetime") ?? Number.POSITIVE_INFINITY,
  };
}

/** Spec "Get Device Data": always the simple form, rows from oldest to newest. Throws Refusal 404. */
export function simpleForm(store: Store, { serialNumber, from, to }: Range): unknown {
  if (!store.serialNumbers.includes(serialNumber)) {
    throw new Refusal(404, `serial_number: expected a device that has reported, found ${serialNumber}`);
  }
  const device = store.device(serialNumber);
  const rows = store.table(serialNumber).rows.filter(({ timestamp }) => timestamp >= from && timestamp <= to);
  rows.sort((a, b) => a.timestamp - b.timestamp);
  return {
    serial_number: serialNumber,
    ...(device.lastContact !== null && { timestamp: device.lastContact }),
    data: device.data,
    historical_data: rows.map((row) => simpleRow(row, device)),
    data_format: { variables: unscaled(device) },
  };
}

/** ISO 8601; UTC when it names no zone. A "+" comes as a space when it was not escaped. */
function readDatetime(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  const match = DATETIME.exec(text.replace(" ", "+"));
  const seconds = match ? Date.parse(match[0] + (match[0].includes("T") && !match[1] ? "Z" : "")) / 1000 : Number.NaN;
  if (Number.isNaN(seconds))
    throw new Refusal(400, `${name}: expected ISO 8601 as in 2021-01-25T13:57:50Z, found ${text}`);
  return seconds;
}

function simpleRow(row: DecodedRow, device: DeviceState): Record<string, unknown> {
  const values = [...row.cells].map(([name, cell]) => [name, cellValue(cell, variableOf(device, name)?.type)]);
  return { timestamp: row.timestamp, ...Object.fromEntries(values) };
}

/** The stored text as the type its format says; without one, as what it reads as. */
function cellValue(cell: string, type: string | undefined): unknown {
  if (type === "gps") return cell.split(" ").map(Number);
  if (cell === "true" || cell === "false") return cell === "true";
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(cell) ? Number(cell) : cell;
}

/** The rows hold scaled values already. */
function unscaled(device: DeviceState): Record<string, unknown> {
  const entries = Object.entries(device.variables).map(([name, { scale_factor: _, ...variable }]) => [name, variable]);
  return Object.fromEntries(entries);
}
