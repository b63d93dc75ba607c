import { FORMATS } from "../../firmware/telemetry/format.js";
import type { Row } from "../../firmware/telemetry/row.js";
import { multiplyDecimal } from "../../tools/server/decimal.js";

/** Whether a server's texts of a row's values, by long name, are what the device recorded. */
export function sameCells({ format, values }: Row, cells: ReadonlyMap<string, string>): boolean {
  const { historical_data_order: order, variables } = FORMATS[format]!;
  let count = 0;
  for (const [i, name] of order.entries()) {
    const value = values[i];
    if (value === undefined) continue;
    count++;
    const scale = String(variables[name]?.scale_factor ?? 1);
    const text = typeof value === "number" ? multiplyDecimal(String(value), scale) : String(value);
    if (cells.get(name) !== text) return false;
  }
  return count === cells.size;
}
