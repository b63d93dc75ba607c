import type { IncomingMessage, ServerResponse } from "node:http";
import { decodeBody, type Encoding, encodeBody, encodingOf } from "./encoding.js";
import type { JSONNode } from "./json.js";
import { Refusal } from "./refusal.js";

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
  /** Of the text, when it is JSON; "json" by default. */
  readonly encoding?: Encoding;
  /** For the log. */
  readonly note?: string;
}

/** `parts` are what the pattern caught in the path. */
export interface Route {
  readonly path: RegExp;
  /** Answered on the loopback interface only. */
  readonly local?: boolean;
  readonly GET?: (query: URLSearchParams, parts: readonly string[]) => Reply;
  readonly POST?: (body: JSONNode, parts: readonly string[]) => Reply;
}

const LOOPBACK = /^(::ffff:)?127\.|^::1$/;

export function json(status: number, value: unknown): Reply {
  return { status, text: JSON.stringify(value) };
}

/** From HTTP to routes and back: one answer in one write, also for every failure. */
export class Listener {
  readonly #routes: readonly Route[];
  readonly #maximumBytes: number;
  readonly #log: (line: string) => void;

  constructor(options: { routes: readonly Route[]; maximumBytes: number; log: (line: string) => void }) {
    this.#routes = options.routes;
    this.#maximumBytes = options.maximumBytes;
    this.#log = options.log;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    this.#reply(request, response, () => {
      const [path = "", query] = request.url?.split("?", 2) ?? [];
      const { route, parts } = this.#find(path, request);
      if (request.method === "GET" && route.GET) return route.GET(new URLSearchParams(query), parts);
      const { POST } = route;
      if (request.method !== "POST" || !POST) throw wrongMethod(request, response, route);
      const encoding = encodingOf(request.headers["content-type"]);
      this.#readBody(request, response, (bytes) => {
        this.#reply(request, response, () => ({ ...POST(decodeBody(bytes, encoding), parts), encoding }));
      });
      return undefined;
    });
  }

  #find(path: string, request: IncomingMessage): { route: Route; parts: readonly string[] } {
    for (const route of this.#routes) {
      const parts = route.path.exec(path)?.slice(1).map(decodeURIComponent);
      if (!parts) continue;
      // A connection that does not come over the network has no address.
      const { remoteAddress } = request.socket;
      if (!route.local || remoteAddress === undefined || LOOPBACK.test(remoteAddress)) return { route, parts };
      throw new Refusal(403, `${path} is for this machine only, the request came from ${remoteAddress}`);
    }
    throw new Refusal(404, `expected /device_data, /dd, /data_format, /api/devices or /, found ${path}`);
  }

  /** A body over the limit is answered as soon as that is known, and its connection closed. */
  #readBody(request: IncomingMessage, response: ServerResponse, done: (bytes: Buffer) => void): void {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > this.#maximumBytes) this.#refuseLength(request, response, length);
      else chunks.push(chunk);
    });
    request.on("end", () => {
      if (!response.writableEnded) done(Buffer.concat(chunks));
    });
    request.on("error", (error) => this.#log(`${request.method} ${request.url}: ${error.message}; nothing stored`));
    const announced = Number(request.headers["content-length"] ?? 0);
    if (announced > this.#maximumBytes) this.#refuseLength(request, response, announced);
  }

  /** Once: more of the body may come until the connection is closed. */
  #refuseLength(request: IncomingMessage, response: ServerResponse, length: number): void {
    if (response.writableEnded) return;
    response.setHeader("connection", "close");
    const reason = `expected a body of at most ${this.#maximumBytes} bytes, found at least ${length}`;
    this.#end(request, response, json(413, { error: reason }));
  }

  /** Ends the response with what `produce` gives or throws; with nothing when that comes later. */
  #reply(request: IncomingMessage, response: ServerResponse, produce: () => Reply | undefined): void {
    try {
      const reply = produce();
      if (reply) this.#end(request, response, reply);
    } catch (error) {
      this.#end(request, response, this.#failure(error));
    }
  }

  #failure(error: unknown): Reply {
    if (error instanceof Refusal) return json(error.status, { error: error.message });
    if (error instanceof SyntaxError || error instanceof URIError) return json(400, { error: error.message });
    this.#log(error instanceof Error ? String(error.stack) : String(error));
    return json(500, { error: "the server failed, its log says how; send the request again" });
  }

  #end(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
    response.sendDate = false;
    response.statusCode = reply.status;
    const { text, type, encoding = "json" } = reply;
    const body = type === undefined ? encodeBody(text, encoding) : Buffer.from(text);
    response.setHeader("content-type", type ?? `application/${encoding}`);
    response.setHeader("content-length", body.length);
    response.end(body);
    const note = reply.note ?? (reply.status >= 400 ? reply.text : "");
    this.#log(`${request.method} ${request.url} ${reply.status} ${note}`.trimEnd());
  }
}

function wrongMethod(request: IncomingMessage, response: ServerResponse, route: Route): Refusal {
  const allowed = (["GET", "POST"] as const).filter((method) => route[method]).join(", ");
  response.setHeader("allow", allowed);
  return new Refusal(405, `expected ${allowed}, found ${request.method}`);
}
