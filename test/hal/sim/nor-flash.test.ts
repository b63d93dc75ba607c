import assert from "node:assert/strict";
import { NorFlash, type NorFlashOptions, PowerCut } from "../../../hal/sim/nor-flash.js";
import { seededRandom } from "../../../hal/sim/random.js";

function norFlash(options: Partial<NorFlashOptions> = {}): NorFlash {
  return new NorFlash({ size: 8192, random: seededRandom(1), ...options });
}

function read(flash: NorFlash, offset: number, length: number): number[] {
  const bytes = new Uint8Array(length);
  assert.equal(flash.read(bytes, offset), length);
  return [...bytes];
}

describe("NOR flash", () => {
  it("is blank, clears bits by writing and sets them by erasing a block", () => {
    const flash = norFlash();
    assert.deepEqual(flash.status(), { size: 8192, blockLength: 4096, blocks: 2, writeAlign: 1 });
    assert.deepEqual(read(flash, 4095, 3), [255, 255, 255]);
    flash.write(Uint8Array.of(0xf0, 0x0f, 0x55), 4095);
    flash.write(Uint8Array.of(0x30), 4095);
    assert.deepEqual(read(flash, 4095, 3), [0x30, 0x0f, 0x55]);
    flash.eraseBlock(0);
    assert.deepEqual(read(flash, 4095, 3), [255, 0x0f, 0x55]);
    flash.eraseBlock(0, 2);
    assert.deepEqual(read(flash, 4095, 3), [255, 255, 255]);
  });

  it("counts what is read, programmed and erased", () => {
    const flash = norFlash();
    flash.write(new Uint8Array(10), 4090);
    flash.eraseBlock(1);
    read(flash, 0, 7);
    assert.equal(flash.programs, 1);
    assert.equal(flash.bytesProgrammed, 10);
    assert.deepEqual([...flash.programmed], [6, 4]);
    assert.deepEqual([...flash.erases], [0, 1]);
    assert.equal(flash.bytesRead, 7);
  });

  it("refuses bits set back to one, bad alignment and bad bounds, and changes nothing", () => {
    const flash = norFlash({ writeAlign: 4 });
    flash.write(Uint8Array.of(1, 2, 3, 4), 8);
    assert.throws(() => flash.write(Uint8Array.of(0, 0, 0, 5), 8), /byte at 11 is 4, writing 5 would set bits/);
    assert.throws(() => flash.write(new Uint8Array(4), 2), /not aligned to 4/);
    assert.throws(() => flash.write(new Uint8Array(3), 4), /not aligned to 4/);
    assert.throws(() => flash.write(new Uint8Array(8), 8188), /of a flash of 8192/);
    assert.throws(() => flash.read(new Uint8Array(1), -1), /of a flash of 8192/);
    assert.throws(() => flash.eraseBlock(2), /erase of blocks 2 to 3 of 2/);
    assert.throws(() => norFlash({ size: 5000 }), /needs a multiple of 4096/);
    assert.deepEqual(read(flash, 8, 4), [1, 2, 3, 4]);
  });

  it("stops a write after the given bytes, with the byte in progress half done and the rest untouched", () => {
    const seen = new Set<number>();
    for (let seed = 0; seed < 50; seed++) {
      const flash = norFlash({ random: seededRandom(seed) });
      flash.cutAfter(2);
      assert.throws(() => flash.write(Uint8Array.of(1, 2, 0x0f, 4), 0), PowerCut);
      const [first, second, third, fourth] = read(restarted(flash), 0, 4);
      assert.deepEqual([first, second, fourth], [1, 2, 255]);
      // Only bits on their way to zero may differ.
      assert.equal(third! & 0x0f, 0x0f);
      seen.add(third!);
    }
    assert.ok(seen.size > 8);
  });

  it("leaves a whole unit, or with a page at once all the rest, half done", () => {
    const unit = norFlash({ writeAlign: 4 });
    unit.cutAfter(6);
    assert.throws(() => unit.write(new Uint8Array(12), 0), PowerCut);
    const bytes = read(restarted(unit), 0, 12);
    assert.deepEqual(bytes.slice(0, 4), [0, 0, 0, 0]);
    assert.ok(bytes.slice(4, 8).some((byte) => byte !== 0));
    assert.deepEqual(bytes.slice(8), [255, 255, 255, 255]);
    const page = norFlash({ atOnce: true });
    page.cutAfter(0);
    assert.throws(() => page.write(new Uint8Array(64), 0), PowerCut);
    assert.ok(read(restarted(page), 32, 32).some((byte) => byte !== 255));
  });

  it("stops an erase with some of the bits set, the more the later, and some pages untouched", () => {
    const ones = [0, 4, 7].map((steps) => {
      const flash = norFlash();
      flash.write(new Uint8Array(4096), 0);
      flash.cutAfter(steps);
      assert.throws(() => flash.eraseBlock(0), PowerCut);
      return flash.bytes.reduce((sum, byte, i) => sum + (i < 4096 && byte & 1 ? 1 : 0), 0);
    });
    assert.equal(ones[0], 0);
    const early = norFlash();
    early.write(new Uint8Array(4096), 0);
    early.cutAfter(2);
    assert.throws(() => early.eraseBlock(0), PowerCut);
    const untouched = Array.from({ length: 64 }, (_, page) => early.bytes.subarray(64 * page, 64 * page + 64)).filter(
      (page) => page.every((byte) => byte === 0),
    );
    assert.ok(untouched.length > 10 && untouched.length < 54);
    assert.ok(ones[1]! > 1500 && ones[1]! < 2600 && ones[2]! > 3300 && ones[2]! < 4096);
  });

  it("answers every call with a power cut until it is restarted", () => {
    const flash = norFlash();
    flash.cutAfter(0);
    assert.throws(() => flash.write(Uint8Array.of(0), 0), PowerCut);
    assert.equal(flash.powered, false);
    assert.throws(() => flash.write(Uint8Array.of(0), 5), PowerCut);
    assert.throws(() => flash.read(new Uint8Array(1), 5), PowerCut);
    assert.throws(() => flash.eraseBlock(1), PowerCut);
    flash.restart();
    flash.write(Uint8Array.of(0), 5);
    assert.deepEqual(read(flash, 5, 1), [0]);
  });

  it("loses the bits a cut left weak, unless they are programmed again", () => {
    let lost = 0;
    for (let seed = 0; seed < 50; seed++) {
      const flash = norFlash({ random: seededRandom(seed) });
      flash.cutAfter(0);
      assert.throws(() => flash.write(Uint8Array.of(0), 0), PowerCut);
      const [found] = read(restarted(flash), 0, 1);
      if (seed % 2 === 0) flash.write(Uint8Array.of(found!), 0);
      flash.leak();
      const [left] = read(flash, 0, 1);
      if (seed % 2 === 0) assert.equal(left, found);
      else if (left !== found) lost++;
      assert.equal(left! & found!, found);
    }
    assert.ok(lost > 10);
  });

  it("has blocks that go bad, with an error or without", () => {
    const flash = norFlash();
    flash.write(Uint8Array.of(0), 0);
    flash.bad.set(0, { operation: "erase", how: "throws" });
    assert.throws(() => flash.eraseBlock(0), /erase failed at 0/);
    flash.bad.set(0, { operation: "erase", how: "silent" });
    flash.eraseBlock(0);
    assert.deepEqual(read(flash, 0, 1), [0]);
    flash.bad.set(1, { operation: "program", how: "silent" });
    flash.write(Uint8Array.of(0), 4096);
    assert.deepEqual(read(flash, 4096, 1), [255]);
    flash.bad.set(1, { operation: "program", how: "throws" });
    assert.throws(() => flash.write(Uint8Array.of(0), 4096), /program failed at 4096/);
  });
});

function restarted(flash: NorFlash): NorFlash {
  flash.restart();
  return flash;
}
