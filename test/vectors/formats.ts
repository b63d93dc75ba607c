import { FORMAT } from "./cases.js";
import type { FormatVector } from "./kit.js";

const VARIABLE = {
  name: "Power",
  type: "float",
  unit: "Wh",
  description: "Used.",
  scale_factor: 100,
  aggregation_method: "sum",
};

function wrong(name: string, changes: object): FormatVector {
  return { name, format: { ...FORMAT, ...changes }, valid: false };
}

export const FORMATS: readonly FormatVector[] = [
  { name: "usual", format: FORMAT, valid: true },
  { name: "every property of a variable", format: { ...FORMAT, variables: { power: VARIABLE } }, valid: true },
  { name: "no variables described", format: { ...FORMAT, variables: {} }, valid: true },
  { name: "negative interval", format: { ...FORMAT, historical_data_interval: -60 }, valid: true },
  { name: "not an object", format: [FORMAT], valid: false },
  wrong("a name like an index", { data_order: ["token_count", "1"] }),
  wrong("a name like an index, in history", { historical_data_order: ["timestamp", "0"] }),
  wrong("a name like an index, among the variables", { variables: { "7": VARIABLE } }),
  wrong("digits of another script", { data_order: ["\u0661"] }),
  wrong("a short name of the protocol", { data_order: ["tc"] }),
  wrong("a name twice", { historical_data_order: ["timestamp", "power", "power"] }),
  wrong("a name that is no text", { data_order: [null] }),
  wrong("no place for the time", { historical_data_order: ["power"] }),
  wrong("an order as an object", { data_order: { "1": "token_count" } }),
  wrong("an interval that is not whole", { historical_data_interval: 0.5 }),
  wrong("an unknown type", { variables: { power: { type: "double" } } }),
  wrong("an unknown aggregation method", { variables: { power: { type: "float", aggregation_method: "mean" } } }),
  wrong("a scale factor of 0", { variables: { power: { scale_factor: 0 } } }),
  wrong("an unknown property", { variables: { power: { units: "W" } } }),
];
