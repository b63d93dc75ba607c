import assert from "node:assert/strict";
import fc from "fast-check";
import { CborEncoder } from "../../firmware/openpaygo/cbor.js";
import { compareKeys, type Encoder } from "../../firmware/openpaygo/encoder.js";
import { JsonEncoder } from "../../firmware/openpaygo/json.js";
import { ByteWriter, fromUtf8, utf8 } from "../../firmware/openpaygo/text.js";
import type { Value } from "../../hal/sensor.js";
import { cborAsJson } from "./cbor-decode.js";

function written(make: (writer: ByteWriter) => Encoder, value: Value): Uint8Array {
  const writer = new ByteWriter(new Uint8Array(1000));
  make(writer).value(value);
  assert.equal(writer.overflowed, false);
  return writer.bytes.subarray(0, writer.position);
}

const jsonOf = (value: Value) => Buffer.from(written((writer) => new JsonEncoder(writer), value)).toString("latin1");
const cborOf = (value: Value) => Buffer.from(written((writer) => new CborEncoder(writer), value)).toString("hex");

describe("JSON as Python writes it", () => {
  it("writes numbers as Python's json.dumps does after parsing them", () => {
    const numbers: [number, string][] = [
      [0, "0"],
      [-0, "0"],
      [7, "7"],
      [-10, "-10"],
      [2147483647, "2147483647"],
      [-2147483648, "-2147483648"],
      [4294967296, "4294967296"],
      [9007199254740991, "9007199254740991"],
      [9007199254740992, "9007199254740992.0"],
      [9999999999999998, "9999999999999998.0"],
      [1e16, "1e+16"],
      [1.5e16, "1.5e+16"],
      [1e21, "1e+21"],
      [1e100, "1e+100"],
      [12.3, "12.3"],
      [-0.5, "-0.5"],
      [0.0001, "0.0001"],
      [0.00012, "0.00012"],
      [0.00001, "1e-05"],
      [0.000012345, "1.2345e-05"],
      [1e-7, "1e-07"],
      [1.5e-10, "1.5e-10"],
      [5e-324, "5e-324"],
      [-1.7976931348623157e308, "-1.7976931348623157e+308"],
    ];
    for (const [number, text] of numbers) assert.equal(jsonOf(number), text);
  });

  it("writes text in ASCII with the escapes of ensure_ascii", () => {
    assert.equal(jsonOf('a"\\/\b\t\n\f\r\u0000\u001f\u007f'), '"a\\"\\\\/\\b\\t\\n\\f\\r\\u0000\\u001f\\u007f"');
    assert.equal(jsonOf("caf\u00e9\u65e5\u{1f31e}"), '"caf\\u00e9\\u65e5\\ud83c\\udf1e"');
  });

  it("writes a lone surrogate as the replacement character, as CBOR has to", () => {
    assert.equal(jsonOf("\ud800x\udc00"), '"\\ufffdx\\ufffd"');
    assert.equal(cborOf("\ud800"), "63efbfbd");
  });

  it("gives back every number and text", () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.string({ unit: "grapheme" }),
        (number, text) => {
          assert.equal(JSON.parse(jsonOf(number)), number === 0 ? 0 : number);
          assert.equal(JSON.parse(jsonOf(text)), text);
        },
      ),
    );
  });

  it("has null for what cannot be sent", () => {
    const values = [undefined, Number.NaN, Number.POSITIVE_INFINITY, [Number.NaN, 1]] as Value[];
    for (const value of values) assert.deepEqual([jsonOf(value), cborOf(value)], ["null", "f6"]);
  });
});

