import type { HTTPClient, HTTPClientOptions, HTTPRequest, HTTPRequestOptions } from "../../hal/http.js";
import type { ByteBuffer, TCP } from "../../hal/tcp.js";

/** Name resolver class of the ECMA-419 `dns` option, as far as a client uses it. */
type Resolver = new (
  options: object,
) => {
  resolve(options: {
    host: string;
    onResolved(host: string, address: string): void;
    onError?(error: Error): void;
  }): void;
};

type State = "connecting" | "body" | "head" | "answer" | "closed";

/**
 * Stands in for the SDK's `embedded:network/http/client`, which is not on this XS: the same ECMA-419 contract for one
 * request on a connection, with a body and an answer that are delimited by Content-Length or by the end of the connection.
 */
export class TestHTTPClient implements HTTPClient {
  readonly #options: HTTPClientOptions;
  #socket: TCP | undefined;
  #request: HTTPRequestOptions | undefined;
  #handle: HTTPRequest | undefined;
  #state: State = "connecting";
  /** Request head still to be written. */
  #pending: Uint8Array | undefined;
  #bodyLeft = 0;
  #writable = 0;
  #readable = 0;
  #answerLeft = Number.POSITIVE_INFINITY;
  #head = "";

  constructor(options: HTTPClientOptions) {
    this.#options = options;
    const { io, ...dns } = options.dns;
    new (io as Resolver)(dns).resolve({
      host: options.host,
      onResolved: (host, address) => this.#connect(host, address),
      onError: (error) => this.#fail(error),
    });
  }

  request(options: HTTPRequestOptions): HTTPRequest {
    if (this.#request) throw new Error("one request for each connection");
    this.#request = options;
    this.#bodyLeft = Number(options.headers?.get("content-length") ?? 0);
    this.#pending = ascii(requestHead(this.#options.host, options));
    this.#handle = { read: (count = this.#readable) => this.#read(count), write: (data) => this.#writeBody(data) };
    return this.#handle;
  }

  close(): void {
    this.#state = "closed";
    this.#socket?.close();
  }

  #connect(host: string, address: string): void {
    const { io, ...socket } = this.#options.socket;
    this.#socket = new io({
      ...socket,
      host,
      address,
      port: this.#options.port ?? 80,
      onReadable: (count) => this.#receive(count),
      onWritable: (count) => this.#send(count),
      onError: () => this.#fail(new Error("connection closed")),
    });
  }

  #send(count: number): void {
    this.#writable = count;
    if (this.#pending) {
      const part = this.#pending.subarray(0, this.#writable);
      this.#pending = part.length < this.#pending.length ? this.#pending.subarray(part.length) : undefined;
      this.#writable = this.#socket!.write(part);
    }
    if (this.#pending || this.#state === "closed") return;
    if (this.#state === "connecting") this.#state = this.#bodyLeft ? "body" : "head";
    const room = Math.min(this.#writable, this.#bodyLeft);
    if (room) this.#request?.onWritable?.call(this.#handle!, room);
  }

  #writeBody(data: ByteBuffer): number {
    if (this.#state !== "body" || data.byteLength > Math.min(this.#writable, this.#bodyLeft))
      throw new Error("would block");
    this.#bodyLeft -= data.byteLength;
    if (this.#bodyLeft === 0) this.#state = "head";
    this.#writable = this.#socket!.write(data);
    return Math.min(this.#writable, this.#bodyLeft);
  }

  #receive(count: number): void {
    this.#readable = count;
    if (this.#state === "head") this.#receiveHead();
    if (this.#state !== "answer") return;
    const some = Math.min(this.#readable, this.#answerLeft);
    if (some) this.#request?.onReadable?.call(this.#handle!, some);
    // The callback may have closed the client.
    if (this.#answerLeft === 0 && (this.#state as State) !== "closed") this.#finish(null);
  }

  #receiveHead(): void {
    this.#socket!.format = "number";
    while (this.#readable > 0 && !this.#head.endsWith("\r\n\r\n")) {
      this.#head += String.fromCharCode(this.#socket!.read() as number);
      this.#readable--;
    }
    this.#socket!.format = "buffer";
    if (!this.#head.endsWith("\r\n\r\n")) return;
    const { status, headers } = parseHead(this.#head);
    const length = headers.get("content-length");
    this.#answerLeft = status === 204 ? 0 : length === undefined ? Number.POSITIVE_INFINITY : Number(length);
    this.#state = "answer";
    this.#request?.onHeaders?.call(this.#handle!, status, headers);
  }

  #read(count: number): ArrayBuffer | undefined {
    const buffer = this.#socket?.read(Math.min(count, this.#readable, this.#answerLeft));
    this.#readable -= buffer?.byteLength ?? 0;
    this.#answerLeft -= buffer?.byteLength ?? 0;
    return buffer;
  }

  #fail(error: Error): void {
    if (this.#state === "closed") return;
    const complete = this.#state === "answer" && this.#answerLeft === Number.POSITIVE_INFINITY;
    if (this.#request) this.#finish(complete ? null : error);
    else {
      this.close();
      this.#options.onError?.(error);
    }
  }

  #finish(error: Error | null): void {
    const request = this.#request;
    this.close();
    request?.onDone?.call(this.#handle!, error);
  }
}

function requestHead(host: string, { method = "GET", path = "/", headers }: HTTPRequestOptions): string {
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n`;
  for (const [name, value] of headers ?? []) head += `${name}: ${value}\r\n`;
  return `${head}\r\n`;
}

function parseHead(head: string): { status: number; headers: Map<string, string> } {
  const lines = head.trimEnd().split("\r\n");
  const headers = new Map<string, string>();
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(":");
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { status: Number(lines[0]!.split(" ")[1]), headers };
}

function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
