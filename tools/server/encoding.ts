import { decode, encode, rfc8949EncodeOptions } from "cborg";
import { type JSONNode, parseJSON, pythonText } from "./json.js";
import { Refusal } from "./refusal.js";

export type Encoding = "json" | "cbor";

/** Spec "Encoding rules": "application/json" or simply "json", and likewise for CBOR. */
export function encodingOf(contentType: string | undefined): Encoding {
  const type = contentType
    ?.split(";")[0]
    ?.trim()
    .toLowerCase()
    .replace(/^application\//, "");
  if (type === "json" || type === "cbor") return type;
  throw new Refusal(415, `content-type: expected application/json or application/cbor, found ${contentType ?? "none"}`);
}

/** Reads a body. What CBOR says is signed as the JSON text of the same values, so it becomes that first. */
export function decodeBody(bytes: Buffer, encoding: Encoding): JSONNode {
  return parseJSON(encoding === "json" ? decodeText(bytes) : pythonText(decodeCBOR(bytes)));
}

/** An answer's JSON text in the encoding of the request. */
export function encodeBody(text: string, encoding: Encoding): Buffer {
  return Buffer.from(encoding === "json" ? text : encode(JSON.parse(text), rfc8949EncodeOptions));
}

function decodeCBOR(bytes: Buffer): unknown {
  try {
    return decode(bytes, { rejectDuplicateMapKeys: true, allowBigInt: false, allowUndefined: false, allowNaN: false });
  } catch (error) {
    throw new Refusal(400, `expected one CBOR object, ${(error as Error).message}`);
  }
}

function decodeText(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal(400, "expected a body in UTF-8, found other bytes");
  }
}
