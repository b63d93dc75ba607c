import type { KnownDevice } from "./device-data.js";
import { expected } from "./format.js";
import { isObject, type JSONNode, type JSONObject, plain } from "./json.js";
import { Refusal } from "./refusal.js";
import { isSerialNumber } from "./request.js";
import type { DeviceState, Store } from "./state.js";
import { encodeToken, TOKEN_TYPES } from "./token-encoder.js";

/** A device as the API lists it. */
export interface DeviceSummary extends DeviceState {
  readonly serialNumber: string;
  readonly rows: number;
  /** Since the server started. */
  readonly refused: { readonly count: number; readonly last: string } | null;
}

type Change = (device: DeviceState, body: JSONObject, known: KnownDevice) => Record<string, unknown>;

/** What can be posted to /api/devices/SERIAL/NAME. */
const CHANGES: Readonly<Record<string, Change>> = {
  tokens: queueToken,
  "active-until": setActiveUntil,
  settings: setSettings,
  "extra-data": setExtraData,
};

/** What the operator of the server can see and do. */
export class Operator {
  readonly #store: Store;
  readonly #find: (serialNumber: string) => KnownDevice | undefined;
  readonly #configured: readonly string[];
  readonly #refusals: ReadonlyMap<string, { count: number; last: string }>;

  constructor(options: {
    store: Store;
    find: (serialNumber: string) => KnownDevice | undefined;
    configured: readonly string[];
    refusals: ReadonlyMap<string, { count: number; last: string }>;
  }) {
    this.#store = options.store;
    this.#find = options.find;
    this.#configured = options.configured;
    this.#refusals = options.refusals;
  }

  /** Devices that were configured or have reported, by serial number. */
  list(): DeviceSummary[] {
    const serialNumbers = [...new Set([...this.#configured, ...this.#store.serialNumbers])];
    return serialNumbers.sort().map((serialNumber) => this.show(serialNumber));
  }

  show(serialNumber: string): DeviceSummary {
    // A device of an earlier run, whose key is not given any more, is still shown.
    const known = this.#store.serialNumbers.includes(serialNumber) ? undefined : this.#known(serialNumber);
    return {
      serialNumber,
      ...this.#store.device(serialNumber, known?.tokenCount),
      rows: this.#store.table(serialNumber).rows.length,
      refused: this.#refusals.get(serialNumber) ?? null,
    };
  }

  /** Throws Refusal with nothing changed. */
  change(serialNumber: string, name: string, body: JSONNode): Record<string, unknown> {
    const known = this.#known(serialNumber);
    const change = Object.hasOwn(CHANGES, name) ? CHANGES[name] : undefined;
    if (!change) throw new Refusal(404, `expected ${Object.keys(CHANGES).join(", ")} after the device, found ${name}`);
    if (!isObject(body.value)) throw expected("the body", "an object", body);
    const device = this.#store.device(serialNumber, known.tokenCount);
    const result = change(device, body.value, known);
    this.#store.save(serialNumber, device);
    return result;
  }

  #known(serialNumber: string): KnownDevice {
    const known = isSerialNumber(serialNumber) ? this.#find(serialNumber) : undefined;
    if (known) return known;
    throw new Refusal(404, `expected a device of this server, found ${serialNumber}`);
  }
}

/** `{"type": "ADD_TIME", "value": 7}`: made at once, sent until the device reports its count. */
function queueToken(device: DeviceState, body: JSONObject, known: KnownDevice): Record<string, unknown> {
  const type = TOKEN_TYPES.find((each) => each === body.get("type")?.value);
  if (!type)
    throw new Refusal(
      400,
      `type: expected one of ${TOKEN_TYPES.join(", ")}, found ${body.get("type")?.text ?? "none"}`,
    );
  const node = body.get("value");
  if (node && typeof node.value !== "number") throw expected("value", "a number", node);
  const value = node ? Number(node.value) : undefined;
  try {
    const made = encodeToken({ ...known, count: device.tokenCount, type, value });
    device.tokens = [...device.tokens, { ...made, type, value: value ?? null }];
    device.tokenCount = made.count;
    return { ...made, type, value: value ?? null };
  } catch (error) {
    throw error instanceof RangeError ? new Refusal(400, error.message) : error;
  }
}

/** `{"timestamp": 1796083200}` in seconds since 1970, or null for none. */
function setActiveUntil(device: DeviceState, body: JSONObject): Record<string, unknown> {
  const node = body.get("timestamp");
  if (!node) throw new Refusal(400, "timestamp: expected seconds since 1970 or null, found none");
  const { value } = node;
  if (value !== null && !(typeof value === "number" && Number.isSafeInteger(value) && value > 0)) {
    throw expected("timestamp", "whole seconds since 1970 or null", node);
  }
  device.activeUntil = value;
  return { activeUntil: value };
}

function setSettings(device: DeviceState, body: JSONObject): Record<string, unknown> {
  device.settings = plainObject(body);
  return { settings: device.settings };
}

function setExtraData(device: DeviceState, body: JSONObject): Record<string, unknown> {
  device.extraData = plainObject(body);
  return { extraData: device.extraData };
}

function plainObject(body: JSONObject): Record<string, unknown> {
  return Object.fromEntries([...body].map(([key, node]) => [key, plain(node)]));
}
