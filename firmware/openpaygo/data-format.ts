/** Kind of a variable (spec "Variable Type Object"); "text" when not said. */
export type VariableType = "text" | "integer" | "float" | "bool" | "gps";

/** How a variable's samples become one value of an interval; numbers are averaged and the rest is "latest" when not said. */
export type AggregationMethod = "average" | "latest" | "sum" | "min" | "max";

/** Spec "Variable Type Object", in the names it is sent under. */
export interface Variable {
  readonly name?: string;
  readonly type?: VariableType;
  readonly unit?: string;
  readonly description?: string;
  readonly scale_factor?: number;
  readonly aggregation_method?: AggregationMethod;
}

/** Spec "Data Format Object", in the names it is sent under. */
export interface DataFormat {
  readonly data_order: readonly string[];
  /** Holds "timestamp": rows that do not follow at the interval carry their time there. */
  readonly historical_data_order: readonly string[];
  /** Seconds from one row to the next. */
  readonly historical_data_interval: number;
  readonly variables: Readonly<Record<string, Variable>>;
}
