import assert from "node:assert/strict";
import fc from "fast-check";
import { SipHash, sipHash } from "../../firmware/openpaygo/siphash.js";

const KEY = Uint8Array.from({ length: 16 }, (_, index) => index);

/** SipHash as the paper writes it, in 64-bit arithmetic. */
function plainSipHash(key: Uint8Array, message: Uint8Array): bigint {
  const word = (bytes: Uint8Array, at: number) => {
    let value = 0n;
    for (let i = 7; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i] ?? 0);
    return value;
  };
  const mask = (1n << 64n) - 1n;
  const rotate = (value: bigint, bits: bigint) => ((value << bits) | (value >> (64n - bits))) & mask;
  const k0 = word(key, 0);
  const k1 = word(key, 8);
  let [v0, v1] = [k0 ^ 0x736f6d6570736575n, k1 ^ 0x646f72616e646f6dn];
  let [v2, v3] = [k0 ^ 0x6c7967656e657261n, k1 ^ 0x7465646279746573n];
  const round = () => {
    v0 = (v0 + v1) & mask;
    v2 = (v2 + v3) & mask;
    v1 = rotate(v1, 13n) ^ v0;
    v3 = rotate(v3, 16n) ^ v2;
    v0 = rotate(v0, 32n);
    v2 = (v2 + v1) & mask;
    v0 = (v0 + v3) & mask;
    v1 = rotate(v1, 17n) ^ v2;
    v3 = rotate(v3, 21n) ^ v0;
    v2 = rotate(v2, 32n);
  };
  const last = message.length - (message.length % 8);
  for (let at = 0; at <= last; at += 8) {
    const block = at < last ? word(message, at) : word(message, at) | (BigInt(message.length & 255) << 56n);
    v3 ^= block;
    round();
    round();
    v0 ^= block;
  }
  v2 ^= 0xffn;
  for (let i = 0; i < 4; i++) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

describe("SipHash-2-4", () => {
  it("gives the result of the paper's appendix A", () => {
    const { high, low } = sipHash(KEY, KEY.subarray(0, 15));
    assert.deepEqual([high, low], [0xa129ca61, 0x49be45e5]);
  });

  it("equals 64-bit arithmetic for any key and message, in any pieces", () => {
    const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });
    fc.assert(
      fc.property(bytes(16), fc.uint8Array({ maxLength: 300 }), fc.nat(300), (key, message, cut) => {
        const hash = new SipHash(key);
        hash.update(message, 0, Math.min(cut, message.length));
        hash.update(message, Math.min(cut, message.length));
        assert.equal(hash.hex(), plainSipHash(key, message).toString(16));
      }),
    );
  });

  it("takes a message of 8 bytes as two words", () => {
    const hash = new SipHash(KEY);
    hash.digestBlock(0x03020100, 0x07060504);
    const { high, low } = hash;
    hash.update(KEY, 0, 8);
    assert.deepEqual({ high, low }, { high: hash.digest().high, low: hash.low });
  });

  it("starts the next message under the same key after a digest", () => {
    const hash = new SipHash(KEY);
    hash.update(KEY);
    const first = hash.hex();
    hash.update(KEY);
    assert.equal(hash.hex(), first);
  });

  it("writes hex without leading zeros, and a low word of zeros whole", () => {
    const hash = new SipHash(KEY);
    for (let i = 0; i < 2000; i++) {
      hash.update(Uint8Array.of(i, i >> 8));
      const hex = hash.hex();
      assert.equal(hex, ((BigInt(hash.high) << 32n) | BigInt(hash.low)).toString(16));
    }
  });

  it("refuses a key that has not 16 bytes", () => {
    assert.throws(() => new SipHash(new Uint8Array(15)), /a SipHash key has 16 bytes, not 15/);
  });
});
