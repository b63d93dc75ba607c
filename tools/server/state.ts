/** What the server keeps besides the rows: `state.json` in its folder, written anew and swapped in by a rename. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Variable } from "../../firmware/openpaygo/data-format.js";
import type { PostedFormat } from "./format.js";
import { Table } from "./table.js";
import type { TokenType } from "./token-encoder.js";

export interface QueuedToken {
  readonly token: string;
  readonly count: number;
  readonly type: TokenType;
  readonly value: number | null;
}

/** One device, times in seconds since 1970. */
export interface DeviceState {
  /** The last ones taken, 0 before the first: replay protection. */
  requestCount: number;
  timestamp: number;
  lastContact: number | null;
  requests: number;
  repeatedRows: number;
  /** Count of the last token that was made for the device or that it reported. */
  tokenCount: number;
  /** Made and not yet reported as used, oldest first. */
  tokens: readonly QueuedToken[];
  activeUntil: number | null;
  /** Sent with every answer until replaced: the protocol has no acknowledgement for them. */
  settings: Record<string, unknown>;
  extraData: Record<string, unknown>;
  /** The last `data` by long variable names. */
  data: Record<string, unknown>;
  /** Descriptions of the device's variables, from the formats it used. */
  variables: Record<string, Variable>;
}

interface SavedState {
  formats: PostedFormat[];
  devices: Record<string, DeviceState>;
}

const FILE = "state.json";

/** Devices that never had a token start here, as the references do. */
const FIRST_TOKEN_COUNT = 1;

export class Store {
  readonly #folder: string | undefined;
  #saved: SavedState = { formats: [], devices: {} };
  readonly #tables = new Map<string, Table>();

  /** Throws when the folder cannot be made or its files are not what was written. Without a folder all stays in memory. */
  constructor(folder?: string) {
    this.#folder = folder;
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    const path = join(folder, FILE);
    if (existsSync(path)) this.#saved = readState(path);
    for (const serialNumber of Object.keys(this.#saved.devices)) this.table(serialNumber);
  }

  /** Serial numbers of the devices that are known, in order. */
  get serialNumbers(): string[] {
    return Object.keys(this.#saved.devices).sort();
  }

  /** A copy: what is changed in it counts once it is given to `save`. */
  device(serialNumber: string, tokenCount = FIRST_TOKEN_COUNT): DeviceState {
    const saved = Object.hasOwn(this.#saved.devices, serialNumber) ? this.#saved.devices[serialNumber] : undefined;
    return saved ? { ...saved } : newDevice(tokenCount);
  }

  save(serialNumber: string, device: DeviceState): void {
    this.#write({ ...this.#saved, devices: { ...this.#saved.devices, [serialNumber]: device } });
  }

  table(serialNumber: string): Table {
    let table = this.#tables.get(serialNumber);
    if (!table) {
      table = new Table(this.#folder === undefined ? undefined : join(this.#folder, `${serialNumber}.csv`));
      this.#tables.set(serialNumber, table);
    }
    return table;
  }

  format(id: number): PostedFormat | undefined {
    return this.#saved.formats[id - 1];
  }

  get formatCount(): number {
    return this.#saved.formats.length;
  }

  /** The format's number from 1; an equal format keeps its number. */
  addFormat(format: PostedFormat): number {
    const text = JSON.stringify(format);
    const index = this.#saved.formats.findIndex((each) => JSON.stringify(each) === text);
    if (index >= 0) return index + 1;
    this.#write({ ...this.#saved, formats: [...this.#saved.formats, format] });
    return this.#saved.formats.length;
  }

  /** Takes effect only when it could be written. */
  #write(state: SavedState): void {
    if (this.#folder !== undefined) {
      const path = join(this.#folder, FILE);
      writeFileSync(`${path}.new`, `${JSON.stringify(state, undefined, 1)}\n`);
      renameSync(`${path}.new`, path);
    }
    this.#saved = state;
  }
}

function newDevice(tokenCount: number): DeviceState {
  return {
    requestCount: 0,
    timestamp: 0,
    lastContact: null,
    requests: 0,
    repeatedRows: 0,
    tokenCount,
    tokens: [],
    activeUntil: null,
    settings: {},
    extraData: {},
    data: {},
    variables: {},
  };
}

function readState(path: string): SavedState {
  try {
    const state: Partial<SavedState> = JSON.parse(readFileSync(path, "utf8"));
    if (Array.isArray(state.formats) && state.devices) return { formats: state.formats, devices: state.devices };
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : error}; restore it or move it away`);
  }
  throw new Error(`${path}: expected formats and devices; restore it or move it away`);
}
