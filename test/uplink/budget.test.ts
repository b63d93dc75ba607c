import assert from "node:assert/strict";
import { Clock } from "../../firmware/clock.js";
import { Budget } from "../../firmware/uplink/budget.js";
import { MemoryKeyValue } from "../../hal/sim/key-value.js";
import { BenchBoard, NOON } from "../bench-board.js";

const DAY = 86_400;
/** 2026-01-01 and 2026-02-01. */
const JANUARY = 1_767_225_600;
const FEBRUARY = JANUARY + 31 * DAY;
const LIMIT = 3_100_000;

class Bench {
  readonly keyValue = new MemoryKeyValue({ random: () => 0 });
  readonly network = { bytesSent: 0, bytesReceived: 0 };
  limit = LIMIT;
  ticks = 0;
  clock!: Clock;
  budget!: Budget;

  constructor(now?: number) {
    this.boot(now);
  }

  boot(now?: number): void {
    this.ticks = 0;
    const { keyValue, network } = this;
    this.clock = new Clock({ ticks: () => this.ticks, keyValue });
    if (now !== undefined) this.clock.offer(now, "network");
    this.budget = new Budget({ clock: this.clock, keyValue, network, limit: () => this.limit });
  }

  /** A request that really takes this many payload bytes. */
  send(bytes: number): void {
    this.budget.book(1000, false);
    this.network.bytesSent += bytes;
    this.budget.settle();
  }
}

describe("the month's budget", () => {
  it("counts what the sockets carried, and a connection's own bytes, in place of what was booked", () => {
    const bench = new Bench(JANUARY);
    bench.send(800);
    assert.equal(bench.budget.spent, 800 + 100 + 900);
    bench.send(0);
    assert.equal(bench.budget.spent, 800 + 100 + 2 * 900);
  });

  it("forgets no request over a cut of power", () => {
    const bench = new Bench(JANUARY);
    bench.send(800);
    bench.budget.book(8000, true);
    bench.boot(JANUARY + 60);
    assert.equal(bench.budget.spent, 800 + 100 + 900 + 8000 + 1000 + 3900);
  });

  it("lets a day's part be used ahead, and then as much as the month has come to", () => {
    const bench = new Bench(JANUARY);
    assert.equal(bench.budget.wait(1000, false), 0);
    bench.send(88_000);
    assert.equal(bench.budget.spent, 99_900);
    const wait = bench.budget.wait(1000, false);
    assert.ok(wait > 0 && wait < DAY / 31, `${wait}`);
    bench.ticks = wait * 1000;
    assert.equal(bench.budget.wait(1000, false), 0);
  });

  it("is full again with the month, and not before", () => {
    const bench = new Bench(JANUARY + 5 * DAY);
    bench.send(LIMIT);
    assert.equal(bench.budget.wait(1000, false), 26 * DAY);
    bench.boot(FEBRUARY + 1);
    assert.equal(bench.budget.spent, 0);
    assert.equal(bench.budget.wait(1000, false), 0);
  });

  it("is not full again by a clock that goes back", () => {
    const bench = new Bench(FEBRUARY + DAY);
    bench.send(50_000);
    const { spent } = bench.budget;
    assert.equal(bench.clock.offer(FEBRUARY - DAY, "server"), true);
    assert.equal(bench.budget.spent, spent);
  });

  it("goes by the uptime, a thirtieth of it a day, while the time is not known", () => {
    const bench = new Bench();
    assert.equal(bench.budget.wait(1000, false), 0);
    bench.send(11_000);
    const wait = bench.budget.wait(1000, false);
    assert.ok(wait > 0 && wait < DAY / 24, `${wait}`);
    bench.ticks = wait * 1000;
    assert.equal(bench.budget.wait(1000, false), 0);
  });

  it("does not let restarts without the time add up to more than the month", () => {
    const bench = new Bench(JANUARY + 30 * DAY);
    for (let i = 0; i < 2000; i++) {
      bench.boot();
      bench.ticks = 60_000;
      if (bench.budget.wait(5000, false) === 0) bench.send(5000);
    }
    assert.ok(bench.budget.spent > 0.9 * LIMIT && bench.budget.spent <= LIMIT, `${bench.budget.spent}`);
  });

  it("lets a request through that is larger than all of it, once nothing was used", () => {
    const bench = new Bench(JANUARY + 30.5 * DAY);
    bench.limit = 1000;
    assert.equal(bench.budget.wait(5000, true), 0);
    bench.send(1);
    assert.equal(bench.budget.wait(5000, true), DAY / 2);
  });

  it("is none at zero", () => {
    const bench = new Bench(JANUARY);
    bench.limit = 0;
    bench.send(1e9);
    assert.equal(bench.budget.wait(1e9, true), 0);
  });
});

describe("a device with a budget", () => {
  /** Hourly reports of which each takes about 3 KB. */
  function device(monthly: number): BenchBoard {
    const bench = new BenchBoard({ monthly_bytes: String(monthly), record_interval: "600" });
    const network = bench.network as { bytesSent: number };
    bench.respond = (posted) => {
      network.bytesSent += 2000 + posted.body.length;
      return { status: 201, body: "{}" };
    };
    return bench;
  }

  it("reports less often, to the end of the month, and loses no row", () => {
    const monthly = 600_000;
    const bench = device(monthly);
    const days: number[] = [];
    for (let day = 1; day < 31; day++) {
      const before = bench.posted.length;
      bench.run(DAY);
      days.push(bench.posted.length - before);
    }
    assert.ok(bench.device.session.budget.spent <= monthly);
    assert.ok(bench.device.session.budget.spent > 0.9 * monthly, `${bench.device.session.budget.spent}`);
    assert.ok(Math.min(...days.slice(2)) >= 2 && Math.max(...days.slice(2)) <= 10, days.join(" "));
    assert.equal(bench.device.outbox.evicted, 0);
    assert.ok(bench.device.outbox.length < 500, `${bench.device.outbox.length} rows wait`);
    assert.ok(bench.lines.some((line) => line.includes("over the month's budget (monthly_bytes)")));
  });

  it("does not report when the network tells that the month is still the one whose bytes are used up", () => {
    const bench = device(100_000);
    bench.run(DAY);
    bench.device.session.budget.book(100_000, false);
    const now = bench.device.clock.now!;
    const before = bench.posted.length;
    bench.clock = undefined;
    bench.restart();
    let uptime = 0;
    for (; !bench.device.session.busy && uptime < 2 * DAY; uptime++) bench.run(1);
    bench.device.clock.offer(now + uptime, "network");
    bench.run(60);
    assert.ok(uptime < 2 * DAY);
    assert.equal(bench.posted.length, before);
    assert.match(bench.lines.at(-1)!, /next report in .*over the month's budget/);
    bench.run(31 * DAY);
    assert.ok(bench.posted.length > before);
  });

  it("says why it does not report when it is told to", () => {
    const bench = device(100_000);
    bench.run(2 * DAY);
    assert.match(bench.device.session.send() ?? "", /^over the month's budget \(monthly_bytes\) for \d/);
  });

  it("reports every hour where the budget allows it", () => {
    const bench = device(10_000_000);
    bench.run(2 * DAY);
    assert.ok(bench.posted.length >= 48);
    assert.equal(bench.device.clock.now, NOON + 2 * DAY);
  });
});
