import type { Value } from "../../hal/sensor.js";

/** One row of historical data, as it is recorded and sent. Reused by readers: copy what must be kept. */
export interface Row {
  /** Number of the data format it was recorded under, 0 to 255. */
  format: number;
  /** Number of the boot whose seconds `time` counts; 0 when `time` is seconds since 1970. */
  boot: number;
  time: number;
  /** By index in the format's `historical_data_order`; the place of "timestamp" stays undefined. */
  values: Value[];
}

/** Rows from oldest to newest. */
export interface RowSource {
  /** Fills `row` with the next one; false at the end. */
  next(row: Row): boolean;
  /** Where the reader stands: everything up to the last row given lies before it. Opaque, for `commit`. */
  readonly position: number;
}
