import { type BaseURL, parseBaseURL } from "./url.js";

/** What to install, and how to tell that it is what was meant. */
export interface Order {
  readonly url: BaseURL;
  /** Bytes of the image. */
  readonly length: number;
  /** Of the image, in lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** Reads `URL LENGTH SHA256`; undefined when it is none. */
export function parseOrder(text: string): Order | undefined {
  const [, address = "", length, sha256 = ""] = /^(\S+) ([1-9]\d{0,7}) ([0-9a-fA-F]{64})$/.exec(text) ?? [];
  const url = parseBaseURL(address);
  return url && { url, length: Number(length), sha256: sha256.toLowerCase() };
}
