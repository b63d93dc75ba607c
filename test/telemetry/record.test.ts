import assert from "node:assert/strict";
import fc from "fast-check";
import { BitReader, BitWriter } from "../../firmware/telemetry/bits.js";
import { PREFACED, REGULAR, RowDecoder, RowEncoder } from "../../firmware/telemetry/record.js";
import type { Row } from "../../firmware/telemetry/row.js";
import { seededRandom } from "../../hal/sim/random.js";

const SIZE = 400;

function row(time: number, values: Row["values"], rest: Partial<Row> = {}): Row {
  return { format: 1, boot: 0, time, values, ...rest };
}

function emptyRow(): Row {
  return row(0, []);
}

/** Codes the rows one after the other and decodes each from its own bytes. */
function roundTrip(rows: Row[]): { decoded: Row[]; lengths: number[]; forms: number[] } {
  const encoder = new RowEncoder(SIZE);
  const decoder = new RowDecoder();
  const lengths: number[] = [];
  const forms: number[] = [];
  const decoded = rows.map((given) => {
    const length = encoder.encode(given);
    const got = emptyRow();
    assert.ok(decoder.decode(encoder.form, encoder.bytes.slice(0, length), length, got));
    lengths.push(length);
    forms.push(encoder.form);
    return got;
  });
  return { decoded, lengths, forms };
}

const value = fc.oneof(
  fc.constant(undefined),
  fc.integer(),
  fc.integer({ min: -20, max: 20 }),
  fc.double(),
  fc.float(),
  fc.boolean(),
  fc.string({ maxLength: 8, unit: "binary" }),
  fc.tuple(fc.double(), fc.double()),
);

const rows = fc.array(
  fc.record(
    {
      format: fc.oneof(fc.constant(7), fc.nat(255)),
      boot: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(0xffffffff)),
      time: fc.oneof(fc.nat(0xffffffff), fc.nat(3)),
      values: fc.array(value, { maxLength: 5 }),
    },
    { noNullPrototype: true },
  ),
  { maxLength: 20 },
);

describe("record", () => {
  it("gives back every row exactly, whatever came before it", () => {
    fc.assert(
      fc.property(rows, (given) => {
        assert.deepEqual(roundTrip(given).decoded, given);
      }),
      { numRuns: 500 },
    );
  });

  it("gives back values at the ends of their range", () => {
    const values = [2147483647, -2147483648, -0, 2147483648, 1e300, 0.1, "", "é€😀", true, [12.5, -0.1] as const];
    const given = [row(0, values), row(0xffffffff, [...values].reverse()), row(1, values, { boot: 0xffffffff })];
    assert.deepEqual(roundTrip(given).decoded, given);
  });

  it("spends nothing on the time of a row that follows at the interval, nor on a column that stays absent", () => {
    const given = Array.from({ length: 40 }, (_, i) => row(1e9 + 120 * i, [undefined, 12000, 5, -5, 0, 100]));
    const { lengths, forms } = roundTrip(given);
    assert.deepEqual(forms.slice(0, 3), [PREFACED, PREFACED, REGULAR]);
    // Five unchanged integers, one bit each.
    assert.equal(lengths.at(-1), 1);
  });

  it("spends one bit on a value of another kind that does not change", () => {
    const given = Array.from({ length: 8 }, () => row(5, ["text", 1.5, true, false, [1, 2], "", 0.1, "x"]));
    assert.equal(roundTrip(given).lengths.at(-1), 1);
  });

  it("takes a float in 32 bits when that is exact, else in 64", () => {
    const bits = (number: number) => {
      const writer = new BitWriter(new Uint8Array(16));
      writer.writeFloat(number);
      return writer.length;
    };
    assert.equal(bits(1.5), 5);
    assert.equal(bits(0.1), 9);
  });

  it("writes the layout that is drawn in its header", () => {
    const encoder = new RowEncoder(SIZE);
    // Worked out by hand, bit by bit.
    const hex = (given: Row) => Buffer.from(encoder.bytes.subarray(0, encoder.encode(given))).toString("hex");
    assert.equal(hex(row(0x65000000, [5, true])), "8080ca000000124458");
    assert.equal(hex(row(0x65000078, [4, true])), "11c080");
    assert.equal(hex(row(0x650000f0, [6, false])), "8b");
    assert.equal(hex(row(0x65000168, [undefined, "é"])), "fffc6e1d4ff8");
  });

  it("refuses to decode a row whose predecessors are missing, until one starts anew", () => {
    const encoder = new RowEncoder(SIZE);
    const decoder = new RowDecoder();
    const got = emptyRow();
    encoder.encode(row(100, [1]));
    let length = encoder.encode(row(200, [2]));
    assert.equal(decoder.decode(encoder.form, encoder.bytes, length, got), false);
    encoder.restart();
    length = encoder.encode(row(300, [3]));
    assert.ok(decoder.decode(encoder.form, encoder.bytes, length, got));
    assert.deepEqual(got, row(300, [3]));
    decoder.reset();
    length = encoder.encode(row(400, [4]));
    assert.equal(decoder.decode(encoder.form, encoder.bytes, length, got), false);
  });

  it("never throws on bytes that are no record, and ends", () => {
    const random = seededRandom(5);
    const decoder = new RowDecoder();
    const got = emptyRow();
    let refused = 0;
    for (let i = 0; i < 20000; i++) {
      const bytes = Uint8Array.from({ length: 1 + (random() % 60) }, random);
      if (!decoder.decode(random() % 2 === 0 ? REGULAR : PREFACED, bytes, bytes.length, got)) refused++;
    }
    assert.ok(refused > 10000);
  });

  it("says what is wrong with a row, and goes on with the next", () => {
    const encoder = new RowEncoder(20);
    const decoder = new RowDecoder();
    assert.throws(() => encoder.encode(row(-1, [])), /row\.time -1 is not/);
    assert.throws(() => encoder.encode(row(1.5, [])), /row\.time 1\.5 is not/);
    assert.throws(() => encoder.encode(row(1, [], { format: 256 })), /row\.format 256 is not/);
    assert.throws(() => encoder.encode(row(1, [], { boot: -1 })), /row\.boot -1 is not/);
    assert.throws(() => encoder.encode(row(1, new Array(256))), /256 values in a row, at most 255/);
    assert.throws(() => encoder.encode(row(1, [{} as unknown as undefined])), /not \[object Object\]/);
    assert.throws(() => encoder.encode(row(1, ["x".repeat(30)])), /at most 20 bytes/);
    const length = encoder.encode(row(1, [2]));
    const got = emptyRow();
    assert.ok(decoder.decode(encoder.form, encoder.bytes, length, got));
    assert.deepEqual(got, row(1, [2]));
  });
});

describe("bits", () => {
  it("writes the UTF-8 that the platform writes", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.integer({ max: 0xffff }).map((code) => String.fromCharCode(code)) }), (text) => {
        const writer = new BitWriter(new Uint8Array(SIZE));
        writer.writeText(text);
        const utf8 = new TextEncoder().encode(text);
        assert.deepEqual(writer.bytes.slice(0, writer.length), Uint8Array.of(...utf8, 0xff));
        const reader = new BitReader();
        reader.open(writer.bytes, writer.length);
        assert.equal(reader.readText(), new TextDecoder("utf-8", { ignoreBOM: true }).decode(utf8));
      }),
    );
  });
});
