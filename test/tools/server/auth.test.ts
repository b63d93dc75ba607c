import assert from "node:assert/strict";
import { checkReplay, signAnswer, signRequest, verifyRequest } from "../../../tools/server/auth.js";
import { parseJSON } from "../../../tools/server/json.js";
import { readRequest } from "../../../tools/server/request.js";
import { requirePython, runPython } from "../../interop/python.js";
import { KEY, KEY_BYTES, SERIAL } from "./client.js";

/** The example in the README of the reference library. */
const README =
  '{"sn":"aaa111222","df":1234,"ts":1611583070,"d":[3,false,"1.2.3"],' +
  '"hd":[[12.31,12.32,1.23,-1.23],[12.3,12.31,1.22,-1.21]],"a":"raa5cb1fda302cf94e"}';

const METHODS = ["sa", "ta", "ca", "da", "ra"];

/** Requests whose texts differ between languages, or where something is left out. */
const REQUESTS = [
  '{"sn":"A1","ts":1611583070,"rc":12,"d":{"token_count":13,"tampered":false,"firmware_version":"1.14.2"}}',
  '{"sn":"A1","ts":5,"rc":1,"d":[],"hd":[[12.30,0.00001,1e-7,1e16]]}',
  '{"serial_number":"A1","timestamp":5,"request_count":1,"data":{},"historical_data":{}}',
  '{"sn":"A1","ts":5,"rc":1,"hd":[{"7":1611583055,"6":1},[12.0,null,"caf\u00e9 \\u00e9 \\/"],[]]}',
  '{ "sn": "A1", "ts": 5, "rc": 1, "d": { "x": [ 1, 2.50 ] }, "hd": [ [ 1 ], [ -0.0, -0 ] ] }',
  `{"sn":"A1","ts":5,"rc":1,"hd":[${Array.from({ length: 60 }, (_, i) => `[${i * 17}]`).join(",")}]}`,
];

const SIGN = `
import json, sys
from openpaygo.metrics_shared import OpenPAYGOMetricsShared as shared
for line in sys.stdin:
    data = shared.convert_dict_keys_to_simple(json.loads(line))
    print(",".join(shared.generate_request_signature_from_data(data, method, "${KEY}") for method in ["sa", "ta", "ca", "da", "ra"]))
`;

const SIGN_ANSWER = `
import json, sys
from openpaygo.metrics_shared import OpenPAYGOMetricsShared as shared
for line in sys.stdin:
    case = json.loads(line)
    print(shared.generate_response_signature_from_data(case["data"], "${KEY}", "${SERIAL}", case["ts"], case["rc"]))
`;

describe("request signatures", () => {
  it("takes the example of the reference library's README", () => {
    assert.deepEqual(verify(README), { timestamp: 1611583070, requestCount: undefined });
  });

  it("refuses that example with anything signed changed", () => {
    const changes: [from: string, to: string][] = [
      ["aaa111222", "aaa111223"],
      ["1611583070", "1611583071"],
      ["[3,", "[3.0,"],
      ["12.3,", "12.31,"],
      ["],[", "],[],["],
      ["raa5", "raA5"],
      ["raa5", "ra0a5"],
      ["raa5", "daa5"],
    ];
    for (const [from, to] of changes) assert.throws(() => verify(README.replace(from, to)), { status: 403 }, to);
  });

  it("signs as the reference library does, by every method", function () {
    const python = requirePython(this);
    const lines = runPython(python, SIGN, REQUESTS.map((each) => `${each}\n`).join(""))
      .trimEnd()
      .split("\n");
    const expected = lines.map((line) => line.split(","));
    const signatures = REQUESTS.map((each) => METHODS.map((method) => signRequest(read(each), method, KEY_BYTES)));
    assert.deepEqual(signatures, expected);
  });

  it("says what is missing or wrong", () => {
    const cases: [members: string, message: RegExp][] = [
      ["", /expected sa, ta, ca, da or ra and a hash, found none/],
      [',"a":"xx123"', /found "xx123"/],
      [',"a":"toString"', /found "toString"/],
      [',"a":"ta12"', /ta signs timestamp, which is missing/],
      [',"a":"ca12"', /ca signs request_count, which is missing/],
      [',"a":"ra12"', /"ra12" is not the ra signature of this request under the key of A1/],
    ];
    for (const [members, message] of cases)
      assert.throws(() => verify(`{"sn":"A1","d":[]${members}}`), { status: 403, message });
  });

  it("wants a counter against replay", () => {
    const request = '{"sn":"A1","d":[1]}';
    const auth = signRequest(read(request), "ra", KEY_BYTES);
    assert.throws(() => verify(`{"sn":"A1","d":[1],"a":"${auth}"}`), {
      status: 403,
      message: /request_count or timestamp/,
    });
  });

  it("trusts only the counters that the signature covers", () => {
    const covered = METHODS.map((method) => {
      const auth = signRequest(read('{"sn":"A1","ts":5,"rc":1,"d":[]}'), method, KEY_BYTES);
      return verify(`{"sn":"A1","ts":5,"rc":1,"d":[],"a":"${auth}"}`);
    });
    const both = { timestamp: 5, requestCount: 1 };
    assert.deepEqual(covered, [
      both,
      { ...both, requestCount: undefined },
      { ...both, timestamp: undefined },
      both,
      both,
    ]);
  });
});

describe("replay protection", () => {
  it("wants every signed counter above the last one", () => {
    const last = { timestamp: 100, requestCount: 7 };
    checkReplay({ timestamp: 101, requestCount: 8 }, last);
    checkReplay({ timestamp: undefined, requestCount: 8 }, last);
    for (const counters of [
      { timestamp: 101, requestCount: 7 },
      { timestamp: 100, requestCount: 8 },
      { timestamp: undefined, requestCount: 1 },
    ]) {
      assert.throws(() => checkReplay(counters, last), { status: 409, message: /expected a number above (7|100)/ });
    }
  });
});

describe("answer signatures", () => {
  it("are those of the reference library", function () {
    const python = requirePython(this);
    const cases = [
      { ts: null, rc: 5, data: { token_list: [111222333, 333444555] } },
      { ts: 1611583070, rc: 6, data: { active_until_timestamp: 1616081621 } },
      { ts: 1611583070, rc: null, data: { active_seconds_left: 3600, settings: { base_url: "new.example/\u00e9" } } },
      { ts: null, rc: 7, data: { token_list: [1], settings: { a: 1 }, extra_data: { sun: "990", list: [1.5] } } },
    ];
    const expected = runPython(python, SIGN_ANSWER, cases.map((each) => `${JSON.stringify(each)}\n`).join(""));
    const signatures = cases.map(({ ts, rc, data }) => {
      const counters = `${ts === null ? "" : `,"ts":${ts}`}${rc === null ? "" : `,"rc":${rc}`}`;
      const parts = Object.values(data).map((part) => parseJSON(JSON.stringify(part)).text);
      return signAnswer(read(`{"sn":"${SERIAL}","d":[]${counters}}`), parts, KEY_BYTES);
    });
    assert.deepEqual(signatures, expected.trimEnd().split("\n"));
  });
});

function read(text: string) {
  return readRequest(parseJSON(text));
}

function verify(text: string) {
  return verifyRequest(read(text), KEY_BYTES);
}
