import assert from "node:assert/strict";
import { payloadSizes } from "../../tools/bench/payload.js";

describe("payload of 30 rows of 5 variables", () => {
  const sizes = payloadSizes();

  it("takes at most 744 bytes as condensed JSON with scaled integers, and 421 as CBOR", () => {
    assert.ok(sizes["condensed JSON, hundredths as integers"]! <= 744);
    assert.ok(sizes["condensed CBOR, hundredths as integers"]! <= 421);
  });

  it("takes a fifth of what the simple form takes", () => {
    assert.ok(sizes["condensed JSON, hundredths as integers"]! * 5 < sizes["simple JSON, 2 decimals"]!);
  });
});
