import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer as createSecureServer } from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { seededRandom } from "../../../hal/sim/random.js";
import { makeCertificates } from "../../hal/host/certificates.js";
import { batch, inFolder, readRows, startProcess, type Totals, writeTrace } from "./run.js";

const RECORDED_DAY = fileURLToPath(new URL("../../../../shared/traces/alamosa-2016-01-01.csv", import.meta.url));
/** 2026-01-01T00:00:00Z, where runs begin. */
const START = 1_767_225_600;

/** Pearson's correlation. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => {
    const [da, db] = [value - ma, b[i]! - mb];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  });
  return ab / Math.sqrt(aa * bb);
}

function checkDay(data: string, totals: Totals): void {
  const rows = readRows(data);
  assert.deepEqual(
    rows.map((row) => Number(row.timestamp)),
    Array.from({ length: 720 }, (_, i) => START + 120 * (i + 1)),
    "720 rows, 120 s apart, each once",
  );
  assert.equal(totals.rows_recorded, 720);
  assert.equal(totals.rows_acknowledged, 720);
  assert.equal(totals.rows_lost, 0);
  assert.equal(totals.rows_waiting, 0);
  assert.equal(totals.failures, 0);
  assert.ok(totals.requests >= 24, `${totals.requests} requests`);
  assert.equal(totals.samples, 8640);
}

/** How well the panel current of the CSV follows the irradiance, by minute of the day, over each row's two minutes. */
function likeness(data: string, irradiance: (minute: number) => number): number {
  const rows = readRows(data);
  const light = rows.map((row) => {
    const minute = (Number(row.timestamp) - START) / 60;
    return (irradiance(minute - 2) + irradiance(minute - 1)) / 2;
  });
  const current = rows.map((row) => Number(row.panel_current));
  return correlation(light, current);
}

