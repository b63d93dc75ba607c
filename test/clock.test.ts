import assert from "node:assert/strict";
import { Clock } from "../firmware/clock.js";
import { MemoryKeyValue } from "../hal/sim/key-value.js";

const NOON = 1_767_268_800;

/** A device that can be restarted: its key-value store stays. */
class Bench {
  readonly keyValue = new MemoryKeyValue({ random: () => 0 });
  ticks = 0;
  clock = this.boot();

  /** `newest`: the row that the outbox ends with. */
  boot(newest?: { boot: number; time: number }): Clock {
    this.ticks = 0;
    this.clock = new Clock({ ticks: () => this.ticks, keyValue: this.keyValue, newest });
    return this.clock;
  }
}

describe("clock", () => {
  it("does not know the time until a source offers it, then counts by ticks", () => {
    const bench = new Bench();
    assert.equal(bench.clock.now, undefined);
    bench.ticks = 10_000;
    assert.equal(bench.clock.offer(NOON, "network"), true);
    bench.ticks = 15_900;
    assert.equal(bench.clock.now, NOON + 5);
  });

  it("follows small corrections, and jumps only for a better source", () => {
    const { clock } = new Bench();
    clock.offer(NOON, "rtc");
    assert.equal(clock.offer(NOON + 60, "rtc"), true);
    assert.equal(clock.offer(NOON + 86400, "rtc"), false);
    assert.equal(clock.now, NOON + 60);
    assert.equal(clock.offer(NOON + 86400, "network"), true);
    assert.equal(clock.offer(NOON, "rtc"), false, "a worse source moves nothing");
    assert.equal(clock.now, NOON + 86400);
    assert.equal(clock.refused, 2);
  });

  it("sets time of an answer that anybody may have written between battery-backed clock and mobile network", () => {
    const { clock } = new Bench();
    clock.offer(NOON, "rtc");
    assert.equal(clock.offer(NOON + 86400, "internet"), true);
    assert.equal(clock.offer(NOON + 7200, "network"), true);
    assert.equal(clock.offer(NOON + 86400, "internet"), false);
    assert.equal(clock.offer(NOON + 1000, "server"), true);
    assert.equal(clock.now, NOON + 1000);
  });

  it("lets a forged time of an answer not shut out the right one", () => {
    const bench = new Bench();
    bench.clock.offer(4_000_000_000, "internet");
    bench.clock.keep();
    bench.boot();
    assert.equal(bench.clock.offer(NOON, "network"), true);
  });

  it("knows whether it was set back by more than a drift", () => {
    const bench = new Bench();
    bench.clock.offer(NOON, "network");
    bench.ticks = 3_600_000;
    bench.clock.keep();
    assert.equal(bench.clock.offer(NOON + 3599, "server"), true);
    assert.equal(bench.clock.setBack, false, "a second is none, though below the floor");
    bench.clock.offer(NOON - 3600, "server");
    bench.ticks = 7_200_000;
    assert.equal(bench.clock.offer(NOON, "server"), true);
    assert.equal(bench.clock.setBack, true);
    bench.boot();
    assert.equal(bench.clock.setBack, false);
  });

  it("refuses times before it was built and before the last known moment", () => {
    const bench = new Bench();
    assert.equal(bench.clock.offer(946_684_800, "network"), false, "2000-01-01: a modem without network time");
    bench.clock.offer(NOON, "network");
    bench.boot();
    assert.equal(bench.clock.offer(NOON - 86400, "network"), false);
    assert.equal(bench.clock.offer(NOON + 10, "network"), true);
  });

  it("numbers boots and dates moments of earlier boots", () => {
    const bench = new Bench();
    assert.equal(bench.clock.boot, 1);
    assert.equal(bench.clock.resolve(1, 30), undefined);
    bench.ticks = 100_000;
    bench.clock.offer(NOON, "network");
    assert.equal(bench.clock.resolve(1, 30), NOON - 70);
    bench.boot();
    assert.equal(bench.clock.boot, 2);
    assert.equal(bench.clock.resolve(1, 30), NOON - 70, "known from before the restart");
    assert.equal(bench.clock.resolve(2, 30), undefined, "not yet known in this boot");
  });

  it("forgets boots after a while instead of dating them wrongly", () => {
    const bench = new Bench();
    bench.clock.offer(NOON, "network");
    for (let i = 0; i < 8; i++) bench.boot();
    assert.equal(bench.clock.resolve(1, 30), undefined);
  });

  it("takes a boot that never knew the time to have ended one second before the next one began", () => {
    const bench = new Bench();
    bench.boot({ boot: 1, time: 5000 });
    bench.boot({ boot: 2, time: 300 });
    assert.equal(bench.clock.resolve(1, 5000), undefined, "no time is known yet");
    bench.ticks = 100_000;
    bench.clock.offer(NOON, "network");
    assert.equal(bench.clock.resolve(2, 300), NOON - 101);
    assert.equal(bench.clock.resolve(1, 5000), NOON - 100 - 301 - 1);
    assert.equal(bench.clock.resolve(1, 20), NOON - 100 - 301 - 4981);
    bench.clock.offer(NOON + 200, "network");
    assert.equal(bench.clock.resolve(1, 5000), NOON - 402, "a correction moves what was dated no more");
    bench.boot();
    assert.equal(bench.clock.resolve(1, 5000), NOON - 402, "after a restart too");
  });

  it("passes over boots without rows, and dates no boot of which it knows nothing", () => {
    const bench = new Bench();
    bench.boot({ boot: 1, time: 5000 });
    bench.boot({ boot: 1, time: 5000 });
    bench.clock.offer(NOON, "network");
    assert.equal(bench.clock.resolve(1, 5000), NOON - 1);
    assert.equal(bench.clock.resolve(2, 60), undefined);
  });

  it("keeps the start that it knows of a boot, whatever row is the newest", () => {
    const bench = new Bench();
    bench.clock.offer(NOON, "network");
    bench.boot({ boot: 1, time: 5000 });
    bench.clock.offer(NOON + 9000, "network");
    assert.equal(bench.clock.resolve(1, 30), NOON + 30);
    bench.boot({ boot: 7, time: 5 });
    bench.boot({ boot: 0, time: NOON });
    assert.equal(bench.clock.resolve(1, 30), NOON + 30, "rows of another key-value store change nothing");
  });

  it("places earlier boots before the present one while no time is known", () => {
    const bench = new Bench();
    bench.boot({ boot: 1, time: 5000 });
    bench.boot({ boot: 2, time: 300 });
    assert.equal(bench.clock.uptimeOf(3, 40), 40);
    assert.equal(bench.clock.uptimeOf(2, 300), -1);
    assert.equal(bench.clock.uptimeOf(1, 4000), -1 - 301 - 1000);
    bench.boot();
    assert.equal(bench.clock.uptimeOf(3, 40), undefined);
  });

  it("tells when the time was set or corrected", () => {
    const { clock } = new Bench();
    let changes = 0;
    clock.onChanged = () => changes++;
    clock.offer(NOON, "network");
    clock.offer(NOON, "network");
    clock.offer(NOON + 2, "network");
    assert.equal(changes, 2);
  });

  it("tells by how much it was corrected", () => {
    const { clock } = new Bench();
    const shifts: (number | undefined)[] = [];
    clock.onChanged = (shift) => shifts.push(shift);
    clock.offer(NOON, "rtc");
    clock.offer(NOON - 86400, "network");
    assert.deepEqual(shifts, [undefined, -86400]);
  });

  it("comes back from a network time that was wrong by a year, once the network has told the right one for an hour", () => {
    const bench = new Bench();
    bench.clock.offer(NOON, "network");
    bench.boot();
    assert.equal(bench.clock.offer(NOON + 366 * 86400, "network"), true);
    assert.equal(bench.clock.offer(NOON + 60, "network"), false);
    bench.ticks = 1_800_000;
    assert.equal(bench.clock.offer(NOON + 60 + 1800, "network"), false);
    bench.ticks = 3_600_000;
    assert.equal(bench.clock.offer(NOON + 60 + 3600, "network"), true);
    bench.boot();
    assert.equal(bench.clock.offer(NOON + 3700, "network"), true, "the floor came back with it");
  });

  it("does not take a jump from a source that says something else each time", () => {
    const bench = new Bench();
    bench.clock.offer(NOON, "network");
    for (let hour = 1; hour < 10; hour++) {
      bench.ticks = hour * 3_600_000;
      assert.equal(bench.clock.offer(NOON + hour * 86400, "network"), false);
    }
  });

  it("dates rows as it did first, when it is corrected after they were sent", () => {
    const bench = new Bench();
    bench.ticks = 100_000;
    bench.clock.offer(NOON, "network");
    bench.clock.offer(NOON + 10, "network");
    assert.equal(bench.clock.resolve(1, 30), NOON - 60);
    bench.clock.offer(NOON + 200, "network");
    assert.equal(bench.clock.now, NOON + 200);
    assert.equal(bench.clock.resolve(1, 30), NOON - 60);
    bench.boot();
    assert.equal(bench.clock.resolve(1, 30), NOON - 60, "after a restart too");
  });

  it("saves its floor once an hour, not at every beat", () => {
    const bench = new Bench();
    bench.clock.offer(NOON, "network");
    const before = bench.keyValue.writes;
    for (let seconds = 0; seconds < 86400; seconds += 5) {
      bench.ticks = seconds * 1000;
      bench.clock.keep();
    }
    assert.ok(bench.keyValue.writes - before <= 24, `${bench.keyValue.writes - before} writes in a day`);
  });
});
