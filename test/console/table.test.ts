import { strict as assert } from "node:assert";
import fc from "fast-check";
import { table } from "../../firmware/console/table.js";

describe("a table of names and values", () => {
  it("gives a value without text its line too", () => {
    assert.deepEqual([...table([["apn", ""]])], ["apn  "]);
  });

  it("is empty without rows", () => {
    assert.deepEqual([...table([])], []);
  });

  it("lets a very long name push its value aside, and no other", () => {
    const long = "n".repeat(90);
    assert.deepEqual(
      [
        ...table([
          [long, "1"],
          ["short", "2"],
        ]),
      ],
      [`${long}  1`, `${"short".padEnd(32)}  2`],
    );
  });

  it("keeps every line within 79 columns and every word of the value", () => {
    const name = fc.stringMatching(/^[a-z_]{1,32}$/);
    const text = fc.string({ unit: fc.constantFrom("a", "b", " "), maxLength: 300 });
    fc.assert(
      fc.property(fc.array(fc.tuple(name, text), { minLength: 1, maxLength: 5 }), (rows) => {
        const lines = [...table(rows)];
        const width = Math.max(...rows.map(([left]) => left.length));
        for (const line of lines) assert(line.length <= 79);
        const values = lines.map((line) => line.slice(width + 2)).join("");
        assert.equal(values.replace(/ /g, ""), rows.map(([, value]) => value.replace(/ /g, "")).join(""));
      }),
    );
  });
});
