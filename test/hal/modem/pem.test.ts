import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { fromBase64, toBase64 } from "../../../hal/modem/base64.js";
import { derOf, pemOf } from "../../../hal/modem/pem.js";
import { makeCertificates } from "../host/certificates.js";

/** A DER sequence of so many bytes, with its header. */
function sequence(length: number): Uint8Array {
  const header = length < 0x80 ? [0x30, length] : [0x30, 0x82, length >> 8, length & 0xff];
  return Uint8Array.from([...header, ...Array.from({ length }, (_, i) => (i * 89) & 0xff)]);
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

describe("modem base64", () => {
  it("agrees with Node for every length, both ways", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const encoded = Buffer.from(bytes).toString("base64");
        assert.equal(toBase64(bytes), encoded);
        assert.deepEqual(fromBase64(Buffer.from(encoded)), bytes);
        assert.deepEqual(fromBase64(Buffer.from(` ${encoded.split("").join("\r\n")}\n`)), bytes);
      }),
    );
  });

  it("takes nothing that is none", () => {
    for (const wrong of ["MIIB*", "MI-B", "M\u0081"]) assert.equal(fromBase64(Buffer.from(wrong, "latin1")), undefined);
  });
});

describe("modem certificate, DER and PEM", () => {
  it("turns one into the other as OpenSSL does", function () {
    const certificates = makeCertificates("any.test");
    if (!certificates) return this.skip();
    const der = Uint8Array.from(new X509Certificate(certificates.ca).raw);
    assert.deepEqual(derOf(Buffer.from(certificates.ca)), der);
    assert.deepEqual(derOf(der), der);
    assert.equal(text(pemOf(der)), certificates.ca);
  });

  it("comes back for every length", () => {
    for (const length of [...Array(200).keys(), 1500, 4000]) {
      const der = sequence(length);
      const pem = pemOf(der);
      assert.deepEqual(derOf(pem), der, `${length}`);
      assert.equal(pem.at(-1), 10);
      assert.ok(
        text(pem)
          .split("\n")
          .every((line) => line.length <= 64),
      );
    }
  });

  it("takes text around it, any line ends, and a zero behind it", () => {
    const der = sequence(300);
    const pem = text(pemOf(der));
    for (const form of [`subject=/CN=any\n${pem}`, pem.replace(/\n/g, "\r\n"), `${pem}\0`])
      assert.deepEqual(derOf(Buffer.from(form, "latin1")), der);
  });

  it("takes nothing that was cut short, and no two", () => {
    for (const whole of [sequence(100), pemOf(sequence(100))]) {
      const end = whole.at(-1) === 10 ? whole.length - 1 : whole.length;
      for (let length = 0; length < end; length++)
        assert.equal(derOf(whole.subarray(0, length)), undefined, `${length}`);
      assert.equal(derOf(Buffer.concat([whole, whole])), undefined);
    }
    for (const other of ["", "CA", "-----BEGIN CERTIFICATE-----"]) assert.equal(derOf(Buffer.from(other)), undefined);
  });
});
