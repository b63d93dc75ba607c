import assert from "node:assert/strict";
import { decode, encode } from "cborg";
import { decodeBody, encodeBody } from "../../../tools/server/encoding.js";

describe("CBOR bodies of the server", () => {
  it("become the JSON text that signatures are made of", () => {
    const value = { sn: "A", d: [1, 12.5, 0.00001, "caf\u00e9", true, null], hd: [{ 7: 1 }] };
    const text = decodeBody(Buffer.from(encode(value)), "cbor").text;
    assert.equal(text, '{"d":[1,12.5,1e-05,"caf\\u00e9",true,null],"hd":[{"7":1}],"sn":"A"}');
  });

  it("answer in the encoding of the request", () => {
    assert.deepEqual(decode(encodeBody('{"tkl":[123456789],"a":"da1"}', "cbor")), { tkl: [123456789], a: "da1" });
    assert.equal(encodeBody('{"a":1}', "json").toString(), '{"a":1}');
  });
});
