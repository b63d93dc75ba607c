import type { HTTPClient, HTTPClientConstructor, HTTPRequest } from "../../hal/http.js";
import type { TimerHandle, Timers } from "../../hal/timer.js";
import type { BaseURL } from "../url.js";
import { guarded } from "./guarded.js";
import { NameAsAddress, type SocketBoard, socketFor } from "./socket.js";

/** No answer, or no further byte of it, for so long: give up. Milliseconds; a modem's own limits for a connection are 35 to 155 s. */
const SILENCE = 150_000;
/** The whole request may last so long: 4 KB pass in it at 40 bits per second. Milliseconds. */
const LONGEST = 900_000;

export interface ExchangeOptions {
  /** Its path is asked for as it is. */
  readonly url: BaseURL;
  readonly method: "GET" | "POST";
  readonly headers: Map<string, string>;
  /** Absent: none is sent. */
  readonly body?: Uint8Array;
  /** Status and headers of the answer, names in lower case; gives the reason when the rest of it is not wanted. */
  onHeaders(status: number, headers: ReadonlyMap<string, string>): string | undefined;
  /** The next piece of the answer's body; gives the reason when no more is wanted. */
  onData(data: ArrayBuffer): string | undefined;
  /** The end, or why it came too early. Called once, on a turn of its own, never after `close`. */
  onDone(problem?: string): void;
}

export type HTTPBoard = SocketBoard & { readonly HTTPClient: HTTPClientConstructor; readonly timer: Timers };

/** One HTTP request and its answer on a connection of its own, over the sockets of the network. Every wait has an end. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #timer: Timers;
  /** Absent while it is made: it may fail then. */
  #client: HTTPClient | undefined;
  #watchdog: TimerHandle | undefined;
  #deadline: TimerHandle | undefined;
  #sent = 0;
  #done = false;

  constructor(board: HTTPBoard, options: ExchangeOptions) {
    this.#options = options;
    this.#timer = board.timer;
    const { url } = options;
    const socket = socketFor(board, url);
    const client = new board.HTTPClient({
      host: url.host,
      port: url.port,
      socket: { ...socket, io: guarded(socket.io, () => this.#end("the answer is not understood")) },
      dns: { io: NameAsAddress },
      onError: (error) =>
        this.#end(error instanceof Error ? `connection failed: ${error.message}` : "connection failed"),
    });
    if (this.#done) return;
    this.#client = client;
    this.#alive();
    this.#deadline = this.#timer.set(() => this.#end("the answer took too long"), LONGEST);
    this.#request(client);
  }

  /** Abandons the request without a word. */
  close(): void {
    this.#done = true;
    this.#timer.clear(this.#watchdog);
    this.#timer.clear(this.#deadline);
    this.#client?.close();
  }

  #request(client: HTTPClient): void {
    const { method, url, headers } = this.#options;
    const exchange = this;
    client.request({
      method,
      path: url.path || "/",
      headers,
      // No headersMask: the SDK's client throws when a piece of the answer ends inside a header that it skips.
      onWritable(count) {
        exchange.#write(this, count);
      },
      onHeaders(status, received) {
        exchange.#take(() => exchange.#options.onHeaders(status, received));
      },
      onReadable(count) {
        const data = this.read(count);
        if (data) exchange.#take(() => exchange.#options.onData(data));
      },
      onDone(error) {
        exchange.#end(error ? "connection lost" : undefined);
      },
    });
  }

  #write(request: HTTPRequest, count: number): void {
    const { body } = this.#options;
    if (!body) return;
    const end = Math.min(body.length, this.#sent + count);
    if (end === this.#sent) return;
    const part = body.subarray(this.#sent, end);
    this.#sent = end;
    request.write(part);
    this.#alive();
  }

  #take(part: () => string | undefined): void {
    if (this.#done) return;
    this.#alive();
    const problem = part();
    if (problem !== undefined) this.#end(problem);
  }

  #alive(): void {
    if (this.#done) return;
    this.#timer.clear(this.#watchdog);
    this.#watchdog = this.#timer.set(() => this.#end("no answer in time"), SILENCE);
  }

  #end(problem?: string): void {
    if (this.#done) return;
    this.close();
    // On a turn of its own: what goes wrong with the answer must not be taken for the client's.
    this.#watchdog = this.#timer.set(() => this.#options.onDone(problem));
  }
}
