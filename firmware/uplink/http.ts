import type { HTTPClient, HTTPClientConstructor, HTTPRequest } from "../../hal/http.js";
import type { TimerHandle, Timers } from "../../hal/timer.js";
import type { BaseURL } from "../url.js";
import { guarded } from "./guarded.js";
import { NameAsAddress, type SocketBoard, socketFor } from "./socket.js";

/** No answer, or no further byte of it, for so long: give up. Milliseconds; a modem's own connect limit is 120 s. */
const SILENCE = 150_000;
/** The whole request may last so long: 4 KB pass in it at 40 bits per second. Milliseconds. */
const LONGEST = 900_000;
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
  /** The end: the status and the answer's body, or why there is none. Called once, never after `close`. */
  onDone: (status: number, answer: Uint8Array, problem?: string) => void;
}

type HTTPBoard = SocketBoard & { HTTPClient: HTTPClientConstructor; timer: Timers };

/** One HTTP POST on a connection of its own, over the sockets of the network. */
export class Post {
  readonly #options: PostOptions;
  readonly #timer: Timers;
  readonly #client: HTTPClient;
  #watchdog: TimerHandle | undefined;
  readonly #deadline: TimerHandle;
  #status = 0;
  #sent = 0;
  #length = 0;
  #answer = new Uint8Array(256);
  #done = false;

  constructor(board: HTTPBoard, options: PostOptions) {
    this.#options = options;
    this.#timer = board.timer;
    const { url, route } = options;
    const socket = socketFor(board, url);
    this.#client = new board.HTTPClient({
      host: url.host,
      port: url.port,
      socket: { ...socket, io: guarded(socket.io, () => this.#end("the answer is not understood")) },
      dns: { io: NameAsAddress },
      onError: () => this.#end("connection failed"),
    });
    this.#alive();
    this.#deadline = this.#timer.set(() => this.#end("the answer took too long"), LONGEST);
    const post = this;
    this.#client.request({
      method: "POST",
      path: url.path + route,
      headers: this.#headers(),
      // No headersMask: the SDK's client throws when a piece of the answer ends inside a header that it skips.
      onWritable(count) {
        post.#write(this, count);
      },
      onHeaders(status) {
        post.#alive();
        post.#status = status;
      },
      onReadable(count) {
        post.#read(this, count);
      },
      onDone(error) {
        post.#end(error ? "connection lost" : undefined);
      },
    });
  }

  /** Abandons the request without a word. */
  close(): void {
    this.#done = true;
    this.#timer.clear(this.#watchdog);
    this.#timer.clear(this.#deadline);
    this.#client.close();
  }

  #headers(): Map<string, string> {
    const headers = new Map([
      ["content-type", this.#options.contentType],
      ["content-length", String(this.#options.body.length)],
    ]);
    if (this.#options.bearer) headers.set("authorization", `Bearer ${this.#options.bearer}`);
    return headers;
  }

  #write(request: HTTPRequest, count: number): void {
    const { body } = this.#options;
    const end = Math.min(body.length, this.#sent + count);
    if (end === this.#sent) return;
    const part = body.subarray(this.#sent, end);
    this.#sent = end;
    request.write(part);
    this.#alive();
  }

  #read(request: HTTPRequest, count: number): void {
    const data = request.read(count);
    if (!data) return;
    this.#alive();
    const length = this.#length + data.byteLength;
    if (length > ANSWER_LIMIT) {
      this.#end(`answer over ${ANSWER_LIMIT} bytes`);
      return;
    }
    this.#grow(length);
    this.#answer.set(new Uint8Array(data), this.#length);
    this.#length = length;
  }

  #grow(length: number): void {
    if (length <= this.#answer.length) return;
    const larger = new Uint8Array(Math.max(length, Math.min(ANSWER_LIMIT, this.#answer.length * 2)));
    larger.set(this.#answer);
    this.#answer = larger;
  }

  #alive(): void {
    if (this.#done) return;
    this.#timer.clear(this.#watchdog);
    this.#watchdog = this.#timer.set(() => this.#end("no answer in time"), SILENCE);
  }

  #end(problem?: string): void {
    if (this.#done) return;
    this.close();
    const answer = this.#answer.subarray(0, this.#length);
    // On a turn of its own: what goes wrong with the answer must not be taken for the client's.
    this.#watchdog = this.#timer.set(() => this.#options.onDone(this.#status, answer, problem));
  }
}
