import type { Value } from "../../hal/sensor.js";
import type { AggregationMethod, DataFormat, Variable } from "../openpaygo/data-format.js";

/** Samples of one interval become one row: average, min, max, sum or latest, as the data format says for each variable. */
export class Aggregator {
  readonly #methods: readonly AggregationMethod[];
  readonly #integers: readonly boolean[];
  readonly #values: Value[];
  readonly #counts: Uint16Array;
  #tried = false;

  constructor(format: DataFormat) {
    const order = format.historical_data_order;
    this.#methods = order.map((name) => methodOf(format.variables[name]));
    this.#integers = order.map((name) => isWhole(format.variables[name]));
    this.#values = new Array<Value>(order.length).fill(undefined);
    this.#counts = new Uint16Array(order.length);
  }

  /** Takes one reading of the variable at `index` of the historical data order; undefined and NaN: there was none. */
  add(index: number, value: Value): void {
    this.#tried = true;
    if (value === undefined || Number.isNaN(value)) return;
    const before = this.#values[index];
    const count = this.#counts[index]!;
    if (count < 0xffff) this.#counts[index] = count + 1;
    if (typeof value !== "number" || typeof before !== "number") this.#values[index] = value;
    else this.#values[index] = combine(this.#methods[index]!, before, value);
  }

  /** Moves the interval's values into `values` and starts the next; false when no reading was tried. */
  close(values: Value[]): boolean {
    const tried = this.#tried;
    this.#tried = false;
    for (let index = 0; index < this.#values.length; index++) {
      values[index] = this.#result(index);
      this.#values[index] = undefined;
    }
    this.#counts.fill(0);
    return tried;
  }

  #result(index: number): Value {
    const value = this.#values[index];
    if (typeof value !== "number" || this.#methods[index] !== "average") return value;
    const mean = value / this.#counts[index]!;
    // The sum takes the sign off a zero, which no payload can carry.
    return this.#integers[index] ? Math.round(mean) + 0 : mean;
  }
}

function combine(method: AggregationMethod, before: number, value: number): number {
  switch (method) {
    case "average":
    case "sum":
      return before + value;
    case "min":
      return Math.min(before, value);
    case "max":
      return Math.max(before, value);
    case "latest":
      return value;
  }
}

/** Spec "Variable Type Object": average is the default for numbers, latest for the rest. */
function methodOf(variable: Variable | undefined): AggregationMethod {
  const numeric = variable?.type === "integer" || variable?.type === "float";
  return variable?.aggregation_method ?? (numeric ? "average" : "latest");
}

/** Scaled variables are whole numbers in the firmware: their mean is rounded back to one. */
function isWhole(variable: Variable | undefined): boolean {
  return variable?.type === "integer" || variable?.scale_factor !== undefined;
}
