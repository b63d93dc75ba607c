import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { contentsOf, KEY, SERIAL, withFolder } from "./client.js";

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe("npm run server", () => {
  it("prints its URL and serves there", () =>
    withFolder(async (data) => {
      const child = start(["--port", "0", "--data", data, "--device", `${SERIAL}:${KEY}`]);
      try {
        const url = await new Promise<string>((resolve) =>
          child.stdout.once("data", (line) => resolve(String(line).trim())),
        );
        assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
        const devices: { serialNumber: string }[] = JSON.parse(await (await fetch(`${url}api/devices`)).text());
        assert.deepEqual(
          devices.map(({ serialNumber }) => serialNumber),
          [SERIAL],
        );
        assert.deepEqual(contentsOf(data), {});
      } finally {
        child.kill();
      }
    }));

  const misuses: [name: string, flags: readonly string[], message: RegExp][] = [
    ["a malformed key", ["--device", `${SERIAL}:12`], /^error: option '--device <serial:key>' .* 32 hex digits\.$/],
    ["a malformed default key", ["--default-key", "x"], /^error: .* Expected 32 hex digits\.$/],
    ["a port out of range", ["--port", "65536"], /^error: .* Expected a port from 0 to 65535\.$/],
    ["an unknown option", ["--prot", "1"], /^error: unknown option '--prot'/],
    ["an argument too many", ["x"], /^error: too many arguments/],
    ["a format file that is not there", ["--format", "no/such"], /^error: .*no\/such/],
    ["a format file that holds no format", ["--format", "package.json"], /^error: .*expected only data_order/],
  ];
  for (const [name, flags, message] of misuses) {
    it(`ends with code 2 and one line for ${name}`, () =>
      withFolder(async (data) => {
        const { code, stdout, stderr } = await end(["--port", "0", "--data", data, ...flags]);
        assert.deepEqual([code, stdout], [2, ""]);
        assert.match(stderr.trimEnd(), message);
      }));
  }

  it("ends with code 2 and one line for a port in use", () =>
    withFolder(async (data) => {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
      // A server that listens on a port has an address with one.
      const { port } = other.address() as AddressInfo;
      try {
        const { code, stderr } = await end(["--port", String(port), "--data", data]);
        assert.equal(code, 2);
        assert.match(stderr.trimEnd(), /^error: .*EADDRINUSE.*$/);
      } finally {
        other.close();
      }
    }));
});

function start(flags: readonly string[]) {
  return spawn(process.execPath, ["--import=tsx", "tools/server/main.ts", ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function end(flags: readonly string[]): Promise<Ended> {
  const child = start(flags);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (text) => (stdout += text));
  child.stderr.on("data", (text) => (stderr += text));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
}
