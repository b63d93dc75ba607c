import assert from "node:assert/strict";
import fc from "fast-check";
import { isObject, parseJSON, plain } from "../../../tools/server/json.js";
import { requirePython, runPython } from "../../interop/python.js";

/** Every line of stdin, read and written by Python. */
const REWRITE = `
import json, sys
for line in sys.stdin:
    print(json.dumps(json.loads(line), separators=(",", ":")))
`;

const NUMBERS = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer().map(String),
  fc
    .tuple(fc.integer({ min: -99999, max: 99999 }), fc.integer({ min: -25, max: 25 }))
    .map(([digits, power]) => `${digits}e${power}`),
  fc.tuple(fc.nat(9999), fc.nat(999)).map(([whole, part]) => `${whole}.${part}0`),
);

describe("JSON as it came", () => {
  it("is written as Python writes it", () => {
    const cases: [came: string, written: string][] = [
      ["[12, 12.0, 12.30, -0, -0.0]", "[12,12.0,12.3,0,-0.0]"],
      ["[0.0001, 0.00001, 1e-7, 1E16, 1e15]", "[0.0001,1e-05,1e-07,1e+16,1000000000000000.0]"],
      ["[123456789012345678901234567890]", "[123456789012345678901234567890]"],
      ['"\\u00e9\u00e9\\/\\u007f\\ud83d\\ude00\\n"', '"\\u00e9\\u00e9/\\u007f\\ud83d\\ude00\\n"'],
      [' { "b" : true , "a" : [ null , { } ] } ', '{"b":true,"a":[null,{}]}'],
    ];
    for (const [came, written] of cases) assert.equal(parseJSON(came).text, written);
  });

  it("keeps the order of members that read as indexes", () => {
    const node = parseJSON('{"7":1611583055,"0":1}');
    assert.equal(node.text, '{"7":1611583055,"0":1}');
    assert.ok(isObject(node.value));
    assert.deepEqual([...node.value.keys()], ["7", "0"]);
  });

  it("has the same values as JSON.parse", () => {
    fc.assert(fc.property(fc.json(), (text) => assert.deepEqual(plain(parseJSON(text)), JSON.parse(text))));
  });

  it("refuses what is not JSON and says where", () => {
    const cases: [text: string, message: RegExp][] = [
      ["", /expected a value at character 1, found the end/],
      ["{", /expected a string in double quotes at character 2, found the end/],
      ['{"a":1,}', /expected a string in double quotes at character 8, found "}"/],
      ["[1 2]", /expected "\]" at character 4, found "2\]"/],
      ["[01]", /expected "\]" at character 3/],
      ["[1]x", /expected the end at character 4, found "x"/],
      ["[NaN]", /expected a value at character 2/],
      ["[1e400]", /expected a number of ordinary size/],
      [`[${"1".repeat(41)}]`, /expected a number of ordinary size/],
      ['"a\nb"', /without raw control characters/],
      ['"\\x"', /unknown escapes/],
      ['"open', /expected a string in double quotes at character 1/],
      ['{"a":1,"a":1}', /expected the key "a" once/],
      [`${"[".repeat(17)}${"]".repeat(17)}`, /expected at most 16 levels/],
      ["\ufeff[]", /expected a value at character 1/],
    ];
    for (const [text, message] of cases) assert.throws(() => parseJSON(text), { name: "SyntaxError", message });
  });

  it("agrees with Python on numbers and texts of any kind", function () {
    const python = requirePython(this);
    const texts = fc.sample(
      fc.oneof(
        NUMBERS,
        fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
      ),
      1000,
    );
    const written = runPython(python, REWRITE, `${texts.join("\n")}\n`)
      .trimEnd()
      .split("\n");
    assert.deepEqual(
      texts.map((text) => parseJSON(text).text),
      written,
    );
  });
});
