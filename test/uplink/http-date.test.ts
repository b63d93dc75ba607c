import assert from "node:assert/strict";
import fc from "fast-check";
import { parseHTTPDate } from "../../firmware/uplink/http-date.js";

describe("the Date of an answer", () => {
  it("is read as in RFC 9110, 5.6.7", () => {
    assert.equal(parseHTTPDate("Sun, 06 Nov 1994 08:49:37 GMT"), 784_111_777);
  });

  it("is read for any second of ten thousand years", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
        assert.equal(parseHTTPDate(new Date(seconds * 1000).toUTCString()), seconds);
      }),
    );
  });

  it("is none in any other form, with a wrong day of the week, or with garbage", () => {
    const wrong = [
      "",
      "0",
      "784111777",
      "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994",
      "1994-11-06T08:49:37Z",
      "Mon, 06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37 CET",
      "Sun, 6 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37 GMT ",
      "Thu, 31 Feb 2022 08:49:37 GMT",
      "Sun, 06 Nov 1994 25:49:37 GMT",
      "S\u0000n, 06 Nov 1994 08:49:37 GMT",
    ];
    for (const text of wrong) assert.equal(parseHTTPDate(text), undefined, text);
  });
});
