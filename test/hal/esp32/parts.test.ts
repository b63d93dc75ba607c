import assert from "node:assert/strict";
import { Input } from "../../../hal/esp32/input.js";
import { RegisterOutput, writeBits } from "../../../hal/esp32/registers.js";
import { resetReason } from "../../../hal/esp32/reset-reason.js";
import { Domain, Partition } from "../../../hal/esp32/storage.js";
import { unwrappedTicks } from "../../../hal/esp32/ticks.js";
import { Chip } from "./chip.js";

describe("an input pin", () => {
  const wire = (active: "high" | "low" = "low") => {
    const chip = new Chip();
    const input = new Input({
      io: chip.Digital,
      timer: chip.time,
      variable: "tampered",
      pin: 19,
      active,
      pull: "up",
    });
    const changes: number[] = [];
    input.onChanged = () => changes.push(input.read());
    return { chip, input, changes };
  };

  it("reads 1 at its active level, from the start", () => {
    assert.equal(wire("low").input.read(), 0);
    assert.equal(wire("high").input.read(), 1);
  });

  it("reports a contact once that bounces, 50 ms after its first edge", () => {
    const { chip, input, changes } = wire();
    for (const level of [0, 1, 0, 1, 0] as const) chip.drive(19, level);
    chip.time.run(49);
    assert.deepEqual([input.read(), changes], [0, []]);
    chip.time.run(1);
    assert.deepEqual([input.read(), changes], [1, [1]]);
    chip.drive(19, 1);
    chip.time.run(1000);
    assert.deepEqual(changes, [1, 0]);
  });

  it("does not report a spike", () => {
    const { chip, changes } = wire();
    chip.drive(19, 0);
    chip.drive(19, 1);
    chip.time.run(1000);
    assert.deepEqual(changes, []);
  });
});

describe("registers of a chip on the board", () => {
  const wire = (registers?: Map<number, number>) => {
    const chip = new Chip();
    if (registers) chip.devices.set(0x34, registers);
    return { chip, device: { io: chip.SMBus, data: 15, clock: 7, address: 0x34, hz: 100_000, timeout: 20 } };
  };

  it("keep the bits that are not meant", () => {
    const registers = new Map([[0x80, 0b1001]]);
    const { chip, device } = wire(registers);
    writeBits(device, { register: 0x80, mask: 0b0100 }, 0xff);
    assert.equal(registers.get(0x80), 0b1101);
    writeBits(device, { register: 0x80, mask: 0b0001 }, 0);
    assert.equal(registers.get(0x80), 0b1100);
    assert.equal(chip.open.size, 0);
  });

  it("switch a supply, and log that they cannot", () => {
    const lines: string[] = [];
    const { chip, device } = wire(new Map());
    const output = new RegisterOutput({ device, bits: { register: 0x80, mask: 4 }, log: (line) => lines.push(line) });
    output.write(1);
    assert.equal(chip.devices.get(0x34)!.get(0x80), 4);
    chip.devices.clear();
    output.write(0);
    assert.deepEqual(lines, ["supply switch at I2C address 52: write failed"]);
    assert.equal(chip.open.size, 0);
  });
});

describe("storage of the ESP32", () => {
  const { flash, keyValue } = new Chip().platform();

  it("erases the one block that is named, though the SDK's class would take no end for 0", () => {
    const partition = new Partition({ io: flash, path: "outbox" });
    partition.write(Uint8Array.of(0), 2 * 4096);
    partition.write(Uint8Array.of(0), 3 * 4096);
    partition.eraseBlock(2);
    const bytes = new Uint8Array(1);
    partition.read(bytes, 2 * 4096);
    assert.equal(bytes[0], 0xff);
    partition.read(bytes, 3 * 4096);
    assert.equal(bytes[0], 0);
    partition.eraseBlock(2, 4);
    partition.read(bytes, 3 * 4096);
    assert.equal(bytes[0], 0xff);
    assert.deepEqual(partition.status(), { size: 65536, blockLength: 4096, blocks: 16, writeAlign: 1 });
  });

  it("throws when the partition table has no outbox", () => {
    assert.throws(() => new Partition({ io: flash, path: "inbox" }), /can't find partition/);
  });

  it("keeps values, and tells a missing one from an empty one", () => {
    const domain = new Domain({ io: keyValue, path: "heliograph" });
    assert.equal(domain.read("clock"), undefined);
    domain.write("clock", new Uint8Array(0));
    assert.equal(domain.read("clock")?.byteLength, 0);
    domain.write("clock", Uint8Array.of(1, 2, 3).subarray(1));
    assert.deepEqual([...new Uint8Array(domain.read("clock")!)], [2, 3]);
    domain.delete("clock");
    assert.equal(domain.read("clock"), undefined);
  });
});

describe("ticks", () => {
  it("go on where the counter of 32 bits wraps, into the negative and to zero", () => {
    let counter = 1000;
    const ticks = unwrappedTicks(() => counter | 0);
    assert.equal(ticks(), 1000);
    for (counter = 2000; counter < 5 * 2 ** 32; counter += 2 ** 30) assert.equal(ticks(), counter);
  });

  it("begin at what the counter says", () => {
    assert.equal(unwrappedTicks(() => -5)(), 2 ** 32 - 5);
  });
});

describe("the reason of a reset", () => {
  it("is told in words", () => {
    const codes = [1, 3, 4, 6, 9, 15, 99];
    assert.deepEqual(codes.map(resetReason), [
      "power",
      "software",
      "panic",
      "watchdog",
      "brownout",
      "CPU lockup",
      "code 99",
    ]);
  });
});
