import assert from "node:assert/strict";
import { type Answer, type AnswerOptions, readAnswer, readFormatId } from "../../firmware/openpaygo/response.js";
import { body, type Content, KEY, SERIAL, sign, signed } from "./answer-helper.js";

const SENT = { timestamp: 1750000000, requestCount: 57 };
const COUNTERS = "175000000057";
const UNTIL = { kind: "active_until_timestamp", maximum: 1796083200 } as const;
const LEFT = { kind: "active_seconds_left", maximum: 31536000 } as const;

function read(text: string | Uint8Array, changes: Partial<AnswerOptions> = {}): Answer {
  const options: AnswerOptions = { encoding: "json", serialNumber: SERIAL, key: KEY, sent: SENT, ...changes };
  return readAnswer(typeof text === "string" ? Buffer.from(text) : text, options);
}

function accepts(text: string, expected: object, changes: Partial<AnswerOptions> = {}): void {
  assert.deepEqual(read(text, changes), { accepted: true, tokens: [], settings: [], verified: true, ...expected });
}

function refuses(text: string | Uint8Array, reason: string, changes: Partial<AnswerOptions> = {}): void {
  const answer = read(text, changes);
  assert.ok(!answer.accepted, JSON.stringify(answer));
  assert.equal(answer.reason, reason);
  assert.notEqual(answer.detail, "");
  assert.deepEqual(Object.keys(answer), ["accepted", "reason", "detail", "verified"]);
}

describe("answer", () => {
  it("may be empty, as an object or as no body at all", () => {
    accepts("{}", { verified: false });
    accepts(" {\n} ", { verified: false });
    accepts("", { verified: false });
  });

  it("gives tokens without a signature, with the leading zeros that integers lost", () => {
    const tokens = ["012345678", "123456789", "000000001", "001234567890", "111122223333444", "11112222333344441111"];
    const list = '["012345678",123456789,1,1234567890,"111122223333444",11112222333344441111]';
    accepts(`{"tkl":${list.replace("1234567890,", '"001234567890",')}}`, { tokens, verified: false });
    accepts(`{"token_list":[1234567890,12345678]}`, { tokens: ["001234567890", "012345678"], verified: false });
  });

  it("gives the 128 oldest of more tokens, which are verified with the others", () => {
    const list = Array.from({ length: 300 }, (_, index) => String(100_000_000 + index));
    accepts(signed(COUNTERS, { tkl: JSON.stringify(list) }), { tokens: list.slice(0, 128) });
    refuses(`{"tkl":${JSON.stringify([...list, "12a"])}}`, "malformed");
  });

  it("has at most 64 members and 64 settings, as each takes memory, and any number of extra data", () => {
    const object = (length: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length }, (_, index) => [`n${index}`, index])));
    accepts(object(64), { verified: false });
    refuses(object(65), "malformed");
    const settings = Array.from({ length: 64 }, (_, value) => ({ name: `n${value}`, value }));
    accepts(signed(COUNTERS, { st: object(64), ed: object(200) }), { settings });
    refuses(signed(COUNTERS, { st: object(65) }), "malformed");
  });

  it("gives the time that was asked for, when it is signed", () => {
    accepts(signed(COUNTERS, { auts: "1760000000" }), { activeUntil: 1760000000 }, { time: UNTIL });
    accepts(signed(COUNTERS, { asl: "3600" }), { activeSecondsLeft: 3600 }, { time: LEFT });
  });

  it("is verified over the characters as they came: floats, escapes, raw text, order", () => {
    accepts(signed(COUNTERS, { auts: "1760000000.0" }), { activeUntil: 1760000000 }, { time: UNTIL });
    accepts(signed(COUNTERS, { asl: "86399.999874" }), { activeSecondsLeft: 86399 }, { time: LEFT });
    const settings = [
      { name: "b", value: "\u00e9\u00e9" },
      { name: "a", value: 12.3 },
    ];
    accepts(signed(COUNTERS, { st: '{"b":"\\u00e9\u00e9","a":12.30}', ed: '{"z":1,"y":[]}' }), { settings });
  });

  it("is verified whatever space stands between its characters", () => {
    const a = sign(COUNTERS, { tkl: '["012345678",5]', st: '{"name":"a b \\" c"}' });
    const text = `{ "st" : { "name" :\t"a b \\" c" } ,\r\n "tkl": [ "012345678" , 5 ], "a" : "${a}" }`;
    accepts(text, { tokens: ["012345678", "000000005"], settings: [{ name: "name", value: 'a b " c' }] });
  });

  it("may use long names, and may pad the signature", () => {
    const a = sign(COUNTERS, { auts: "1760000000" });
    const text = body({
      serial_number: `"${SERIAL}"`,
      active_until_timestamp: "1760000000",
      auth: `"da${a.slice(2).padStart(16, "0").toUpperCase()}"`,
    });
    accepts(text, { activeUntil: 1760000000 }, { time: UNTIL });
  });

  it("is checked with the counters that were sent, and no others", () => {
    accepts(
      signed("57", { asl: "31500000" }),
      { activeSecondsLeft: 31500000 },
      { time: LEFT, sent: { requestCount: 57 } },
    );
    accepts(
      signed("1750000000", { asl: "60" }),
      { activeSecondsLeft: 60 },
      { time: LEFT, sent: { timestamp: 1750000000 } },
    );
    refuses(signed("57", { asl: "60" }), "wrong signature", { time: LEFT });
  });

  it("gives settings as they are, without what is no plain value", () => {
    const st = '{"base_url":"x","on":true,"off":false,"n":-1.5e3,"none":null,"list":[1],"object":{"a":1}}';
    accepts(signed(COUNTERS, { st }), {
      settings: [
        { name: "base_url", value: "x" },
        { name: "on", value: true },
        { name: "off", value: false },
        { name: "n", value: -1500 },
        { name: "none", value: undefined },
        { name: "list", value: undefined },
        { name: "object", value: undefined },
      ],
    });
  });

  it("has no signature over what is empty", () => {
    accepts(`{"tkl":[],"st":{},"ed":{},"auts":null,"a":"${sign(COUNTERS, {})}"}`, {});
    for (const ed of ["0", '""', "false", "null", "[]", "0.0"]) accepts(`{"ed":${ed},"a":"${sign(COUNTERS, {})}"}`, {});
  });

  it("never gives extra data, and ignores members that are not known", () => {
    accepts(signed(COUNTERS, { ed: '{"base_url":"x"}' }), {});
    accepts(`{"hello":[{"a":null}],"__proto__":1,"toString":2}`, { verified: false });
  });
});

