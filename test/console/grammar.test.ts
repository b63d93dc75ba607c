import { strict as assert } from "node:assert";
import fc from "fast-check";
import { parse } from "../../firmware/console/grammar.js";

describe("the grammar of the console", () => {
  const cases: readonly [line: string, verb: string, words: string[], named: [string, string][]][] = [
    ["status", "status", [], []],
    ["  STATUS  ", "status", [], []],
    ["set apn internet", "set", ["apn", "internet"], []],
    [
      "set   apn=web.de  sim_pin=0000 ",
      "set",
      [],
      [
        ["apn", "web.de"],
        ["sim_pin", "0000"],
      ],
    ],
    ['set apn "my network"', "set", ["apn", "my network"], []],
    ['set apn="my network"', "set", [], [["apn", "my network"]]],
    ['set apn ""', "set", ["apn", ""], []],
    ["set apn=", "set", [], [["apn", ""]]],
    ['set apn_password "a=b"', "set", ["apn_password", "a=b"], []],
    ["set key=a=b", "set", [], [["key", "a=b"]]],
    ['set note "say \\"hi\\" \\\\ twice"', "set", ["note", 'say "hi" \\ twice'], []],
    ["set path a\\b", "set", ["path", "a\\b"], []],
    ["set base_url http://h/x?a=b", "set", ["base_url", "http://h/x?a=b"], []],
    ["set =x 1=2", "set", ["=x", "1=2"], []],
    ["", "", [], []],
    ["   ", "", [], []],
  ];
  for (const [line, verb, words, named] of cases) {
    it(`takes ${JSON.stringify(line)} apart`, () => assert.deepEqual(parse(line), { verb, words, named }));
  }

  it("says where a quote begins that is not closed", () => {
    assert.equal(parse('set apn "my network'), "the quote at character 9 is not closed");
    assert.equal(parse('set apn "ends in \\'), "the quote at character 9 is not closed");
    assert.equal(parse('set apn "a" b="'), "the quote at character 15 is not closed");
  });

  it("reads back any text that was quoted", () => {
    const quote = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
    const name = fc.stringMatching(/^[A-Za-z][\w.-]{0,5}$/);
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.tuple(name, fc.string())), (words, named) => {
        const parts = ["set", ...words.map(quote), ...named.map(([key, value]) => `${key}=${quote(value)}`)];
        assert.deepEqual(parse(parts.join(" ")), { verb: "set", words, named });
      }),
    );
  });
});
