import assert from "node:assert/strict";
import { type PostedFormat, readFormat } from "../../../tools/server/format.js";
import { parseJSON, plain } from "../../../tools/server/json.js";
import { readRequest } from "../../../tools/server/request.js";
import { decodeData, decodeRows } from "../../../tools/server/rows.js";
import { requirePython, runPython } from "../../interop/python.js";
import { NOW } from "./client.js";

/** The format of the spec's condensed example. */
const SPEC_FORMAT: PostedFormat = {
  data_order: ["token_count", "tampered", "firmware_version"],
  historical_data_interval: -60,
  historical_data_order: [
    "panel_voltage",
    "battery_voltage",
    "panel_current",
    "battery_current",
    "usb_load_1_current",
    "usb_load_2_current",
    "overload_alert",
    "timestamp",
  ],
  variables: { battery_current: { name: "Battery Current", type: "float", unit: "A" } },
};

const DECODE = `
import json, sys
from openpaygo import MetricsResponseHandler
for line in sys.stdin:
    case = json.loads(line)
    rows = MetricsResponseHandler(json.dumps(case["request"]), data_format=case["format"]).get_simple_metrics()["historical_data"]
    print(json.dumps(rows))
`;

describe("device requests of the spec", () => {
  it("are read in the simple form", () => {
    const request = read(`{"serial_number":"A111222","timestamp":${NOW},
      "data":{"token_count":13,"tampered":false,"firmware_version":"1.14.2"},
      "historical_data":[
        {"timestamp":1611583070,"panel_voltage":17.5,"battery_voltage":12.5,"panel_current":2.2,"battery_current":3.2},
        {"timestamp":1611583010,"panel_voltage":15.7,"usb_load_1_current":0.7}],
      "data_format":{"variables":{"battery_current":{"name":"Battery Current","type":"float","unit":"A"}}}}`);
    const format = request.format!;
    assert.deepEqual(dataOf(request, format), { token_count: 13, tampered: false, firmware_version: "1.14.2" });
    assert.deepEqual(rowsOf(request, format), [
      [1611583070, { panel_voltage: "17.5", battery_voltage: "12.5", panel_current: "2.2", battery_current: "3.2" }],
      [1611583010, { panel_voltage: "15.7", usb_load_1_current: "0.7" }],
    ]);
  });

  it("are read in the condensed form, with rows by index among them", () => {
    const request = read(`{"sn":"A111222","df":12,"d":[13,0,"1.14.2"],"hd":[
      [17.5,12.5,2.2,3.2],[15.7,12.6,2.2,3.2,0.7],{"7":1611582055,"6":1},[15.7,12.6,2.2,3.2,0.8]]}`);
    assert.deepEqual(dataOf(request, SPEC_FORMAT), { token_count: 13, tampered: 0, firmware_version: "1.14.2" });
    const rows = rowsOf(request, SPEC_FORMAT);
    assert.deepEqual(
      rows.map(([time]) => time),
      [NOW, NOW - 60, 1611582055, 1611581995],
    );
    assert.deepEqual(rows[1]![1], {
      panel_voltage: "15.7",
      battery_voltage: "12.6",
      panel_current: "2.2",
      battery_current: "3.2",
      usb_load_1_current: "0.7",
    });
    assert.deepEqual(rows[2]![1], { overload_alert: "1" });
  });

  it("have the short names of the spec inside data too", () => {
    const request = read('{"sn":"A1","d":{"tc":3,"autsr":true,"aslr":0,"1":1}}');
    assert.deepEqual(dataOf(request, SPEC_FORMAT), {
      token_count: 3,
      active_until_timestamp_requested: true,
      active_seconds_left_requested: 0,
      tampered: 1,
    });
  });
});

