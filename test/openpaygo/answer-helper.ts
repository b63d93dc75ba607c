/** A server that signs as the Python reference does, for any text in place of each member. */
import { SipHash } from "../../firmware/openpaygo/siphash.js";
import { utf8 } from "../../firmware/openpaygo/text.js";

export const KEY = Uint8Array.from(Buffer.from("dac86b1a29ab82edc5fbbc41ec9530f6", "hex"));
export const SERIAL = "A111222";

export interface Content {
  auts?: string;
  asl?: string;
  tkl?: string;
  st?: string;
  ed?: string;
}

/** Signature over serial number, counters and the texts of the content. */
export function sign(counters: string, content: Content, serial = SERIAL): string {
  const { auts = "", asl = "", tkl = "", st = "", ed = "" } = content;
  const hash = new SipHash(KEY);
  hash.update(utf8(serial + counters + auts + asl + tkl + st + ed));
  return `da${hash.hex()}`;
}

/** A JSON answer with its signature. */
export function signed(counters: string, content: Content): string {
  return body({ ...content, a: `"${sign(counters, content)}"` });
}

export function body(members: Record<string, string>): string {
  return `{${Object.entries(members)
    .map(([name, text]) => `"${name}":${text}`)
    .join(",")}}`;
}
