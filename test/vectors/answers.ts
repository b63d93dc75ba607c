import { body, type Content, SERIAL, sign, signed } from "../openpaygo/answer-helper.js";
import { cborOf, Double } from "../openpaygo/cbor-encode.js";
import type { Reference } from "./generate.js";
import type { AnswerVector } from "./kit.js";

const KEY = "dac86b1a29ab82edc5fbbc41ec9530f6";
const TIMESTAMP = 1750000000;
const COUNT = 57;
const COUNTERS = `${TIMESTAMP}${COUNT}`;
const UNTIL = { kind: "active_until_timestamp", maximum: 1796083200 } as const;
const LEFT = { kind: "active_seconds_left", maximum: 31536000 } as const;
const NOTHING = { tokens: [], settings: [], verified: true };

type Changes = Partial<AnswerVector>;

function vector(name: string, text: string, expect: object, changes: Changes = {}): AnswerVector {
  const counters = { timestamp: TIMESTAMP, request_count: COUNT };
  return { name, encoding: "json", body: text, key: KEY, serial_number: SERIAL, ...counters, ...changes, expect };
}

const refused = (reason: string) => ({ refused: reason });

/** Answers as the reference gives them to what a server puts in, in long names. */
function goodAnswers(reference: Reference): AnswerVector[] {
  const answers: [name: string, answer: object, expect: object, changes?: Changes][] = [
    ["empty, signed", {}, {}],
    ["tokens as text", { token_list: ["012345678", "123456789012"] }, { tokens: ["012345678", "123456789012"] }],
    ["tokens as integers", { token_list: [12345678, 1234567890] }, { tokens: ["012345678", "001234567890"] }],
    [
      "active until",
      { active_until_timestamp: 1760000000 },
      { active_until_timestamp: 1760000000 },
      { requested: UNTIL },
    ],
    [
      "active until, a float",
      { active_until_timestamp: 1760000000.25 },
      { active_until_timestamp: 1760000000 },
      { requested: UNTIL },
    ],
    ["active until 0", { active_until_timestamp: 0 }, {}, { requested: UNTIL }],
    ["seconds left", { active_seconds_left: 3600 }, { active_seconds_left: 3600 }, { requested: LEFT }],
    [
      "the most seconds left",
      { active_seconds_left: 31536000 },
      { active_seconds_left: 31536000 },
      { requested: LEFT },
    ],
    [
      "settings",
      { settings: { base_url: "https://caf\u00e9.example", rate: 0.00001, on: true, none: null } },
      {
        settings: [
          ["base_url", "https://caf\u00e9.example"],
          ["rate", 0.00001],
          ["on", true],
          ["none", null],
        ],
      },
    ],
    ["extra data", { extra_data: { sun: ["990", { a: null }] } }, {}],
    [
      "everything",
      { token_list: ["012345678"], active_seconds_left: 60, settings: { a: 1 }, extra_data: { b: 2 } },
      {
        tokens: ["012345678"],
        active_seconds_left: 60,
        settings: [["a", 1]],
      },
      { requested: LEFT },
    ],
  ];
  const lines = answers.map(([, answer]) => ({
    request: JSON.stringify({ sn: SERIAL, ts: TIMESTAMP, rc: COUNT, d: {} }),
    key: KEY,
    format: null,
    answer,
  }));
  const payloads = reference(lines) as { payload: string }[];
  return answers.map(([name, , expect, changes], index) =>
    vector(name, payloads[index]!.payload, { ...NOTHING, ...expect }, changes),
  );
}

function otherGoodAnswers(): AnswerVector[] {
  const spaced = `{ "tkl" : [ "012345678" , 5 ] ,\n"a":"${sign(COUNTERS, { tkl: '["012345678",5]' })}" }`;
  const long = body({
    serial_number: `"${SERIAL}"`,
    active_seconds_left: "60",
    auth: `"${sign(COUNTERS, { asl: "60" })}"`,
  });
  const unverified = { ...NOTHING, verified: false };
  return [
    vector("nothing at all", "", unverified),
    vector("empty, not signed", "{}", unverified),
    vector("tokens, not signed", '{"tkl":["012345678"]}', { ...unverified, tokens: ["012345678"] }),
    vector("space between the characters", spaced, { ...NOTHING, tokens: ["012345678", "000000005"] }),
    vector("long names and own serial number", long, { ...NOTHING, active_seconds_left: 60 }, { requested: LEFT }),
    vector("signature with leading zeros", `{"a":"da${sign(COUNTERS, {}).slice(2).padStart(16, "0")}"}`, NOTHING),
    vector("unknown members", '{"hello":{"a":[1]},"n":null}', unverified),
    vector(
      "answer to a request without timestamp",
      signed("57", { asl: "31000000" }),
      { ...NOTHING, active_seconds_left: 31000000 },
      {
        timestamp: undefined!,
        requested: LEFT,
      },
    ),
  ];
}