describe("rows", () => {
  it("take their times as the reference library does", function () {
    const python = requirePython(this);
    const order = ["a", "timestamp", "relative_time"];
    const cases = [
      { hd: [[1], [2], [3]], interval: 60 },
      { hd: [[1, 1000], [2], [3, null, 5], [4], [5, 2000], [6]], interval: -60 },
      { hd: [{ a: 1, relative_time: -3600 }, [2], { "1": 5000 }, { "0": 9 }], interval: 120 },
      {
        hd: [
          [1, null, 0],
          [2, null, 10],
        ],
        interval: 60,
        dtc: 900,
      },
    ].map(({ hd, interval, dtc }) => ({
      request: { sn: "A1", ts: 1000000, hd, ...(dtc !== undefined && { dtc }) },
      format: { historical_data_order: order, historical_data_interval: interval, variables: {} },
    }));
    const lines = runPython(python, DECODE, cases.map((each) => `${JSON.stringify(each)}\n`).join(""))
      .trimEnd()
      .split("\n");
    const times = cases.map(({ request, format }) => {
      const { collectionTimestamp, timestamp, ...rest } = read(JSON.stringify(request));
      const base = collectionTimestamp ?? timestamp ?? 0;
      return decodeRows({ collectionTimestamp, timestamp, ...rest }, format, base).map((row) => row.timestamp);
    });
    assert.deepEqual(
      times,
      lines.map((line) => JSON.parse(line).map((row: { timestamp: number }) => row.timestamp)),
    );
  });

  it("become texts by the types of their variables, exactly", () => {
    const variables = {
      v: { type: "float", scale_factor: 0.001 },
      n: { type: "integer" },
      b: { type: "bool" },
      g: { type: "gps" },
    };
    const format = readFormat(
      parseJSON(JSON.stringify({ historical_data_order: ["v", "n", "b", "g", "x"], variables })),
    );
    const cases: [row: string, cells: Record<string, string>][] = [
      ["[13124,12.0,1,[-1.50,6.25],12.30]", { v: "13.124", n: "12", b: "true", g: "-1.5 6.25", x: "12.3" }],
      ['[-1,0,false,[0,0],"a, \\"b\\""]', { v: "-0.001", n: "0", b: "false", g: "0 0", x: 'a, "b"' }],
      ["[null,null,null,null,true]", { x: "true" }],
    ];
    for (const [row, cells] of cases) {
      assert.deepEqual(rowsOf(read(`{"sn":"A1","hd":[${row}]}`), format), [[NOW, cells]]);
    }
  });

  it("are refused with the place of what is wrong", () => {
    const format = {
      ...SPEC_FORMAT,
      variables: { panel_voltage: { type: "float" as const }, tampered: { type: "bool" as const } },
    };
    const noInterval = { ...format, historical_data_interval: 0 };
    const cases: [rows: string, message: RegExp, format?: object][] = [
      ["[[1],5]", /historical_data\[1\]: expected an object or an array, found 5/],
      ["[[1,2,3,4,5,6,7,8,9]]", /historical_data\[0\]: expected an index below 8, .* found 8/],
      ['[{"8":1}]', /expected an index below 8/],
      ['[{"0":1,"panel_voltage":1}]', /panel_voltage once, found it by name and by index/],
      ['[{"timestamp":5,"relative_time":1}]', /expected timestamp or relative_time, found both/],
      ['[{"timestamp":5.5}]', /\.timestamp: expected whole seconds, found 5.5/],
      ['[{"timestamp":-5}]', /expected a time after 1970, found -5/],
      ["[[1],[2]]", /historical_data\[1\]: expected a time, or a historical_data_interval/, noInterval],
      ['[["12"]]', /panel_voltage: expected a number, as its format says, found "12"/],
      ['[{"tampered":2}]', /tampered: expected true, false, 1 or 0/],
      ['[{"x":{"y":1}}]', /x: expected a value, or \[longitude, latitude\]/],
      ['[{"":1}]', /expected a variable name, found an empty text/],
      ["[[1]]", /expected a data format with historical_data_order, found none/, { variables: {} }],
    ];
    for (const [rows, message, other] of cases) {
      const request = read(`{"sn":"A1","hd":${rows}}`);
      const used = readFormat(parseJSON(JSON.stringify(other ?? format)));
      assert.throws(() => decodeRows(request, used, NOW), { status: 400, message }, rows);
    }
  });
});

describe("data formats", () => {
  it("are refused with the place of what is wrong", () => {
    const cases: [format: string, message: RegExp][] = [
      ["[]", /data_format: expected an object, found \[\]/],
      ['{"order":[]}', /expected only data_order, .* found "order"/],
      ['{"data_order":{"1":"a"}}', /data_order: expected an array of variable names, found {"1":"a"}/],
      ['{"data_order":["a","7"]}', /data_order\[1\]: expected a variable name, found "7", which reads as an index/],
      ['{"data_order":["-7"]}', /reads as an index/],
      ['{"data_order":["\u00b2"]}', /reads as an index/],
      ['{"data_order":[7]}', /data_order\[0\]: expected a variable name, found 7/],
      ['{"historical_data_order":["a","a"]}', /expected every name once, found "a" twice/],
      ['{"historical_data_interval":1.5}', /expected a whole number of seconds, found 1.5/],
      ['{"variables":{"7":{}}}', /variables: expected a variable name, found "7"/],
      ['{"variables":{"a":{"type":"int"}}}', /variables\.a\.type: expected one of text, integer/],
      ['{"variables":{"a":{"scale_factor":0}}}', /scale_factor: expected a number other than 0, found 0/],
      ['{"variables":{"a":{"unit":5}}}', /unit: expected a text, found 5/],
      ['{"variables":{"a":{"aggregation_method":"median"}}}', /expected one of average, latest/],
      ['{"variables":{"a":{"scale":2}}}', /expected only name, type, .* found "scale"/],
    ];
    for (const [text, message] of cases)
      assert.throws(() => readFormat(parseJSON(text)), { status: 400, message }, text);
  });
});

function read(text: string) {
  return readRequest(parseJSON(text));
}

function dataOf(request: ReturnType<typeof read>, format: Parameters<typeof decodeData>[1]): Record<string, unknown> {
  return Object.fromEntries([...decodeData(request, format)].map(([name, node]) => [name, plain(node)]));
}

function rowsOf(request: ReturnType<typeof read>, format: Parameters<typeof decodeRows>[1]) {
  return decodeRows(request, format, NOW).map(({ timestamp, cells }): [number, Record<string, string>] => [
    timestamp,
    Object.fromEntries(cells),
  ]);
}
