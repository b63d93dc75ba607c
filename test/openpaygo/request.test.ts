import assert from "node:assert/strict";
import { type AuthMethod, Signer } from "../../firmware/openpaygo/auth.js";
import { checkDataFormat } from "../../firmware/openpaygo/data-format.js";
import { type RequestOptions, type WrittenRequest, writeRequest } from "../../firmware/openpaygo/request.js";
import type { Row } from "../../firmware/telemetry/row.js";
import { cborAsJson } from "./cbor-decode.js";
import { RandomRequests, sourceOf } from "./random-request.js";

const KEY = Uint8Array.from(Buffer.from("dac86b1a29ab82edc5fbbc41ec9530f6", "hex"));
const FORMAT = checkDataFormat({
  data_order: ["token_count", "tampered", "firmware_version"],
  historical_data_order: ["panel_voltage", "battery_voltage", "panel_current", "timestamp", "note", "overload"],
  historical_data_interval: 60,
  variables: {},
});
const START = 1611583070;
const row = (time: number, ...values: Row["values"]): Row => ({ format: 1, boot: 0, time, values });
const ROWS = [row(START, 17500, 12500, 2200), row(START + 60, 15700, 12600, 2200)];

const OPTIONS: RequestOptions = {
  serialNumber: "A111222",
  form: "condensed",
  encoding: "json",
  auth: "ra",
  key: KEY,
  timestamp: START + 100,
  requestCount: 7,
  format: FORMAT,
  formatId: 12,
  data: { token_count: 13, tampered: false, firmware_version: "1.14.2" },
  formatNumber: 1,
};

function write(
  changes: Partial<RequestOptions>,
  rows: readonly Row[] = ROWS,
  size = 2000,
): WrittenRequest & { body: Buffer } {
  const buffer = new Uint8Array(size);
  const written = writeRequest(buffer, { ...OPTIONS, rows: sourceOf(rows), ...changes });
  return { ...written, body: Buffer.from(buffer.subarray(0, written.length)) };
}

const json = (changes: Partial<RequestOptions>, rows?: readonly Row[]) => write(changes, rows).body.toString();
const parsed = (changes: Partial<RequestOptions>, rows?: readonly Row[]) => JSON.parse(json(changes, rows));

describe("signer", () => {
  it("gives the vector in the README of the Python reference", () => {
    const signer = new Signer("ra", KEY, "aaa111222", { timestamp: 1611583070 }, false);
    signer.beginData();
    signer.text.ascii('[3,false,"1.2.3"]');
    signer.endData();
    for (const text of ["[12.31,12.32,1.23,-1.23]", "[12.3,12.31,1.22,-1.21]"]) {
      signer.beginRow();
      signer.text.ascii(text);
      signer.endRow();
    }
    assert.equal(signer.end(), "raa5cb1fda302cf94e");
  });
});

