import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { cborToJson } from "../../firmware/openpaygo/cbor-reader.js";
import { jsonMembers, jsonScalar, MAX_DEPTH } from "../../firmware/openpaygo/json-reader.js";
import { type AnswerOptions, MAX_ANSWER_BYTES, readAnswer, readFormatId } from "../../firmware/openpaygo/response.js";
import { seededRandom } from "../../hal/sim/random.js";
import type { AnswerVector } from "../vectors/kit.js";
import { KEY, SERIAL } from "./answer-helper.js";
import { cborOf } from "./cbor-encode.js";

const OPTIONS: Omit<AnswerOptions, "encoding"> = {
  serialNumber: SERIAL,
  key: KEY,
  sent: { timestamp: 1750000000, requestCount: 57 },
  time: { kind: "active_seconds_left", maximum: 31536000 },
};

/** Reads bytes every way there is. Throws when anything but tokens comes out without a signature. */
function survive(bytes: Uint8Array): void {
  for (const encoding of ["json", "cbor"] as const) {
    const answer = readAnswer(bytes, { ...OPTIONS, encoding });
    if (answer.accepted && !answer.verified) {
      assert.deepEqual([answer.settings, answer.activeSecondsLeft, answer.activeUntil], [[], undefined, undefined]);
    }
    readFormatId(bytes, encoding);
  }
}

/** Whether the platform takes the bytes as an object within our limits. */
function isObject(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) && depthOf(value) <= MAX_DEPTH;
  } catch (error) {
    assert.ok(error instanceof SyntaxError || error instanceof TypeError);
    return false;
  }
}

function depthOf(value: unknown): number {
  return typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
}

function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const mutated = Uint8Array.from(bytes);
  for (let changes = 1 + (random() % 3); changes > 0; changes--) {
    const at = random() % mutated.length;
    const kind = random() % 4;
    if (kind === 0) mutated[at] = random();
    else if (kind === 1) mutated[at]! ^= 1 << (random() % 8);
    else if (kind === 2) mutated.copyWithin(at, random() % mutated.length);
    else mutated[at] = '"{}[],:\\0123456789eE+-.tfnu'.charCodeAt(random() % 27);
  }
  return mutated;
}

const SEEDS: readonly Uint8Array[] = (
  JSON.parse(readFileSync(new URL("../vectors/answers.json", import.meta.url), "utf8")) as AnswerVector[]
)
  .map(({ body, body_hex: hex }) => (hex === undefined ? Buffer.from(body!) : Buffer.from(hex, "hex")))
  .filter(({ length }) => length > 0 && length < 500);

describe("any bytes as an answer", () => {
  it("end in a result, and give nothing but tokens without a signature", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), survive), { numRuns: 3000 });
    fc.assert(
      fc.property(fc.json({ maxDepth: 12 }), (text) => survive(Buffer.from(text))),
      { numRuns: 1000 },
    );
    fc.assert(fc.property(fc.object({ maxDepth: 10 }), (value) => survive(Buffer.from(JSON.stringify(value)))));
  });

  it("made from good and bad answers by changing bytes, end in a result: 100,000 of them", () => {
    const random = seededRandom(1);
    for (let i = 0; i < 100000; i++) survive(mutate(SEEDS[i % SEEDS.length]!, random));
  });

  it("cut anywhere, end in a result", () => {
    for (const seed of SEEDS) for (let length = 0; length < seed.length; length++) survive(seed.subarray(0, length));
  });

  it("of the largest size take no long time, whatever they repeat", () => {
    const parts = [
      "[",
      "{",
      '{"a":',
      '"',
      "\\",
      "1",
      "-",
      "[1,",
      '{"a":1,',
      " ",
      "\u00e9",
      '\\"',
      "[[],",
      '{"a":"\\u0000',
    ];
    const bytes = [0x81, 0xa1, 0x9a, 0xff, 0x60, 0x78, 0xf6, 0xfb, 0x61];
    const inputs = [
      ...parts.flatMap((part) =>
        ["", '{"a":', '{"tkl":['].map((start) => Buffer.from(start + part.repeat(5000)).subarray(0, MAX_ANSWER_BYTES)),
      ),
      ...bytes.map((byte) => Buffer.alloc(MAX_ANSWER_BYTES, byte)),
    ];
    const start = performance.now();
    for (const input of inputs) survive(input);
    const each = (performance.now() - start) / inputs.length;
    assert.ok(each < 50, `${each} ms for one answer`);
  });
});

