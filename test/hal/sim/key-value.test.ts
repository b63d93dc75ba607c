import assert from "node:assert/strict";
import { MemoryKeyValue } from "../../../hal/sim/key-value.js";
import { PowerCut } from "../../../hal/sim/nor-flash.js";
import { seededRandom } from "../../../hal/sim/random.js";

function store(tears = false): MemoryKeyValue {
  return new MemoryKeyValue({ random: seededRandom(1), tears });
}

describe("key-value store in memory", () => {
  it("keeps copies of values by key, and deletes them", () => {
    const keyValue = store();
    const bytes = Uint8Array.of(1, 2);
    assert.equal(keyValue.read("a"), undefined);
    keyValue.write("a", bytes);
    bytes[0] = 9;
    assert.deepEqual(new Uint8Array(keyValue.read("a")!), Uint8Array.of(1, 2));
    keyValue.delete("a");
    keyValue.delete("never there");
    assert.equal(keyValue.read("a"), undefined);
  });

  it("refuses keys that NVS would not take", () => {
    for (const key of ["", "sixteen-letters-", "ä"]) {
      assert.throws(() => store().write(key, new Uint8Array(1)), /not 1 to 15 ASCII characters/);
    }
  });

  it("is cut between whole writes, or in the middle when it tears", () => {
    const whole = store();
    whole.write("a", Uint8Array.of(1));
    whole.cutAfter(0);
    assert.throws(() => whole.write("a", Uint8Array.of(2)), PowerCut);
    assert.throws(() => whole.read("a"), PowerCut);
    whole.restart();
    assert.deepEqual([...new Uint8Array(whole.read("a")!)], [1]);

    const lengths: (number | undefined)[] = [];
    for (let cut = 0; cut < 4; cut++) {
      const torn = store(true);
      torn.write("a", Uint8Array.of(1, 1, 1, 1, 1));
      torn.cutAfter(cut);
      assert.throws(() => torn.write("a", Uint8Array.of(2, 2, 2)), PowerCut);
      torn.restart();
      lengths.push(torn.read("a")?.byteLength);
    }
    assert.deepEqual(lengths, [5, 1, 2, 3]);
  });
});
