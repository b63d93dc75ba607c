import assert from "node:assert/strict";
import { Divider } from "../../../../hal/esp32/sensors/divider.js";
import { Thermometer } from "../../../../hal/esp32/sensors/thermometer.js";
import { Chip } from "../chip.js";

describe("a voltage behind a divider", () => {
  const measure = (reading: number | undefined, upper = 100_000, lower = 100_000) => {
    const chip = new Chip();
    chip.readings.set(35, reading);
    return new Divider({ io: chip.Analog, pin: 35, upper, lower, variable: "cell_voltage" }).sample();
  };

  it("is the pin's voltage times the ratio of the resistors, in mV", () => {
    assert.deepEqual(measure(3209), { cell_voltage: 3840 });
    assert.deepEqual(measure(2000, 680_000, 100_000), { cell_voltage: 9333 });
    assert.deepEqual(measure(0), { cell_voltage: 0 });
  });

  it("is absent at the end of the scale, and when the converter failed", () => {
    assert.deepEqual(measure(4094), { cell_voltage: 4899 });
    assert.deepEqual(measure(4095), { cell_voltage: undefined });
    assert.deepEqual(measure(undefined), { cell_voltage: undefined });
  });
});

describe("a thermometer", () => {
  const wire = (raw?: number) => {
    const chip = new Chip();
    if (raw !== undefined) chip.devices.set(0x48, new Map([[0, raw]]));
    const sensor = { io: chip.SMBus, data: 21, clock: 22, address: 0x48, hz: 100_000, timeout: 20 };
    const open = () => new Thermometer({ driver: chip.platform().TMP102, sensor, variable: "temperature" });
    return { chip, open };
  };

  it("gives tenths of degrees Celsius, below zero as well", () => {
    assert.deepEqual(wire(0x1930).open().sample(), { temperature: 252 });
    assert.deepEqual(wire(0xfe70).open().sample(), { temperature: -16 });
  });

  it("lets go of the bus though the driver cannot say goodbye, so that it can be opened again", () => {
    const { chip, open } = wire(0);
    const thermometer = open();
    chip.devices.clear();
    assert.throws(() => thermometer.sample(), /write failed/);
    thermometer.close();
    thermometer.close();
    assert.equal(chip.open.size, 0);
    assert.throws(open, /write failed/);
    assert.equal(chip.open.size, 0);
  });
});
