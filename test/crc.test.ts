import assert from "node:assert/strict";
import { crc8, crc32 } from "../firmware/crc.js";

const DIGITS = Buffer.from("123456789");

describe("crc", () => {
  it("gives the check values of the catalogue", () => {
    assert.equal(DIGITS.reduce((crc, byte) => crc8(crc, byte), 0xff) ^ 0xff, 0xdf);
    assert.equal(crc32(DIGITS, 0, DIGITS.length), 0xcbf43926);
  });

  it("finds any three wrong bits in a record's greatest payload and its CRC", () => {
    // The code is linear: wrong bits are missed exactly when their syndromes cancel.
    const syndromes = Array.from({ length: 8 }, (_, bit) => 1 << bit);
    for (let bit = 0; bit < 14 * 8; bit++) {
      const bytes = new Uint8Array(14);
      bytes[bit >> 3] = 0x80 >> (bit & 7);
      syndromes.push(bytes.reduce((crc, byte) => crc8(crc, byte), 0));
    }
    const single = new Set(syndromes);
    assert.equal(single.size, syndromes.length);
    assert.ok(!single.has(0));
    for (const [i, a] of syndromes.entries()) {
      for (const b of syndromes.slice(i + 1)) assert.ok(!single.has(a ^ b));
    }
  });
});
