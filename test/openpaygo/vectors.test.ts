import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { checkDataFormat } from "../../firmware/openpaygo/data-format.js";
import { TokenDecoder } from "../../firmware/openpaygo/token.js";
import {
  type AnswerVector,
  type FormatVector,
  type RequestVector,
  readVector,
  type TokenVector,
  writeVector,
} from "../vectors/kit.js";
import { cborAsJson } from "./cbor-decode.js";

function load<Vector>(name: string): Vector[] {
  const vectors: Vector[] = JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8"));
  console.log(`    ${name}: ${vectors.length} vectors`);
  return vectors;
}

describe("conformance kit", () => {
  it("requests are written to the byte", () => {
    for (const vector of load<RequestVector>("requests.json")) {
      const bytes = writeVector(vector);
      if (vector.encoding === "json") assert.equal(bytes.toString("latin1"), vector.body, vector.name);
      else assert.equal(bytes.toString("hex"), vector.body_hex, vector.name);
      if (vector.encoding === "cbor") cborAsJson(bytes);
    }
  });

  it("answers give what may be acted on, or the reason why nothing may", () => {
    for (const vector of load<AnswerVector>("answers.json")) {
      assert.deepEqual(readVector(vector), vector.expect, vector.name);
    }
  });

  it("tokens decode, or are refused with the reason", () => {
    for (const vector of load<TokenVector>("tokens.json")) {
      const { key, starting_code: startingCode, restricted, count, used, token } = vector;
      const decoder = new TokenDecoder({ key: Buffer.from(key, "hex"), startingCode, restrictedDigitSet: restricted });
      const bits = used.reduce((sum, one) => sum | (1 << (count - one)), 0);
      const decoded = decoder.decode(token, { count, used: bits });
      const found = decoded.valid
        ? { type: decoded.type, value: decoded.value ?? null, count: decoded.count }
        : { refused: decoded.reason };
      assert.deepEqual(found, vector.expect, vector.name);
    }
  });

  it("data formats are taken or refused", () => {
    for (const { name, format, valid } of load<FormatVector>("data-formats.json")) {
      if (valid) assert.equal(checkDataFormat(format), format, name);
      else assert.throws(() => checkDataFormat(format), Error, name);
    }
  });
});
