import assert from "node:assert/strict";
import { Clock } from "../../firmware/clock.js";
import type { DataFormat } from "../../firmware/openpaygo/data-format.js";
import type { Row } from "../../firmware/telemetry/row.js";
import { Sampler } from "../../firmware/telemetry/sampler.js";
import type { DigitalInput } from "../../hal/digital.js";
import type { Sample } from "../../hal/sensor.js";
import { MemoryKeyValue } from "../../hal/sim/key-value.js";
import { SimulatedTime } from "../../hal/sim/time.js";

/** A multiple of 120 s. */
const NOON = 1_767_268_800;

const FORMAT: DataFormat = {
  data_order: [],
  historical_data_order: ["volts", "timestamp", "tampered", "place"],
  historical_data_interval: 120,
  variables: { volts: { type: "integer" }, tampered: { type: "bool" }, place: { type: "gps" } },
};

class Bench {
  readonly time = new SimulatedTime();
  readonly clock = new Clock({ ticks: () => this.time.now, keyValue: new MemoryKeyValue({ random: () => 0 }) });
  readonly rows: Row[] = [];
  readonly tamper: DigitalInput & { value: 0 | 1 } = {
    variable: "tampered",
    value: 0,
    read() {
      return this.value;
    },
  };
  sample: Sample | undefined = { volts: 12 };
  sampler!: Sampler;

  start(latest: Sample = {}): this {
    this.sampler = new Sampler({
      timer: this.time,
      clock: this.clock,
      sensors: [{ sample: () => this.sample }],
      inputs: [this.tamper],
      format: FORMAT,
      formatNumber: 3,
      sampleInterval: 10,
      recordInterval: 120,
      latest,
      onRow: (row) => this.rows.push({ ...row, values: [...row.values] }),
    });
    return this;
  }
}

describe("sampler", () => {
  it("records one row at every multiple of the record interval, from the samples before it", () => {
    const bench = new Bench();
    bench.clock.offer(NOON, "network");
    bench.start();
    bench.time.run(115_000);
    bench.sample = { volts: 99 };
    bench.time.run(125_000);
    assert.deepEqual(bench.rows, [
      { format: 3, boot: 0, time: NOON + 120, values: [12, undefined, undefined, undefined] },
      { format: 3, boot: 0, time: NOON + 240, values: [99, undefined, undefined, undefined] },
    ]);
  });

  it("keeps to the grid of the time of day when it starts between two multiples", () => {
    const bench = new Bench();
    bench.clock.offer(NOON + 77, "network");
    bench.start();
    bench.time.run(60_000);
    assert.deepEqual(
      bench.rows.map((row) => row.time),
      [NOON + 120],
    );
  });

  it("counts rows by boot and uptime until the time is known, and loses none when it becomes known", () => {
    const bench = new Bench().start();
    bench.time.run(130_000);
    bench.clock.offer(NOON + 10, "network");
    bench.time.run(120_000);
    assert.deepEqual(
      bench.rows.map(({ boot, time }) => ({ boot, time })),
      [
        { boot: 1, time: 120 },
        { boot: 0, time: NOON + 120 },
      ],
    );
  });

  it("records an input that changes at once, in a row of its own", () => {
    const bench = new Bench();
    bench.clock.offer(NOON, "network");
    bench.start();
    bench.time.run(33_000);
    bench.tamper.value = 1;
    bench.tamper.onChanged?.();
    assert.deepEqual(bench.rows, [
      { format: 3, boot: 0, time: NOON + 33, values: [undefined, undefined, true, undefined] },
    ]);
  });

  it("records an input that is already active at the start", () => {
    const bench = new Bench();
    bench.clock.offer(NOON, "network");
    bench.tamper.value = 1;
    bench.start();
    assert.equal(bench.rows[0]?.values[2], true);
  });

  it("records no second time an input that was active before the intervals changed", () => {
    const bench = new Bench();
    bench.clock.offer(NOON, "network");
    bench.tamper.value = 1;
    const { latest } = bench.start().sampler;
    bench.start(latest);
    assert.equal(bench.rows.length, 1);
  });

  it("ends the interval that is over before an event that comes after it", () => {
    const bench = new Bench();
    bench.clock.offer(NOON + 5, "network");
    bench.start();
    bench.time.run(118_000);
    bench.tamper.value = 1;
    bench.tamper.onChanged?.();
    assert.deepEqual(
      bench.rows.map((row) => row.time),
      [NOON + 120, NOON + 123],
    );
  });

  it("takes any kind of variable that the format knows and a sensor gives", () => {
    const bench = new Bench();
    bench.clock.offer(NOON, "network");
    bench.sample = { volts: 12, place: [36.8, -1.3], unheard_of: 1 };
    bench.start();
    bench.time.run(125_000);
    assert.deepEqual(bench.rows[0]?.values, [12, undefined, undefined, [36.8, -1.3]]);
  });

  it("leaves out a sensor that fails, and the row when nothing was read", () => {
    const bench = new Bench();
    bench.clock.offer(NOON, "network");
    bench.sample = undefined;
    bench.start();
    bench.time.run(600_000);
    assert.equal(bench.rows.length, 0);
  });

  it("makes rows of absent fields while a sensor is missing that says what it would measure", () => {
    const bench = new Bench();
    bench.clock.offer(NOON, "network");
    bench.sample = { volts: undefined };
    bench.start();
    bench.time.run(250_000);
    assert.deepEqual(
      bench.rows.map(({ time, values }) => [time, values]),
      [
        [NOON + 120, [undefined, undefined, undefined, undefined]],
        [NOON + 240, [undefined, undefined, undefined, undefined]],
      ],
    );
  });

  it("makes no second row for an interval when the clock is put back", () => {
    const bench = new Bench();
    bench.clock.offer(NOON + 100, "network");
    bench.start();
    bench.time.run(30_000);
    bench.clock.offer(NOON + 70, "network");
    bench.time.run(180_000);
    assert.deepEqual(
      bench.rows.map((row) => row.time),
      [NOON + 120, NOON + 240],
    );
  });
});
