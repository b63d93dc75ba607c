import assert from "node:assert/strict";
import fc from "fast-check";
import { multiplyDecimal } from "../../../tools/server/decimal.js";

describe("decimal product", () => {
  it("has no float noise and no trailing zeros", () => {
    const cases: [a: string, b: string, product: string][] = [
      ["13124", "0.001", "13.124"],
      ["-5", "0.001", "-0.005"],
      ["213", "0.1", "21.3"],
      ["12000", "0.001", "12"],
      ["12.0", "1", "12"],
      ["12", "100", "1200"],
      ["1e-05", "1", "0.00001"],
      ["1.5e+3", "1e-7", "0.00015"],
      ["-0.0", "1", "0"],
      ["0", "0.001", "0"],
      ["123456789012345678901", "0.1", "12345678901234567890.1"],
    ];
    for (const [a, b, product] of cases) assert.equal(multiplyDecimal(a, b), product);
  });

  it("shifts the point and nothing else when the factor is a power of ten", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: 12 }), (value, places) => {
        const product = multiplyDecimal(String(value), `1e-${places}`);
        assert.equal(multiplyDecimal(product, `1e${places}`), String(value));
        assert.match(product, /^-?(0|[1-9]\d*)(\.\d*[1-9])?$/);
      }),
    );
  });
});
