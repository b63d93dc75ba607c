import assert from "node:assert/strict";
import { parseBaseURL } from "../firmware/url.js";

describe("base URL", () => {
  it("gives host, port and path, the path without a slash at its end", () => {
    assert.deepEqual(parseBaseURL("http://example.org/metrics/"), {
      secure: false,
      host: "example.org",
      port: 80,
      path: "/metrics",
    });
    assert.deepEqual(parseBaseURL("https://10.0.0.1:8443"), { secure: true, host: "10.0.0.1", port: 8443, path: "" });
  });

  it("refuses what is no http address", () => {
    for (const text of [
      "",
      "example.org",
      "ftp://example.org",
      "http://",
      "http://a:0",
      "http://a:65536",
      "http://a/ b",
    ]) {
      assert.equal(parseBaseURL(text), undefined, text);
    }
  });
});
