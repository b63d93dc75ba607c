import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { SHA256 } from "../../firmware/update/sha256.js";

function sha256(...pieces: Uint8Array[]): string {
  const hash = new SHA256();
  for (const piece of pieces) hash.update(piece);
  return hash.hex();
}

const text = (characters: string) => Uint8Array.from(Buffer.from(characters));

describe("SHA-256", () => {
  it("gives the digests of FIPS 180-4's examples", () => {
    assert.equal(sha256(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert.equal(sha256(text("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert.equal(
      sha256(text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    );
    assert.equal(
      sha256(new Uint8Array(1_000_000).fill(0x61)),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    );
  });

  it("agrees with Node's for every length around a block, however the message is cut", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cut) => {
        const expected = createHash("sha256").update(bytes).digest("hex");
        assert.equal(sha256(bytes.subarray(0, cut), bytes.subarray(cut)), expected);
      }),
    );
  });
});
