import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { environmentOf, parseOptions } from "../../tools/simulator/options.js";

const PROGRAM = join(import.meta.dirname, "../../tools/simulator.ts");

/** Runs the launcher; it must not get as far as a window. */
function launch(parameters: string[], env: Record<string, string>): { status: number | null; stderr: string } {
  const { DISPLAY, WAYLAND_DISPLAY, ...others } = process.env;
  const all = ["--import", "tsx", PROGRAM, ...parameters];
  return spawnSync(process.execPath, all, { encoding: "utf8", env: { ...others, ...env } });
}

describe("npm run simulator", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "heliograph-simulator-"));
  after(() => rmSync(folder, { recursive: true }));

  it("tells the firmware its folder, its server and who it is", () => {
    const environment = environmentOf(parseOptions([]), "/data", "http://127.0.0.1:8180");
    assert.deepEqual(environment, {
      HELIOGRAPH_DATA: "/data",
      HELIOGRAPH_SERVER: "http://127.0.0.1:8180",
      HELIOGRAPH_SERIAL: "HG0000001",
      HELIOGRAPH_KEY: "dac86b1a29ab82edc5fbbc41ec9530f6",
      HELIOGRAPH_SPEED: "60",
    });
  });

  it("hands speed, start and the certificate of an authority on", () => {
    const authority = ["--authority", PROGRAM];
    const options = parseOptions(["--speed", "0.5", "--start", "2026-01-01T09:00:00Z", ...authority]);
    const environment = environmentOf(options, "/data", "https://metrics.example.org");
    assert.equal(environment.HELIOGRAPH_SPEED, "0.5");
    assert.equal(environment.HELIOGRAPH_START, "1767258000");
    assert.equal(environment.HELIOGRAPH_AUTHORITY, resolve(PROGRAM));
  });

  for (const [parameters, expected] of [
    [["--speed", "0"], /'0' is invalid. expected a number from 0.1 to 1000000/],
    [["--speed", ""], /expected a number/],
    [["--start", "yesterday"], /expected a time like 2026-01-01T09:00:00Z, not before 2025/],
    [["--start", "2024-12-31"], /not before 2025/],
    [["--server", "ftp://x"], /expected http:\/\/HOST\[:PORT\]\[\/PATH\] or https:\/\/\.\.\./],
    [["--authority", "/nowhere.pem"], /expected the path of a certificate/],
    [["--port", "70000"], /expected a number from 0 to 65535/],
    [["--sped", "1"], /unknown option '--sped'/],
  ] as const)
    it(`refuses ${parameters.join(" ")}`, () => {
      const { status, stderr } = launch([...parameters], { MODDABLE: folder });
      assert.equal(status, 2);
      assert.match(stderr, expected);
    });

  it("says how to get the SDK where there is none", () => {
    const { status, stderr } = launch([], { MODDABLE: join(folder, "none") });
    assert.equal(status, 2);
    assert.match(
      stderr,
      /^heliograph: no Moddable SDK with built tools at .*none \(MODDABLE\); get it with: npx xs-dev setup/,
    );
  });

  it("says that it needs a screen where there is none, before it builds", () => {
    const tools = join(folder, "build/bin/lin/release");
    mkdirSync(tools, { recursive: true });
    writeFileSync(join(tools, "mcconfig"), "");
    const { status, stderr } = launch([], { MODDABLE: folder });
    assert.equal(status, 2);
    assert.match(stderr, /^heliograph: the simulator opens a window: .* xvfb-run/);
  });
});
