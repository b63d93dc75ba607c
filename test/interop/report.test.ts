import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Host } from "../../firmware/main/host.js";
import { FORMATS } from "../../firmware/telemetry/format.js";
import type { Row } from "../../firmware/telemetry/row.js";
import { SocketInternet } from "../../hal/host/internet.js";
import { run } from "../../hal/host/runner.js";
import { settled as streamsSettled } from "../../hal/host/turn.js";
import { SimulatedTime } from "../../hal/sim/time.js";
import { inFolder } from "../tools/start/run.js";
import { requirePython, startReferenceServer } from "./python.js";

const SERIAL = "HG0000042";
const KEY = "bc41ec9530f6dac86b1a29ab82edc5fb";
const START = 1_767_225_600;

interface Judged {
  auth_valid: boolean;
  request_count: number | null;
  rows: Record<string, number>[];
  error: string | null;
}

/** Runs the firmware for so many hours against the server; gives the rows that it recorded. */
async function report(hours: number, port: number, settings: Record<string, string>): Promise<Row[]> {
  const time = new SimulatedTime();
  const internet = new SocketInternet();
  const host = new Host({
    time,
    start: START,
    defaultStart: START,
    seed: 1,
    internet,
    provision: Object.entries({
      serial_number: SERIAL,
      secret_key: KEY,
      base_url: `http://127.0.0.1:${port}`,
      ...settings,
    }),
  });
  const { device } = host;
  const recorded: Row[] = [];
  const push = device.outbox.push.bind(device.outbox);
  device.outbox.push = (row) => {
    recorded.push({ ...row, values: [...row.values] });
    return push(row);
  };
  const advance = (ended: () => boolean) =>
    run({ time, speed: Number.POSITIVE_INFINITY, settled: () => internet.settled() ?? streamsSettled(), ended });
  await advance(() => time.now >= hours * 3_600_000);
  device.session.send();
  await advance(() => !device.session.busy);
  host.close();
  assert.equal(device.session.failures, 0);
  assert.equal(device.outbox.length, 0);
  return recorded;
}

/** A recorded row as the reference decodes it. */
function expected(row: Row): Record<string, unknown> {
  const order = FORMATS[row.format]!.historical_data_order;
  const values = order.map((name, i) => [name, row.values[i]]).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(values), timestamp: row.time };
}

describe("reports judged by the reference library", () => {
  async function check(context: Mocha.Context, hours: number, settings: Record<string, string>): Promise<void> {
    const python = requirePython(context);
    await inFolder(async (folder) => {
      const log = join(folder, "requests.jsonl");
      const server = await startReferenceServer({ python, serial: SERIAL, key: KEY, log });
      try {
        const recorded = await report(hours, server.port, settings);
        const lines = readFileSync(log, "utf8").trimEnd().split("\n");
        const requests = lines.map((line) => JSON.parse(line) as Judged);
        assert.ok(requests.length >= hours, `${requests.length} requests`);
        for (const { auth_valid, error } of requests)
          assert.deepEqual({ auth_valid, error }, { auth_valid: true, error: null });
        const rows = requests.flatMap((request) => request.rows).map(withoutNulls);
        assert.equal(rows.length, recorded.length);
        assert.deepEqual(rows, recorded.map(expected));
      } finally {
        server.close();
      }
    });
  }

  it("a day of condensed requests with recursive data auth is valid, and its rows are those recorded", async function () {
    await check(this, 24, { auth: "ra", form: "condensed" });
  });

  for (const form of ["condensed", "simple"]) {
    for (const auth of ["sa", "ta", "ca", "da", "ra"]) {
      it(`three hours of ${form} requests with "${auth}" are valid, and their rows are those recorded`, async function () {
        await check(this, 3, { auth, form, record_interval: "600" });
      });
    }
  }
});

/** The reference fills what a row does not have with None. */
function withoutNulls(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
}
