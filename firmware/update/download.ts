import type { Flash } from "../../hal/flash.js";
import type { Order } from "../update-order.js";
import { Exchange, type HTTPBoard } from "../uplink/exchange.js";
import { noTLS } from "../uplink/socket.js";
import { ImageWriter } from "./image-writer.js";

export interface DownloadOptions {
  readonly board: HTTPBoard;
  readonly order: Order;
  readonly slot: Flash;
  /** Bytes that are in the slot already. */
  readonly position: number;
  /** So many bytes are in the slot for good. */
  readonly onProgress: (position: number) => void;
}

/**
 * Fetches an image into a slot part by part (HTTP range requests, RFC 9110, 14), each when it is asked for. What has come is never
 * fetched again while this lives: after a lost connection the next part begins at the very byte.
 */
export class Download {
  readonly #options: DownloadOptions;
  readonly #writer: ImageWriter;
  #exchange: Exchange | undefined;
  #safe: number;

  constructor(options: DownloadOptions) {
    this.#options = options;
    this.#safe = options.position;
    this.#writer = new ImageWriter(options.slot, options.order.length, options.position);
  }

  /** Fetches the next part; then `onDone`, with the reason when less than that has come. Throws when that can't even begin. */
  next(onDone: (problem?: string) => void): void {
    const { board, order } = this.#options;
    const noWay = order.url.secure ? noTLS(board) : undefined;
    if (noWay !== undefined) throw new Error(noWay);
    const writer = this.#writer;
    const end = writer.prepare();
    this.#exchange = new Exchange(board, {
      url: order.url,
      method: "GET",
      headers: new Map([["range", `bytes=${writer.position}-${end - 1}`]]),
      onHeaders: (status, headers) => this.#check(status, headers.get("content-range")),
      onData: (data) => this.#write(new Uint8Array(data)),
      onDone: (problem) => {
        this.#exchange = undefined;
        onDone(problem ?? (writer.position < end ? "the answer was short" : undefined));
      },
    });
  }

  /** Abandons what is under way without a word. */
  close(): void {
    this.#exchange?.close();
  }

  #check(status: number, range: string | undefined): string | undefined {
    const { position } = this.#writer;
    const { length } = this.#options.order;
    if (status !== 206) return `server answered ${status}, expected 206 and the bytes from ${position} on`;
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(range ?? "") ?? [];
    if (Number(start) === position && Number(total) === length) return undefined;
    return `server sends "${range ?? "no content-range"}", expected the bytes from ${position} on of ${length}`;
  }

  #write(bytes: Uint8Array): string | undefined {
    try {
      this.#writer.write(bytes);
      if (this.#writer.safe > this.#safe) {
        this.#safe = this.#writer.safe;
        this.#options.onProgress(this.#safe);
      }
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }
}
