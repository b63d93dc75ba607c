import assert from "node:assert/strict";
import fc from "fast-check";
import { checkDataFormat, dataFormatHash, encodeDataFormat } from "../../firmware/openpaygo/data-format.js";
import { cborAsJson } from "./cbor-decode.js";

const FORMAT = {
  data_order: ["token_count", "firmware_version"],
  historical_data_order: ["battery_voltage", "timestamp", "tampered"],
  historical_data_interval: 120,
  variables: {
    battery_voltage: {
      name: "Voltage \u00b0",
      type: "float",
      unit: "V",
      scale_factor: 0.001,
      aggregation_method: "min",
    },
    tampered: { type: "bool" },
    firmware_version: {},
  },
};

describe("data format", () => {
  it("is taken when every part is right", () => {
    assert.equal(checkDataFormat(FORMAT), FORMAT);
  });

  const wrong: [string, object | unknown, RegExp][] = [
    ["no object", 5, /^data format: expected an object, not 5$/],
    [
      "an unknown key",
      { ...FORMAT, interval: 3 },
      /^data format: "interval" is unknown; expected variables, data_order/,
    ],
    [
      "no data order",
      { ...FORMAT, data_order: undefined },
      /^data_order: expected an array of variable names, not undefined$/,
    ],
    [
      "a data order as an object",
      { ...FORMAT, data_order: { 1: "a" } },
      /^data_order: expected an array .*, not an object$/,
    ],
    ["a name that is no text", { ...FORMAT, data_order: [7] }, /^data_order\[0\]: expected a variable name, not 7$/],
    ["a name like an integer", { ...FORMAT, data_order: ["7"] }, /^data_order\[0\]: "7" can be taken for an index/],
    ["digits of another script", { ...FORMAT, data_order: ["\u0663"] }, /can be taken for an index/],
    ["a signed integer as name", { ...FORMAT, variables: { "-1": {} } }, /^variables: "-1" can be taken for an index/],
    ["a short name of the protocol", { ...FORMAT, data_order: ["tc"] }, /^data_order\[0\]: "tc" is a short name/],
    ["a name twice", { ...FORMAT, data_order: ["x", "x"] }, /^data_order\[1\]: "x" stands there twice$/],
    [
      "no place for the time",
      { ...FORMAT, historical_data_order: ["x"] },
      /^historical_data_order: expected "timestamp"/,
    ],
    [
      "a broken interval",
      { ...FORMAT, historical_data_interval: 1.5 },
      /^historical_data_interval: expected whole seconds, not 1.5$/,
    ],
    [
      "an unknown type",
      { ...FORMAT, variables: { power: { type: "int" } } },
      /^variables.power.type: expected one of text, integer.*not "int"$/,
    ],
    [
      "an unknown property",
      { ...FORMAT, variables: { power: { units: "V" } } },
      /^variables.power: "units" is unknown/,
    ],
    [
      "a unit that is no text",
      { ...FORMAT, variables: { power: { unit: 1 } } },
      /^variables.power.unit: expected text, not 1$/,
    ],
    [
      "a scale of nothing",
      { ...FORMAT, variables: { power: { scale_factor: 0 } } },
      /^variables.power.scale_factor: expected a number other than 0/,
    ],
    [
      "an unknown method",
      { ...FORMAT, variables: { power: { aggregation_method: "mean" } } },
      /^variables.power.aggregation_method: expected one of/,
    ],
    [
      "the average of text",
      { ...FORMAT, variables: { power: { aggregation_method: "average" } } },
      /needs a number; a text can only be "latest"/,
    ],
  ];
  for (const [what, format, message] of wrong) {
    it(`is refused with its place named: ${what}`, () => {
      assert.throws(
        () => checkDataFormat(format),
        (error: Error) => message.test(error.message) || assert.fail(error.message),
      );
    });
  }

  it("never ends in anything but a format or an Error with text", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        try {
          checkDataFormat(value);
        } catch (error) {
          assert.ok(error instanceof Error && error.message !== "" && error.constructor === Error, String(error));
        }
      }),
    );
  });

  it("is sent whole, as JSON and as deterministic CBOR with the same text", () => {
    const format = checkDataFormat(FORMAT);
    const json = Buffer.from(encodeDataFormat(format, "json")).toString("latin1");
    assert.deepEqual(JSON.parse(json), FORMAT);
    assert.deepEqual(JSON.parse(cborAsJson(encodeDataFormat(format, "cbor"))), FORMAT);
  });

  it("is sent whole when it is long", () => {
    const names = Array.from({ length: 200 }, (_, index) => `variable_${index}`);
    const format = checkDataFormat({ ...FORMAT, data_order: names });
    assert.deepEqual(JSON.parse(Buffer.from(encodeDataFormat(format, "json")).toString()).data_order, names);
  });

  it("has one hash, whatever order its keys are written in", () => {
    const { variables, ...rest } = FORMAT;
    const turned = { variables: Object.fromEntries(Object.entries(variables).reverse()), ...rest };
    assert.equal(dataFormatHash(checkDataFormat(turned)), dataFormatHash(checkDataFormat(FORMAT)));
    assert.equal(dataFormatHash(checkDataFormat(FORMAT)), "7ec9b5221ec897");
  });

  it("has another hash after any change", () => {
    const hashes = [
      FORMAT,
      { ...FORMAT, data_order: [] },
      { ...FORMAT, historical_data_interval: 60 },
      { ...FORMAT, historical_data_order: ["timestamp", "battery_voltage", "tampered"] },
      { ...FORMAT, variables: {} },
    ].map((format) => dataFormatHash(checkDataFormat(format)));
    assert.equal(new Set(hashes).size, hashes.length);
  });
});
