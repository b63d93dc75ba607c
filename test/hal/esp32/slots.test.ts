import assert from "node:assert/strict";
import { Slots } from "../../../hal/esp32/slots.js";
import { Chip } from "./chip.js";

function wire(probation = 0): { chip: Chip; slots: Slots } {
  const chip = new Chip();
  chip.probation = probation;
  return { chip, slots: new Slots(chip.platform()) };
}

describe("the slots of an ESP32", () => {
  it("take an image, and leave it whole when it is installed", () => {
    const { chip, slots } = wire();
    const image = Uint8Array.from({ length: 8192 }, (_, i) => (i * 7) & 0xff).fill(0xe9, 0, 1);
    slots.spare.eraseBlock(0, 2);
    slots.spare.write(image, 0);
    slots.install();
    assert.deepEqual(chip.nextOTA.bytes.subarray(0, 8192), image);
    assert.deepEqual(chip.steps, ["update w 4096", "update complete", "update close"]);
  });

  it("do not install what the chip does not take, and close the update", () => {
    const { chip, slots } = wire();
    assert.throws(() => slots.install(), /the chip does not take the image: end failed/);
    assert.deepEqual(chip.steps, ["update w 4096", "update close"]);
  });

  it("ask for writes that a partition with flash encryption takes", () => {
    const { slots } = wire();
    assert.equal(slots.spare.status().writeAlign, 16);
  });

  it("read what runs", () => {
    const { chip, slots } = wire();
    chip.running.write(Uint8Array.of(0xe9, 1, 2, 3), 0);
    const bytes = new Uint8Array(4);
    slots.running.read(bytes, 0);
    assert.deepEqual([...bytes], [0xe9, 1, 2, 3]);
  });

  it("are on probation until that was confirmed and stored", () => {
    assert.equal(wire(0).slots.probation, false);
    const { chip, slots } = wire(1);
    assert.equal(slots.probation, true);
    chip.otaError = 0x102;
    assert.deepEqual([slots.confirm(), slots.probation], [false, true]);
    chip.otaError = 0;
    assert.deepEqual([slots.confirm(), slots.probation], [true, false]);
  });

  it("say so when there is nothing to go back to", () => {
    const { chip, slots } = wire(1);
    chip.otaError = 0x1504;
    assert.throws(() => slots.rollBack(), /there is no other firmware \(error 5380\)/);
    assert.deepEqual(chip.steps, ["mark invalid"]);
  });
});
