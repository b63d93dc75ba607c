import assert from "node:assert/strict";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { csvLine, parseCSV } from "../../../tools/server/csv.js";
import type { DecodedRow } from "../../../tools/server/rows.js";
import { Table } from "../../../tools/server/table.js";
import { contentsOf, withFolder } from "./client.js";

const CELL = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r", " ", "\u00e9") });

describe("CSV", () => {
  it("reads back what it wrote, whatever the cells hold", () => {
    const lines = fc.array(fc.array(CELL, { minLength: 1, maxLength: 4 }), { maxLength: 5 });
    fc.assert(
      fc.property(lines, (cells) => {
        assert.deepEqual(parseCSV(cells.map((each) => `${csvLine(each)}\n`).join("")), { lines: cells, torn: "" });
      }),
    );
  });
});

describe("table of a device", () => {
  it("stores a row once, however often it comes, also after a restart", () =>
    withFolder((folder) => {
      const path = join(folder, "a.csv");
      const table = new Table(path);
      const rows = [row(120, { v: "13.1" }), row(240, { v: "13.2" })];
      assert.deepEqual(table.append(rows, ["v", "i"]), { stored: 2, repeated: 0 });
      assert.deepEqual(table.append([...rows, row(360, { v: "13.3" })]), { stored: 1, repeated: 2 });
      assert.deepEqual(new Table(path).append(rows), { stored: 0, repeated: 2 });
      assert.equal(readFileSync(path, "utf8"), "timestamp,v,i\n120,13.1,\n240,13.2,\n360,13.3,\n");
    }));

  it("keeps an event that falls on the second of another row", () => {
    const table = new Table();
    const rows = [row(120, { v: "13.1" }), row(120, { overload: "true" }), row(120, { overload: "false" })];
    assert.deepEqual(table.append(rows), { stored: 3, repeated: 0 });
    assert.deepEqual(table.append(rows.slice(1)), { stored: 0, repeated: 2 });
  });

  it("stores equal rows as often as one request holds them", () => {
    const table = new Table();
    const event = row(120, { overload: "true" });
    assert.deepEqual(table.append([event, event]), { stored: 2, repeated: 0 });
    assert.deepEqual(table.append([event, event]), { stored: 0, repeated: 2 });
    assert.deepEqual(table.append([event]), { stored: 0, repeated: 1 });
    assert.deepEqual(table.append([event, event, event]), { stored: 1, repeated: 2 });
  });

  it("adds columns for variables that turn up later and still knows its old rows", () =>
    withFolder((folder) => {
      const path = join(folder, "a.csv");
      const old = row(120, { v: "13.1", note: "a,,\n" });
      const table = new Table(path);
      table.append([old]);
      assert.deepEqual(table.append([old, row(240, { i: "2", v: "13" })]), { stored: 1, repeated: 1 });
      const text = 'timestamp,v,note,i\n120,13.1,"a,,\n",\n240,13,,2\n';
      assert.equal(readFileSync(path, "utf8"), text);
      assert.deepEqual(new Table(path).append([old]), { stored: 0, repeated: 1 });
    }));

  it("writes nothing when there is nothing new", () =>
    withFolder((folder) => {
      const table = new Table(join(folder, "a.csv"));
      assert.deepEqual(table.append([], ["v"]), { stored: 0, repeated: 0 });
      assert.deepEqual(contentsOf(folder), {});
    }));

  it("loses at most what was not answered when a write is cut at any byte", () =>
    withFolder((folder) => {
      const path = join(folder, "a.csv");
      const rows = [row(120, { v: "13.1", note: 'a "b",\nc' }), row(240, { v: "13.2" }), row(360, { note: "\u00e9" })];
      new Table(path).append(rows.slice(0, 1));
      const answered = readFileSync(path).length;
      new Table(path).append(rows);
      const whole = readFileSync(path);
      for (let length = answered; length <= whole.length; length++) {
        writeFileSync(path, whole);
        truncateSync(path, length);
        new Table(path).append(rows);
        assert.deepEqual(readFileSync(path), whole, `cut at ${length}`);
      }
    }));

  it("refuses a file that it did not write and leaves it alone", () =>
    withFolder((folder) => {
      const path = join(folder, "a.csv");
      for (const text of ["time,v\n1,2\n", "timestamp,v\n1,2,3\n", "timestamp,v\nx,2\n", 'timestamp,v\n1,a"b\n2,3\n']) {
        writeFileSync(path, text);
        assert.throws(() => new Table(path), /a\.csv.*: expected/);
        assert.equal(readFileSync(path, "utf8"), text);
      }
    }));
});

function row(timestamp: number, cells: Record<string, string>): DecodedRow {
  return { timestamp, cells: new Map(Object.entries(cells)) };
}
