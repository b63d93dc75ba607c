import { strict as assert } from "node:assert";
import fc from "fast-check";
import { RequestTracker } from "../../../hal/host/request-tracker.js";

const REQUESTS = [
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  "POST /dd HTTP/1.1\r\ncontent-length: 12\r\n\r\nhello\r\n\r\nGET",
  "POST /dd HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  "POST /dd HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
];

describe("request tracker", () => {
  it("knows at every cut whether a request is whole", () => {
    fc.assert(
      fc.property(fc.constantFrom(...REQUESTS), fc.constantFrom(...REQUESTS), fc.nat(), (first, second, cut) => {
        const tracker = new RequestTracker();
        const text = Buffer.from(first);
        const at = cut % text.length;
        tracker.write(text.subarray(0, at));
        assert.equal(tracker.complete, at === 0);
        tracker.write(text.subarray(at));
        assert.equal(tracker.complete, true);
        for (const byte of Buffer.from(second)) tracker.write(Uint8Array.of(byte));
        assert.equal(tracker.complete, true);
      }),
    );
  });

  it("knows nothing of other protocols", () => {
    const tracker = new RequestTracker();
    tracker.write(Uint8Array.of(0x10, 25, 0, 4, 77, 81, 84, 84));
    assert.equal(tracker.isHTTP, false);
    assert.equal(tracker.complete, true);
  });
});
