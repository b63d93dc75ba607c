import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { parseTrace, readTrace } from "../../../hal/host/trace.js";

const RECORDED = "../shared/traces/alamosa-2016-01-01.csv";

describe("reading a recorded day", () => {
  it("takes comments, blank lines, Windows line ends, a byte order mark and columns in any order", () => {
    const text =
      "\uFEFF# station\r\nair_c,utc_minute,station,ghi_wm2\r\n\r\n-7.5,0,X,0\r\n# later\r\n3,1439,X,812.5\r\n";
    assert.deepEqual(parseTrace(text, "day.csv"), [
      { minute: 0, irradiance: 0, airTemperature: -7.5 },
      { minute: 1439, irradiance: 812.5, airTemperature: 3 },
    ]);
  });

  const header = "utc_minute,ghi_wm2,air_c\n";
  const bad: [name: string, text: string, message: RegExp][] = [
    ["an empty file", "", /^day\.csv: expected a header "utc_minute,ghi_wm2,air_c", but there is none/],
    ["a file of comments", "# nothing\n", /^day\.csv: expected a header/],
    [
      "a missing column",
      "utc_minute,air_c\n0,1\n",
      /^day\.csv:1: expected a column "ghi_wm2" in the header, got "utc_minute,air_c"/,
    ],
    ["a missing header", "# x\n0,0,1\n", /^day\.csv:2: expected a column "utc_minute" in the header, got "0,0,1"/],
    ["no rows", header, /^day\.csv:1: expected rows after the header/],
    [
      "a short row",
      `${header}0,0,1\n1,0\n`,
      /^day\.csv:3: expected 3 fields \(utc_minute,ghi_wm2,air_c\), got 2: "1,0"/,
    ],
    [
      "a word for a number",
      `# c\n${header}0,much,1\n`,
      /^day\.csv:3: expected an irradiance .* as ghi_wm2, got "much"/,
    ],
    ["an empty field", `${header}0,,1\n`, /^day\.csv:2: expected an irradiance .* got ""/],
    ["a number in hexadecimal", `${header}0,0x10,1\n`, /got "0x10"/],
    [
      "negative irradiance",
      `${header}0,-2,1\n`,
      /^day\.csv:2: expected an irradiance in W\/m2 from 0 to 2000 as ghi_wm2, got "-2"/,
    ],
    [
      "an impossible temperature",
      `${header}0,0,295\n`,
      /expected an air temperature in degrees Celsius from -100 to 70 as air_c, got "295"/,
    ],
    [
      "a minute past the day",
      `${header}1440,0,1\n`,
      /expected a minute of the UTC day from 0 to 1439 as utc_minute, got "1440"/,
    ],
    ["half a minute", `${header}0.5,0,1\n`, /expected a minute of the UTC day .* got "0.5"/],
    [
      "minutes that fall",
      `${header}5,0,1\n4,0,1\n`,
      /^day\.csv:3: expected a utc_minute after 5, got 4; sort the rows/,
    ],
    ["a minute twice", `${header}5,0,1\n\n5,0,1\n`, /^day\.csv:4: expected a utc_minute after 5, got 5/],
  ];
  for (const [name, text, message] of bad)
    it(`names place, expectation and value for ${name}`, () => {
      assert.throws(() => parseTrace(text, "day.csv"), { message });
    });

  it("names a file that cannot be read", () => {
    assert.throws(() => readTrace("no-such-day.csv"), { message: /^no-such-day\.csv: cannot be read \(ENOENT/ });
  });

  (existsSync(RECORDED) ? it : it.skip)("reads a real day of 1440 minutes", () => {
    const points = readTrace(RECORDED);
    assert.equal(points.length, 1440);
    assert.deepEqual(points[0], { minute: 0, irradiance: 0, airTemperature: -7.6 });
    assert.ok(Math.max(...points.map((point) => point.irradiance)) > 500);
  });
});
