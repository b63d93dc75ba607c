import assert from "node:assert/strict";
import { join } from "node:path";
import { hostOrSkip } from "../xs/build.js";
import { runOnXS } from "../xs/run.js";
import { protocolSample } from "./protocol-sample.js";

describe("OpenPAYGO on XS", () => {
  it("gives what it gives on Node, to the byte, in the memory of an ESP32, also for answers made to be hard", async function () {
    await hostOrSkip(this);
    const run = await runOnXS(join(import.meta.dirname, "protocol-on-xs.ts"));
    assert.equal(run.exitCode, 0, run.reason);
    assert.deepEqual(run.output, protocolSample());
    assert.match(run.output[4]!, /^{"accepted":true/);
  });
});
