import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { md5 } from "../../../hal/modem/md5.js";
import { seededRandom } from "../../../hal/sim/random.js";

describe("modem md5", () => {
  it("gives the digests of RFC 1321, A.5", () => {
    const digest = (text: string) => md5(Buffer.from(text));
    assert.equal(digest(""), "d41d8cd98f00b204e9800998ecf8427e");
    assert.equal(digest("a"), "0cc175b9c0f1b6a831c399e269772661");
    assert.equal(digest("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    assert.equal(digest("1234567890".repeat(8)), "57edf4a22be3c955ac49da2e2107b67a");
  });

  it("agrees with Node for every length around the block sizes, and for a certificate's", () => {
    const random = seededRandom(1);
    for (const length of [...Array(200).keys(), 1187, 4096, 10_240]) {
      const bytes = Uint8Array.from({ length }, () => random());
      assert.equal(md5(bytes), createHash("md5").update(bytes).digest("hex"), `${length} bytes`);
    }
  });
});
