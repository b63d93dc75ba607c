import type { Value } from "../hal/sensor.js";
import type { DataFormat, Variable } from "./openpaygo/data-format.js";
import type { Row } from "./telemetry/row.js";

/** A value for people: scaled, with its unit. */
export function showValue(value: Value, variable: Variable | undefined): string {
  if (typeof value !== "number") return typeof value === "object" ? value.join(" ") : String(value);
  const scale = variable?.scale_factor ?? 1;
  const digits = scale < 1 ? Math.round(-Math.log10(scale)) : 0;
  const number = variable?.scale_factor === undefined ? String(value) : (value * scale).toFixed(digits);
  return variable?.unit ? `${number} ${variable.unit}` : number;
}

/** Seconds since 1970 as "2026-01-01 12:00:00". */
export function showTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
}

/** Seconds as "3 d 4 h", "5 h 12 min", "40 s". */
export function showDuration(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 86400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "0 s";
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(" ");
}

/** The names that go with `showRow`. */
export function showNames(format: DataFormat): string {
  return `time, ${format.historical_data_order.filter((name) => name !== "timestamp").join(", ")}`;
}

/** A waiting row on one line: its time and values in the order of `showNames`; a sparse one with names. */
export function showRow(row: Row, format: DataFormat): string {
  const order = format.historical_data_order;
  const sparse = row.values.filter((value) => value !== undefined).length * 2 < order.length;
  let text = row.boot === 0 ? showTime(row.time) : `boot ${row.boot} + ${row.time} s`;
  for (let i = 0; i < order.length; i++) {
    const name = order[i]!;
    const value = row.values[i];
    if (name === "timestamp" || (sparse && value === undefined)) continue;
    text += `  ${sparse ? `${name} ` : ""}${value === undefined ? "-" : showValue(value, format.variables[name])}`;
  }
  return text.replace(/(?: {2}-)+$/, "");
}
