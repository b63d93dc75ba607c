import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { type AddressInfo, createConnection } from "node:net";
import { join } from "node:path";
import { createMetricsServer, type MetricsServerOptions } from "../../../tools/server/server.js";
import { call, contentsOf, KEY, NOW, post, SERIAL, send, signed, withFolder } from "./client.js";

const FORMAT = JSON.stringify({
  data_order: ["token_count", "active_until_timestamp_requested", "active_seconds_left_requested"],
  historical_data_interval: 120,
  historical_data_order: ["battery_voltage", "panel_current", "timestamp", "note"],
  variables: {
    battery_voltage: { type: "float", unit: "V", scale_factor: 0.001 },
    panel_current: { type: "float", unit: "A", scale_factor: 0.001 },
  },
});

function serverOf(options: Partial<MetricsServerOptions> = {}): Server {
  const devices = [{ serialNumber: SERIAL, key: KEY }];
  return createMetricsServer({ devices, formats: [FORMAT], now: () => NOW, ...options });
}

function head(requestCount: number): string {
  return `"sn":"${SERIAL}","rc":${requestCount},"df":1`;
}

describe("POST /device_data", () => {
  it("stores the rows as CSV with long names, absolute times and scaled values", () =>
    withFolder(async (data) => {
      const server = serverOf({ data });
      const rows = `[[13124,1500,${NOW}],[13000,0],{"2":${NOW + 600},"3":"a, \\"b\\""}]`;
      const answer = await send(server, `${head(1)},"d":[3],"hd":${rows}`);
      assert.deepEqual([answer.status, answer.text], [201, "{}"]);
      const lines = [
        "timestamp,battery_voltage,panel_current,note",
        `${NOW},13.124,1.5,`,
        `${NOW + 120},13,0,`,
        `${NOW + 600},,,"a, ""b"""`,
      ];
      assert.equal(contentsOf(data)[`${SERIAL}.csv`], `${lines.join("\n")}\n`);
    }));

  it("has a welcome token for a device that it meets for the first time, and only then", () =>
    withFolder(async (data) => {
      const devices = [{ serialNumber: SERIAL, key: KEY, welcomeDays: 30 }];
      assert.match((await send(serverOf({ data, devices }), `${head(1)},"d":[1]`)).text, /^\{"tkl":\[\d{1,9}\]/);
      assert.equal((await send(serverOf({ data, devices }), `${head(2)},"d":[2]`)).text, "{}");
    }));

  it("answers in one piece, without a date", async () => {
    const answer = await send(serverOf(), `${head(1)},"d":[3]`);
    assert.equal(answer.headers["content-length"], "2");
    assert.equal(answer.headers["content-type"], "application/json");
    assert.equal(answer.headers.date, undefined);
  });

  it("takes the simple form and both paths", async () => {
    const server = serverOf();
    const body = `"serial_number":"${SERIAL}","request_count":1,"data":{"token_count":3},"historical_data":[{"timestamp":5,"x":1}]`;
    assert.equal((await post(server, "/device_data", signed(body, "da"))).status, 201);
    const read = await call(server, { path: `/dd?serial_number=${SERIAL}` });
    assert.deepEqual(JSON.parse(read.text).historical_data, [{ timestamp: 5, x: 1 }]);
  });

  it("stores rows once when a device that lost the answer sends them under a new count", () =>
    withFolder(async (data) => {
      const server = serverOf({ data });
      await send(server, `${head(1)},"d":[3],"hd":[[13124,1500,${NOW}]]`);
      const before = contentsOf(data)[`${SERIAL}.csv`];
      assert.equal((await send(server, `${head(2)},"d":[3],"hd":[[13124,1500,${NOW}]]`)).status, 201);
      assert.equal(contentsOf(data)[`${SERIAL}.csv`], before);
      const [device] = JSON.parse((await call(server, { path: "/api/devices" })).text);
      assert.deepEqual([device.requests, device.rows, device.repeatedRows], [2, 1, 1]);
    }));

  it("goes on where it was after a restart", () =>
    withFolder(async (data) => {
      const request = `${head(7)},"d":[3],"hd":[[13124,1500,${NOW}]]`;
      await send(serverOf({ data }), request);
      const server = serverOf({ data });
      assert.equal((await send(server, request)).status, 409);
      assert.equal((await send(server, request.replace('"rc":7', '"rc":8'))).status, 201);
      assert.equal(contentsOf(data)[`${SERIAL}.csv`]!.split("\n").length, 3);
    }));

  it("takes unknown devices when it has a key for them", async () => {
    const server = serverOf({ devices: [], defaultKey: KEY });
    assert.equal((await send(server, `${head(1)},"d":[3]`)).status, 201);
    assert.equal(JSON.parse((await call(server, { path: "/api/devices" })).text)[0].serialNumber, SERIAL);
  });
});

describe("a refused request", () => {
  const good = signed(`${head(2)},"d":[3],"hd":[[13124,1500,${NOW}]]`);
  const cases: [name: string, body: string, status: number, message: RegExp][] = [
    ["a bad signature", good.replace("13124", "13125"), 403, /is not the ra signature/],
    ["no signature", good.replace(/,"a":.*/, "}"), 403, /auth: expected sa, ta, ca, da or ra/],
    ["broken JSON", good.slice(0, -1), 400, /expected "}" at character \d+, found the end/],
    ["another kind of JSON", "[]", 400, /the body: expected an object, found \[\]/],
    ["no serial number", '{"rc":1,"d":[]}', 400, /expected serial_number, found none/],
    ["a serial number that is no file name", '{"sn":"../x","rc":1,"d":[]}', 400, /letters, digits.*found "\.\.\/x"/],
    ["an unknown device", good.replace(SERIAL, "b"), 404, /expected a device of this server, found b/],
    ["a count that was taken", signed(`${head(1)},"d":[3]`), 409, /request_count: expected a number above 1/],
    ["a count of 0", `{"sn":"${SERIAL}","rc":0,"d":[]}`, 400, /request_count: expected a whole number from 1, found 0/],
    ["a count that is no integer", `{"sn":"${SERIAL}","rc":1.0,"d":[]}`, 400, /found 1\.0/],
    ["neither data nor rows", `{"sn":"${SERIAL}","rc":2}`, 400, /expected data or historical_data/],
    ["a member given in both forms", `{"sn":"a","serial_number":"b"}`, 400, /expected serial_number once/],
    ["an unknown member", `{"sn":"a","hdd":[]}`, 400, /members of a device request, found "hdd"/],
    ["an unknown format", signed(`"sn":"${SERIAL}","rc":2,"df":9,"d":[3]`), 400, /\(1 to 1 are\), found 9/],
    ["two formats", `{"sn":"a","df":1,"dfo":{},"d":[]}`, 400, /data_format or data_format_id, found both/],
    ["a row without a name", signed(`${head(2)},"d":[3],"hd":[[1],[1,2,3,4,5]]`), 400, /historical_data\[1\]/],
    ["a token count out of bounds", signed(`${head(2)},"d":[1e9]`), 400, /data\.token_count: .* found 1000000000\.0/],
  ];

  for (const [name, body, status, message] of cases) {
    it(`for ${name} says why and changes no file`, () =>
      unchangedBy((server) => post(server, "/dd", body), status, message));
  }

  for (const [what, body] of [
    ["is cut", Buffer.from("a162", "hex")],
    ["has a key twice", Buffer.from("a2616101616102", "hex")],
    ["holds more than one value", Buffer.from("a0a0", "hex")],
    ["holds what JSON cannot", Buffer.from("a16161f97e00", "hex")],
  ] as const) {
    it(`in CBOR that ${what} says so`, () =>
      unchangedBy(
        (server) =>
          call(server, { method: "POST", path: "/dd", body, headers: { "content-type": "application/cbor" } }),
        400,
        /CBOR/,
      ));
  }

  it("for another content type says what is taken", () =>
    unchangedBy(
      (server) => call(server, { method: "POST", path: "/dd", body: "x", headers: { "content-type": "text/plain" } }),
      415,
      /content-type: expected application\/json or application\/cbor, found text\/plain/,
    ));

  it("for bytes that are not UTF-8 says so", () =>
    unchangedBy(
      (server) =>
        call(server, {
          method: "POST",
          path: "/dd",
          body: Buffer.from([0x22, 0xff, 0x22]),
          headers: { "content-type": "json" },
        }),
      400,
      /expected a body in UTF-8/,
    ));

  it("for a wrong method names the right ones", async () => {
    const answer = await unchangedBy((server) => call(server, { method: "PUT", path: "/dd" }), 405, /found PUT/);
    assert.equal(answer.headers.allow, "GET, POST");
  });

  it("for a wrong path names the right ones", () =>
    unchangedBy((server) => post(server, "/metrics", "{}"), 404, /expected \/device_data, .* found \/metrics/));

  it("is counted for the device, in memory", async () => {
    const server = serverOf();
    await post(server, "/dd", good.replace("13124", "13125"));
    const { refused } = JSON.parse((await call(server, { path: `/api/devices/${SERIAL}` })).text);
    assert.equal(refused.count, 1);
    assert.match(refused.last, /is not the ra signature/);
  });

  async function unchangedBy(act: (server: Server) => ReturnType<typeof call>, status: number, message: RegExp) {
    let answer: Awaited<ReturnType<typeof call>> | undefined;
    await withFolder(async (data) => {
      const server = serverOf({ data });
      await send(server, `${head(1)},"d":[3],"hd":[[13000,0,${NOW - 120}]]`);
      const before = contentsOf(data);
      answer = await act(server);
      assert.equal(answer.status, status, answer.text);
      assert.match(JSON.parse(answer.text).error, message);
      assert.deepEqual(contentsOf(data), before);
    });
    return answer!;
  }
});

describe("the size limit", () => {
  it("refuses by the announced length, before the body", () =>
    withFolder(async (data) => {
      const server = serverOf({ data, maximumBytes: 1000 });
      const before = contentsOf(data);
      const text = await raw(
        server,
        "POST /dd HTTP/1.1\r\nhost: x\r\ncontent-type: json\r\ncontent-length: 1001\r\n\r\n",
      );
      assert.match(
        text,
        /^HTTP\/1\.1 413 .*connection: close.*"expected a body of at most 1000 bytes, found at least 1001"/is,
      );
      assert.deepEqual(contentsOf(data), before);
    }));

  it("refuses a chunked body as soon as it is over", () =>
    withFolder(async (data) => {
      const server = serverOf({ data, maximumBytes: 1000 });
      const chunk = `258\r\n${" ".repeat(600)}\r\n`;
      const headers = "POST /dd HTTP/1.1\r\nhost: x\r\ncontent-type: json\r\ntransfer-encoding: chunked\r\n\r\n";
      assert.match(await raw(server, headers + chunk + chunk), /^HTTP\/1\.1 413 .*found at least 1200/s);
    }));

  it("takes a body of just that size", async () => {
    const body = signed(`${head(1)},"d":[3]`);
    assert.equal((await post(serverOf({ maximumBytes: body.length }), "/dd", body)).status, 201);
    assert.equal((await post(serverOf({ maximumBytes: body.length - 1 }), "/dd", body)).status, 413);
  });
});

describe("POST /data_format", () => {
  it("gives an equal format the same id, whatever its order, and another one the next, also after a restart", () =>
    withFolder(async (data) => {
      const server = serverOf({ data });
      const { variables, ...rest } = JSON.parse(FORMAT);
      const id = async (format: object, to = server) =>
        JSON.parse((await post(to, "/data_format", JSON.stringify(format))).text).id;
      assert.equal(await id({ variables, ...rest }), 1);
      assert.equal(await id({ ...rest, historical_data_interval: 60 }), 2);
      assert.equal(await id({ ...rest, historical_data_interval: 60 }, serverOf({ data })), 2);
    }));

  it("refuses a name that reads as an index", () =>
    withFolder(async (data) => {
      const server = serverOf({ data });
      const before = contentsOf(data);
      const answer = await post(server, "/data_format", '{"data_order":["7"]}');
      assert.deepEqual([answer.status, contentsOf(data)], [400, before]);
    }));
});

describe("GET /device_data", () => {
  it("gives the simple form of the rows in a range of time, in order", async () => {
    const server = serverOf();
    await send(server, `${head(1)},"d":[3],"hd":[[13124,1500,${NOW},"12"],[13000],[12900]]`);
    await send(server, `${head(2)},"d":[4],"hd":[[12800,null,${NOW - 60}]]`);
    const range = "from_datetime=2021-01-25T13:56:50Z&to_datetime=2021-01-25T14:59:50%2B01:00";
    const answer = await call(server, { path: `/device_data?serial_number=${SERIAL}&${range}` });
    const { historical_data, data, data_format } = JSON.parse(answer.text);
    assert.deepEqual(data, { token_count: 4 });
    assert.deepEqual(data_format.variables.battery_voltage, { type: "float", unit: "V" });
    assert.deepEqual(historical_data, [
      { timestamp: NOW - 60, battery_voltage: 12.8 },
      { timestamp: NOW, battery_voltage: 13.124, panel_current: 1.5, note: 12 },
      { timestamp: NOW + 120, battery_voltage: 13 },
    ]);
  });

  it("refuses what it cannot answer", async () => {
    const server = serverOf();
    const cases: [query: string, status: number, message: RegExp][] = [
      ["", 400, /serial_number: expected the serial number of a device, found none/],
      ["?serial_number=zzz", 404, /expected a device that has reported, found zzz/],
      [`?serial_number=${SERIAL}&from_datetime=yesterday`, 400, /from_datetime: expected ISO 8601 .* found yesterday/],
      [`?serial_number=${SERIAL}&to_datetime=2021-13-01`, 400, /to_datetime: expected ISO 8601/],
    ];
    for (const [query, status, message] of cases) {
      const answer = await call(server, { path: `/dd${query}` });
      assert.equal(answer.status, status);
      assert.match(JSON.parse(answer.text).error, message);
    }
  });
});

describe("a folder with another server's files", () => {
  it("is refused and left alone", () =>
    withFolder((data) => {
      writeFileSync(join(data, "state.json"), "{");
      assert.throws(() => serverOf({ data }), /state\.json: .*; restore it or move it away/);
      assert.equal(readFileSync(join(data, "state.json"), "utf8"), "{");
    }));
});

describe("malformed options", () => {
  it("are refused", () => {
    assert.throws(() => serverOf({ devices: [{ serialNumber: "a", key: "12" }] }), /key of a: expected 32 hex digits/);
    assert.throws(() => serverOf({ devices: [{ serialNumber: "../a", key: KEY }] }), /found "\.\.\/a"/);
    assert.throws(() => serverOf({ defaultKey: "x" }), /the default key: expected 32 hex digits/);
  });
});

/** Everything that comes back for bytes that do not end, over a socket of this machine. */
function raw(server: Server, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.listen(0, "127.0.0.1", () => {
      // A server that listens on a port has an address with one.
      const { port } = server.address() as AddressInfo;
      let text = "";
      const socket = createConnection(port, "127.0.0.1", () => socket.write(bytes));
      socket.on("data", (chunk) => (text += chunk));
      socket.on("error", reject);
      socket.on("close", () => server.close(() => resolve(text)));
    });
  });
}
