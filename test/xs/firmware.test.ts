import assert from "node:assert/strict";
import { hostOrSkip } from "./build.js";
import { type End, ESP32 } from "./frames.js";
import { START, World } from "./world.js";

/** The first report, then one an hour: two reports, the second with the rows of the first hour. */
const TWO_REPORTS = 1.1;

describe("firmware on XS with modem and server", () => {
  before(async function () {
    await hostOrSkip(this);
  });

  it("reports each row once, at its time, in the memory of an ESP32", async () => {
    const world = await World.open();
    world.device.start();
    await world.live(3.2);
    const rows = world.rows;
    const end = world.close();
    assert.deepEqual([end.exitCode, end.reason], [0, "done"], world.log.join("\n"));
    const times = rows.slice(1).map((row) => Number(row.split(",")[0]));
    assert.equal(times.length, 94, world.log.join("\n"));
    for (let i = 1; i < times.length; i++) assert.equal(times[i]! - times[i - 1]!, 120);
    const used = `chunk ${end.chunkBytes} of ${ESP32.chunk} bytes, heap ${end.slots} of ${ESP32.heap} slots`;
    console.log(
      `      device on XS 32-bit: ${used} live after 3 h, ${Math.round(end.computrons / 3.2)} bytecodes an hour`,
    );
    assert.ok(end.chunkBytes < ESP32.chunk * 0.6 && end.slots < ESP32.heap * 0.6, "at least 40 % must stay free");
  });

  it("loses no row that was recorded before its power was cut", async () => {
    const world = await World.open();
    world.device.start();
    await world.live(1.75);
    world.device.cut();
    world.device.start();
    await world.live(1.2);
    const minutes = world.rows.slice(1).map((row) => (Number(row.split(",")[0]) - START) / 60);
    assert.equal(world.close().exitCode, 0);
    const recorded = Array.from({ length: 52 }, (_, index) => 2 * (index + 1));
    assert.deepEqual(minutes.slice(0, 52), recorded, world.log.join("\n"));
    assert.ok(minutes.length > 52, "it went on after the cut");
    assert.equal(new Set(minutes).size, minutes.length, "no row twice");
  });

  it("needs little of an ESP32, whatever the modem", async () => {
    const used: [modem: string, end: End][] = [];
    for (const modem of ["SIM7600", "SIM800", "SIM7070", "BG95", "SARA-R5"]) {
      const world = await World.open({ measure: true }, modem);
      world.device.start();
      await world.live(TWO_REPORTS);
      assert.ok(world.log.filter((line) => line.includes("report accepted")).length >= 2, world.log.join("\n"));
      used.push([modem, world.close()]);
    }
    for (const [modem, { neededSlots, neededChunkBytes }] of used)
      console.log(
        `      device on XS 32-bit, ${modem}: needs ${neededChunkBytes} bytes of chunks and ${neededSlots} slots of ${ESP32.chunk} and ${ESP32.heap}`,
      );
    const slots = used.map(([, end]) => end.neededSlots);
    assert.ok(Math.max(...slots) < Math.min(...slots) * 1.05, "within 5 %");
    assert.ok(Math.max(...slots) < ESP32.heap * 0.6, "40 % of the slots must stay free");
    assert.ok(
      used.every(([, end]) => end.neededChunkBytes < ESP32.chunk * 0.6),
      "40 % of the chunks must stay free",
    );
  });
});
