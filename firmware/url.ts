/** Parts of a base URL (spec "Base URL"). */
export interface BaseURL {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** Begins with "/" or is empty, never ends with "/"; routes are appended to it. */
  readonly path: string;
}

/** Reads `http(s)://host[:port][/path]`; undefined when it is none. */
export function parseBaseURL(text: string): BaseURL | undefined {
  const match = /^(https?):\/\/([A-Za-z0-9.-]{1,253})(?::(\d{1,5}))?(\/[!-~]*)?$/.exec(text);
  if (!match) return undefined;
  const secure = match[1] === "https";
  const port = match[3] ? Number(match[3]) : secure ? 443 : 80;
  if (port === 0 || port > 65535) return undefined;
  return { secure, host: match[2]!, port, path: (match[4] ?? "").replace(/\/+$/, "") };
}
