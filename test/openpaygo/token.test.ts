import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { type DecodedToken, TokenDecoder } from "../../firmware/openpaygo/token.js";

const KEY = "dac86b1a29ab82edc5fbbc41ec9530f6";
const OTHER_KEY = "bc41ec9530f6dac86b1a29ab82edc5fb";
const SHARED = new URL("../../../shared/vectors/tokens.jsonl", import.meta.url);
const ALL = 0xffff;

const decoder = (startingCode?: number, restrictedDigitSet = false, key = KEY) =>
  new TokenDecoder({ key: Buffer.from(key, "hex"), startingCode, restrictedDigitSet });

/** Tokens of the reference for KEY and starting code 432435255, of every type, at rising counts. */
const TOKENS = (
  "280551262 942855258 573171285 768309256 431615254 970106262 134447257 " +
  "933052253 780730260 932378265 152594262 333683254 687473262"
).split(" ");

const refusal = (reason: string): DecodedToken => ({ valid: false, reason }) as DecodedToken;

describe("token", () => {
  // Key dac8..., starting code 432435255, made by the Python reference.
  const device = decoder(432435255);
  const ADD_5 = "589568260";

  it("adds time at an even count", () => {
    const counts = { count: 12, used: 0b101 };
    assert.deepEqual(device.decode(ADD_5, { count: 10, used: 1 }), {
      valid: true,
      type: "ADD_TIME",
      value: 5,
      count: 12,
      counts,
    });
  });

  it("is refused when it comes again, at once or later", () => {
    assert.deepEqual(device.decode(ADD_5, { count: 12, used: 1 }), refusal("already used"));
    assert.deepEqual(device.decode(ADD_5, { count: 14, used: 0b101 }), refusal("already used"));
    assert.deepEqual(device.decode(ADD_5, { count: 500, used: ALL }), refusal("already used"));
  });

  it("of the last count is refused, whatever is said to be used", () => {
    assert.deepEqual(device.decode(ADD_5, { count: 12, used: 0 }), refusal("already used"));
  });

  it("that adds time is taken late, inside the window of 16 counts, and remembered", () => {
    const late = device.decode(ADD_5, { count: 27, used: 1 });
    assert.deepEqual(late, { valid: true, type: "ADD_TIME", value: 5, count: 12, counts: { count: 27, used: 0x8001 } });
    assert.deepEqual(device.decode(ADD_5, { count: 27, used: 0x8001 }), refusal("already used"));
    assert.deepEqual(device.decode(ADD_5, { count: 28, used: 0 }), refusal("already used"));
  });

  it("may be 64 counts ahead and no further", () => {
    // ADD_TIME 1 at count 66.
    const ahead = "649225256";
    assert.equal(device.decode(ahead, { count: 2, used: 1 }).valid, true);
    assert.deepEqual(device.decode(ahead, { count: 1, used: 1 }), refusal("invalid"));
  });

  it("that just was used for one count is not taken for another that it fits too", () => {
    // Fits counts 2 and 64.
    const twice = decoder(75061472);
    const first = twice.decode("950166486", { count: 1, used: 1 });
    assert.ok(first.valid && first.count === 2);
    assert.deepEqual(twice.decode("950166486", first.counts), refusal("already used"));
  });

  it("of another key or starting code is invalid", () => {
    assert.deepEqual(decoder(432435255, false, OTHER_KEY).decode(ADD_5, { count: 10, used: 1 }), refusal("invalid"));
    assert.deepEqual(decoder().decode(ADD_5, { count: 10, used: 1 }), refusal("invalid"));
  });

  it("is no token when it is the starting code itself", () => {
    assert.deepEqual(decoder(432435255).decode("432435255", { count: 1, used: 1 }), refusal("invalid"));
  });

  it("is malformed in any other length and with any other character", () => {
    for (const token of [
      "",
      "58956826",
      "5895682600",
      "58956826a",
      "58956826 ",
      " 58956826",
      "+58956826",
      "5895682.0",
      "\u0665".repeat(9),
      "1".repeat(13),
      "1".repeat(15),
    ]) {
      assert.deepEqual(device.decode(token, { count: 10, used: 1 }), refusal("malformed"));
    }
    for (const digit of ["0", "5", "9", "a"]) {
      assert.deepEqual(decoder(1, true).decode(digit + "1".repeat(14), { count: 1, used: 1 }), refusal("malformed"));
    }
    assert.deepEqual(decoder(1, true).decode("1".repeat(14), { count: 1, used: 1 }), refusal("malformed"));
  });

  it("gives units divided by the divider", () => {
    const halves = new TokenDecoder({ key: Buffer.from(KEY, "hex"), startingCode: 432435255, valueDivider: 24 });
    const token = halves.decode(ADD_5, { count: 10, used: 1 });
    assert.ok(token.valid && token.value === 5 / 24);
  });

  it("decodes to something or a reason, whatever the digits are", () => {
    const digits = fc.string({ unit: fc.constantFrom(..."01234"), maxLength: 21 });
    const state = fc.record({ count: fc.nat(100), used: fc.nat(ALL) });
    fc.assert(
      fc.property(digits, state, fc.boolean(), (text, counts, restricted) => {
        const decoded = decoder(1, restricted).decode(text, counts);
        assert.ok(decoded.valid || ["malformed", "invalid", "already used"].includes(decoded.reason));
      }),
    );
  });

  it("is never taken twice in any order, not even after a synchronisation to a lower count", () => {
    const key = Buffer.from(KEY, "hex");
    fc.assert(
      fc.property(fc.array(fc.nat(TOKENS.length - 1), { minLength: 20, maxLength: 60 }), (order) => {
        const one = new TokenDecoder({ key, startingCode: 432435255 });
        const taken = new Set<number>();
        let counts = { count: 1, used: 1 };
        for (const index of order) {
          const decoded = one.decode(TOKENS[index]!, counts);
          if (!decoded.valid) continue;
          assert.ok(!taken.has(index), `${TOKENS[index]} twice`);
          assert.ok(decoded.counts.count >= counts.count);
          taken.add(index);
          counts = decoded.counts;
        }
      }),
    );
  });

  it("options are refused when they make no decoder", () => {
    const key = new Uint8Array(16);
    assert.throws(() => new TokenDecoder({ key: new Uint8Array(3) }), /a SipHash key has 16 bytes, not 3/);
    assert.throws(
      () => new TokenDecoder({ key, startingCode: 1e9 }),
      /startingCode: expected up to 9 digits, not 1000000000/,
    );
    assert.throws(() => new TokenDecoder({ key, valueDivider: 0 }), /valueDivider: expected a number above 0, not 0/);
  });
});

