import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AuthMethod } from "../../firmware/openpaygo/auth.js";
import { writeRequest } from "../../firmware/openpaygo/request.js";
import { readAnswer } from "../../firmware/openpaygo/response.js";
import { TokenDecoder, type TokenType } from "../../firmware/openpaygo/token.js";
import { seededRandom } from "../../hal/sim/random.js";
import { cborAsJson } from "../openpaygo/cbor-decode.js";
import { type RandomRequest, RandomRequests } from "../openpaygo/random-request.js";
import { makeVectors } from "../vectors/generate.js";
import type { RequestVector } from "../vectors/kit.js";
import { requirePython, runPython } from "./python.js";

const PROGRAM = readFileSync(join(dirname(fileURLToPath(import.meta.url)), "reference.py"), "utf8");
const REQUESTS = 10000;
const TOKENS = 10000;
const TYPES: readonly TokenType[] = ["ADD_TIME", "SET_TIME", "DISABLE_PAYG", "COUNTER_SYNC"];
const METHODS: readonly AuthMethod[] = ["sa", "ta", "ca", "da", "ra"];

/** One line for the checker: a written request, as the JSON that a server reads. */
function requestLine({ options, expected }: RandomRequest): string {
  const buffer = new Uint8Array(16384);
  const written = writeRequest(buffer, options);
  assert.equal(written.stop, "end");
  const bytes = buffer.subarray(0, written.length);
  return JSON.stringify({
    method: options.auth,
    key: Buffer.from(options.key!).toString("hex"),
    body: options.encoding === "json" ? Buffer.from(bytes).toString("latin1") : cborAsJson(bytes),
    format: options.format,
    expected: { data: expected.data, historical_data: expected.rows },
  });
}

/** What the reference is asked to make, and what a device should read from it. */
interface TokenCase {
  key: string;
  startingCode: number;
  count: number;
  type: TokenType;
  value: number | undefined;
  restricted: boolean;
  extended: boolean;
}

interface MadeToken {
  count: number;
  token: string;
}

function tokenCases(count: number, seed: number): TokenCase[] {
  const random = seededRandom(seed);
  const below = (limit: number) => random() % limit;
  return Array.from({ length: count }, () => {
    const extended = below(2) === 0;
    const type = TYPES[Math.max(0, below(6) - 2)]!;
    // 998 and 999 are commands, also where an extended token could hold them as a time.
    const value = extended && below(2) === 0 ? 1000 + below(999000) : below(996);
    return {
      key: Array.from({ length: 4 }, () => random().toString(16).padStart(8, "0")).join(""),
      startingCode: below(4) === 0 ? 0 : 1 + below(999999999),
      count: below(40),
      type,
      value: type === "ADD_TIME" || type === "SET_TIME" ? value : undefined,
      restricted: below(2) === 0,
      extended,
    };
  });
}

function generateLine({ key, startingCode, count, type, value, restricted, extended }: TokenCase): string {
  const generate = {
    secret_key: key,
    starting_code: startingCode,
    count,
    token_type: TYPES.indexOf(type) + 1,
    value: value ?? null,
    restricted_digit_set: restricted,
    extended_token: extended,
  };
  return JSON.stringify({ generate });
}

function decoderOf({ startingCode, restricted }: TokenCase, key: string): TokenDecoder {
  return new TokenDecoder({ key: Buffer.from(key, "hex"), startingCode, restrictedDigitSet: restricted });
}

type RequestedKind = "active_until_timestamp" | "active_seconds_left";

function decodeLine(one: TokenCase, token: string, state: { last: number; used: number[] }): string {
  const decode = {
    token,
    secret_key: one.key,
    count: state.last,
    used_counts: state.used,
    starting_code: one.startingCode,
    restricted_digit_set: one.restricted,
  };
  return JSON.stringify({ decode });
}

function flipped(digit: string): string {
  return (15 - Number.parseInt(digit, 16)).toString(16);
}