describe("JSON reader", () => {
  it("takes what the platform's JSON.parse takes, within its limits", () => {
    const random = seededRandom(2);
    const texts = SEEDS.filter((seed) => seed[0] === 0x7b);
    let taken = 0;
    for (let i = 0; i < 50000; i++) {
      const bytes = mutate(texts[i % texts.length]!, random);
      const members = jsonMembers(bytes);
      if (members) taken++;
      // A name that stands twice is refused here and taken there.
      else if (isObject(bytes)) assert.ok(namesTwice(bytes), Buffer.from(bytes).toString());
      if (members) assert.ok(isObject(bytes), Buffer.from(bytes).toString());
    }
    assert.ok(taken > 1000, `${taken} taken`);
  });

  it("gives every member that is plain with its value", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ maxDepth: 5 })),
        fc.nat(4),
        (object, space) => {
          const bytes = Buffer.from(JSON.stringify(object, null, space));
          const members = jsonMembers(bytes);
          assert.deepEqual(members?.map(({ name }) => name).sort(), Object.keys(JSON.parse(bytes.toString())).sort());
          for (const member of members!) {
            const value = Object.getOwnPropertyDescriptor(object, member.name)?.value;
            const expected = typeof value === "object" ? undefined : value;
            assert.equal(jsonScalar(bytes, member), Object.is(expected, -0) ? 0 : expected);
          }
        },
      ),
    );
  });
});

/** Whether any name is written twice. */
function namesTwice(bytes: Uint8Array): boolean {
  const keys =
    Buffer.from(bytes)
      .toString()
      .match(/"(?:[^"\\]|\\.)*"(?=\s*:)/g) ?? [];
  return new Set(keys.map((key) => JSON.parse(key))).size < keys.length;
}

describe("CBOR reader", () => {
  it("gives the JSON text of any plain value", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = cborToJson(cborOf(value), 100000);
        assert.ok(text);
        assert.deepEqual(JSON.parse(Buffer.from(text).toString()), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("keeps to its limit", () => {
    const bytes = cborOf("\u0001".repeat(50));
    assert.equal(cborToJson(bytes, 302)?.length, 302);
    assert.equal(cborToJson(bytes, 301), undefined);
  });

  it("writes integers of 64 bits exactly, and floats as Python does", () => {
    const text = (hex: string) => {
      const json = cborToJson(Buffer.from(hex, "hex"), 100);
      return json && Buffer.from(json).toString();
    };
    assert.equal(text("1bffffffffffffffff"), "18446744073709551615");
    assert.equal(text("1b0020000000000001"), "9007199254740993");
    assert.equal(text("1a80000000"), "2147483648");
    assert.equal(text("3affffffff"), "-4294967296");
    assert.equal(text("3b00078a0730a8f967"), "-2122088322759016");
    assert.equal(text("3bfffffffffffffffe"), "-18446744073709551615");
    assert.equal(text("3bffffffffffffffff"), undefined);
    assert.equal(text("3afffffffe"), "-4294967295");
    assert.equal(text("f93c00"), "1.0");
    assert.equal(text("f98000"), "-0.0");
    assert.equal(text("f90001"), "5.960464477539063e-08");
    assert.equal(text("fa47c35000"), "100000.0");
    assert.equal(text("fb7e37e43c8800759c"), "1e+300");
    assert.equal(text("fb3ff199999999999a"), "1.1");
  });
});
