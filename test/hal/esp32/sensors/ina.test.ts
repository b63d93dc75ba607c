import assert from "node:assert/strict";
import fc from "fast-check";
import type { Channel } from "../../../../hal/esp32/sensors/ina.js";
import { INA219 } from "../../../../hal/esp32/sensors/ina219.js";
import { INA226 } from "../../../../hal/esp32/sensors/ina226.js";
import { INA3221 } from "../../../../hal/esp32/sensors/ina3221.js";
import { Chip, INA3221_IDENTITY, ina, type Registers } from "../chip.js";

const INA226_IDENTITY = [
  [0xfe, 0x5449],
  [0xff, 0x2260],
] as const;
const BATTERY: Channel = { shunt: 100, current: "battery_current", voltage: "battery_voltage" };

function on(device: Registers | undefined) {
  const chip = new Chip();
  if (device) chip.devices.set(0x40, device);
  const sensor = { io: chip.SMBus, data: 21, clock: 22, address: 0x40, hz: 100_000, timeout: 20 };
  return { chip, sensor };
}

describe("INA current and voltage sensors", () => {
  it("read an INA219 by its datasheet's example: 20 mV over the shunt, 11.98 V on the bus", () => {
    const { sensor } = on(ina([], { 1: 2000, 2: 0x5d98 }));
    const sample = new INA219({ sensor, channels: [{ ...BATTERY, shunt: 2 }] }).sample();
    assert.deepEqual(sample, { battery_current: 10_000, battery_voltage: 11_980 });
  });

  it("read an INA226: -80 mV is 8300 hex and 11.98 V is 2570 hex, as in its datasheet", () => {
    const { sensor } = on(ina(INA226_IDENTITY, { 1: 0x8300, 2: 0x2570 }));
    const sample = new INA226({ sensor, channels: [BATTERY] }).sample();
    assert.deepEqual(sample, { battery_current: -800, battery_voltage: 11_980 });
  });

  it("read three channels of an INA3221: -80 mV is C180 hex, as in its datasheet", () => {
    const content = { 1: 0xc180, 2: 0x3200, 3: 0x0028, 4: 0x4650, 5: 0x07d0, 6: 0x31f8 };
    const { sensor } = on(ina(INA3221_IDENTITY, content));
    const channels = [
      BATTERY,
      { shunt: 50, current: "panel_current", voltage: "panel_voltage" },
      { shunt: 10, current: "load_current" },
    ];
    assert.deepEqual(new INA3221({ sensor, channels }).sample(), {
      battery_current: -800,
      battery_voltage: 12_800,
      panel_current: 4,
      panel_voltage: 18_000,
      load_current: 1000,
    });
  });

  it("are set to average, continuously", () => {
    for (const [Driver, identity, configuration] of [
      [INA219, [], 0x3fff],
      [INA226, INA226_IDENTITY, 0x4927],
      [INA3221, INA3221_IDENTITY, 0x7927],
    ] as const) {
      const device = ina(identity, {});
      new Driver({ sensor: on(device).sensor, channels: [BATTERY] });
      assert.equal(device.get(0), configuration);
    }
  });

  it("leave out a current that is beyond the range, whichever way it flows", () => {
    for (const [Driver, identity, low, high] of [
      [INA219, [], -32000, 32000],
      [INA226, INA226_IDENTITY, -32768, 32767],
      [INA3221, INA3221_IDENTITY, -32760, 32760],
    ] as const)
      for (const raw of [low, high]) {
        const { sensor } = on(ina(identity, { 1: raw, 2: 0x1f40 }));
        const sample = new Driver({ sensor, channels: [BATTERY] }).sample();
        assert.equal(sample.battery_current, undefined);
        assert.equal(typeof sample.battery_voltage, "number");
      }
  });

  it("give a current within half a milliampere and a step of what flows, for any shunt", () => {
    fc.assert(
      fc.property(fc.integer({ min: -16000, max: 16000 }), fc.integer({ min: 1, max: 200 }), (milliamperes, shunt) => {
        const microvolts = milliamperes * shunt;
        fc.pre(Math.abs(microvolts) < 160_000);
        const { sensor } = on(ina(INA3221_IDENTITY, { 1: Math.round(microvolts / 40) << 3 }));
        const sample = new INA3221({ sensor, channels: [{ shunt, current: "load_current" }] }).sample();
        assert.ok(Math.abs(Number(sample.load_current) - milliamperes) <= 0.5 + 20 / shunt);
      }),
    );
  });

  it("refuse a chip that does not answer or is another, and let go of its address", () => {
    const missing = on(undefined);
    assert.throws(() => new INA219({ sensor: missing.sensor, channels: [BATTERY] }), /write failed/);
    assert.equal(missing.chip.open.size, 0);
    const other = on(ina(INA226_IDENTITY, {}));
    assert.throws(
      () => new INA3221({ sensor: other.sensor, channels: [BATTERY] }),
      /^Error: is no INA3221: register 255 holds 8800, not 12832$/,
    );
    assert.equal(other.chip.open.size, 0);
  });

  it("refuse a chip that does not keep its configuration", () => {
    const { sensor, chip } = on(ina([], {}));
    const device = chip.devices.get(0x40)!;
    device.set = () => device;
    assert.throws(() => new INA219({ sensor, channels: [BATTERY] }), /is no INA219/);
  });

  it("throw from a sample when the chip went away, and close twice without harm", () => {
    const { sensor, chip } = on(ina([], {}));
    const driver = new INA219({ sensor, channels: [BATTERY] });
    chip.devices.clear();
    assert.throws(() => driver.sample(), /write failed/);
    driver.close();
    driver.close();
    assert.equal(chip.open.size, 0);
  });

  it("refuse options that make no sense before the bus is touched", () => {
    const { sensor, chip } = on(undefined);
    assert.throws(() => new INA219({ sensor, channels: [BATTERY, BATTERY] }), /1 to 1 expected for INA219, got 2/);
    assert.throws(() => new INA3221({ sensor, channels: [] }), /1 to 3 expected/);
    for (const shunt of [undefined, 0, -1, Number.NaN])
      assert.throws(
        () => new INA219({ sensor, channels: [{ current: "load_current", shunt }] }),
        /load_current needs a shunt in milliohms/,
      );
    assert.equal(chip.open.size, 0);
  });
});
