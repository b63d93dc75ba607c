import assert from "node:assert/strict";
import { Clock } from "../../firmware/clock.js";
import { Credit } from "../../firmware/paygo/credit.js";
import { MemoryKeyValue } from "../../hal/sim/key-value.js";

const NOON = 1_767_268_800;
const DAY = 86400;

class Bench {
  readonly keyValue = new MemoryKeyValue({ random: () => 0 });
  grace = 0;
  ticks = 0;
  clock!: Clock;
  credit!: Credit;

  constructor() {
    this.boot();
  }

  boot(): void {
    this.ticks = 0;
    this.clock = new Clock({ ticks: () => this.ticks, keyValue: this.keyValue });
    this.credit = new Credit({ clock: this.clock, keyValue: this.keyValue, grace: () => this.grace });
  }

  /** Lets time pass with the power on. */
  run(seconds: number): void {
    for (let i = 0; i < seconds; i += 60) {
      this.ticks += 60_000;
      this.clock.keep();
      this.credit.keep();
    }
  }
}

describe("credit", () => {
  it("is none on a new device", () => {
    const { credit } = new Bench();
    assert.equal(credit.active, false);
    assert.equal(credit.left, 0);
  });

  it("counts down by uptime while the time is unknown", () => {
    const bench = new Bench();
    bench.credit.setLeft(DAY);
    bench.run(3600);
    assert.equal(bench.credit.left, DAY - 3600);
    bench.run(DAY);
    assert.equal(bench.credit.active, false);
  });

  it("counts the time without power too, once the time is known", () => {
    const bench = new Bench();
    bench.clock.offer(NOON, "network");
    bench.credit.setLeft(2 * DAY);
    bench.boot();
    bench.clock.offer(NOON + DAY, "network");
    assert.equal(bench.credit.left, DAY);
  });

  it("loses at most a quarter of an hour's count by a crash, and gains no more", () => {
    const bench = new Bench();
    bench.credit.setLeft(DAY);
    bench.run(7000);
    bench.boot();
    const counted = DAY - bench.credit.left;
    assert.ok(counted <= 7000 && counted > 7000 - 900 - 60, `${counted} s counted`);
  });

  it("keeps its length when the clock that it was reckoned by is put right", () => {
    const bench = new Bench();
    bench.clock.onChanged = (shift) => bench.credit.clockChanged(shift);
    bench.clock.offer(NOON - 20 * DAY, "rtc");
    bench.credit.setLeft(10 * DAY);
    bench.clock.offer(NOON, "network");
    assert.equal(bench.credit.left, 10 * DAY);
    bench.boot();
    bench.clock.offer(NOON + DAY, "network");
    assert.equal(bench.credit.left, 9 * DAY, "its end counts from the right time");
  });

  it("keeps the end that a server gave when a clock that was behind is put right", () => {
    const bench = new Bench();
    bench.clock.onChanged = (shift) => bench.credit.clockChanged(shift);
    bench.clock.offer(NOON - 5 * DAY, "rtc");
    bench.credit.setUntil(NOON + 10 * DAY);
    bench.clock.offer(NOON, "network");
    assert.equal(bench.credit.left, 10 * DAY);
  });

  it("keeps what was bought while the clock had been set back, when a restart brings the right time", () => {
    const bench = new Bench();
    bench.clock.offer(NOON, "network");
    bench.run(600);
    bench.clock.offer(NOON - 8 * DAY, "server");
    bench.clock.offer(NOON - 8 * DAY, "server");
    bench.run(3600);
    bench.clock.offer(NOON - 8 * DAY + 3600, "server");
    assert.ok(bench.clock.now! < NOON - 7 * DAY);
    bench.credit.setLeft(2 * DAY);
    bench.run(3600);
    bench.boot();
    bench.clock.offer(NOON + 7800, "network");
    bench.credit.keep();
    assert.equal(bench.credit.left, 2 * DAY - 3600);
    bench.boot();
    bench.clock.offer(NOON + 7800 + DAY, "network");
    assert.equal(bench.credit.left, DAY - 3600, "and counts the time without power from then on");
  });

  it("gives no more than a server's end when the clock had been set back", () => {
    const bench = new Bench();
    bench.clock.offer(NOON, "network");
    bench.clock.offer(NOON - DAY, "server");
    bench.run(3600);
    bench.clock.offer(NOON - DAY + 3600, "server");
    bench.credit.setUntil(NOON + DAY);
    bench.boot();
    bench.clock.offer(NOON, "network");
    assert.equal(bench.credit.left, DAY);
  });

  it("does not grow to the end that a server gave when the clock goes back, until the server says so again", () => {
    const bench = new Bench();
    bench.clock.onChanged = (shift) => bench.credit.clockChanged(shift);
    bench.clock.offer(NOON + 5 * DAY, "rtc");
    bench.credit.setUntil(NOON + 10 * DAY);
    bench.clock.offer(NOON, "network");
    assert.equal(bench.credit.left, 5 * DAY);
    bench.credit.setUntil(NOON + 10 * DAY);
    assert.equal(bench.credit.left, 10 * DAY);
  });

  it("comes back when a clock that ran ahead is put right", () => {
    const bench = new Bench();
    bench.clock.offer(NOON, "rtc");
    bench.credit.setLeft(30 * DAY);
    bench.boot();
    bench.clock.offer(NOON + 365 * DAY, "rtc");
    bench.credit.keep();
    assert.equal(bench.credit.active, false);
    bench.boot();
    bench.clock.offer(NOON + DAY, "network");
    assert.equal(bench.credit.left, 29 * DAY);
  });

  it("has lost nothing to a clock that went wrong and was put right after a restart", () => {
    const bench = new Bench();
    bench.clock.onChanged = (shift) => bench.credit.clockChanged(shift);
    bench.clock.offer(NOON, "network");
    bench.credit.setLeft(DAY);
    bench.run(1200);
    assert.equal(bench.clock.offer(NOON + 900, "network"), true);
    bench.boot();
    bench.clock.offer(NOON + 1200, "network");
    assert.equal(bench.credit.left, DAY - 1200);
  });

  it("does not grow by a clock that goes back", () => {
    const bench = new Bench();
    bench.clock.offer(NOON + 10 * DAY, "rtc");
    bench.credit.setLeft(DAY);
    bench.run(3600);
    bench.clock.offer(NOON + 9 * DAY, "network");
    assert.ok(bench.credit.left <= DAY - 3600);
  });

  it("dates a credit that was given before the time was known", () => {
    const bench = new Bench();
    bench.credit.setLeft(2 * DAY);
    bench.run(600);
    bench.clock.offer(NOON, "network");
    bench.credit.keep();
    bench.boot();
    bench.clock.offer(NOON + DAY, "network");
    assert.equal(bench.credit.left, DAY - 600);
  });

  it("does not matter once the device is unlocked", () => {
    const bench = new Bench();
    bench.credit.setUnlocked(true);
    assert.equal(bench.credit.active, true);
    bench.boot();
    assert.equal(bench.credit.active, true);
    assert.equal(bench.credit.unlocked, true);
  });

  it("writes its value at most 96 times a day", () => {
    const bench = new Bench();
    bench.clock.offer(NOON, "network");
    bench.credit.setLeft(30 * DAY);
    bench.credit.keep();
    const before = bench.keyValue.writes;
    for (let i = 0; i < DAY / 5; i++) {
      bench.ticks += 5000;
      bench.credit.keep();
    }
    assert.ok(bench.keyValue.writes - before <= 96, `${bench.keyValue.writes - before} writes`);
  });

  it("keeps the load on for the grace period, and shows no credit in it", () => {
    const bench = new Bench();
    bench.grace = DAY;
    assert.equal(bench.credit.active, false, "nothing was ever paid");
    bench.credit.setLeft(3600);
    bench.run(7200);
    assert.equal(bench.credit.left, 0);
    assert.equal(bench.credit.active, true);
    bench.run(DAY);
    assert.equal(bench.credit.active, false);
  });

  it("takes the grace that was used from the next payment", () => {
    const bench = new Bench();
    bench.grace = DAY;
    bench.credit.setLeft(3600);
    bench.run(3600 + DAY / 2);
    bench.credit.add(7 * DAY, 1000 * DAY);
    assert.equal(bench.credit.left, 6.5 * DAY);
  });

  it("ends at once when it is set to nothing", () => {
    const bench = new Bench();
    bench.grace = DAY;
    bench.credit.setLeft(DAY);
    bench.credit.setLeft(0);
    assert.equal(bench.credit.active, false);
  });
});
