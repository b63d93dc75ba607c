import assert from "node:assert/strict";
import { SupervisedSensor } from "../../../hal/esp32/supervised-sensor.js";

/** A sensor that can be unplugged. */
class Plug {
  now = 0;
  there = true;
  opened = 0;
  closed = 0;
  readonly lines: string[] = [];
  readonly sensor = new SupervisedSensor({
    name: "INA219 at 0x40",
    variables: ["load_current"],
    ticks: () => this.now,
    log: (line) => this.lines.push(line),
    open: () => {
      this.#require();
      this.opened++;
      return { sample: () => this.#read(), close: () => this.closed++ };
    },
  });

  #require(): void {
    if (!this.there) throw new Error("no answer");
  }

  #read() {
    this.#require();
    return { load_current: 5 };
  }
}

const ABSENT = { load_current: undefined };

describe("a supervised sensor", () => {
  it("is opened by the self-test, and read from then on", () => {
    const plug = new Plug();
    assert.equal(plug.sensor.test(), "INA219 at 0x40 ok");
    assert.deepEqual(plug.sensor.sample(), { load_current: 5 });
    assert.deepEqual([plug.opened, plug.lines], [1, []]);
  });

  it("has absent readings while it is missing, is tried once a minute, and says once that it came", () => {
    const plug = new Plug();
    plug.there = false;
    assert.equal(plug.sensor.test(), "INA219 at 0x40 missing (no answer)");
    for (; plug.now < 120_000; plug.now += 10_000) assert.deepEqual(plug.sensor.sample(), ABSENT);
    assert.deepEqual(plug.lines, []);
    plug.there = true;
    assert.deepEqual(plug.sensor.sample(), ABSENT, "it has not measured yet");
    assert.deepEqual(plug.sensor.sample(), { load_current: 5 });
    assert.deepEqual(plug.lines, ["sensor INA219 at 0x40 is back"]);
  });

  it("is let go of when it stops answering, which is said once", () => {
    const plug = new Plug();
    plug.sensor.test();
    plug.there = false;
    for (let i = 0; i < 3; i++) assert.deepEqual(plug.sensor.sample(), ABSENT);
    assert.equal(plug.closed, 1);
    assert.deepEqual(plug.lines, ["sensor INA219 at 0x40 lost (no answer)"]);
    plug.there = true;
    assert.deepEqual(plug.sensor.sample(), ABSENT, "not before its minute is over");
    assert.equal(plug.opened, 1);
    plug.now = 60_000;
    plug.sensor.sample();
    assert.deepEqual(plug.sensor.sample(), { load_current: 5 });
  });
});
