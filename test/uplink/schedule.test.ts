import assert from "node:assert/strict";
import { Clock } from "../../firmware/clock.js";
import { Schedule } from "../../firmware/uplink/schedule.js";
import { MemoryKeyValue } from "../../hal/sim/key-value.js";

const NOON = 1_767_268_800;

function bench(serialNumber: string, time?: number) {
  const state = { ticks: 0 };
  const clock = new Clock({ ticks: () => state.ticks, keyValue: new MemoryKeyValue({ random: () => 0 }) });
  if (time !== undefined) clock.offer(time, "network");
  return { state, clock, schedule: new Schedule({ clock, serialNumber: () => serialNumber, first: 15 }) };
}

describe("schedule of reports", () => {
  it("reports once soon after the start", () => {
    const { state, schedule } = bench("HG1");
    assert.equal(schedule.wait, 15);
    state.ticks = 15_000;
    assert.equal(schedule.wait, 0);
  });

  it("keeps the same place in every hour, whenever the device was started", () => {
    const places = new Set<number>();
    for (let start = 0; start < 3600; start += 77) {
      const { clock, schedule } = bench("HG1", NOON + start);
      schedule.next(3600);
      assert.ok(schedule.wait > 0 && schedule.wait <= 3600);
      places.add((clock.now! + schedule.wait) % 3600);
    }
    assert.equal(places.size, 1);
  });

  it("spreads a fleet over ten minutes", () => {
    const places = new Set<number>();
    for (let i = 0; i < 1000; i++) {
      const { clock, schedule } = bench(`HG${i}`, NOON);
      schedule.next(3600);
      places.add((clock.now! + schedule.wait) % 3600);
    }
    assert.ok(places.size > 400, `${places.size} seconds in use`);
    assert.ok(Math.max(...places) < 600);
  });

  it("counts by uptime while the time is unknown", () => {
    const { schedule } = bench("HG1");
    schedule.next(3600);
    assert.equal(schedule.wait, 3600);
  });
});
