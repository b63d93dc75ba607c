import type { Variable } from "../../firmware/openpaygo/data-format.js";
import { answerText } from "./answer.js";
import { checkReplay, verifyRequest } from "./auth.js";
import { expected, type PostedFormat } from "./format.js";
import { type JSONNode, plain } from "./json.js";
import { Refusal } from "./refusal.js";
import { type DeviceRequest, readRequest } from "./request.js";
import { decodeData, decodeRows } from "./rows.js";
import type { DeviceState, Store } from "./state.js";

/** A device that the server knows: 16-byte key, and the starting code (derived from the key when absent) of its tokens. */
export interface KnownDevice {
  readonly key: Uint8Array;
  readonly startingCode?: number | undefined;
  /** Count of the last token made for it elsewhere. */
  readonly tokenCount?: number | undefined;
}

export interface Taken {
  readonly answer: string;
  readonly stored: number;
  readonly repeated: number;
}

/** The chain to a token has one hash per count: this bounds its length. */
const HIGHEST_TOKEN_COUNT = 100_000;

/** Takes requests of devices to `/device_data`. */
export class DeviceData {
  readonly #store: Store;
  readonly #find: (serialNumber: string) => KnownDevice | undefined;
  /** Refused requests since the start, by serial number; in memory only, for nothing is written for them. */
  readonly refusals = new Map<string, { count: number; last: string }>();

  constructor(options: { store: Store; find: (serialNumber: string) => KnownDevice | undefined }) {
    this.#store = options.store;
    this.#find = options.find;
  }

  /** Checks all, then stores all. Throws Refusal with nothing stored. */
  take(body: JSONNode, now: number): Taken {
    const request = readRequest(body);
    const known = this.#find(request.serialNumber);
    if (!known)
      throw new Refusal(404, `serial_number: expected a device of this server, found ${request.serialNumber}`);
    try {
      return this.#takeFrom(known, request, now);
    } catch (error) {
      if (error instanceof Refusal) this.#count(request.serialNumber, error.message);
      throw error;
    }
  }

  #takeFrom(known: KnownDevice, request: DeviceRequest, now: number): Taken {
    const device = this.#store.device(request.serialNumber, known.tokenCount);
    const counters = verifyRequest(request, known.key);
    checkReplay(counters, device);
    const format = this.#formatOf(request);
    const data = decodeData(request, format);
    const base = request.collectionTimestamp ?? request.timestamp ?? now;
    const rows = decodeRows(request, format, base);
    const used = tokenCountOf(data);

    const names = (format.historical_data_order ?? []).filter(
      (name) => name !== "timestamp" && name !== "relative_time",
    );
    const { stored, repeated } = this.#store.table(request.serialNumber).append(rows, names);
    device.requestCount = counters.requestCount ?? device.requestCount;
    device.timestamp = counters.timestamp ?? device.timestamp;
    device.lastContact = now;
    device.requests++;
    device.repeatedRows += repeated;
    if (data.size > 0) device.data = Object.fromEntries([...data].map(([name, node]) => [name, plain(node)]));
    device.variables = merged(device.variables, format);
    if (used !== undefined) reachTokenCount(device, used);
    this.#store.save(request.serialNumber, device);
    return { answer: answerText({ request, data, device, key: known.key, now }), stored, repeated };
  }

  #formatOf(request: DeviceRequest): PostedFormat {
    if (request.formatId === undefined) return request.format ?? { variables: {} };
    const format = this.#store.format(request.formatId);
    if (format) return format;
    const known = this.#store.formatCount === 0 ? "none is" : `1 to ${this.#store.formatCount} are`;
    throw new Refusal(
      400,
      `data_format_id: expected the id of a registered format (${known}), found ${request.formatId}`,
    );
  }

  #count(serialNumber: string, reason: string): void {
    const count = (this.refusals.get(serialNumber)?.count ?? 0) + 1;
    this.refusals.set(serialNumber, { count, last: reason });
  }
}

function tokenCountOf(data: ReadonlyMap<string, JSONNode>): number | undefined {
  const node = data.get("token_count");
  if (!node) return undefined;
  const count = Number.isInteger(node.value) ? Number(node.value) : -1;
  if (count >= 0 && count <= HIGHEST_TOKEN_COUNT) return count;
  throw expected("data.token_count", `a whole number from 0 to ${HIGHEST_TOKEN_COUNT}`, node);
}

/** Tokens up to the device's own count are done with; new ones are made beyond it. */
function reachTokenCount(device: DeviceState, used: number): void {
  device.tokens = device.tokens.filter(({ count }) => count > used);
  device.tokenCount = Math.max(device.tokenCount, used);
}

function merged(variables: Record<string, Variable>, format: PostedFormat): Record<string, Variable> {
  return { ...variables, ...format.variables };
}