function maliciousAnswers(): AnswerVector[] {
  const a = (content: Content, counters = COUNTERS) => `"${sign(counters, content)}"`;
  const tkl = '["012345678"]';
  const url = '{"base_url":"http://evil.example"}';
  return [
    vector(
      "active until as seconds left",
      body({ asl: "1796083200", a: a({ auts: "1796083200" }) }),
      refused("beyond maximum"),
      { requested: LEFT },
    ),
    vector(
      "seconds left as active until",
      body({ auts: "3600", a: a({ asl: "3600" }) }),
      refused("time not requested"),
      { requested: LEFT },
    ),
    vector("time that was not asked for", signed(COUNTERS, { asl: "60" }), refused("time not requested")),
    vector(
      "active until 0 added to tokens",
      body({ auts: "0", tkl, a: a({ tkl }) }),
      { ...NOTHING, tokens: ["012345678"] },
      { requested: UNTIL },
    ),
    vector(
      "active until 0 added, not asked for",
      body({ auts: "0", tkl, a: a({ tkl }) }),
      refused("time not requested"),
      { requested: LEFT },
    ),
    vector(
      "active until 0 added to seconds left",
      body({ auts: "0", asl: "60", a: a({ asl: "60" }) }),
      refused("two times"),
      { requested: LEFT },
    ),
    vector("both kinds of time", signed(COUNTERS, { auts: "1760000000", asl: "60" }), refused("two times"), {
      requested: UNTIL,
    }),
    vector(
      "a digit moved between the times",
      body({ auts: "176000000", asl: "3600", a: a({ auts: "1760000003", asl: "600" }) }),
      refused("two times"),
      { requested: LEFT },
    ),
    vector(
      "a digit moved between request count and time",
      body({ asl: "500000", a: a({ asl: "9500000" }, "5") }),
      refused("ambiguous time"),
      {
        timestamp: undefined!,
        request_count: 59,
        requested: LEFT,
      },
    ),
    vector(
      "the same, where no request had so low a count",
      body({ asl: "500000", a: a({ asl: "9500000" }, "5") }),
      { ...NOTHING, active_seconds_left: 500000 },
      {
        timestamp: undefined!,
        request_count: 59,
        first_request_count: 6,
        requested: LEFT,
      },
    ),
    vector("answer to an earlier request", signed("175000000056", { asl: "60" }), refused("wrong signature"), {
      requested: LEFT,
    }),
    vector("named for another serial number", body({ sn: '"B1"', tkl }), refused("other serial number")),
    vector(
      "signed for another serial number",
      body({ asl: "60", a: `"${sign(COUNTERS, { asl: "60" }, "B1")}"` }),
      refused("wrong signature"),
      { requested: LEFT },
    ),
    vector("time, not signed", body({ asl: "60" }), refused("unsigned"), { requested: LEFT }),
    vector("settings, not signed", body({ st: url, tkl }), refused("unsigned")),
    vector("settings added to a signed answer", body({ st: url, tkl, a: a({ tkl }) }), refused("wrong signature")),
    vector(
      "settings and extra data swapped",
      body({ st: url, ed: '{"a":1}', a: a({ st: '{"a":1}', ed: url }) }),
      refused("wrong signature"),
    ),
    vector("a token changed", body({ tkl: '["012345679"]', a: a({ tkl }) }), refused("wrong signature")),
    vector(
      "signature of another method",
      body({ asl: "60", a: a({ asl: "60" }).replace("da", "sa") }),
      refused("wrong signature"),
      { requested: LEFT },
    ),
    vector("more seconds than believed", signed(COUNTERS, { asl: "31536001" }), refused("beyond maximum"), {
      requested: LEFT,
    }),
    vector("infinite time", signed(COUNTERS, { auts: "1e999" }), refused("beyond maximum"), { requested: UNTIL }),
    vector(
      "time named twice",
      body({ asl: "60", active_seconds_left: "60", a: a({ asl: "60" }) }),
      refused("malformed"),
      { requested: LEFT },
    ),
    vector("setting named twice", signed(COUNTERS, { st: '{"base_url":"a","base_url":"b"}' }), refused("malformed")),
    vector("too large", `{"ed":"${"x".repeat(4096)}"}`, refused("too large")),
    vector("too deep", `{"ed":${"[".repeat(8)}${"]".repeat(8)}}`, refused("malformed")),
  ];
}