describe("deterministic CBOR", () => {
  it("writes the examples of RFC 8949, appendix A", () => {
    const examples: [Value, string][] = [
      [0, "00"],
      [23, "17"],
      [24, "1818"],
      [100, "1864"],
      [1000, "1903e8"],
      [1000000, "1a000f4240"],
      [1000000000000, "1b000000e8d4a51000"],
      [-1, "20"],
      [-10, "29"],
      [-100, "3863"],
      [-1000, "3903e7"],
      [1.1, "fb3ff199999999999a"],
      [1.5, "f93e00"],
      [100000.5, "fa47c35040"],
      [3.4028234663852886e38, "fa7f7fffff"],
      [1e300, "fb7e37e43c8800759c"],
      [2 ** -24, "f90001"],
      [0.00006103515625, "f90400"],
      [-4.1, "fbc010666666666666"],
      [false, "f4"],
      [true, "f5"],
      ["", "60"],
      ["IETF", "6449455446"],
      ['"\\', "62225c"],
      ["\u00fc", "62c3bc"],
      ["\u6c34", "63e6b0b4"],
      ["\u{10151}", "64f0908591"],
      [[1.5, 2], "82f93e0002"],
    ];
    for (const [value, hex] of examples) assert.equal(cborOf(value), hex);
  });

  it("uses the shortest head and float for every number, and text as it is", () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.float({ noNaN: true, noDefaultInfinity: true }),
        (double, single) => {
          for (const number of [double, single, Math.trunc(single * 1000), single / 65536]) {
            assert.equal(Number(cborAsJson(Buffer.from(cborOf(number), "hex"))), number === 0 ? 0 : number);
          }
        },
      ),
    );
  });

  it("makes room for the count of a list when it is known", () => {
    for (const count of [0, 1, 23, 24, 255, 256, 65535, 65536]) {
      const writer = new ByteWriter(new Uint8Array(70000));
      const encoder = new CborEncoder(writer);
      const place = encoder.beginList();
      for (let i = 0; i < count; i++) encoder.value(i % 24);
      encoder.endList(place, count);
      const list = JSON.parse(cborAsJson(writer.bytes.subarray(0, writer.position)));
      assert.deepEqual(
        list,
        Array.from({ length: count }, (_, i) => i % 24),
      );
    }
  });

  it("orders keys by length, then by their bytes", () => {
    const keys = ["timestamp", "b", "10", "9", "a", "\u00e9", "ab", "\uffff", "\u{10000}"].sort(compareKeys);
    assert.deepEqual(keys, ["9", "a", "b", "10", "ab", "\u00e9", "\uffff", "\u{10000}", "timestamp"]);
  });
});

describe("bytes with a limit", () => {
  it("stops at the limit, and goes on after it was rewound", () => {
    const writer = new ByteWriter(new Uint8Array(3));
    writer.utf8("\u65e5x");
    assert.deepEqual([writer.position, writer.overflowed], [3, true]);
    writer.rewind(0);
    writer.ascii("abc");
    assert.deepEqual([Buffer.from(writer.bytes).toString(), writer.overflowed], ["abc", false]);
  });

  it("writes and reads UTF-8 as the platform does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        assert.deepEqual(utf8(text), new Uint8Array(Buffer.from(text)));
        assert.equal(fromUtf8(utf8(text)), Buffer.from(text).toString());
      }),
    );
  });

  it("refuses the same malformed UTF-8 as the platform does", () => {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const near = fc.array(
      fc.constantFrom(
        0x41,
        0x7f,
        0x80,
        0x8f,
        0x90,
        0x9f,
        0xa0,
        0xbf,
        0xc0,
        0xc1,
        0xc2,
        0xe0,
        0xe1,
        0xed,
        0xef,
        0xf0,
        0xf1,
        0xf4,
        0xf5,
        0xff,
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(near, (numbers) => {
        const bytes = Uint8Array.from(numbers);
        let expected: string | undefined;
        try {
          expected = decoder.decode(bytes);
        } catch (error) {
          assert.ok(error instanceof TypeError);
        }
        assert.equal(fromUtf8(bytes), expected);
      }),
      { numRuns: 2000 },
    );
  });
});
