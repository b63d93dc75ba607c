/**
 * Authentication of requests (spec "Security", "Device Request"), computed while a request is written: the serial number
 * and counters first, then the data, then row by row. Data and rows are hashed as condensed JSON text, in CBOR bodies too.
 */
import { SipHash } from "./siphash.js";
import { HashWriter } from "./text.js";

/** Simple, timestamp, counter, data and recursive data auth. */
export type AuthMethod = "sa" | "ta" | "ca" | "da" | "ra";

/** What orders requests: seconds since 1970 and a number that counts up. Either may be missing, neither is ever 0. */
export interface Counters {
  readonly timestamp?: number | undefined;
  readonly requestCount?: number | undefined;
}

/**
 * The counters that a request may carry under a method. Servers trust whatever counter stands in a request, so one that
 * the signature does not cover is not sent. Simple auth covers none and servers want one: the request count then.
 */
export function sentCounters(method: AuthMethod | undefined, counters: Counters): Counters {
  const { timestamp, requestCount } = counters;
  if (method === "ta") return { timestamp };
  if (method === "ca") return { requestCount };
  if (method === "sa") return requestCount === undefined ? { timestamp } : { requestCount };
  return { timestamp, requestCount };
}

/** The characters between serial number and data in every signature: timestamp first, what is missing left out. */
function counterText(counters: Counters): string {
  return `${counters.timestamp ?? ""}${counters.requestCount ?? ""}`;
}

/** Serial number and counters, which every answer's signature starts with. */
export function answerPrefix(serialNumber: string, counters: Counters): string {
  return serialNumber + counterText(counters);
}

const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;

/**
 * Signs one request: `beginData`, the text of the data, `endData`, then the same for every row, then `end`. The text is
 * written to `text`, or handed over with `update` where it stands in a buffer.
 */
export class Signer {
  readonly text: HashWriter;
  readonly #hash: SipHash;
  readonly #method: AuthMethod;
  readonly #padded: boolean;
  #rows = 0;
  /** The last hash in hex, and where it starts: in recursive data auth the next step begins with it. */
  readonly #digits = new Uint8Array(16);
  #firstDigit = 16;

  /** `padded`: hashes keep their leading zeros, which few servers want. */
  constructor(method: AuthMethod, key: Uint8Array, serialNumber: string, counters: Counters, padded: boolean) {
    this.#hash = new SipHash(key);
    this.text = new HashWriter(this.#hash);
    this.#method = method;
    this.#padded = padded;
    this.text.utf8(serialNumber);
    if (method === "ra") {
      this.#endStep();
      if (counters.timestamp !== undefined) this.#step(String(counters.timestamp));
      if (counters.requestCount !== undefined) this.#step(String(counters.requestCount));
    } else if (method !== "sa") {
      this.text.ascii(counterText(counters));
    }
  }

  /** Whether data and rows are part of the signature. */
  get coversData(): boolean {
    return this.#method === "da" || this.#method === "ra";
  }

  update(bytes: Uint8Array, start: number, end: number): void {
    this.text.flush();
    this.#hash.update(bytes, start, end);
  }

  beginData(): void {
    if (this.#method === "ra") this.update(this.#digits, this.#firstDigit, 16);
  }

  endData(): void {
    if (this.#method === "ra") this.#endStep();
  }

  /** In place of data: recursive data auth hashes an empty array, data auth nothing. */
  noData(): void {
    if (this.#method === "ra") this.#step("[]");
  }

  beginRow(): void {
    if (this.#method === "da") this.text.put(this.#rows === 0 ? OPEN : COMMA);
    this.#rows++;
    this.beginData();
  }

  endRow(): void {
    this.endData();
  }

  /** The value of "auth": the method and the hash. */
  end(): string {
    if (this.#method === "da" && this.#rows > 0) this.text.put(CLOSE);
    if (this.#method !== "ra") this.#endStep();
    return this.#method + String.fromCharCode(...this.#digits.subarray(this.#firstDigit));
  }

  #step(text: string): void {
    this.beginData();
    this.text.ascii(text);
    this.#endStep();
  }

  #endStep(): void {
    this.text.flush();
    const first = this.#hash.hexDigits(this.#digits);
    this.#firstDigit = this.#padded ? 0 : first;
  }
}