describe("condensed request", () => {
  it("holds arrays in the order of the format, and the time of the first row", () => {
    assert.equal(
      json({ auth: undefined }),
      '{"sn":"A111222","ts":1611583170,"rc":7,"df":12,"d":[13,false,"1.14.2"],' +
        '"hd":[[17500,12500,2200,1611583070],[15700,12600,2200]]}',
    );
  });

  it("cuts the tail of arrays and has null for a missing value before it", () => {
    const { d, hd } = parsed({ data: { tampered: true } }, [
      row(START, 1, undefined, 3),
      row(START + 60, 5),
      row(START + 120),
    ]);
    assert.deepEqual(d, [null, true]);
    assert.deepEqual(hd, [[1, null, 3, START], [5], []]);
  });

  it("has an object with index keys where that is shorter", () => {
    const { hd } = parsed({}, [
      row(START, 1),
      row(START + 7, ...Array(5), true),
      row(START + 14, 1, 2, 3, undefined, "x"),
    ]);
    assert.deepEqual(hd, [{ 0: 1, 3: START }, { 3: START + 7, 5: true }, [1, 2, 3, START + 14, "x"]]);
  });

  it("chooses the shorter shape by the bytes of its encoding", () => {
    const rows = [row(START, 1, 2), row(START + 60, undefined, undefined, 5)];
    assert.deepEqual(parsed({}, rows).hd[1], { 2: 5 });
    assert.deepEqual(JSON.parse(cborAsJson(write({ encoding: "cbor" }, rows).body)).hd[1], [null, null, 5]);
  });

  it("has an object with long names where a value has no place in the order", () => {
    assert.deepEqual(parsed({ data: { token_count: 3, signal: -71 } }).d, { signal: -71, token_count: 3 });
  });

  it("leaves out what cannot be sent", () => {
    assert.deepEqual(parsed({ data: { token_count: Number.NaN } }).d, undefined);
    assert.deepEqual(parsed({}, [row(START, Number.NaN, Number.POSITIVE_INFINITY, 3)]).hd, [{ 2: 3, 3: START }]);
  });

  it("carries the format itself, accessories and the time of collection on request", () => {
    const accessory = Buffer.from('{"sn":"TV1","d":[1],"df":3}');
    const request = parsed({
      formatId: undefined,
      embedFormat: true,
      accessories: [accessory, accessory],
      dataCollectionTimestamp: START,
    });
    assert.deepEqual(request.dfo, { ...FORMAT });
    assert.equal(request.df, undefined);
    assert.deepEqual(request.acc, [JSON.parse(accessory.toString()), JSON.parse(accessory.toString())]);
    assert.equal(request.dct, START);
  });

  it("carries a relative time by its name, or in its place", () => {
    const unknown: Row = { format: 1, boot: 9, time: 5, values: [1] };
    assert.deepEqual(parsed({}, [unknown]).hd, [{ 0: 1, relative_time: 0 }]);
    const format = checkDataFormat({
      ...FORMAT,
      historical_data_order: ["panel_voltage", "relative_time", "timestamp"],
    });
    assert.deepEqual(parsed({ format }, [unknown]).hd, [[1, 0]]);
  });

  it("has an empty data array when there is nothing to tell", () => {
    assert.deepEqual(parsed({ rows: undefined, data: undefined }).d, []);
  });
});

describe("simple request", () => {
  it("names everything, and every row says its time", () => {
    const request = parsed({ form: "simple", formatId: undefined });
    assert.deepEqual(
      { ...request, auth: "" },
      {
        serial_number: "A111222",
        timestamp: START + 100,
        request_count: 7,
        data: { token_count: 13, tampered: false, firmware_version: "1.14.2" },
        historical_data: [
          { timestamp: START, panel_voltage: 17500, battery_voltage: 12500, panel_current: 2200 },
          { timestamp: START + 60, panel_voltage: 15700, battery_voltage: 12600, panel_current: 2200 },
        ],
        auth: "",
      },
    );
  });

  it("has every long name of the envelope", () => {
    const request = parsed({ form: "simple", dataCollectionTimestamp: START, accessories: [] });
    const names = [
      "serial_number",
      "timestamp",
      "request_count",
      "data_collection_timestamp",
      "data_format_id",
      "data",
      "historical_data",
      "accessories",
      "auth",
    ];
    assert.deepEqual(Object.keys(request), names);
    assert.deepEqual(parsed({ form: "simple", formatId: undefined, embedFormat: true }).data_format, { ...FORMAT });
  });
});

describe("CBOR request", () => {
  it("is deterministic and has the signature of the JSON request with the same content", () => {
    for (const form of ["condensed", "simple"] as const) {
      for (const auth of ["sa", "ta", "ca", "da", "ra"] as const) {
        const cbor = JSON.parse(cborAsJson(write({ form, auth, encoding: "cbor", dataCollectionTimestamp: 5 }).body));
        assert.deepEqual(cbor, parsed({ form, auth, dataCollectionTimestamp: 5 }));
      }
    }
  });

  it("is deterministic whatever it holds", () => {
    const requests = new RandomRequests(99);
    for (let i = 0; i < 500; i++) {
      const buffer = new Uint8Array(20000);
      const { options } = requests.next("ra");
      const written = writeRequest(buffer, { ...options, encoding: "cbor", embedFormat: true, formatId: undefined });
      cborAsJson(buffer.subarray(0, written.length));
    }
  });
});

describe("counters of a request", () => {
  it("are sent only where the signature covers them, and told for the answer's check", () => {
    const sent: Record<AuthMethod, object> = {
      sa: { rc: 7 },
      ta: { ts: START + 100 },
      ca: { rc: 7 },
      da: { ts: START + 100, rc: 7 },
      ra: { ts: START + 100, rc: 7 },
    };
    for (const auth of Object.keys(sent) as AuthMethod[]) {
      const { ts, rc } = parsed({ auth });
      assert.deepEqual(JSON.parse(JSON.stringify({ ts, rc })), sent[auth]);
      assert.deepEqual(write({ auth }).sent, { ...(ts && { timestamp: ts }), ...(rc && { requestCount: rc }) });
    }
  });

  it("has hashes with all 16 digits only when the server wants them so", () => {
    const lengths = (paddedHash: boolean) =>
      Array.from({ length: 300 }, (_, i) => parsed({ requestCount: i + 1, paddedHash }).a.length);
    assert.ok(lengths(false).some((length) => length < 18));
    assert.ok(lengths(true).every((length) => length === 18));
  });
});

