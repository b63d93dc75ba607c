import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { encodeToken, TOKEN_TYPES, type TokenType } from "../../../tools/server/token-encoder.js";
import { requirePython, runPython } from "../../interop/python.js";
import { KEY, KEY_BYTES } from "./client.js";

const VECTORS = "../shared/vectors/tokens.jsonl";

interface Vector {
  readonly key: string;
  readonly starting_code: number;
  readonly count: number;
  readonly token_type: TokenType;
  readonly value_raw: number | null;
  readonly restricted_digit_set: boolean;
  readonly extended_token: boolean;
  readonly new_count: number;
  readonly token: string;
}

const ENCODE = `
import json, sys
from openpaygo import TokenType, generate_token
for line in sys.stdin:
    case = json.loads(line)
    value = {} if case["value"] is None else {"value": case["value"]}
    start = {} if case["start"] is None else {"starting_code": case["start"]}
    count, token = generate_token(secret_key=case["key"], count=case["count"], token_type=getattr(TokenType, case["type"]), **value, **start)
    print(json.dumps({"count": count, "token": token}))
`;

describe("token encoder", () => {
  it("adds time on the next even count and does the rest on the next odd one", () => {
    const counts = (count: number) => TOKEN_TYPES.map((type) => encodeToken({ ...options(type), count }).count);
    assert.deepEqual(counts(1), [2, 3, 3, 3]);
    assert.deepEqual(counts(2), [4, 3, 3, 3]);
  });

  it("keeps leading zeros", () => {
    assert.deepEqual(encodeToken({ ...options("ADD_TIME"), count: 1 }), { count: 2, token: "082162833" });
  });

  it("refuses a value that the type does not take", () => {
    for (const value of [-1, 996, 1.5, undefined]) {
      assert.throws(
        () => encodeToken({ key: KEY_BYTES, count: 1, type: "ADD_TIME", value }),
        /ADD_TIME takes a whole value/,
      );
    }
    assert.throws(
      () => encodeToken({ key: KEY_BYTES, count: 1, type: "DISABLE_PAYG", value: 1 }),
      /takes no value, not 1/,
    );
  });

  it("makes the tokens of the reference encoder", function () {
    const python = requirePython(this);
    const cases = [...Array(60).keys()].map((i) => ({
      key: i % 3 === 0 ? KEY : `${String(i).padStart(4, "0")}`.repeat(8),
      type: TOKEN_TYPES[i % 4]!,
      count: (i * 7) % 90,
      value: i % 4 < 2 ? (i * 167) % 996 : null,
      start: i % 5 === 0 ? (i * 16_777_619) % 1_000_000_000 || 1 : null,
    }));
    const lines = runPython(python, ENCODE, cases.map((each) => `${JSON.stringify(each)}\n`).join(""));
    const expected = lines
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const made = cases.map(({ key, type, count, value, start }) =>
      encodeToken({ key: bytesOf(key), type, count, value: value ?? undefined, startingCode: start ?? undefined }),
    );
    assert.deepEqual(made, expected);
  });

  it("makes the standard tokens of the shared vectors", function () {
    if (!existsSync(VECTORS)) this.skip();
    const vectors: Vector[] = readFileSync(VECTORS, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const standard = vectors.filter((each) => !each.restricted_digit_set && !each.extended_token);
    assert.ok(standard.length > 0);
    for (const each of standard) {
      const { count, token_type: type, starting_code: startingCode } = each;
      const value = type === "ADD_TIME" || type === "SET_TIME" ? (each.value_raw ?? undefined) : undefined;
      const made = encodeToken({ key: bytesOf(each.key), type, count, value, startingCode });
      assert.deepEqual(made, { count: each.new_count, token: each.token });
    }
  });
});

function options(type: TokenType): { key: Uint8Array; type: TokenType; value?: number } {
  return type === "ADD_TIME" || type === "SET_TIME" ? { key: KEY_BYTES, type, value: 7 } : { key: KEY_BYTES, type };
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}