function malformedAnswers(): AnswerVector[] {
  const texts = [
    "5",
    "null",
    "[]",
    '"x"',
    "{",
    '{"a"}',
    '{"a":1,}',
    '{"a":1 "b":2}',
    "{'a':1}",
    '{"a":1}x',
    "\ufeff{}",
    '{"a":01}',
    '{"a":NaN}',
    '{"a":"\t"}',
    '{"a":"\\x"}',
    '{"a":"\\u12"}',
    '{"a":[1,]}',
    '{"a":{"b":1]}',
    '{"tkl":5}',
    '{"tkl":[1.5]}',
    '{"tkl":["12a"]}',
    '{"tkl":[111122223333444411112]}',
    '{"st":[]}',
    '{"asl":"60"}',
    '{"asl":-1}',
  ];
  return texts.map((text) => vector(`malformed: ${text}`, text, refused("malformed"), { requested: LEFT }));
}

/** Signed over the condensed JSON text of the same values: floats as Python writes them, text in ASCII. */
function cborAnswers(): AnswerVector[] {
  const cbor = (name: string, value: unknown, expect: object, changes: Changes = {}): AnswerVector => {
    const { body: _, ...rest } = vector(name, "", expect, { ...changes, encoding: "cbor" });
    return { ...rest, body_hex: (Buffer.isBuffer(value) ? value : cborOf(value)).toString("hex") };
  };
  const st = '{"base_url":"https://caf\\u00e9.example","rate":1e-05}';
  const settings = [
    ["base_url", "https://caf\u00e9.example"],
    ["rate", 0.00001],
  ];
  const bytes = (hex: string) => Buffer.from(hex, "hex");
  return [
    cbor("CBOR, empty", {}, { ...NOTHING, verified: false }),
    cbor(
      "CBOR, tokens",
      { tkl: ["012345678", 5] },
      { tokens: ["012345678", "000000005"], settings: [], verified: false },
    ),
    cbor("CBOR, a token of 20 digits", bytes("a163746b6c811b9a343531f15a8441"), {
      tokens: ["11111564669248767041"],
      settings: [],
      verified: false,
    }),
    cbor(
      "CBOR, seconds left",
      { asl: 3600, a: sign(COUNTERS, { asl: "3600" }) },
      { ...NOTHING, active_seconds_left: 3600 },
      { requested: LEFT },
    ),
    cbor(
      "CBOR, active until as a double",
      { auts: new Double(1760000000), a: sign(COUNTERS, { auts: "1760000000.0" }) },
      { ...NOTHING, active_until_timestamp: 1760000000 },
      { requested: UNTIL },
    ),
    cbor(
      "CBOR, settings",
      { st: { base_url: "https://caf\u00e9.example", rate: 0.00001 }, a: sign(COUNTERS, { st }) },
      { ...NOTHING, settings },
    ),
    cbor("CBOR, settings, not signed", { st: { a: 1 } }, refused("unsigned")),
    cbor(
      "CBOR, both times",
      { auts: 1760000000, asl: 60, a: sign(COUNTERS, { auts: "1760000000", asl: "60" }) },
      refused("two times"),
      { requested: LEFT },
    ),
    ...[
      ["no map", "83010203"],
      ["a map cut short", "a161"],
      ["bytes after the map", "a000"],
      ["a key that is no text", "a10102"],
      ["a byte string", "a1616141ff"],
      ["a tag", "c0a0"],
      ["an indefinite map", "bfff"],
      ["text that is no UTF-8", "a1616161ff"],
      ["not a number", "a16161f97e00"],
      ["infinity", "a16161f97c00"],
      ["an array longer than the answer", "a161619affffffff"],
      ["containers too deep", "a16161818181818181818100"],
      ["a reserved length", "a161611c"],
      ["a key twice", "a2616101616102"],
    ].map(([name, hex]) => cbor(`CBOR, malformed: ${name}`, bytes(hex!), refused("malformed"))),
  ];
}

export function answerVectors(reference: Reference): AnswerVector[] {
  return [
    ...goodAnswers(reference),
    ...otherGoodAnswers(),
    ...maliciousAnswers(),
    ...malformedAnswers(),
    ...cborAnswers(),
  ];
}
