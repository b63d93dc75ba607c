import assert from "node:assert/strict";
import { join } from "node:path";
import { hostOrSkip } from "./build.js";
import { ESP32 } from "./frames.js";
import { runOnXS } from "./run.js";

const QUARTER = { chunk: ESP32.chunk >> 2, heap: ESP32.heap >> 2 };

describe("hostile answers on XS", () => {
  before(async function () {
    await hostOrSkip(this);
  });

  it("are read by the thousand in a quarter of the memory of an ESP32, and none is acted on", async () => {
    const run = await runOnXS(join(import.meta.dirname, "programs", "hostile-answers.ts"), QUARTER);
    assert.deepEqual([run.exitCode, run.reason], [0, "done"], run.output.join("\n"));
    assert.deepEqual(run.output, ["4000 answers, 0 acted on"]);
  });
});
