import { InvalidArgumentError } from "commander";
import { parseBaseURL } from "../firmware/url.js";

/* What options of several programs take; each throws InvalidArgumentError for what it does not. */

/** Seconds since 1970 from a time in ISO 8601. */
export function moment(text: string): number {
  const milliseconds = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (milliseconds >= Date.parse("2025-01-01T00:00:00Z")) return Math.floor(milliseconds / 1000);
  throw new InvalidArgumentError("expected a time like 2026-01-01T09:00:00Z, not before 2025.");
}

export function baseURL(text: string): string {
  if (parseBaseURL(text)) return text;
  throw new InvalidArgumentError("expected http://HOST[:PORT][/PATH] or https://...");
}
