import assert from "node:assert/strict";
import { StateCell } from "../firmware/state.js";
import { MemoryKeyValue } from "../hal/sim/key-value.js";
import { seededRandom } from "../hal/sim/random.js";

const KEY = "credit";

function store(tears = false, seed = 1): MemoryKeyValue {
  return new MemoryKeyValue({ random: seededRandom(seed), tears });
}

function cell(keyValue: MemoryKeyValue, version = 1): StateCell {
  return new StateCell({ keyValue, key: KEY, version });
}

/** The value of write `i`: its length varies, down to nothing. */
function value(i: number): Uint8Array {
  return Uint8Array.from({ length: (i * 5) % 13 }, (_, at) => i + at);
}

describe("state cell", () => {
  it("has no value at first, and then the last one written, also after a restart", () => {
    const keyValue = store();
    const first = cell(keyValue);
    assert.equal(first.read(), undefined);
    for (let i = 0; i < 600; i++) {
      first.write(value(i));
      assert.deepEqual(first.read(), value(i));
      assert.deepEqual(cell(keyValue).read(), value(i));
    }
    assert.equal(first.corrupt, 0);
  });

  it("makes one write of the store per write", () => {
    const keyValue = store();
    const first = cell(keyValue);
    for (let i = 0; i < 10; i++) first.write(value(i));
    assert.equal(keyValue.writes, 10);
    assert.deepEqual([...keyValue.values.keys()].sort(), ["credit0", "credit1"]);
  });

  it("does not share its bytes with the caller", () => {
    const first = cell(store());
    const bytes = Uint8Array.of(1, 2);
    first.write(bytes);
    bytes[0] = 9;
    first.read()![1] = 9;
    assert.deepEqual(first.read(), Uint8Array.of(1, 2));
  });

  it("falls back on the copy before when a bit of the newest is wrong, and counts it", () => {
    for (let bit = 0; bit < 8 * (value(6).length + 6); bit++) {
      const keyValue = store();
      const first = cell(keyValue);
      for (let i = 0; i <= 6; i++) first.write(value(i));
      keyValue.values.get("credit0")![bit >> 3]! ^= 1 << (bit & 7);
      const after = cell(keyValue);
      assert.deepEqual(after.read(), value(5));
      assert.equal(after.corrupt, 1);
      after.write(value(7));
      assert.deepEqual(cell(keyValue).read(), value(7));
      assert.equal(cell(keyValue).corrupt, 0);
    }
  });

  it("has no value when both copies are damaged or cut short", () => {
    const keyValue = store();
    keyValue.values.set("credit0", Uint8Array.of(1, 2, 3));
    keyValue.values.set("credit1", new Uint8Array(0));
    const after = cell(keyValue);
    assert.equal(after.read(), undefined);
    assert.equal(after.corrupt, 2);
    after.write(value(1));
    assert.deepEqual(cell(keyValue).read(), value(1));
  });

  it("does not read a value of another version, and leaves it until the second write", () => {
    const keyValue = store();
    cell(keyValue, 1).write(value(1));
    const next = cell(keyValue, 2);
    assert.equal(next.read(), undefined);
    assert.equal(next.corrupt, 0);
    assert.deepEqual(cell(keyValue, 1).read(), value(1));
    next.write(value(2));
    assert.deepEqual(cell(keyValue, 2).read(), value(2));
  });

  it("refuses a key or version out of range", () => {
    const keyValue = store();
    assert.throws(() => new StateCell({ keyValue, key: "", version: 1 }), /state key "" is not 1 to 14/);
    assert.throws(() => new StateCell({ keyValue, key: "fifteen-letters", version: 1 }), /not 1 to 14/);
    assert.throws(() => new StateCell({ keyValue, key: "a", version: 256 }), /state version 256/);
  });

  for (const tears of [false, true]) {
    it(`gives the value before or the new one when the power is cut at any step of a ${tears ? "torn" : "whole"} write`, () => {
      const random = seededRandom(7);
      let cuts = 0;
      for (let seed = 0; seed < 40; seed++) {
        for (let cut = 0; cutsTwice(tears, seed, cut, random); cut++) cuts++;
      }
      assert.ok(cuts >= 40 * 20);
      console.log(`      state, ${tears ? "tearing" : "atomic"} store: ${cuts} cut points, each cut a second time`);
    });
  }
});

/** Cuts a series of 20 writes at step `cut`, and the writes after the restart once more; false when the series is shorter. */
function cutsTwice(tears: boolean, seed: number, cut: number, random: () => number): boolean {
  const keyValue = store(tears, seed * 1000 + cut);
  keyValue.cutAfter(cut);
  let last = writeUntilCut(keyValue, -1, 20);
  if (keyValue.powered) return false;
  last = checkAfterCut(keyValue, last);
  keyValue.cutAfter(random() % 40);
  last = writeUntilCut(keyValue, last, last + 20);
  last = checkAfterCut(keyValue, last);
  writeUntilCut(keyValue, last, last + 3);
  assert.deepEqual(cell(keyValue).read(), value(last + 3));
  return true;
}

/** Writes the values after `last` up to `end`; gives the last that was written whole. */
function writeUntilCut(keyValue: MemoryKeyValue, last: number, end: number): number {
  const opened = cell(keyValue);
  let written = last;
  try {
    for (let i = last + 1; i <= end; i++) {
      opened.write(value(i));
      written = i;
    }
  } catch (error) {
    assert.match(String(error), /power cut/);
  }
  return written;
}

/** The value is the last one written or the one in progress; gives which. */
function checkAfterCut(keyValue: MemoryKeyValue, last: number): number {
  keyValue.restart();
  const after = cell(keyValue);
  const found = after.read();
  const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString("hex");
  const next = hex(found) === hex(value(last + 1));
  if (!next) assert.equal(hex(found), last < 0 ? undefined : hex(value(last)));
  assert.ok(after.corrupt <= 1);
  return next ? last + 1 : last;
}
