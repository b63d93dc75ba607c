import type { AggregationMethod, DataFormat, Variable, VariableType } from "../../firmware/openpaygo/data-format.js";
import { isObject, type JSONNode, type JSONObject } from "./json.js";
import { Refusal } from "./refusal.js";

/** Spec "Data Format Object": no member is required there. */
export type PostedFormat = Partial<Omit<DataFormat, "variables">> & Pick<DataFormat, "variables">;

const MEMBERS = ["data_order", "historical_data_order", "historical_data_interval", "variables"];
const VARIABLE_MEMBERS = ["name", "type", "unit", "description", "scale_factor", "aggregation_method"];
const TYPES: readonly VariableType[] = ["text", "integer", "float", "bool", "gps"];
const METHODS: readonly AggregationMethod[] = ["average", "latest", "sum", "min", "max"];

/** Checks a data format; throws Refusal 400. The result has its members in a fixed order, so that equal ones compare equal. */
export function readFormat(node: JSONNode, path = "data_format"): PostedFormat {
  const members = objectOf(node, path, MEMBERS);
  const dataOrder = readOrder(members.get("data_order"), `${path}.data_order`);
  const rowOrder = readOrder(members.get("historical_data_order"), `${path}.historical_data_order`);
  const interval = readInterval(members.get("historical_data_interval"), `${path}.historical_data_interval`);
  return {
    ...(dataOrder && { data_order: dataOrder }),
    ...(rowOrder && { historical_data_order: rowOrder }),
    ...(interval !== undefined && { historical_data_interval: interval }),
    variables: readVariables(members.get("variables"), `${path}.variables`),
  };
}

/** Throws Refusal 400 for a name that could be taken for an index, or for the name of nothing. */
export function checkName(name: string, path: string): void {
  if (/^[-+]?\p{N}+$/u.test(name))
    throw new Refusal(400, `${path}: expected a variable name, found "${name}", which reads as an index`);
  if (name === "") throw new Refusal(400, `${path}: expected a variable name, found an empty text`);
}

function readOrder(node: JSONNode | undefined, path: string): string[] | undefined {
  if (!node) return undefined;
  if (!Array.isArray(node.value)) throw expected(path, "an array of variable names", node);
  const names = node.value.map((item: JSONNode, index) => {
    if (typeof item.value !== "string") throw expected(`${path}[${index}]`, "a variable name", item);
    checkName(item.value, `${path}[${index}]`);
    return item.value;
  });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Refusal(400, `${path}: expected every name once, found "${twice}" twice`);
  return names;
}

function readInterval(node: JSONNode | undefined, path: string): number | undefined {
  if (!node) return undefined;
  if (Number.isSafeInteger(node.value)) return Number(node.value);
  throw expected(path, "a whole number of seconds", node);
}

function readVariables(node: JSONNode | undefined, path: string): Record<string, Variable> {
  if (!node) return {};
  const names = [...objectOf(node, path)].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    names.map(([name, variable]) => {
      checkName(name, path);
      return [name, readVariable(variable, `${path}.${name}`)];
    }),
  );
}

function readVariable(node: JSONNode, path: string): Variable {
  const members = objectOf(node, path, VARIABLE_MEMBERS);
  const name = readText(members.get("name"), `${path}.name`);
  const type = readChoice(members.get("type"), TYPES, `${path}.type`);
  const unit = readText(members.get("unit"), `${path}.unit`);
  const description = readText(members.get("description"), `${path}.description`);
  const scale = readScale(members.get("scale_factor"), `${path}.scale_factor`);
  const method = readChoice(members.get("aggregation_method"), METHODS, `${path}.aggregation_method`);
  return {
    ...(name !== undefined && { name }),
    ...(type && { type }),
    ...(unit !== undefined && { unit }),
    ...(description !== undefined && { description }),
    ...(scale !== undefined && { scale_factor: scale }),
    ...(method && { aggregation_method: method }),
  };
}

function readText(node: JSONNode | undefined, path: string): string | undefined {
  if (!node) return undefined;
  if (typeof node.value !== "string") throw expected(path, "a text", node);
  return node.value;
}

function readChoice<T extends string>(node: JSONNode | undefined, choices: readonly T[], path: string): T | undefined {
  if (!node) return undefined;
  const choice = choices.find((each) => each === node.value);
  if (choice === undefined) throw expected(path, `one of ${choices.join(", ")}`, node);
  return choice;
}

function readScale(node: JSONNode | undefined, path: string): number | undefined {
  if (!node) return undefined;
  if (typeof node.value === "number" && node.value !== 0) return node.value;
  throw expected(path, "a number other than 0", node);
}

function objectOf(node: JSONNode, path: string, allowed?: readonly string[]): JSONObject {
  if (!isObject(node.value)) throw expected(path, "an object", node);
  const unknown = [...node.value.keys()].find((key) => allowed && !allowed.includes(key));
  if (unknown === undefined) return node.value;
  throw new Refusal(400, `${path}: expected only ${allowed?.join(", ")}, found "${unknown}"`);
}

/** A Refusal 400 that shows the start of what came instead. */
export function expected(path: string, what: string, found: JSONNode): Refusal {
  const shown = found.text.length > 40 ? `${found.text.slice(0, 40)}...` : found.text;
  return new Refusal(400, `${path}: expected ${what}, found ${shown}`);
}
