import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import { listen } from "../server/listen.js";
import { createMetricsServer } from "../server/server.js";
import { HeadlessApp, type Memory } from "./headless.js";

const SERIAL = "HG0000001";
const KEY = "dac86b1a29ab82edc5fbbc41ec9530f6";
/** 2026-01-01 00:00 UTC. */
const START = 1_767_225_600;
const HOUR = 3600;
/** Times as fast as real time; the app itself goes slower while it talks to the server. */
const SPEED = "5000";
/** Seconds between recorded rows. */
const INTERVAL = 120;
/** Real seconds that a step may take; the whole day takes some 30. */
const PATIENCE = 120;

export interface DayResult {
  readonly rows: number;
  readonly memory: Memory;
}

/**
 * Lets the Linux build live through a simulated day at speed against the metrics server, provisioned over its console, with a
 * kill in the middle, and checks what arrived and what tokens did to the load. Throws AssertionError or Error for anything that went wrong.
 */
export async function checkDay(program: string, library: string, folder: string): Promise<DayResult> {
  const day = new Day(program, library, folder);
  try {
    return await day.run();
  } finally {
    await day.close();
  }
}

class Day {
  readonly #program: string;
  readonly #library: string;
  readonly #folder: string;
  readonly #server: Server;
  #app: HeadlessApp | undefined;

  constructor(program: string, library: string, folder: string) {
    this.#program = program;
    this.#library = library;
    this.#folder = folder;
    this.#server = createMetricsServer({
      data: join(folder, "server"),
      devices: [{ serialNumber: SERIAL, key: KEY, welcomeDays: 2 }],
      now: () => this.#now,
    });
  }

  async run(): Promise<DayResult> {
    const url = await listen(this.#server);
    const app = this.#start();
    app.type(`set serial_number=${SERIAL} secret_key=${KEY} base_url=${url}`);
    await app.until("the welcome token switches the load on", () => app.printed.includes("load on"), PATIENCE);
    await app.until("10 hours are recorded", () => this.#now > START + 10 * HOUR, PATIENCE);
    await app.kill();
    const recorded = this.#now;
    const again = this.#start();
    await again.until("it starts with its credit", () => /load on[\s\S]* boot 2 /.test(again.printed), PATIENCE);
    await this.#checkTokens(url, again);
    await again.until("a day and an hour are recorded", () => this.#now > START + 25 * HOUR, PATIENCE);
    await again.until("they are reported", () => this.#reported >= START + 24 * HOUR, PATIENCE);
    const memory = await again.stop();
    return { rows: this.#checkRows(recorded), memory };
  }

  async close(): Promise<void> {
    await this.#app?.kill();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #start(): HeadlessApp {
    this.#app = new HeadlessApp(this.#program, this.#library, {
      HELIOGRAPH_DATA: join(this.#folder, "device"),
      HELIOGRAPH_SPEED: SPEED,
      HELIOGRAPH_START: String(START),
    });
    return this.#app;
  }

  /** A token of the server switches the load off, one typed at the console switches it on. */
  async #checkTokens(url: string, app: HeadlessApp): Promise<void> {
    await this.#makeToken(url, { type: "SET_TIME", value: 0 });
    await app.until("a token of the server switches the load off", () => app.printed.includes("load off"), PATIENCE);
    const token = await this.#makeToken(url, { type: "ADD_TIME", value: 3 });
    const before = app.printed.length;
    app.type(`token ${token}`);
    await app.until("a typed token switches it on", () => app.printed.slice(before).includes("load on"), PATIENCE);
  }

  async #makeToken(url: string, token: { type: string; value: number }): Promise<string> {
    const response = await fetch(`${url}/api/devices/${SERIAL}/tokens`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(token),
    });
    assert.equal(response.status, 201, await response.clone().text());
    return ((await response.json()) as { token: string }).token;
  }

  /** Seconds since 1970 in the device's world when it last wrote to its flash. */
  get #now(): number {
    const path = join(this.#folder, "device/world.json");
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as { time: number }).time : START;
  }

  get #rows(): Record<string, string>[] {
    const path = join(this.#folder, "server", `${SERIAL}.csv`);
    if (!existsSync(path)) return [];
    const [head = "", ...lines] = readFileSync(path, "utf8").trim().split("\n");
    const names = head.split(",");
    return lines.map((line) => Object.fromEntries(line.split(",").map((value, i) => [names[i]!, value])));
  }

  /** Time of the last row that arrived. */
  get #reported(): number {
    return Math.max(0, ...this.#rows.map((row) => Number(row.timestamp)));
  }

  /** Every interval of the day arrived exactly once, before and after the kill when the world was at `killed`. Gives the number of rows. */
  #checkRows(killed: number): number {
    const rows = this.#rows;
    const times = rows.map((row) => Number(row.timestamp));
    assert.equal(new Set(times).size, times.length, "no row arrives twice");
    const arrived = new Set(times);
    const missing = [];
    for (let time = START + INTERVAL; time <= START + 24 * HOUR; time += INTERVAL)
      // The world is saved just before a row is written: the one of that moment may not have been recorded.
      if (!arrived.has(time) && time !== killed) missing.push(time);
    assert.deepEqual(missing, [], `rows are missing; killed at ${killed}`);
    const lit = rows.filter((row) => Number(row.load_current) > 0.1).length;
    assert.ok(lit > rows.length / 4, `the load takes current in ${lit} of ${rows.length} rows`);
    return rows.length;
  }
}