describe("limit of a request", () => {
  const rows = Array.from({ length: 300 }, (_, i) =>
    row(START + 60 * i + (i % 7 === 0 ? 1 : 0), i, i * 100, -i, undefined, "\u00e9"),
  );

  for (const encoding of ["json", "cbor"] as const) {
    it(`is kept at every size without cutting a row, in ${encoding}`, () => {
      const read = (body: Buffer) => JSON.parse(encoding === "json" ? body.toString() : cborAsJson(body));
      let before = 0;
      for (let size = 0; size < 1200; size++) {
        const buffer = new Uint8Array(size + 8).fill(0xaa);
        const written = writeRequest(buffer.subarray(0, size), {
          ...OPTIONS,
          encoding,
          rows: sourceOf(rows),
          accessories: [],
        });
        assert.ok(
          buffer.subarray(size).every((byte) => byte === 0xaa),
          "wrote beyond the limit",
        );
        assert.deepEqual([written.stop, written.position], ["limit", written.rows]);
        assert.ok(written.rows >= before && written.length <= size);
        before = written.rows;
        if (written.length === 0) continue;
        const request = read(Buffer.from(buffer.subarray(0, written.length)));
        assert.equal(request.hd.length, written.rows);
        const whole = write({ encoding, accessories: [] }, rows.slice(0, written.rows), 20000);
        assert.deepEqual(request, read(whole.body));
      }
      assert.ok(before > 10, `${before} rows at the largest size`);
    });
  }

  it("gives nothing when not even the envelope fits", () => {
    const written = write({}, ROWS, 60);
    assert.deepEqual([written.length, written.rows, written.position, written.stop], [0, 0, 0, "limit"]);
  });

  it("splits a long history into requests that hold every row once", () => {
    const times: number[] = [];
    while (times.length < rows.length) {
      const written = write({ form: "simple" }, rows.slice(times.length), 900);
      assert.ok(written.rows > 0);
      const { historical_data: history } = JSON.parse(written.body.toString());
      for (const { timestamp } of history) times.push(timestamp);
    }
    assert.deepEqual(
      times,
      rows.map(({ time }) => time),
    );
  });

  it("ends a request before a row of another format", () => {
    const written = write({}, [...ROWS, { ...ROWS[0]!, format: 2 }, ROWS[1]!]);
    assert.deepEqual([written.rows, written.position, written.stop], [2, 2, "format"]);
    assert.equal(JSON.parse(written.body.toString()).hd.length, 2);
  });

  it("is told as the end when every row went in", () => {
    const written = write({});
    assert.deepEqual([written.rows, written.position, written.stop], [2, 2, "end"]);
  });
});

describe("options of a request", () => {
  const wrong: [Partial<RequestOptions>, RegExp][] = [
    [{ serialNumber: "" }, /^serialNumber: expected the serial number/],
    [{ requestCount: 0 }, /^requestCount: expected a whole number above 0, not 0$/],
    [{ timestamp: 1.5 }, /^timestamp: expected a whole number above 0, not 1.5$/],
    [{ dataCollectionTimestamp: -1 }, /^dataCollectionTimestamp: /],
    [{ key: undefined }, /^key: "ra" needs 16 bytes$/],
    [{ auth: "ta", timestamp: undefined }, /^timestamp: "ta" needs it$/],
    [{ auth: "ca", requestCount: undefined }, /^requestCount: "ca" needs it$/],
    [{ timestamp: undefined, requestCount: undefined }, /^timestamp or requestCount: "ra" needs it$/],
    [{ embedFormat: true }, /^formatId, embedFormat: a request has one of them/],
    [{ formatId: undefined }, /^formatId: a condensed request needs it, or embedFormat$/],
    [{ formatNumber: undefined }, /^formatNumber: expected the number/],
  ];
  for (const [changes, message] of wrong) {
    it(`are refused with a reason: ${message.source}`, () => {
      assert.throws(
        () => write(changes),
        (error: Error) => message.test(error.message) || assert.fail(error.message),
      );
    });
  }
});