describe("npm start", () => {
  it("reports a day from a trace: 720 rows, each once, and the panel current follows the sun", () =>
    inFolder(async (folder) => {
      const trace = join(folder, "day.csv");
      const day = writeTrace(trace);
      const { totals } = await batch("--days", "1", "--trace", trace, "--data", folder);
      checkDay(folder, totals);
      const like = likeness(folder, (minute) => day[minute % 1440]!);
      assert.ok(like > 0.95, `correlation ${like.toFixed(3)}`);
    }));

  it("reports the recorded day of a station, when that is at hand", function () {
    if (!existsSync(RECORDED_DAY)) return this.skip();
    return inFolder(async (folder) => {
      const { totals } = await batch("--days", "1", "--trace", RECORDED_DAY, "--data", folder);
      checkDay(folder, totals);
      const recorded = new Map<number, number>();
      for (const line of readFileSync(RECORDED_DAY, "utf8").split("\n")) {
        const [minute, irradiance] = line.split(",").map(Number);
        if (Number.isInteger(minute)) recorded.set(minute!, irradiance!);
      }
      const like = likeness(folder, (minute) => recorded.get(minute) ?? 0);
      assert.ok(like > 0.98, `correlation ${like.toFixed(4)}`);
    });
  });

  for (const encoding of ["json", "cbor"]) {
    for (const form of ["condensed", "simple"]) {
      it(`reports in ${form} ${encoding} with every way of signing`, () =>
        inFolder(async (folder) => {
          for (const auth of ["sa", "ta", "ca", "da", "ra"]) {
            const data = join(folder, auth);
            const options = ["--encoding", encoding, "--form", form, "--auth", auth, "--data", data];
            const { totals } = await batch("--days", "0.1", ...options);
            assert.equal(totals.failures, 0, auth);
            assert.equal(totals.rows_acknowledged, 72, auth);
            assert.equal(readRows(data).length, 72, auth);
          }
        }));
    }
  }

  it("gives the same run byte for byte from the same seed, and another from another seed", () =>
    inFolder(async (folder) => {
      const runs: string[] = [];
      for (const seed of ["7", "7", "8"]) {
        const data = join(folder, `run${runs.length}`);
        const { stdout } = await batch("--days", "0.5", "--seed", seed, "--data", data);
        const hash = createHash("sha256").update(stdout);
        for (const file of ["outbox.bin", "server/HG0000001.csv", "server/state.json"]) {
          hash.update(readFileSync(join(data, file)));
        }
        runs.push(hash.digest("hex"));
      }
      assert.equal(runs[0], runs[1]);
      assert.notEqual(runs[0], runs[2]);
    }));

  it("continues from its data folder where it ended", () =>
    inFolder(async (folder) => {
      await batch("--days", "0.25", "--data", folder);
      await batch("--days", "0.25", "--data", folder);
      const times = readRows(folder).map((row) => Number(row.timestamp));
      assert.ok(times.length >= 358, `${times.length} rows`);
      assert.deepEqual(times, [...new Set(times)].sort());
    }));

  it("loses nothing that was recorded and sends nothing twice as new when it is killed at any moment", async function () {
    this.timeout(120_000);
    await inFolder(async (folder) => {
      const random = seededRandom(1);
      for (let i = 0; i < 6; i++) {
        const { child, finished } = startProcess("--batch", "--speed", "40000", "--data", folder);
        setTimeout(() => child.kill("SIGKILL"), 1200 + (random() % 1500));
        assert.equal((await finished).signal, "SIGKILL");
      }
      await batch("--days", "0.1", "--data", folder);
      const times = readRows(folder).map((row) => Number(row.timestamp));
      const grid = Array.from({ length: (times.at(-1)! - times[0]!) / 120 + 1 }, (_, i) => times[0]! + 120 * i);
      // A kill loses the interval that is being gathered, never one that was recorded.
      const missing = grid.filter((time) => !times.includes(time));
      assert.ok(missing.length <= 6, `${missing.length} intervals missing of ${grid.length}`);
      assert.deepEqual(times, [...new Set(times)].sort(), "each row once, in order");
      const state = JSON.parse(readFileSync(join(folder, "server/state.json"), "utf8"));
      assert.equal(state.devices.HG0000001.requests > 0, true);
    });
  });

  const refused: [what: string, options: string[], says: RegExp][] = [
    ["an unknown option", ["--sped", "max"], /unknown option '--sped'/],
    ["a key that is not 32 hex digits", ["--key", "abc"], /secret_key takes 32 hex digits, not "\*\*\*\*"/],
    ["a speed that is none", ["--speed", "fast"], /--speed <x>.*expected a number above 0/],
    ["a start that is no time", ["--start", "yesterday"], /--start <iso8601>.*expected a time like/],
    ["a server that is no URL", ["--server", "example.org"], /expected http:\/\/HOST/],
    ["an unknown way of signing", ["--auth", "xx"], /Allowed choices are sa, ta, ca, da, ra/],
    ["a trace that is not there", ["--trace", "/nowhere.csv"], /\/nowhere\.csv: cannot be read/],
  ];
  for (const [what, options, says] of refused) {
    it(`refuses ${what} in one line with exit code 2`, async () => {
      const { code, stderr, stdout } = await startProcess("--batch", ...options).finished;
      assert.equal(code, 2);
      assert.match(stderr, says);
      assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
      assert.equal(stdout, "");
    });
  }

  it("names file, line and what is wrong in a malformed trace", () =>
    inFolder(async (folder) => {
      const trace = join(folder, "bad.csv");
      writeFileSync(trace, "utc_minute,ghi_wm2,air_c\n0,0,-5\n1,bright,-5\n");
      const { code, stderr } = await startProcess("--batch", "--trace", trace).finished;
      assert.equal(code, 2);
      assert.match(stderr, /bad\.csv:3: .*bright/);
    }));

  it("wants an authority for a server with https, and a certificate for that", async () => {
    const bare = await startProcess("--server", "https://metrics.example").finished;
    assert.equal(bare.code, 2);
    assert.match(bare.stderr, /^heliograph: --server with https needs --authority FILE.*\n$/);
    const wrong = await startProcess("--server", "https://metrics.example", "--authority", "package.json").finished;
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /expected a file with a certificate in PEM: .*\n$/);
  });

  it("reports to a server with https that is signed by the authority given", function () {
    const certificates = makeCertificates("localhost");
    if (!certificates) return this.skip();
    return inFolder(async (folder) => {
      writeFileSync(join(folder, "ca.pem"), certificates.ca);
      const server = createSecureServer(certificates, (request, response) => {
        request.resume().on("end", () => response.writeHead(201).end("{}"));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as { port: number };
      const target = [
        "--server",
        `https://localhost:${port}`,
        "--authority",
        join(folder, "ca.pem"),
        "--format-id",
        "12",
      ];
      const { totals } = await batch("--days", "0.1", ...target).finally(() => server.close());
      assert.equal(totals.failures, 0);
      assert.equal(totals.rows_acknowledged, 72);
    });
  });

  it("says that a port is in use in one line with exit code 2", async () => {
    const occupied = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => occupied.once("listening", resolve));
    const { port } = occupied.address() as { port: number };
    try {
      const { code, stderr } = await startProcess("--port", String(port), "--days", "0.001").finished;
      assert.equal(code, 2);
      assert.match(stderr, new RegExp(`port ${port} of 127\\.0\\.0\\.1 is in use`));
    } finally {
      occupied.close();
    }
  });
});
