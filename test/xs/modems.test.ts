import assert from "node:assert/strict";
import { join } from "node:path";
import { modemNames } from "../../hal/sim/modem/modems.js";
import { talk } from "../hal/sim/modem/talk.js";
import { hostOrSkip } from "./build.js";
import { runOnXS } from "./run.js";

/** A simulator's memory: the emulators never run on a microcontroller. */
const MEMORY = { chunk: 4 << 20, heap: 1 << 17, stack: 4096 };

describe("emulated modems on XS", () => {
  before(async function () {
    await hostOrSkip(this);
  });

  it("say the same as on Node, byte for byte, and know their knobs", async () => {
    const run = await runOnXS(join(import.meta.dirname, "programs/modems.ts"), MEMORY);
    assert.deepEqual([run.exitCode, run.reason], [0, "done"], run.output.slice(-5).join("\n"));
    const lines = (name: string) =>
      talk(name)
        .split("\r\n")
        .filter((line) => line !== "");
    const expected = modemNames.flatMap((name) => lines(name).map((line) => `${name} ${line}`));
    assert.ok(expected.length > 100, `${expected.length} lines`);
    assert.deepEqual(run.output, [...expected, "Error: knob latencey does not exist"]);
  });
});