describe("answer that must not be trusted", () => {
  it("is refused when active_until_timestamp came as active_seconds_left (57 years of credit)", () => {
    const a = `"${sign(COUNTERS, { auts: "1796083200" })}"`;
    refuses(body({ asl: "1796083200", a }), "time not requested", { time: UNTIL });
    refuses(body({ asl: "1796083200", a }), "beyond maximum", { time: LEFT });
    refuses(body({ auts: "3600", a: `"${sign(COUNTERS, { asl: "3600" })}"` }), "time not requested", { time: LEFT });
  });

  it("is refused with time that nobody asked for", () => {
    refuses(signed(COUNTERS, { auts: "1760000000" }), "time not requested");
    refuses(signed(COUNTERS, { asl: "60" }), "time not requested");
  });

  it("is refused with both kinds of time, also when a digit moved from one to the other", () => {
    for (const time of [UNTIL, LEFT]) {
      refuses(signed(COUNTERS, { auts: "1760000000", asl: "3600" }), "two times", { time });
      const a = `"${sign(COUNTERS, { auts: "1760000000", asl: "3600" })}"`;
      refuses(body({ auts: "176000000", asl: "03600".slice(1), a }), "two times", { time });
      refuses(body({ auts: "17600000003", asl: "600", a }), "two times", { time });
    }
  });

  it("changes no credit when auts 0 was added to a signed answer", () => {
    const tokens = ["012345678"];
    const a = `"${sign(COUNTERS, { tkl: '["012345678"]' })}"`;
    accepts(body({ auts: "0", tkl: '["012345678"]', a }), { tokens }, { time: UNTIL });
    for (const zero of ["0", "0.0", "-0", "0e9", "0.000"]) {
      accepts(body({ auts: zero, a: `"${sign(COUNTERS, {})}"` }), {}, { time: UNTIL });
      accepts(body({ auts: zero }), { verified: false }, { time: UNTIL });
    }
    refuses(body({ auts: "0", tkl: '["012345678"]', a }), "time not requested", { time: LEFT });
    const left = `"${sign(COUNTERS, { asl: "3600" })}"`;
    refuses(body({ auts: "0", asl: "3600", a: left }), "two times", { time: LEFT });
  });

  it("is refused when a digit moved between the request count and the time", () => {
    const sent = { requestCount: 59 };
    // The answer to request 5 was 9500000 seconds; as an answer to request 59 it reads 500000.
    const old = sign("5", { asl: "9500000" });
    refuses(body({ asl: "500000", a: `"${old}"` }), "ambiguous time", { time: LEFT, sent });
    const until = sign("5", { auts: "9176000000" });
    refuses(body({ auts: "176000000", a: `"${until}"` }), "ambiguous time", {
      time: { ...UNTIL, maximum: 9200000000 },
      sent,
    });
    accepts(signed("59", { auts: "1760000000" }), { activeUntil: 1760000000 }, { time: UNTIL, sent });
  });

  it("is not ambiguous where no earlier request can have had that answer", () => {
    const time = LEFT;
    accepts(
      signed("59", { asl: "500000" }),
      { activeSecondsLeft: 500000 },
      { time, sent: { requestCount: 59 }, firstRequestCount: 6 },
    );
    accepts(signed("50", { asl: "500000" }), { activeSecondsLeft: 500000 }, { time, sent: { requestCount: 50 } });
    accepts(
      signed("1000000059", { asl: "5" }),
      { activeSecondsLeft: 5 },
      { time, sent: { requestCount: 1000000059 }, firstRequestCount: 1000000000 },
    );
    accepts(signed(COUNTERS, { asl: "500000" }), { activeSecondsLeft: 500000 }, { time });
  });

  it("is refused when it is the answer to an earlier request", () => {
    refuses(signed("174999900056", { asl: "3600" }), "wrong signature", { time: LEFT });
    refuses(signed("174999900056", { st: '{"power_mode":"high"}' }), "wrong signature");
  });

  it("is refused when it is a server's error, with the server's words", () => {
    refuses('{"error":"request_count: expected a number above 924"}', "server error");
    refuses('{"error":{"code":7}}', "server error");
    const answer = read('{"error":"Device not found"}');
    assert.ok(!answer.accepted);
    assert.equal(answer.detail, "Device not found");
    accepts('{"error":null}', { verified: false });
  });

  it("is refused when it names another serial number, or is signed for one", () => {
    refuses(body({ sn: '"B1"', tkl: "[123456789]" }), "other serial number");
    refuses(body({ serial_number: "7", tkl: "[123456789]" }), "other serial number");
    refuses(body({ asl: "60", a: `"${sign(COUNTERS, { asl: "60" }, "B1")}"` }), "wrong signature", { time: LEFT });
  });

  it("is refused without a signature over time or settings", () => {
    refuses(body({ auts: "1760000000" }), "unsigned", { time: UNTIL });
    refuses(body({ asl: "60", tkl: "[123456789]" }), "unsigned", { time: LEFT });
    refuses(body({ st: '{"base_url":"http://evil.example"}' }), "unsigned");
    refuses(body({ st: '{"base_url":"http://evil.example"}', a: "null" }), "unsigned");
  });

  it("is refused with a signature that is not its own, tokens and all", () => {
    const a = sign(COUNTERS, { tkl: "[123456789]" });
    refuses(body({ tkl: "[123456780]", a: `"${a}"` }), "wrong signature");
    for (const text of [
      '"da"',
      '""',
      "5",
      "true",
      '"sa123"',
      `"${a}0"`,
      `"${a.slice(0, -1)}"`,
      `"d${a}"`,
      '"dazz"',
      "[]",
    ]) {
      refuses(body({ tkl: "[123456789]", a: text }), "wrong signature");
    }
  });

  it("is refused when it takes settings from signed extra data beside other settings", () => {
    const content: Content = { st: '{"power_mode":"low"}', ed: '{"base_url":"x"}' };
    const a = `"${sign(COUNTERS, content)}"`;
    refuses(body({ st: content.ed!, ed: content.st!, a }), "wrong signature");
    refuses(body({ st: content.ed!, a }), "wrong signature");
  });

  it("is refused when a value is beyond the most credit that is believed", () => {
    accepts(signed(COUNTERS, { asl: "31536000" }), { activeSecondsLeft: 31536000 }, { time: LEFT });
    refuses(signed(COUNTERS, { asl: "31536001" }), "beyond maximum", { time: LEFT });
    refuses(signed(COUNTERS, { auts: "1796083201" }), "beyond maximum", { time: UNTIL });
    refuses(signed(COUNTERS, { auts: "1e300" }), "beyond maximum", { time: UNTIL });
    refuses(signed(COUNTERS, { auts: "1e999" }), "beyond maximum", { time: UNTIL });
  });

  it("is refused when it names something twice, also under the short and the long name", () => {
    const a = `"a":"${sign(COUNTERS, { asl: "60" })}"`;
    refuses(`{"asl":60,"asl":60,${a}}`, "malformed", { time: LEFT });
    refuses(`{"asl":60,"active_seconds_left":600,${a}}`, "malformed", { time: LEFT });
    refuses(`{"asl":60,"\\u0061sl":60,${a}}`, "malformed", { time: LEFT });
    refuses(signed(COUNTERS, { st: '{"base_url":"a","base_url":"b"}' }), "malformed");
  });

  it("is refused when a member is of the wrong kind", () => {
    for (const tkl of [
      "5",
      '"123"',
      "{}",
      "[[]]",
      "[1.5]",
      "[-1]",
      '["12a"]',
      "[null]",
      '[""]',
      "[111122223333444411112]",
      "[true]",
    ]) {
      refuses(body({ tkl }), "malformed");
    }
    for (const asl of ['"60"', "true", "[60]", "{}", "-1"])
      refuses(signed(COUNTERS, { asl }), "malformed", { time: LEFT });
    for (const st of ['"x"', "[]", "5", "true"]) refuses(signed(COUNTERS, { st }), "malformed");
  });

  it("is refused when it is too large or nested too deeply", () => {
    refuses(`{"ed":"${"x".repeat(4096)}"}`, "too large");
    accepts(`{"ed":"${"x".repeat(4087)}"}`, { verified: false });
    refuses(`{"ed":${"[".repeat(8)}${"]".repeat(8)}}`, "malformed");
    accepts(`{"ed":${"[".repeat(7)}${"]".repeat(7)}}`, { verified: false });
    refuses(`{"ed":${'{"a":'.repeat(500)}1${"}".repeat(500)}}`, "malformed");
    refuses("[".repeat(4000), "malformed");
  });

  it("is refused when it is cut at any byte, and changes nothing", () => {
    const text = Buffer.from(
      `{"sn":"${SERIAL}",${signed(COUNTERS, { asl: "3600", tkl: '["012345678"]', st: '{"a":"\u00e9\\u00e9","b":[1,{"c":null}]}' }).slice(1)}`,
    );
    assert.ok(read(text, { time: LEFT }).accepted);
    for (let length = 1; length < text.length; length++) refuses(text.subarray(0, length), "malformed", { time: LEFT });
  });

  const malformed = [
    "5",
    "null",
    "[]",
    '"x"',
    "{",
    "}",
    "{]",
    "{,}",
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{"a":1 "b":2}',
    "{a:1}",
    "{'a':1}",
    '{"a":1}}',
    '{"a":1}x',
    "{} {}",
    "\ufeff{}",
    '{"a":01}',
    '{"a":+1}',
    '{"a":.5}',
    '{"a":1.}',
    '{"a":1e}',
    '{"a":NaN}',
    '{"a":Infinity}',
    '{"a":0x1}',
    '{"a":True}',
    '{"a":nul}',
    '{"a":--1}',
    '{"a":1,"b"}',
    '{"a":"\t"}',
    '{"a":"\\x"}',
    '{"a":"\\u12"}',
    '{"a":"\\u12g4"}',
    '{"a":"',
    '{"a":"\\',
    '{"a":"\\"}',
    '{"a":[1,]}',
    '{"a":[,1]}',
    '{"a":[1}',
    '{"a":{"b":1]}',
    '{"a":[1 2]}',
    '{"a":{"b"}}',
    '{"a":{1:2}}',
    '{"a":/**/1}',
  ];
  for (const text of malformed)
    it(`is refused as malformed: ${JSON.stringify(text)}`, () => refuses(text, "malformed"));

  it("is refused with bytes that are no UTF-8", () => {
    refuses(Uint8Array.of(0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d), "malformed");
    refuses(Uint8Array.of(0x7b, 0x22, 0xc0, 0x80, 0x22, 0x3a, 0x31, 0x7d), "malformed");
  });
});

describe("answer to a data format", () => {
  it("gives the id", () => {
    assert.equal(readFormatId(Buffer.from('{"id": 12}')), 12);
    assert.equal(readFormatId(Buffer.from("a16269640c", "hex"), "cbor"), 12);
  });

  it("gives none when there is none", () => {
    for (const text of [
      "",
      "{}",
      "12",
      '{"id":0}',
      '{"id":-1}',
      '{"id":1.5}',
      '{"id":"12"}',
      '{"id":null}',
      '{"id":[1]}',
      '{"id":1',
      '{"id":1,"id":2}',
    ]) {
      assert.equal(readFormatId(Buffer.from(text)), undefined);
    }
    assert.equal(readFormatId(Buffer.from(`{"id":1,"x":"${"x".repeat(5000)}"}`)), undefined);
  });
});
