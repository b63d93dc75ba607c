import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildHost, hostOrSkip } from "./build.js";
import { type Arena, ESP32 } from "./frames.js";
import { runOnXS, searchArena } from "./run.js";

const program = (name: string) => join(import.meta.dirname, "programs", `${name}.ts`);

describe("XS host, 32 bit", () => {
  before(async function () {
    await hostOrSkip(this);
  });

  it("runs ES2022 classes, generators, promises, regular expressions and JSON while it collects garbage", async () => {
    const run = await runOnXS(program("language"));
    assert.equal(run.exitCode, 0, run.reason);
    assert.deepEqual(run.output, [
      "secret 1 true false derived,2",
      "4950 3 true none",
      "inner 2026",
      '{"key49":[1999,"text 1999",{"deep":249.875}]}',
    ]);
    assert.equal(run.peakSlots, ESP32.heap - 1, "the heap was filled, so it was collected");
    assert.ok(run.slots < 200 && run.chunkBytes < 2000, `${run.slots} slots, ${run.chunkBytes} bytes were left`);
  });

  it("reads the date of an answer", async () => {
    const run = await runOnXS(program("http-date"));
    assert.deepEqual(run.output, ["784111777", "3981398399", "undefined", "undefined"]);
  });

  it("gives the same figures to the byte each time", async () => {
    const [one, two] = [await runOnXS(program("language")), await runOnXS(program("language"))];
    assert.deepEqual(one, two);
  });

  it("charges the device for what it allocates, not for code, and keeps preloaded things read only as in flash", async () => {
    const run = await runOnXS(program("preload"));
    assert.deepEqual(run.output.slice(0, -1), [
      "module variable: 6",
      "module array: 3",
      "module buffer: TypeError: read-only buffer",
      "built-in: TypeError: C: xsSet extra: not extensible",
      "static field: TypeError: set last: not writable",
      "private field: 2",
    ]);
    assert.ok(run.slots < 40 && run.chunkBytes < 100, `${run.slots} slots, ${run.chunkBytes} bytes`);
  });

  it("ends with code 11 when chunks or slots run out, and says what was asked for", async () => {
    const chunks = await runOnXS(program("memory"));
    assert.deepEqual([chunks.exitCode, chunks.reason], [11, "memory full"]);
    assert.ok(chunks.chunkBytes > 70_000 && chunks.chunkBytes <= ESP32.chunk, `${chunks.chunkBytes} bytes used`);
    assert.match(chunks.output.at(-1)!, /Chunk allocation: \d+ bytes failed in fixed size heap/);
    const slots = await runOnXS(program("slots"));
    assert.deepEqual([slots.exitCode, slots.slots], [11, ESP32.heap - 1]);
  });

  it("holds less in a smaller arena", async () => {
    const lines = async (options: object) => (await runOnXS(program("memory"), options)).output.length;
    const [whole, half, shared] = [
      await lines({}),
      await lines({ chunk: 39_424 }),
      await lines({ static: 94_208, chunk: 1536, heap: 512 }),
    ];
    assert.ok(half < whole / 2 + 2 && half > whole / 2 - 6, `${half} kB in half of the memory for ${whole} kB`);
    assert.ok(shared > 60 && shared < 92, `${shared} kB in the one block of an ESP32-C3`);
  });

  it("ends with code 12 when the stack overflows", async () => {
    const run = await runOnXS(program("recursion"));
    assert.deepEqual([run.exitCode, run.reason], [12, "stack overflow"]);
  });

  it("ends with code 15 and the stack of an error that nobody caught", async () => {
    const run = await runOnXS(program("exception"));
    assert.deepEqual([run.exitCode, run.reason], [15, "unhandled exception"]);
    assert.deepEqual(run.output, [
      "RangeError: voltage 99999 out of range\n at innermost ()\n at middle ()\n at outermost ()",
    ]);
  });

  it("ends with code 18 at a rejection that nobody handles, and lets one pass that is handled late", async () => {
    const run = await runOnXS(program("rejection"));
    assert.deepEqual([run.exitCode, run.reason], [18, "unhandled rejection"]);
    assert.equal(run.output[0], "handled");
    assert.match(run.output[1]!, /^Error: nobody listens\n at reject/);
  });

  it("names the line of syntax that XS does not know", async () => {
    const folder = mkdtempSync(join(tmpdir(), "heliograph-xs-"));
    const script = join(folder, "future.js");
    writeFileSync(script, "var program = { default() {\n  using file = open();\n} };\nprogram;\n");
    const { status, stderr } = spawnSync(await buildHost(), [script], { input: "", encoding: "utf8" });
    rmSync(folder, { recursive: true });
    assert.deepEqual([status, stderr], [2, "syntax that XS 13 does not know, in the bundle: line 2\n"]);
  });

  it("offers a flash with NOR rules and limits", async () => {
    const run = await runOnXS(program("flash-ring"), { flash: 16 << 10 });
    assert.equal(run.exitCode, 0, run.output.join("\n"));
    assert.deepEqual(run.output, [
      "programmed twice: 0x33",
      "RangeError: out of the flash partition",
      "RangeError: out of the flash partition",
      "RangeError: write not aligned to 4",
    ]);
  });

  it("finds the smallest arena in which a program still runs, and what it needs without a search", async () => {
    const passes = async (arena: Arena) => (await runOnXS(program("language"), arena)).exitCode === 0;
    const smallest = await searchArena(passes, ESP32);
    console.log(
      `      language test on XS 32-bit: smallest chunk ${smallest.chunk} bytes, heap ${smallest.heap} slots`,
    );
    assert.ok(smallest.chunk < ESP32.chunk / 10 && smallest.heap < ESP32.heap / 4, JSON.stringify(smallest));
    const { neededChunkBytes, neededSlots } = await runOnXS(program("language"), { measure: true });
    const excess = [smallest.chunk - neededChunkBytes, smallest.heap - neededSlots];
    assert.ok(excess[0]! >= 0 && excess[0]! < ESP32.chunk / 50 && excess[1]! >= 0 && excess[1]! < ESP32.heap / 50);
    await assert.rejects(
      searchArena(async () => false, ESP32),
      /fails with chunk 78848 bytes and heap 4928 slots/,
    );
  });
});
