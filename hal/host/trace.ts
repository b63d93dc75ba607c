import { readFileSync } from "node:fs";
import type { TracePoint } from "../sim/solar/weather.js";

/** What a column holds, and its limits: beyond them it is another unit or a broken logger. */
interface Column {
  readonly name: string;
  readonly what: string;
  readonly least: number;
  readonly most: number;
  readonly integer?: boolean;
}

const MINUTE: Column = { name: "utc_minute", what: "a minute of the UTC day", least: 0, most: 1439, integer: true };
const IRRADIANCE: Column = { name: "ghi_wm2", what: "an irradiance in W/m2", least: 0, most: 2000 };
const AIR: Column = { name: "air_c", what: "an air temperature in degrees Celsius", least: -100, most: 70 };

/**
 * Reads a recorded day from a CSV file: `#` comments, a header with utc_minute, ghi_wm2 and air_c in any order, rows with rising minutes.
 * Throws an Error that names file, line, what was expected and what came.
 */
export function readTrace(file: string): TracePoint[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`${file}: cannot be read (${(error as Error).message}); give the path of a CSV file`, {
      cause: error,
    });
  }
  return parseTrace(text, file);
}

/** The same from text; `file` is only for messages. */
export function parseTrace(text: string, file: string): TracePoint[] {
  const lines = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .map((line, i) => ({ where: `${file}:${i + 1}`, text: line.trim() }))
    .filter((line) => line.text !== "" && !line.text.startsWith("#"));
  const [header, ...rows] = lines;
  if (!header)
    throw new Error(`${file}: expected a header "utc_minute,ghi_wm2,air_c", but there is none; the file is empty`);
  const parse = rowParser(header.text, header.where);
  if (rows.length === 0) throw new Error(`${header.where}: expected rows after the header, but there are none`);
  const points = rows.map((row) => parse(row.text, row.where));
  points.forEach((point, i) => {
    const before = points[i - 1];
    if (before && point.minute <= before.minute)
      throw new Error(
        `${rows[i]!.where}: expected a utc_minute after ${before.minute}, got ${point.minute}; sort the rows`,
      );
  });
  return points;
}

function rowParser(header: string, where: string): (row: string, where: string) => TracePoint {
  const names = header.split(",").map((name) => name.trim());
  const find = ({ name }: Column) => {
    const index = names.indexOf(name);
    if (index < 0) throw new Error(`${where}: expected a column "${name}" in the header, got "${header}"`);
    return index;
  };
  const minute = find(MINUTE);
  const irradiance = find(IRRADIANCE);
  const air = find(AIR);
  return (row, where) => {
    const fields = row.split(",");
    if (fields.length !== names.length)
      throw new Error(`${where}: expected ${names.length} fields (${header}), got ${fields.length}: "${row}"`);
    return {
      minute: numberOf(MINUTE, fields[minute]!, where),
      irradiance: numberOf(IRRADIANCE, fields[irradiance]!, where),
      airTemperature: numberOf(AIR, fields[air]!, where),
    };
  };
}

function numberOf(column: Column, field: string, where: string): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(field.trim()) ? Number(field) : Number.NaN;
  if (value >= column.least && value <= column.most && !(column.integer && !Number.isInteger(value))) return value;
  throw new Error(
    `${where}: expected ${column.what} from ${column.least} to ${column.most} as ${column.name}, got "${field.trim()}"`,
  );
}
