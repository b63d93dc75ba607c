import assert from "node:assert/strict";
import fc from "fast-check";
import { SEGMENT_LENGTH } from "../../firmware/outbox/frame.js";
import { Outbox } from "../../firmware/outbox/outbox.js";
import type { Row } from "../../firmware/telemetry/row.js";
import { NorFlash, type NorFlashOptions } from "../../hal/sim/nor-flash.js";
import { seededRandom } from "../../hal/sim/random.js";
import { commitRows, emptyRow, mixedRow, readAll, solarRow } from "./rows.js";

function norFlash(options: Partial<NorFlashOptions> = {}): NorFlash {
  return new NorFlash({ size: 8 * 1024, blockLength: 1024, random: seededRandom(1), ...options });
}

function rowsUpTo(count: number, from = 0): Row[] {
  return Array.from({ length: count - from }, (_, i) => solarRow(from + i));
}

function pushAll(outbox: Outbox, rows: Row[]): void {
  for (const row of rows) assert.ok(outbox.push(row));
}

/** Pushes solar rows until one is evicted; gives how many were pushed. */
function fill(outbox: Outbox): number {
  let count = 0;
  while (outbox.evicted === 0) assert.ok(outbox.push(solarRow(count++)));
  return count;
}

describe("outbox", () => {
  it("is empty on a blank flash, and on one full of garbage", () => {
    const garbage = norFlash();
    garbage.bytes.forEach((_, i, bytes) => {
      bytes[i] = i * 31;
    });
    for (const flash of [norFlash(), garbage]) {
      const outbox = new Outbox({ flash });
      assert.equal(outbox.length, 0);
      assert.equal(outbox.used, 0);
      assert.deepEqual(readAll(outbox), []);
      assert.ok(outbox.commit(outbox.cursor().position));
      pushAll(outbox, [solarRow(0)]);
      assert.deepEqual(readAll(new Outbox({ flash })), [solarRow(0)]);
    }
  });

  for (const writeAlign of [1, 2, 4, 8, 16]) {
    it(`gives rows of all kinds in order, also after a restart, with writes aligned to ${writeAlign}`, () => {
      const flash = norFlash({ size: 32 * 1024, writeAlign });
      const rows = Array.from({ length: 120 }, (_, i) => mixedRow(i));
      const outbox = new Outbox({ flash });
      pushAll(outbox, rows.slice(0, 70));
      const again = new Outbox({ flash });
      pushAll(again, rows.slice(70));
      assert.deepEqual(readAll(again), rows);
      assert.deepEqual(readAll(new Outbox({ flash })), rows);
      assert.equal(again.length, 120);
    });
  }

  it("passes over rows of formats that only other firmware knows, and counts them once", () => {
    const flash = norFlash();
    const rows = Array.from({ length: 9 }, (_, i) => ({ ...solarRow(i), format: i % 3 === 0 ? 2 : 1 }));
    pushAll(new Outbox({ flash }), rows);
    const outbox = new Outbox({ flash, formats: 2 });
    const known = rows.filter(({ format }) => format === 1);
    for (let i = 0; i < 2; i++) assert.deepEqual(readAll(outbox), known);
    assert.equal(outbox.corrupt, 3);
    commitRows(outbox, known.length);
    assert.equal(outbox.length, 0);
    assert.deepEqual(readAll(new Outbox({ flash })), []);
  });

  it("gives what is not committed, and remembers a commit across restarts", () => {
    const flash = norFlash();
    let outbox = new Outbox({ flash });
    pushAll(outbox, rowsUpTo(100));
    commitRows(outbox, 30);
    assert.equal(outbox.length, 70);
    assert.deepEqual(readAll(outbox), rowsUpTo(100, 30));
    outbox = new Outbox({ flash });
    assert.equal(outbox.length, 70);
    assert.deepEqual(readAll(outbox), rowsUpTo(100, 30));
    commitRows(outbox, 70);
    assert.deepEqual(readAll(new Outbox({ flash })), []);
  });

  it("tells its newest row after a restart, committed or not, also when its block holds none yet", () => {
    const flash = norFlash();
    assert.equal(new Outbox({ flash }).newest(), undefined);
    for (let i = 0; i < 400; i++) {
      const outbox = new Outbox({ flash });
      pushAll(outbox, [solarRow(i)]);
      if (i % 3 === 0) commitRows(outbox, outbox.length);
      const again = new Outbox({ flash });
      assert.deepEqual(again.newest(), solarRow(i));
      // Commits alone fill the rest of a block and open the next one.
      if (i % 50 === 0) for (let j = 0; j < 300 && again.length > 0; j++) again.commit(again.cursor().position);
    }
  });

  it("counts a row that is corrupt once, also when it was met in the search for the newest", () => {
    const flash = norFlash();
    const writer = new Outbox({ flash });
    let count = 0;
    // Three blocks, and into the second segment of the fourth.
    while (writer.used < 3 * 1024 + SEGMENT_LENGTH + 64) pushAll(writer, [solarRow(count++)]);
    for (const at of [64, 3 * 1024 + 64]) flash.bytes[at]! ^= 0x55;
    const outbox = new Outbox({ flash });
    assert.deepEqual(outbox.newest(), solarRow(count - 1));
    assert.equal(outbox.corrupt, 0);
    const rows = readAll(outbox).length;
    assert.equal(rows + outbox.corrupt, count);
    assert.ok(outbox.corrupt > 50, `${outbox.corrupt} in two segments`);
  });

  it("lets cursors, pushes and commits interleave", () => {
    const outbox = new Outbox({ flash: norFlash() });
    pushAll(outbox, rowsUpTo(50));
    const [first, second] = [outbox.cursor(), outbox.cursor()];
    const row = emptyRow();
    for (let i = 0; i < 20; i++) assert.ok(first.next(row));
    assert.deepEqual(row, solarRow(19));
    assert.ok(second.next(row));
    assert.deepEqual(row, solarRow(0));
    outbox.commit(first.position);
    pushAll(outbox, rowsUpTo(300, 50));
    // The second goes on behind the commit, the first where it stood; both see what was pushed meanwhile.
    assert.ok(second.next(row));
    assert.deepEqual(row, solarRow(20));
    for (let i = 20; i < 300; i++) {
      assert.ok(first.next(row));
      assert.deepEqual(row, solarRow(i));
    }
    assert.equal(first.next(row), false);
    pushAll(outbox, [solarRow(300)]);
    assert.ok(first.next(row));
    assert.deepEqual(row, solarRow(300));
  });

  it("equals a plain list under any mix of pushes, commits, restarts and cursors", () => {
    const steps = fc.array(
      fc.oneof({ weight: 8, arbitrary: fc.nat(500) }, fc.constantFrom("commit", "restart", "read")),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(steps, fc.constantFrom(1, 4, 16), (list, writeAlign) => {
        const flash = norFlash({ size: 64 * 1024, writeAlign });
        let outbox = new Outbox({ flash });
        let model: Row[] = [];
        for (const step of list) {
          if (step === "restart") outbox = new Outbox({ flash });
          else if (step === "read") assert.deepEqual(readAll(outbox), model);
          else if (step === "commit") {
            commitRows(outbox, model.length >> 1);
            model = model.slice(model.length >> 1);
          } else {
            assert.ok(outbox.push(mixedRow(step)));
            model.push(mixedRow(step));
          }
        }
        assert.deepEqual(readAll(outbox), model);
        assert.equal(outbox.length, model.length);
      }),
      { numRuns: 60 },
    );
  });

  it("gives up the oldest block of rows when full, and counts them across restarts", () => {
    const flash = norFlash();
    let outbox = new Outbox({ flash });
    const pushed = fill(outbox);
    assert.ok(outbox.used > outbox.capacity - 2 * 1024);
    const { evicted } = outbox;
    assert.deepEqual(readAll(outbox), rowsUpTo(pushed, evicted));
    assert.equal(outbox.length, pushed - evicted);
    outbox = new Outbox({ flash });
    assert.equal(outbox.evicted, evicted);
    assert.deepEqual(readAll(outbox), rowsUpTo(pushed, evicted));
    pushAll(outbox, rowsUpTo(3 * pushed, pushed));
    assert.ok(outbox.evicted > pushed);
    assert.deepEqual(readAll(outbox), rowsUpTo(3 * pushed, outbox.evicted));
    assert.equal(new Outbox({ flash }).evicted, outbox.evicted);
  });

  it("goes on at the oldest row that is left when a cursor's block is given up", () => {
    const outbox = new Outbox({ flash: norFlash() });
    pushAll(outbox, rowsUpTo(10));
    const cursor = outbox.cursor();
    const row = emptyRow();
    assert.ok(cursor.next(row));
    let pushed = 10;
    while (outbox.evicted === 0) assert.ok(outbox.push(solarRow(pushed++)));
    assert.ok(cursor.next(row));
    assert.deepEqual(row, solarRow(outbox.evicted));
    assert.equal(outbox.corrupt, 0);
  });

  it("wears the blocks evenly, and erases none for a commit", () => {
    const flash = norFlash();
    const outbox = new Outbox({ flash });
    for (let i = 0; i < 10000; i++) {
      assert.ok(outbox.push(solarRow(i)));
      if (i % 30 === 0) commitRows(outbox, outbox.length);
    }
    assert.equal(outbox.evicted, 0);
    assert.ok(Math.max(...flash.erases) - Math.min(...flash.erases) <= 1);
    pushAll(outbox, [solarRow(1)]);
    const erases = [...flash.erases];
    for (let i = 0; i < 20; i++) {
      pushAll(outbox, [solarRow(1)]);
      commitRows(outbox, 1);
    }
    const more = flash.erases.reduce((sum, n, i) => sum + n - erases[i]!, 0);
    assert.ok(more <= 1, `${more} erases`);
    // The header carries the count; block sequence s was erased in round s / blocks.
    const [header] = flash.bytes.subarray(1);
    assert.equal(header, flash.erases[0]);
  });

  it("loses the row that is corrupt and those coded after it in its segment, at most; counts them", () => {
    const flash = norFlash();
    const outbox = new Outbox({ flash });
    pushAll(outbox, rowsUpTo(400));
    const random = seededRandom(3);
    for (let i = 0; i < 60; i++) {
      const copy = norFlash();
      copy.bytes.set(flash.bytes);
      const at = 1024 * (random() % 2) + 30 + (random() % 900);
      copy.bytes[at]! ^= 1 << (random() % 8);
      const damaged = new Outbox({ flash: copy });
      const rows = readAll(damaged);
      const lost = 400 - rows.length;
      const times = new Set(rows.map(({ time }) => time));
      assert.ok(lost <= SEGMENT_LENGTH / 3, `${lost} rows lost`);
      assert.deepEqual(
        rows,
        rowsUpTo(400).filter(({ time }) => times.has(time)),
        "a row that was never pushed",
      );
      assert.equal(damaged.corrupt, lost);
      assert.deepEqual(readAll(damaged), rows);
      assert.equal(damaged.corrupt, lost, "counted twice");
      commitRows(damaged, rows.length);
      assert.equal(damaged.length, 0);
    }
  });

  it("skips a block whose header is corrupt and counts its rows", () => {
    const flash = norFlash();
    pushAll(new Outbox({ flash }), rowsUpTo(700));
    flash.bytes[1024 + 9]! ^= 16;
    const outbox = new Outbox({ flash });
    const rows = readAll(outbox);
    assert.ok(outbox.corrupt > 50 && outbox.corrupt < 400);
    assert.equal(rows.length, 700 - outbox.corrupt);
    assert.deepEqual(rows.at(-1), solarRow(699));
  });

  for (const operation of ["erase", "program"] as const) {
    for (const how of ["throws", "silent"] as const) {
      it(`passes over a block when ${operation} fails (${how}), and loses nothing`, () => {
        const flash = norFlash({ size: 32 * 1024 });
        flash.bytes.subarray(2048, 3072).fill(0xa5);
        flash.bad.set(2, { operation, how });
        flash.bad.set(5, { operation, how });
        let outbox = new Outbox({ flash });
        pushAll(outbox, rowsUpTo(1500));
        assert.equal(outbox.evicted, 0);
        assert.ok(operation === "program" || outbox.failures > 0);
        assert.deepEqual(readAll(outbox), rowsUpTo(1500));
        outbox = new Outbox({ flash });
        assert.deepEqual(readAll(outbox), rowsUpTo(1500));
        assert.equal(outbox.corrupt, 0);
      });
    }
  }

  it("moves on when a block goes bad while it is written, and loses nothing", () => {
    const flash = norFlash();
    const outbox = new Outbox({ flash });
    pushAll(outbox, rowsUpTo(40));
    flash.bad.set(0, { operation: "program", how: "silent" });
    pushAll(outbox, rowsUpTo(80, 40));
    assert.match(outbox.problem ?? "", /reads 255 after/);
    assert.deepEqual(readAll(outbox), rowsUpTo(80));
    assert.deepEqual(readAll(new Outbox({ flash })), rowsUpTo(80));
  });

  it("says so, and keeps what it has, when the flash takes nothing any more", () => {
    const flash = norFlash();
    const outbox = new Outbox({ flash });
    pushAll(outbox, rowsUpTo(40));
    for (let block = 0; block < 8; block++) flash.bad.set(block, { operation: "program", how: "throws" });
    for (let i = 0; i < 20; i++) assert.equal(outbox.push(solarRow(40)), false);
    assert.equal(outbox.rejected, 20);
    assert.match(outbox.problem ?? "", /write at \d+: Error: program failed/);
    assert.deepEqual(readAll(outbox), rowsUpTo(40));
    flash.bad.clear();
    pushAll(outbox, [solarRow(40)]);
    assert.deepEqual(readAll(outbox), rowsUpTo(41));
  });

  it("never throws when reads fail", () => {
    const flash = norFlash();
    pushAll(new Outbox({ flash }), rowsUpTo(40));
    flash.read = () => {
      throw new Error("bus");
    };
    const outbox = new Outbox({ flash });
    assert.deepEqual(readAll(outbox), []);
    assert.match(outbox.problem ?? "", /read at .*bus/);
  });

  it("reads at most 3 % of a megabyte to recover", () => {
    const flash = new NorFlash({ size: 1 << 20, random: seededRandom(1) });
    const outbox = new Outbox({ flash });
    const texts = (i: number): Row => ({ ...solarRow(i), values: ["x".repeat(300), i] });
    for (let i = 0; outbox.evicted === 0; i++) assert.ok(outbox.push(texts(i)));
    for (const commits of [0, outbox.length >> 1, outbox.length >> 1]) {
      commitRows(outbox, commits);
      flash.bytesRead = 0;
      assert.equal(new Outbox({ flash }).length, outbox.length);
      assert.ok(flash.bytesRead < 0.03 * flash.bytes.length, `${flash.bytesRead} bytes`);
    }
  });

  it("opens a cursor in the middle of a block without decoding all of it", () => {
    const flash = new NorFlash({ size: 8192, random: seededRandom(1) });
    const outbox = new Outbox({ flash });
    pushAll(outbox, rowsUpTo(700));
    commitRows(outbox, 690);
    flash.bytesRead = 0;
    assert.deepEqual(readAll(outbox), rowsUpTo(700, 690));
    assert.ok(flash.bytesRead < 2000, `${flash.bytesRead} bytes`);
  });

  it("takes a row of 400 bytes and refuses a longer one with a reason, whatever the alignment", () => {
    const text = (length: number): Row => ({ format: 1, boot: 0, time: 1, values: ["x".repeat(length)] });
    for (const writeAlign of [1, 16]) {
      const outbox = new Outbox({ flash: norFlash({ writeAlign }) });
      pushAll(outbox, [text(390), solarRow(1), text(390)]);
      assert.throws(() => outbox.push(text(400)), /a row takes at most 400 bytes: shorten/);
      assert.deepEqual(readAll(outbox), [text(390), solarRow(1), text(390)]);
    }
  });

  it("refuses a flash that the format does not fit, and a commit of rows that do not exist", () => {
    const outbox = (options: Partial<NorFlashOptions>) => new Outbox({ flash: norFlash(options) });
    assert.throws(() => outbox({ blockLength: 512 }), /block of 512 bytes, needs a multiple of 512 from 1024 on/);
    assert.throws(() => outbox({ size: 1024 }), /1 erase blocks, needs at least 2/);
    assert.throws(() => outbox({ writeAlign: 32 }), /writes aligned to 32 bytes/);
    const filled = outbox({});
    pushAll(filled, rowsUpTo(3));
    assert.throws(() => filled.commit(4), /commit of 4, give the position of a cursor: 0 to 3/);
    assert.throws(() => filled.commit(Number.NaN), /commit of NaN/);
  });

  it("reuses the row it is given", () => {
    const outbox = new Outbox({ flash: norFlash() });
    pushAll(outbox, rowsUpTo(3));
    const row = emptyRow();
    const { values } = row;
    const cursor = outbox.cursor();
    while (cursor.next(row)) assert.equal(row.values, values);
  });

  it("keeps the byte layout of version 1", () => {
    const flash = norFlash();
    const outbox = new Outbox({ flash });
    pushAll(outbox, [solarRow(0), solarRow(1), solarRow(2)]);
    commitRows(outbox, 2);
    const drawn = [
      "5101000000000000000000000000000000000000a02b6e68", // block header: erased once, all else 0
      "84de00000000", // mark: row 0
      "f86f8080caa7e2001b27c4e12495ca01b214", // first part of row 0
      "3424b9024740", // rest of row 0
      "aa0211c3a3fa48", // row 1, prefaced by its time
      "1b26b1e490", // row 2
      "056702000000", // commit: rows below 2
      "ffff",
    ].join("");
    assert.equal(Buffer.from(flash.bytes.subarray(0, drawn.length / 2)).toString("hex"), drawn);
  });
});
