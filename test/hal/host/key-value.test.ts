import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileKeyValue } from "../../../hal/host/key-value.js";
import { seededRandom } from "../../../hal/sim/random.js";

describe("key-value store in files", () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "heliograph-"));
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  function open(tears = false): FileKeyValue {
    return new FileKeyValue({ directory: join(directory, "values"), random: seededRandom(1), tears });
  }

  it("keeps values, and deletions, for the next start", () => {
    const keyValue = open();
    for (const key of ["credit0", "a/b:c.%", "gone"]) keyValue.write(key, Uint8Array.of(key.length));
    keyValue.delete("gone");
    const again = open();
    assert.deepEqual(new Uint8Array(again.read("credit0")!), Uint8Array.of(7));
    assert.deepEqual(new Uint8Array(again.read("a/b:c.%")!), Uint8Array.of(7));
    assert.equal(again.read("gone"), undefined);
  });

  it("passes over the file of a write that a killed process did not finish", () => {
    open().write("key", Uint8Array.of(1));
    writeFileSync(join(directory, "values", "key.value.new"), "half");
    const again = open();
    assert.deepEqual(new Uint8Array(again.read("key")!), Uint8Array.of(1));
    again.write("key", Uint8Array.of(2));
    assert.deepEqual(readdirSync(join(directory, "values")), ["key.value"]);
  });

  it("keeps what a torn write left", () => {
    const keyValue = open(true);
    keyValue.write("key", Uint8Array.of(1, 2, 3));
    keyValue.cutAfter(2);
    assert.throws(() => keyValue.write("key", Uint8Array.of(4, 5, 6)), /power cut/);
    const left = new Uint8Array(open().read("key")!);
    assert.equal(left.length, 2);
    assert.equal(left[0], 4);
  });
});