/** The decode tool, as a program: its exit code and what it printed. */
function decode(...args: string[]): { code: number; out: string; error: string } {
  const run = spawnSync(process.execPath, ["--import", "tsx", "tools/decode.ts", "token", ...args], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    encoding: "utf8",
  });
  return { code: run.status ?? -1, out: run.stdout, error: run.stderr };
}

describe("npm run decode", () => {
  const key = ["--key", KEY, "--starting-code", "432435255"];

  it("prints one line of JSON", () => {
    assert.deepEqual(decode(...key, "--count", "10", "589568260"), {
      code: 0,
      out: '{"type":"ADD_TIME","value":5,"count":12}\n',
      error: "",
    });
    assert.deepEqual(
      decode(...key, "--count", "13", "--used", "13,10", "589568260").out,
      '{"type":"ADD_TIME","value":5,"count":12}\n',
    );
    assert.deepEqual(
      decode(...key, "--count", "10", "933052253").out,
      '{"type":"DISABLE_PAYG","value":null,"count":13}\n',
    );
  });

  it("ends with 1 and the reason when the token is not valid", () => {
    for (const [args, reason] of [
      [["--count", "12", "589568260"], /^already used/],
      [["--count", "13", "--used", "12,13", "589568260"], /^already used/],
      [["--count", "10", "589568261"], /^invalid: no token of this key between count 10/],
      [["--count", "10", "5895"], /^malformed: expected 9 or 12 digits, not "5895"/],
      [["--count", "10", "--restricted", "589568260"], /^malformed: expected 15 or 20 digits from 1 to 4/],
    ] as const) {
      const { code, out, error } = decode(...key, ...args);
      assert.deepEqual([code, out], [1, ""]);
      assert.match(error, reason);
    }
  });

  it("ends with 2 when it is called wrongly", () => {
    assert.equal(decode("--key", "12", "--count", "1", "589568260").code, 2);
    assert.equal(decode(...key, "--count", "x", "589568260").code, 2);
    assert.equal(decode(...key, "589568260").code, 2);
  });
});

interface SharedToken {
  starting_code: number;
  key: string;
  count: number;
  token_type: string;
  value_raw: number | null;
  restricted_digit_set: boolean;
  new_count: number;
  token: string;
}

describe("test tokens of the reference", () => {
  it("decode to their type, value and count", function () {
    if (!existsSync(SHARED)) return this.skip();
    const lines = readFileSync(SHARED, "utf8").trim().split("\n");
    for (const line of lines) {
      const one: SharedToken = JSON.parse(line);
      const token = decoder(one.starting_code, one.restricted_digit_set, one.key);
      const decoded = token.decode(one.token, { count: one.count, used: 1 });
      assert.ok(decoded.valid, line);
      assert.deepEqual(
        [decoded.type, decoded.value ?? null, decoded.count],
        [one.token_type, one.value_raw, one.new_count],
      );
      assert.deepEqual(token.decode(one.token, decoded.counts), refusal("already used"));
      assert.equal(
        decoder(one.starting_code, one.restricted_digit_set, "00".repeat(16)).decode(one.token, {
          count: one.count,
          used: 1,
        }).valid,
        false,
      );
    }
    console.log(`      ${lines.length} tokens`);
  });
});
