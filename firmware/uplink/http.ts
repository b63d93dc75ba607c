import type { BaseURL } from "../url.js";
import { Exchange, type HTTPBoard } from "./exchange.js";
import { parseHTTPDate } from "./http-date.js";

/** A request that takes longer than this brings no time: it could be as old as that. Milliseconds. */
const FRESH = 60_000;
/** More than this is no answer for a device. */
const ANSWER_LIMIT = 4096;

export interface PostOptions {
  url: BaseURL;
  /** Route relative to the base URL, such as "/dd". */
  route: string;
  contentType: string;
  /** JWT for the Authorization header. */
  bearer?: string | undefined;
  body: Uint8Array;
  /** The server's time, seconds since 1970, at most a minute late. */
  onTime?: (time: number) => void;
  /** The end: the status and the answer's body, or why there is none. Called once, never after `close`. */
  onDone: (status: number, answer: Uint8Array, problem?: string) => void;
}

/** One HTTP POST, and its answer in one piece. */
export class Post {
  readonly #exchange: Exchange;
  #status = 0;
  #length = 0;
  #answer = new Uint8Array(256);

  constructor(board: HTTPBoard & { readonly ticks: () => number }, options: PostOptions) {
    const { url, route, body, onTime, onDone } = options;
    const stale = board.ticks() + FRESH;
    this.#exchange = new Exchange(board, {
      url: { ...url, path: url.path + route },
      method: "POST",
      headers: headersOf(options),
      body,
      onHeaders: (status, headers) => {
        this.#status = status;
        const time = parseHTTPDate(headers.get("date") ?? "");
        if (time !== undefined && board.ticks() <= stale) onTime?.(time);
        return undefined;
      },
      onData: (data) => this.#append(data),
      onDone: (problem) => onDone(this.#status, this.#answer.subarray(0, this.#length), problem),
    });
  }

  /** Abandons the request without a word. */
  close(): void {
    this.#exchange.close();
  }

  #append(data: ArrayBuffer): string | undefined {
    const length = this.#length + data.byteLength;
    if (length > ANSWER_LIMIT) return `answer over ${ANSWER_LIMIT} bytes`;
    this.#grow(length);
    this.#answer.set(new Uint8Array(data), this.#length);
    this.#length = length;
    return undefined;
  }

  #grow(length: number): void {
    if (length <= this.#answer.length) return;
    const larger = new Uint8Array(Math.max(length, Math.min(ANSWER_LIMIT, this.#answer.length * 2)));
    larger.set(this.#answer);
    this.#answer = larger;
  }
}

function headersOf({ contentType, body, bearer }: PostOptions): Map<string, string> {
  const headers = new Map([
    ["content-type", contentType],
    ["content-length", String(body.length)],
  ]);
  if (bearer) headers.set("authorization", `Bearer ${bearer}`);
  return headers;
}
