import assert from "node:assert/strict";
import type { Server } from "node:http";
import { signAnswer } from "../../../tools/server/auth.js";
import { parseJSON } from "../../../tools/server/json.js";
import { readRequest } from "../../../tools/server/request.js";
import { createMetricsServer } from "../../../tools/server/server.js";
import { call, contentsOf, KEY, KEY_BYTES, NOW, post, SERIAL, send, withFolder } from "./client.js";

const API = `/api/devices/${SERIAL}`;

function serverOf(data?: string): Server {
  const devices = [{ serialNumber: SERIAL, key: KEY }];
  return createMetricsServer({ devices, now: () => NOW + 0.7, ...(data !== undefined && { data }) });
}

/** The answer to a request with these members and this data, checked to be signed over `parts` when it says anything. */
async function answerTo(server: Server, members: string, data: string, parts: readonly string[]): Promise<object> {
  const request = `"sn":"${SERIAL}",${members},"d":${data}`;
  const { auth, text } = splitAuth((await send(server, request)).text);
  if (parts.length > 0) assert.equal(auth, signAnswer(readRequest(parseJSON(`{${request}}`)), parts, KEY_BYTES));
  else assert.equal(auth, undefined);
  return JSON.parse(text);
}

function splitAuth(text: string): { auth: string | undefined; text: string } {
  const auth = /,"a":"(\w+)"}$/.exec(text)?.[1];
  return { auth, text: text.replace(/,"a":"\w+"}$/, "}") };
}

describe("tokens", () => {
  it("are sent until the device reports their count", async () => {
    const server = serverOf();
    const made = await post(server, `${API}/tokens`, '{"type":"ADD_TIME","value":7}');
    assert.deepEqual(
      [made.status, JSON.parse(made.text)],
      [201, { token: "082162833", count: 2, type: "ADD_TIME", value: 7 }],
    );
    await post(server, `${API}/tokens`, '{"type":"DISABLE_PAYG"}');
    const both = await answerTo(server, '"rc":1,"ts":5', '{"token_count":1}', ["[82162833,717548824]"]);
    assert.deepEqual(both, { tkl: [82162833, 717548824] });
    assert.deepEqual(await answerTo(server, '"rc":2', '{"token_count":2}', ["[717548824]"]), { tkl: [717548824] });
    assert.deepEqual(await answerTo(server, '"rc":3', '{"token_count":3}', []), {});
  });

  it("are not sent to a device that does not say its count", async () => {
    const server = serverOf();
    await post(server, `${API}/tokens`, '{"type":"ADD_TIME","value":7}');
    assert.deepEqual(await answerTo(server, '"rc":1', '{"firmware_version":"1"}', []), {});
  });

  it("are made beyond the count that the device reported, also after a restart", () =>
    withFolder(async (data) => {
      await answerTo(serverOf(data), '"rc":1', '{"token_count":41}', []);
      const made = await post(serverOf(data), `${API}/tokens`, '{"type":"SET_TIME","value":3}');
      assert.equal(JSON.parse(made.text).count, 43);
      const { tokens } = JSON.parse((await call(serverOf(data), { path: API })).text);
      assert.deepEqual(tokens, [JSON.parse(made.text)]);
    }));
});

describe("time", () => {
  it("is sent in the one form that was asked for, and not inverted", async () => {
    const server = serverOf();
    assert.deepEqual(await answerTo(server, '"rc":1', '{"active_until_timestamp_requested":true}', []), {});
    await post(server, `${API}/active-until`, `{"timestamp":${NOW + 86400}}`);
    const until = String(NOW + 86400);
    const both = '{"active_until_timestamp_requested":1,"active_seconds_left_requested":1}';
    assert.deepEqual(await answerTo(server, '"rc":2', both, [until]), { auts: NOW + 86400 });
    assert.deepEqual(await answerTo(server, '"rc":3', '{"active_seconds_left_requested":1}', ["86400"]), {
      asl: 86400,
    });
    assert.deepEqual(await answerTo(server, '"rc":4', '{"active_seconds_left_requested":0}', []), {});
  });

  it("left is 0 once it ran out, and then the signature leaves it out as the reference does", async () => {
    const server = serverOf();
    await post(server, `${API}/active-until`, `{"timestamp":${NOW - 86400}}`);
    assert.deepEqual(await answerTo(server, '"rc":1', '{"active_seconds_left_requested":true}', [""]), { asl: 0 });
    await post(server, `${API}/active-until`, '{"timestamp":null}');
    assert.deepEqual(await answerTo(server, '"rc":2', '{"active_seconds_left_requested":true}', []), {});
  });
});