/** One result of the reference per line. */
function reference<Result>(python: string, lines: readonly string[]): Result[] {
  return runPython(python, PROGRAM, lines.join("\n"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("OpenPAYGO reference", function () {
  this.timeout(180000);

  it(`accepts and reads back ${REQUESTS} random requests per auth method`, function () {
    const python = requirePython(this);
    for (const method of METHODS) {
      const requests = new RandomRequests(1 + METHODS.indexOf(method));
      const lines = Array.from({ length: REQUESTS }, () => requestLine(requests.next(method)));
      const checked = JSON.parse(runPython(python, PROGRAM, lines.join("\n")));
      assert.deepEqual(checked, { [method]: REQUESTS });
    }
  });

  it("accepts and reads back every request of the conformance kit", function () {
    const vectors: RequestVector[] = JSON.parse(
      readFileSync(new URL("../vectors/requests.json", import.meta.url), "utf8"),
    );
    const lines = vectors.map((vector) =>
      JSON.stringify({
        method: vector.name,
        key: vector.key,
        body: vector.body ?? cborAsJson(Buffer.from(vector.body_hex!, "hex")),
        format: vector.data_format_id === undefined ? null : vector.data_format,
        expected: { data: vector.data ?? {}, historical_data: vector.historical_data ?? [] },
      }),
    );
    const checked = JSON.parse(runPython(requirePython(this), PROGRAM, lines.join("\n")));
    assert.equal(Object.keys(checked).length, vectors.length);
  });

  it("makes the conformance kit that is kept here", function () {
    for (const [name, vectors] of Object.entries(makeVectors(requirePython(this)))) {
      const kept = JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8"));
      assert.deepEqual(kept, JSON.parse(JSON.stringify(vectors)), `${name}: run test/vectors/generate.ts`);
    }
  });

  it(`makes ${TOKENS} tokens that decode to their type, value and count, once, and under their own key only`, function () {
    const cases = tokenCases(TOKENS, 11);
    const made = reference<MadeToken>(requirePython(this), cases.map(generateLine));
    assert.equal(made.length, TOKENS);
    cases.forEach((one, index) => {
      const { token, count } = made[index]!;
      const before = { count: one.count, used: 1 };
      const decoded = decoderOf(one, one.key).decode(token, before);
      const { type, value } = one;
      assert.ok(decoded.valid, `${token}: ${JSON.stringify(one)}`);
      assert.deepEqual({ ...decoded, counts: undefined }, { valid: true, type, value, count, counts: undefined });
      assert.deepEqual(decoderOf(one, one.key).decode(token, decoded.counts), { valid: false, reason: "already used" });
      if (index % 10 === 0)
        assert.equal(decoderOf(one, one.key.replace(/./g, flipped)).decode(token, before).valid, false);
    });
  });

  it("agrees on older tokens: the window, the used ones, the jump", function () {
    const python = requirePython(this);
    const cases = tokenCases(1500, 8);
    const made = reference<MadeToken>(python, cases.map(generateLine));
    const random = seededRandom(9);
    const states = made.map(({ count }) => {
      const last = Math.max(1, count - 75 + (random() % 110));
      const older = Array.from({ length: 15 }, (_, index) => last - 1 - index).filter((one) => one > 0 && random() % 2);
      return { last, used: [last, ...older] };
    });
    const lines = cases.map((one, index) => decodeLine(one, made[index]!.token, states[index]!));
    const expected = reference<{ value: number | null; type: number; count: number | null }>(python, lines);
    cases.forEach((one, index) => {
      const { last, used } = states[index]!;
      const bits = used.reduce((sum, count) => sum | (1 << (last - count)), 0);
      const decoded = decoderOf(one, one.key).decode(made[index]!.token, { count: last, used: bits });
      const theirs = expected[index]!;
      // The reference takes a synchronisation again and again, and back; a device must not.
      const isSync = one.type === "COUNTER_SYNC" && made[index]!.count <= last;
      const accepted = theirs.count !== null && !isSync;
      assert.equal(decoded.valid, accepted, `${JSON.stringify([one, made[index], states[index], theirs, decoded])}`);
      if (decoded.valid) assert.equal(decoded.count, theirs.count);
    });
  });

  it("signs answers that are verified: tokens, both kinds of time as floats, settings and extra data", function () {
    const python = requirePython(this);
    const key = "dac86b1a29ab82edc5fbbc41ec9530f6";
    const answers: [Record<string, unknown>, RequestedKind | undefined, Record<string, unknown>][] = [
      [{}, undefined, {}],
      [{ token_list: ["012345678", "123456789012"] }, undefined, { tokens: ["012345678", "123456789012"] }],
      [{ token_list: [12345678] }, undefined, { tokens: ["012345678"] }],
      [{ active_until_timestamp: 1796083200.5 }, "active_until_timestamp", { activeUntil: 1796083200 }],
      [{ active_until_timestamp: 1796083200 }, "active_until_timestamp", { activeUntil: 1796083200 }],
      [{ active_seconds_left: 86400.25 }, "active_seconds_left", { activeSecondsLeft: 86400 }],
      [{ active_seconds_left: 0 }, "active_seconds_left", {}],
      [
        {
          settings: { base_url: "https://caf\u00e9.example/\u{1f31e}", rate: 0.00001 },
          extra_data: { a: [1, { b: null }] },
        },
        undefined,
        {
          settings: [
            { name: "base_url", value: "https://caf\u00e9.example/\u{1f31e}" },
            { name: "rate", value: 0.00001 },
          ],
        },
      ],
    ];
    const counters = [{ requestCount: 7 }, { timestamp: 1750000000 }, { timestamp: 1750000000, requestCount: 7 }];
    for (const sent of counters) {
      const request = JSON.stringify({
        sn: "A111222",
        ts: sent.timestamp,
        rc: sent.requestCount,
        d: { token_count: 3 },
      });
      const lines = answers.map(([answer]) => JSON.stringify({ request, key, format: null, answer }));
      reference<{ payload: string }>(python, lines).forEach(({ payload }, index) => {
        const [, kind, expected] = answers[index]!;
        const answer = readAnswer(Buffer.from(payload), {
          encoding: "json",
          serialNumber: "A111222",
          key: Buffer.from(key, "hex"),
          sent,
          time: kind && { kind, maximum: 2000000000 },
        });
        assert.deepEqual(answer, { accepted: true, tokens: [], settings: [], verified: true, ...expected }, payload);
      });
    }
  });
});
