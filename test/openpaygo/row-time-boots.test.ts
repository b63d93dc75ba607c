import assert from "node:assert/strict";
import fc from "fast-check";
import { Clock } from "../../firmware/clock.js";
import { RowTime } from "../../firmware/openpaygo/row-time.js";
import { MemoryKeyValue } from "../../hal/sim/key-value.js";

const NOON = 1_767_268_800;
const INTERVAL = 120;
/** A boot that is known to the clock is one of so many, the present one included. */
const REMEMBERED = 8;

interface BootPlan {
  /** Seconds without power before it. */
  readonly gap: number;
  /** Seconds from each row to the next. */
  readonly steps: readonly number[];
  /** It learns the time right after its rows. */
  readonly told: boolean;
}

interface MadeRow {
  readonly boot: number;
  /** Seconds of the boot, and seconds since 1970 in the world. */
  readonly time: number;
  readonly at: number;
  readonly told: boolean;
}

/** The clocks of a device from boot to boot, and the rows that it made. */
class Life {
  readonly rows: MadeRow[] = [];
  readonly #keyValue = new MemoryKeyValue({ random: () => 0 });
  #now = NOON;
  #startedAt = NOON;
  clock = this.#start();

  constructor(boots: readonly BootPlan[], told: boolean) {
    for (const boot of boots) this.#live(boot);
    this.restart(1);
    if (told) this.clock.offer(this.#now, "network");
  }

  get now(): number {
    return this.#now;
  }

  pass(seconds: number): void {
    this.#now += seconds;
  }

  restart(gap: number): void {
    this.#now += gap;
    this.clock = this.#start();
  }

  #start(): Clock {
    this.#startedAt = this.#now;
    const ticks = () => (this.#now - this.#startedAt) * 1000;
    return new Clock({ ticks, keyValue: this.#keyValue, newest: this.rows.at(-1) });
  }

  #live({ gap, steps, told }: BootPlan): void {
    this.restart(gap);
    const { boot } = this.clock;
    for (const step of steps) {
      this.#now += step;
      this.rows.push({ boot, time: this.#now - this.#startedAt, at: this.#now, told });
    }
    if (told) this.clock.offer(this.#now, "network");
  }
}

/** The times of rows as a server reckons them from one request. */
function received(rows: readonly MadeRow[], { clock, now }: Life): number[] {
  const time = new RowTime({
    ...{ interval: INTERVAL, explicit: false, uptime: clock.uptime },
    resolveTime: (boot, seconds) => clock.resolve(boot, seconds),
    resolveUptime: (boot, seconds) => clock.uptimeOf(boot, seconds),
  });
  let last = now;
  return rows.map(({ boot, time: seconds }, i) => {
    time.next({ format: 0, boot, time: seconds, values: [] });
    last = time.timestamp ?? last + (time.relativeTime ?? (i === 0 ? 0 : INTERVAL));
    return last;
  });
}

/** Requests of so many rows each, in turn, each some seconds after the one before. */
function receivedInParts(life: Life, sizes: readonly number[], pause: number): number[] {
  const times: number[] = [];
  for (let i = 0; times.length < life.rows.length; i++) {
    times.push(...received(life.rows.slice(times.length, times.length + sizes[i % sizes.length]!), life));
    life.pass(pause);
  }
  return times;
}

/** The rows of one boot keep their distances, lie before those of the next, and not after `now`; dated ones are exact. */
function checkTimes({ rows }: Life, times: readonly number[], now: number): void {
  for (const [i, row] of rows.entries()) {
    const before = rows[i - 1];
    if (row.told) assert.equal(times[i], row.at);
    assert.ok(times[i]! >= row.at, "never before it was recorded");
    assert.ok(times[i]! <= now, "not in the future");
    if (before?.boot === row.boot) assert.equal(times[i]! - times[i - 1]!, row.time - before.time);
    else if (before) assert.ok(times[i]! > times[i - 1]!, "after the boot before");
  }
}

const boots = fc.array(
  fc.record({
    gap: fc.integer({ min: 1, max: 100_000 }),
    steps: fc.array(fc.oneof(fc.constant(INTERVAL), fc.integer({ min: 1, max: 9000 })), { maxLength: 20 }),
    told: fc.boolean(),
  }),
  { minLength: 1, maxLength: REMEMBERED - 1 },
);
const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 });

describe("times of the rows of boots that never knew the time", () => {
  it("keep their distances, lie between what is known, and are the same in whatever request", () => {
    fc.assert(
      fc.property(boots, sizes, sizes, (plan, some, others) => {
        const life = new Life(plan, true);
        const { now } = life;
        const times = receivedInParts(life, some, 7);
        checkTimes(life, times, now);
        assert.deepEqual(receivedInParts(life, others, 1), times, "again");
      }),
    );
  });

  it("are the same after a restart of the device", () => {
    const last = fc.array(fc.record({ gap: fc.nat(90), told: fc.boolean() }), { maxLength: 2 });
    fc.assert(
      fc.property(boots, sizes, last, (plan, some, restarts) => {
        const life = new Life(plan.slice(-5), true);
        const times = receivedInParts(life, some, 7);
        for (const { gap, told } of restarts) {
          life.restart(1 + gap);
          if (told) life.clock.offer(life.now, "network");
          assert.deepEqual(receivedInParts(life, [11], 1), times);
        }
      }),
    );
  });

  it("keep their distances while the device knows no time at all, counted back from each request", () => {
    fc.assert(
      fc.property(boots, sizes, fc.nat(90), (plan, some, pause) => {
        const life = new Life(
          plan.map((boot) => ({ ...boot, told: false })),
          false,
        );
        const { now } = life;
        checkTimes(life, receivedInParts(life, some, pause), now);
      }),
    );
  });
});
