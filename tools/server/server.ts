/**
 * An OpenPAYGO Metrics server for development and tests. It checks what it is sent more strictly than a production
 * server would, and says what is wrong. Every answer is one write, files are written synchronously, the time comes from
 * `now` and no timer is set: driven through `server.emit("connection", duplex)` it is deterministic.
 */
import { createServer, type Server } from "node:http";
import { Operator } from "./api.js";
import { DeviceData, type KnownDevice } from "./device-data.js";
import { readFormat } from "./format.js";
import { type JSONNode, parseJSON } from "./json.js";
import { json, Listener, type Reply, type Route } from "./listener.js";
import { page } from "./page.js";
import { readRange, simpleForm } from "./query.js";
import { isSerialNumber } from "./request.js";
import { Store } from "./state.js";

export interface DeviceOptions {
  readonly serialNumber: string;
  /** 32 hex digits. */
  readonly key: string;
  readonly startingCode?: number;
  readonly tokenCount?: number;
  /** A token of so many days waits for the device when the server meets it for the first time. */
  readonly welcomeDays?: number;
}

export interface MetricsServerOptions {
  /** Folder for state.json and SERIAL.csv; without it all stays in memory. */
  readonly data?: string;
  readonly devices: readonly DeviceOptions[];
  /** 32 hex digits: any other serial number is taken as a device with this key. */
  readonly defaultKey?: string;
  /** Data formats in JSON, registered at the start as `POST /data_format` would: the first one in a new folder is 1. */
  readonly formats?: readonly string[];
  /** Seconds since 1970. */
  readonly now: () => number;
  readonly log?: (line: string) => void;
  /** Longest body; the spec's 4096 KB by default. */
  readonly maximumBytes?: number;
}

const MAXIMUM_BYTES = 4096 * 1024;

/** Throws TypeError for malformed options and Error for a folder whose files are not the server's. */
export function createMetricsServer(options: MetricsServerOptions): Server {
  const devices = new Map(
    options.devices.map((device) => [checkSerialNumber(device.serialNumber), knownDevice(device)]),
  );
  const others = options.defaultKey === undefined ? undefined : { key: readKey(options.defaultKey, "the default key") };
  const formats = (options.formats ?? []).map((text) => readFormat(parseJSON(text)));
  const store = new Store(options.data);
  for (const format of formats) store.addFormat(format);
  const find = (serialNumber: string) => devices.get(serialNumber) ?? others;
  const deviceData = new DeviceData({ store, find });
  const operator = new Operator({ store, find, configured: [...devices.keys()], refusals: deviceData.refusals });
  for (const { serialNumber, welcomeDays } of options.devices) {
    if (welcomeDays === undefined || store.serialNumbers.includes(serialNumber)) continue;
    operator.change(serialNumber, "tokens", parseJSON(`{"type": "ADD_TIME", "value": ${welcomeDays}}`));
  }
  const listener = new Listener({
    routes: routes({ now: options.now, store, deviceData, operator }),
    maximumBytes: options.maximumBytes ?? MAXIMUM_BYTES,
    log: options.log ?? (() => {}),
  });
  return createServer({ keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 }, (request, response) =>
    listener.handle(request, response),
  );
}

/** The 16 bytes of a key in hex. Throws TypeError. */
function readKey(hex: string, name: string): Uint8Array {
  if (/^[0-9a-fA-F]{32}$/.test(hex)) return Uint8Array.from(Buffer.from(hex, "hex"));
  throw new TypeError(`${name}: expected 32 hex digits, found ${hex.length} characters`);
}

function checkSerialNumber(text: string): string {
  if (isSerialNumber(text)) return text;
  throw new TypeError(`serial number: expected 1 to 64 letters, digits, dots, dashes and underscores, found "${text}"`);
}

function knownDevice(device: DeviceOptions): KnownDevice {
  const { startingCode, tokenCount } = device;
  return { key: readKey(device.key, `key of ${device.serialNumber}`), startingCode, tokenCount };
}

function routes(parts: { now: () => number; store: Store; deviceData: DeviceData; operator: Operator }): Route[] {
  const { store, deviceData, operator } = parts;
  const now = () => Math.floor(parts.now());
  const take = (body: JSONNode): Reply => {
    const { answer, stored, repeated } = deviceData.take(body, now());
    return { status: 201, text: answer, note: `${stored} rows stored, ${repeated} repeated, answer ${answer}` };
  };
  return [
    {
      path: /^\/(?:device_data|dd)$/,
      POST: take,
      GET: (query) => json(200, simpleForm(store, readRange(query))),
    },
    { path: /^\/data_format$/, POST: (body) => json(201, { id: store.addFormat(readFormat(body)) }) },
    { path: /^\/api\/devices$/, local: true, GET: () => json(200, operator.list()) },
    { path: /^\/api\/devices\/([^/]+)$/, local: true, GET: (_, [serial]) => json(200, operator.show(serial!)) },
    {
      path: /^\/api\/devices\/([^/]+)\/([^/]+)$/,
      local: true,
      POST: (body, [serial, action]) => json(201, operator.change(serial!, action!, body)),
    },
    {
      path: /^\/$/,
      GET: () => ({ status: 200, text: page(operator.list(), store, now()), type: "text/html; charset=utf-8" }),
    },
  ];
}
