import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { request as httpRequest, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { signRequest } from "../../../tools/server/auth.js";
import { parseJSON } from "../../../tools/server/json.js";
import { readRequest } from "../../../tools/server/request.js";

export const SERIAL = "aaa111222";
export const KEY = "dac86b1a29ab82edc5fbbc41ec9530f6";
export const KEY_BYTES = Uint8Array.from(Buffer.from(KEY, "hex"));
/** 2021-01-25 13:57:50 UTC, the time of the spec's examples. */
export const NOW = 1611583070;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where the connection comes from; absent inside the process. */
  readonly remoteAddress?: string;
}

/** One request over a connection inside the process. */
export function call(
  server: Server,
  { method = "GET", path = "/", body, headers = {}, remoteAddress }: Call,
): Promise<Answer> {
  const [near, far] = connectionPair();
  server.emit("connection", Object.assign(far, { remoteAddress }));
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const request = httpRequest({ method, path, headers: { ...length, ...headers }, createConnection: () => near });
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        resolve({ status: response.statusCode!, headers: response.headers, text: Buffer.concat(chunks).toString() });
      });
    });
    request.end(body);
  });
}

export function post(server: Server, path: string, body: string): Promise<Answer> {
  return call(server, { method: "POST", path, body, headers: { "content-type": "application/json" } });
}

/** Posts a device request, given as JSON without its end and its auth, signed by `method`. */
export function send(server: Server, members: string, method = "ra"): Promise<Answer> {
  return post(server, "/dd", signed(members, method));
}

/** `{MEMBERS,"a":...}` with the signature of a device that has KEY. */
export function signed(members: string, method = "ra"): string {
  const auth = signRequest(readRequest(parseJSON(`{${members}}`)), method, KEY_BYTES);
  return `{${members},"a":"${auth}"}`;
}

/** Runs with a folder that is gone afterwards. */
export async function withFolder(body: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "heliograph-"));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Every file of a folder with its content. */
export function contentsOf(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

function connectionPair(): [Duplex, Duplex] {
  const near = side(() => far);
  const far = side(() => near);
  return [near, far];
}

function side(other: () => Duplex): Duplex {
  return new Duplex({
    read() {},
    write(chunk: Buffer, _, done) {
      other().push(chunk);
      done();
    },
    final(done) {
      other().push(null);
      done();
    },
  });
}
