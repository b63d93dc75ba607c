import assert from "node:assert/strict";
import { join } from "node:path";
import { hostOrSkip } from "./build.js";
import { ESP32 } from "./frames.js";
import { runOnXS } from "./run.js";

describe("an update on XS", () => {
  before(async function () {
    await hostOrSkip(this);
  });

  it("fetches an image that is larger than the memory, and takes next to nothing while there is no order", async () => {
    const run = await runOnXS(join(import.meta.dirname, "programs", "update.ts"), ESP32);
    const output = run.output.join("\n");
    assert.deepEqual([run.exitCode, run.reason], [0, "done"], output);
    const figure = (pattern: RegExp) => Number(pattern.exec(output)?.[1]);
    const idle = figure(/idle: (\d+) slots/) * 16 + figure(/idle: .* (\d+) bytes/);
    const busy = figure(/under way: (\d+) slots/) * 16 + figure(/under way: .* (\d+) bytes/);
    const hash = figure(/SHA-256: (\d+)/);
    console.log(`      update on XS 32-bit: ${idle} bytes idle, ${busy} under way, ${hash} bytecodes a KB to compare`);
    assert.match(output, /installed 1, comparing/);
    assert.ok(idle < 1024 && busy < 10_000, output);
  });
});
