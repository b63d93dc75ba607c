import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dialectOf } from "../../hal/modem/dialect.js";
import { Replay } from "../../tools/at-replay/replay.js";

const LOGS = join(import.meta.dirname, "../hal/modem/logs");
const TOOL = join(import.meta.dirname, "../../tools/at-replay.ts");

function run(...parameters: string[]): Promise<{ status: number; out: string; errors: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ["--import", "tsx", TOOL, ...parameters], (error, out, errors) =>
      resolve({ status: error ? Number(error.code) : 0, out, errors }),
    );
  });
}

describe("at-replay", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "heliograph-replay-"));
  after(() => rmSync(folder, { recursive: true }));
  const file = (text: string) => {
    const path = join(folder, "log.jsonl");
    writeFileSync(path, text);
    return path;
  };

  for (const name of readdirSync(LOGS).filter((each) => each.endsWith(".jsonl") && !each.includes(".expected."))) {
    it(`understands ${name}`, async () => {
      const { status, out, errors } = await run(join(LOGS, name));
      assert.deepEqual([status, errors], [0, ""]);
      const expected = readFileSync(join(LOGS, name.replace(".jsonl", ".expected.jsonl")), "utf8");
      const objects = (text: string) =>
        text
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line));
      assert.deepEqual(objects(out), objects(expected));
    });
  }

  const good = JSON.stringify({ family: "SIM7600", sent: "AT", received: "\r\nOK\r\n" });
  for (const [what, line, message] of [
    ["is no JSON", "AT+CSQ", /^line 2: expected \{"family".* got AT\+CSQ/],
    ["is no object", "[1]", /^line 2: expected \{"family".* got \[1\]/],
    ["lacks a field", '{"family":"SIM7600","sent":"AT"}', /^line 2: "received": expected a text, got nothing/],
    ["has a number for a text", '{"family":7600,"sent":"AT","received":""}', /^line 2: "family": .*got 7600/],
    ["has what is no byte", '{"family":"SIM7600","sent":"AT","received":"€"}', /^line 2: "received": .*latin-1.*"€"/],
    ["names an unknown family", '{"family":"HAYES","sent":"AT","received":""}', /^line 2: .*"HAYES": one of SIM7600/],
  ] as const) {
    it(`gives exit code 2 and the number of a line that ${what}, after the lines before it`, async () => {
      const { status, out, errors } = await run(file(`${good}\n${line}\n${good}\n`));
      assert.equal(status, 2);
      assert.match(errors, message);
      assert.equal(out.split("\n").length, 2, "one line and the end");
    });
  }

  it("says which file it cannot read", async () => {
    const { status, errors } = await run(join(folder, "gone.jsonl"));
    assert.equal(status, 2);
    assert.match(errors, /gone\.jsonl/);
  });

  it("understands the same in pieces of any size", () => {
    const lines = readFileSync(join(LOGS, "sim7600-tcp.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const whole = new Replay(dialectOf("SIM7600")!);
    const cut = new Replay(dialectOf("SIM7600")!);
    for (const { sent, received } of lines) {
      const bytes = Uint8Array.from(Buffer.from(received, "latin1"));
      const expected = whole.take(sent, bytes);
      cut.take(sent, bytes.subarray(0, 0));
      let last = cut.take("", new Uint8Array(0));
      for (const byte of bytes) last = cut.take("", Uint8Array.of(byte));
      assert.deepEqual(last.state, expected.state, sent);
    }
  });
});
