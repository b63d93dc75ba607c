import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { base64 } from "../../../../hal/sim/modem/base64.js";
import { md5 } from "../../../../hal/sim/modem/md5.js";

describe("encodings of the emulated modems", () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 89) & 0xff);

  it("have the MD5 of RFC 1321", () => {
    assert.equal(md5(new Uint8Array(0)), "d41d8cd98f00b204e9800998ecf8427e");
    assert.equal(md5(new TextEncoder().encode("message digest")), "f96b697d7cb7938d525a2f31aaf161d0");
    for (let length = 0; length <= bytes.length; length++) {
      const part = bytes.subarray(0, length);
      assert.equal(md5(part), createHash("md5").update(part).digest("hex"), `${length}`);
    }
  });

  it("have the Base64 of RFC 4648", () => {
    for (let length = 0; length <= bytes.length; length++) {
      const part = bytes.subarray(0, length);
      assert.equal(base64(part), Buffer.from(part).toString("base64"), `${length}`);
    }
  });
});