describe("settings and extra data", () => {
  it("are sent with every answer until they are replaced", async () => {
    const server = serverOf();
    await post(server, `${API}/settings`, '{"base_url":"http://new.example/\u00e9"}');
    await post(server, `${API}/extra-data`, '{"sun":[1.5,"x"]}');
    const texts = ['{"base_url":"http://new.example/\\u00e9"}', '{"sun":[1.5,"x"]}'];
    const expected = { st: { base_url: "http://new.example/\u00e9" }, ed: { sun: [1.5, "x"] } };
    assert.deepEqual(await answerTo(server, '"rc":1', "{}", texts), expected);
    assert.deepEqual(await answerTo(server, '"rc":2,"ts":9', "{}", texts), expected);
    await post(server, `${API}/settings`, "{}");
    await post(server, `${API}/extra-data`, "{}");
    assert.deepEqual(await answerTo(server, '"rc":3', "{}", []), {});
  });
});

describe("the operator's API", () => {
  it("lists devices that never reported", async () => {
    const [device] = JSON.parse((await call(serverOf(), { path: "/api/devices" })).text);
    assert.deepEqual([device.serialNumber, device.lastContact, device.rows], [SERIAL, null, 0]);
  });

  it("refuses with a reason and changes nothing", () =>
    withFolder(async (data) => {
      const server = serverOf(data);
      await post(server, `${API}/settings`, '{"a":1}');
      const before = contentsOf(data);
      const cases: [path: string, body: string, status: number, message: RegExp][] = [
        ["/api/devices/zzz/tokens", "{}", 404, /expected a device of this server, found zzz/],
        ["/api/devices/..%2Fx/tokens", "{}", 404, /found \.\.\/x/],
        [`${API}/token`, "{}", 404, /expected tokens, active-until, settings, extra-data .* found token/],
        [`${API}/tokens`, "[]", 400, /the body: expected an object/],
        [`${API}/tokens`, '{"type":"ADD"}', 400, /type: expected one of ADD_TIME, .* found "ADD"/],
        [`${API}/tokens`, '{"type":"ADD_TIME"}', 400, /whole value from 0 to 995, not undefined/],
        [`${API}/tokens`, '{"type":"ADD_TIME","value":996}', 400, /from 0 to 995, not 996/],
        [`${API}/tokens`, '{"type":"COUNTER_SYNC","value":1}', 400, /COUNTER_SYNC takes no value/],
        [`${API}/active-until`, "{}", 400, /timestamp: expected seconds since 1970 or null, found none/],
        [`${API}/active-until`, '{"timestamp":-1}', 400, /found -1/],
        [`${API}/%E0%A4%A`, "{}", 400, /URI malformed/],
      ];
      for (const [path, body, status, message] of cases) {
        const answer = await post(server, path, body);
        assert.equal(answer.status, status, answer.text);
        assert.match(JSON.parse(answer.text).error, message);
      }
      assert.deepEqual(contentsOf(data), before);
    }));

  it("answers its own machine only, the page everyone", async () => {
    const from = async (remoteAddress: string, path: string) =>
      (await call(serverOf(), { path, remoteAddress })).status;
    for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) assert.equal(await from(address, API), 200);
    assert.equal(await from("192.168.1.9", API), 403);
    assert.equal(await from("192.168.1.9", "/"), 200);
  });

  it("does not take what a page of another site can send", async () => {
    const headers = { "content-type": "text/plain" };
    const answer = await call(serverOf(), {
      method: "POST",
      path: `${API}/tokens`,
      body: '{"type":"DISABLE_PAYG"}',
      headers,
    });
    assert.equal(answer.status, 415);
  });
});
