import { SipHash } from "../../firmware/openpaygo/siphash.js";
import { Refusal } from "./refusal.js";
import type { DeviceRequest } from "./request.js";

type Step = (request: DeviceRequest, key: Uint8Array) => string;

/** What each method of the spec ("Security", Device Request) hashes; the result follows the method's two letters. */
const METHODS: Record<string, Step> = {
  sa: (request, key) => hash(key, request.serialNumber),
  ta: (request, key) => hash(key, request.serialNumber + required(request.timestamp, "timestamp", "ta")),
  ca: (request, key) => hash(key, request.serialNumber + required(request.requestCount, "request_count", "ca")),
  da: (request, key) => hash(key, dataText(request)),
  ra: recursiveHash,
};

/** Counters that a valid request carried and that protect it against replay; at least one of the two. */
export interface Counters {
  readonly timestamp: number | undefined;
  readonly requestCount: number | undefined;
}

/** The `auth` of a request by one of sa, ta, ca, da, ra. Throws Refusal 403 when what it signs is missing. */
export function signRequest(request: DeviceRequest, method: string, key: Uint8Array): string {
  const sign = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
  if (!sign) throw new Refusal(403, `auth: expected sa, ta, ca, da or ra and a hash, found ${shown(request.auth)}`);
  return method + sign(request, key);
}

/**
 * Throws Refusal 403 unless the request is signed with the key. Returns the counters that the signature covers
 * (for `sa`, which covers none, those that came).
 */
export function verifyRequest(request: DeviceRequest, key: Uint8Array): Counters {
  const method = request.auth?.slice(0, 2) ?? "";
  if (request.auth !== signRequest(request, method, key)) throw new Refusal(403, mismatch(request, method));
  const { timestamp, requestCount } = request;
  if (timestamp === undefined && requestCount === undefined) {
    throw new Refusal(403, "expected request_count or timestamp against replay, found neither");
  }
  return {
    timestamp: method === "ca" ? undefined : timestamp,
    requestCount: method === "ta" ? undefined : requestCount,
  };
}

/** Throws Refusal 409 unless every counter of the request is above the last one taken. */
export function checkReplay(counters: Counters, last: { timestamp: number; requestCount: number }): void {
  for (const name of ["requestCount", "timestamp"] as const) {
    const value = counters[name];
    const member = name === "requestCount" ? "request_count" : name;
    if (value !== undefined && value <= last[name]) {
      throw new Refusal(409, `${member}: expected a number above ${last[name]}, the last one taken, found ${value}`);
    }
  }
}

/** Signature of an answer: the reference's order, without separators; `parts` are the texts of auts or asl, tkl, st, ed. */
export function signAnswer(request: DeviceRequest, parts: readonly string[], key: Uint8Array): string {
  return `da${hash(key, [request.serialNumber, counterText(request), ...parts].join(""))}`;
}

function dataText(request: DeviceRequest): string {
  return [
    request.serialNumber,
    counterText(request),
    textUnlessEmpty(request.data),
    textUnlessEmpty(request.historicalData),
  ].join("");
}

function recursiveHash(request: DeviceRequest, key: Uint8Array): string {
  let chain = hash(key, request.serialNumber);
  if (request.timestamp !== undefined) chain = hash(key, chain + request.timestamp);
  if (request.requestCount !== undefined) chain = hash(key, chain + request.requestCount);
  chain = hash(key, chain + (request.data?.text ?? "[]"));
  for (const row of request.rows) chain = hash(key, chain + row.text);
  return chain;
}

function counterText(request: DeviceRequest): string {
  return `${request.timestamp ?? ""}${request.requestCount ?? ""}`;
}

/** The reference leaves out what Python takes as false. */
function textUnlessEmpty(node: { readonly text: string } | undefined): string {
  return !node || node.text === "{}" || node.text === "[]" ? "" : node.text;
}

/** Lower-case hex without leading zeros. */
function hash(key: Uint8Array, text: string): string {
  const siphash = new SipHash(key);
  siphash.update(new TextEncoder().encode(text));
  return siphash.hex();
}

function required(value: number | undefined, name: string, method: string): number {
  if (value === undefined) throw new Refusal(403, `auth ${method} signs ${name}, which is missing`);
  return value;
}

function mismatch(request: DeviceRequest, method: string): string {
  return `auth: ${shown(request.auth)} is not the ${method} signature of this request under the key of ${request.serialNumber}`;
}

function shown(auth: string | undefined): string {
  return auth === undefined ? "none" : JSON.stringify(auth.slice(0, 24));
}
