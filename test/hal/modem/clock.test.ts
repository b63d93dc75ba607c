import assert from "node:assert/strict";
import fc from "fast-check";
import { parseClock } from "../../../hal/modem/clock.js";

const two = (n: number) => String(Math.abs(n)).padStart(2, "0");

describe("modem clock", () => {
  it("turns local time and zone into seconds since 1970", () => {
    assert.equal(parseClock('+CCLK: "24/05/06,07:08:09+08"'), Date.UTC(2024, 4, 6, 5, 8, 9) / 1000);
    assert.equal(parseClock('+CCLK: "24/05/06,07:08:09-20"'), Date.UTC(2024, 4, 6, 12, 8, 9) / 1000);
    assert.equal(parseClock('+CCLK: "28/02/29,23:59:59+00"'), Date.UTC(2028, 1, 29, 23, 59, 59) / 1000);
    assert.equal(parseClock('+CCLK: "24/05/06,07:08:09+0"'), Date.UTC(2024, 4, 6, 7, 8, 9) / 1000);
  });

  it("takes a year of four digits, and daylight saving after the zone", () => {
    const utc = Date.UTC(2024, 4, 6, 5, 8, 9) / 1000;
    assert.equal(parseClock('+QLTS: "2024/05/06,07:08:09+08,1"'), utc);
    assert.equal(parseClock('+QLTS: "2024/05/06,05:08:09+00,0"'), utc);
    assert.equal(parseClock('+CCLK: "20/05/06,07:08:09+08"'), Date.UTC(2020, 4, 6, 5, 8, 9) / 1000);
    for (const line of ['+QLTS: ""', '+QLTS: "1980/01/06,00:00:12+00,0"', '+QLTS: "2024/05"'])
      assert.equal(parseClock(line), undefined, line);
  });

  it("agrees with the calendar for every second and zone", () => {
    const second = fc.integer({ min: Date.UTC(2016, 0, 2) / 1000, max: Date.UTC(2069, 11, 30) / 1000 });
    fc.assert(
      fc.property(second, fc.integer({ min: -48, max: 56 }), (utc, zone) => {
        const local = new Date((utc + zone * 900) * 1000).toISOString();
        const date = local.slice(2, 10).replaceAll("-", "/");
        assert.equal(parseClock(`+CCLK: "${date},${local.slice(11, 19)}${zone < 0 ? "-" : "+"}${two(zone)}"`), utc);
      }),
    );
  });

  it("knows that a modem which counts from its first day has no time", () => {
    const lines = [
      '"70/01/01,00:00:12+00"',
      '"80/01/06,00:00:12+00"',
      '"04/01/01,00:00:12+00"',
      '"00/01/01,00:00:00+00"',
    ];
    for (const line of lines) assert.equal(parseClock(`+CCLK: ${line}`), undefined, line);
  });

  it("gives nothing for anything else", () => {
    for (const line of [
      "",
      "+CCLK: ",
      '+CCLK: ""',
      '+CCLK: "24/05/06,07:08:09"',
      '+CCLK: "24/13/06,07:08:09+00"',
      '+CCLK: "24/xx/06,07:08:09+00"',
    ])
      assert.equal(parseClock(line), undefined, line);
  });
});
