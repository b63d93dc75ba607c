import { frozen } from "../../hal/frozen.js";
import type { DataFormat } from "../openpaygo/data-format.js";

const volts = (name: string) => ({ name, type: "float", unit: "V", scale_factor: 0.001 }) as const;
const amperes = (name: string) => ({ name, type: "float", unit: "A", scale_factor: 0.001 }) as const;

/**
 * The data format of this product: what is measured, its unit, and how samples become a row. A further variable
 * is a line here and a sensor that gives it. Rows that events make carry only what changed.
 */
const FORMAT_0: DataFormat = frozen({
  data_order: [
    "token_count",
    "active_until_timestamp_requested",
    "active_seconds_left_requested",
    "firmware_version",
    "reset_reason",
    "signal",
    "rows_evicted",
    "rows_corrupt",
    "requests_failed",
    "answers_refused",
  ],
  historical_data_interval: 120,
  historical_data_order: [
    "battery_voltage",
    "battery_current",
    "panel_voltage",
    "panel_current",
    "load_current",
    "temperature",
    "timestamp",
    "tampered",
    "overload_alert",
    "credit_low",
    "in_grace_period",
  ],
  variables: {
    battery_voltage: volts("Battery Voltage"),
    battery_current: {
      ...amperes("Battery Current"),
      description: "Out of the battery; negative means it is charging.",
    },
    panel_voltage: volts("Panel Voltage"),
    panel_current: amperes("Panel Current"),
    load_current: amperes("Load Current"),
    temperature: { name: "Temperature", type: "float", unit: "\u00b0C", scale_factor: 0.1 },
    tampered: { name: "Tampered", type: "bool" },
    overload_alert: { name: "Overload", type: "bool" },
    credit_low: { name: "Credit Low", type: "bool" },
    in_grace_period: { name: "In Grace Period", type: "bool" },
    signal: { name: "Signal Strength", type: "integer", unit: "dBm" },
    rows_evicted: { name: "Rows Lost To A Full Memory", type: "integer", aggregation_method: "max" },
    rows_corrupt: { name: "Rows Lost To Corruption", type: "integer", aggregation_method: "max" },
    requests_failed: { name: "Requests Failed Since Start", type: "integer", aggregation_method: "max" },
    answers_refused: { name: "Answers Refused Since Start", type: "integer", aggregation_method: "max" },
    firmware_version: { name: "Firmware Version" },
    reset_reason: { name: "Reason Of The Last Reset" },
  },
});

/**
 * Every data format that a device in the field may hold rows of, by number. A change is a new entry, never an edit:
 * rows recorded under an older one are still sent under it.
 */
export const FORMATS: readonly DataFormat[] = frozen([FORMAT_0]);
export const CURRENT_FORMAT = FORMATS.length - 1;
