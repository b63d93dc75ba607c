import { Agent, type ClientRequest, type IncomingMessage, request as startRequest } from "node:http";
import type { HTTPClient, HTTPClientOptions, HTTPRequest, HTTPRequestOptions } from "../http.js";
import type { ByteBuffer } from "../tcp.js";
import { TCPDuplex } from "./tcp-duplex.js";
import { settled, stir } from "./turn.js";

/** Bytes of a body that may wait for the socket. */
const WINDOW = 16384;
/** Headers that Node adds unless told not to; each costs bytes on a metered link. */
const ADDED_BY_NODE = ["connection", "content-length", "transfer-encoding"];

/** Lets Node's `http` use one given connection, again and again, and no other. */
class OneConnection extends Agent {
  readonly #connection: TCPDuplex;

  constructor(connection: TCPDuplex) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#connection = connection;
  }

  override createConnection(): TCPDuplex {
    return this.#connection;
  }

  /** Nothing to set: the agent's own would want a net.Socket. */
  override keepSocketAlive(): boolean {
    return true;
  }

  override reuseSocket(): void {}
}

class Exchange implements HTTPRequest {
  readonly options: HTTPRequestOptions;
  request: ClientRequest | undefined;
  response: IncomingMessage | undefined;
  /** Bytes of the request's body still to be written. */
  unsent: number;

  constructor(options: HTTPRequestOptions) {
    this.options = { ...options };
    this.unsent = bodyLength(options.headers);
  }

  read(byteLength = Number.POSITIVE_INFINITY): ArrayBuffer | undefined {
    const { response } = this;
    const count = Math.min(byteLength, response?.readableLength ?? 0);
    if (!response || !(count > 0)) return undefined;
    const bytes: Buffer = response.read(count);
    // A stream that was read to the last byte notices its end only when asked for more.
    response.read(0);
    stir();
    return new Uint8Array(bytes).buffer;
  }

  write(data: ByteBuffer): number {
    if (!this.request?.socket || this.unsent === 0) throw new Error("no body is being sent: wait for onWritable");
    const bytes = new Uint8Array(data instanceof ArrayBuffer ? data.slice(0) : data);
    const free = this.free;
    if (bytes.byteLength > free) throw new Error(`would overflow: ${free} bytes are free, got ${bytes.byteLength}`);
    this.unsent -= bytes.byteLength;
    if (this.unsent === 0) this.request.end(bytes);
    else this.request.write(bytes, (error) => this.#onSent(error));
    stir();
    return this.free;
  }

  /** Nothing more is sent, read or called. */
  abandon(): void {
    this.unsent = 0;
    this.response = undefined;
    this.request?.destroy();
  }

  get free(): number {
    return Math.max(0, Math.min(this.unsent, WINDOW - (this.request?.writableLength ?? WINDOW)));
  }

  onWritable(): void {
    const free = this.free;
    if (free > 0) this.options.onWritable?.call(this, free);
  }

  #onSent(error: Error | null | undefined): void {
    if (!error) this.onWritable();
  }
}

/**
 * The ECMA-419 HTTP client (20) over Node's `http`: one connection, requests in sequence, over the TCP class in `socket.io`. As in the
 * Moddable SDK's client: it connects at once; an answer is done when its body was read; when the connection is refused, lost or closed by the
 * server, every open request gets `onDone(error)`, then comes `onError`, and the client is closed. `dns` is not used: `socket.io` takes names.
 */
export class HostHTTPClient implements HTTPClient {
  /** For virtual time: settles when no client has anything left to do without new input; undefined when that is so now. */
  static readonly settled = settled;

  readonly #options: HTTPClientOptions;
  readonly #waiting: Exchange[] = [];
  #connection: TCPDuplex | undefined;
  #agent: OneConnection | undefined;
  #current: Exchange | undefined;
  /** What the stream said was wrong, until it is closed. */
  #reason: Error | undefined;
  #failed = false;
  #closed = false;

  constructor(options: HTTPClientOptions) {
    if (typeof options.host !== "string" || options.host === "")
      throw new TypeError(`host must be a name, got ${options.host}`);
    this.#options = options;
    // No callback may come from inside the constructor.
    process.nextTick(() => this.#connect());
    stir();
  }

  request(options: HTTPRequestOptions): HTTPRequest {
    if (this.#closed || this.#failed) throw new Error("closed: make a new client");
    const exchange = new Exchange(options);
    this.#waiting.push(exchange);
    process.nextTick(() => this.#next());
    stir();
    return exchange;
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  #connect(): void {
    if (this.#closed) return;
    const { host, port = 80, socket } = this.#options;
    try {
      this.#connection = new TCPDuplex({ ...socket, address: host, host, port });
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    this.#connection.on("connect", () => {
      this.#agent = new OneConnection(this.#connection!);
      this.#next();
    });
    this.#connection.on("error", (error) => {
      this.#reason = error;
    });
    this.#connection.on("close", () => this.#onConnectionClosed());
  }

  #onConnectionClosed(): void {
    // An answer that has begun ends by its own events, once it was read.
    if (!this.#current?.response)
      this.#fail(this.#reason ?? new Error("the server closed the connection, or it was lost"));
  }

  #next(): void {
    if (!this.#agent || this.#current || this.#closed || this.#failed) return;
    const exchange = this.#waiting.shift();
    if (exchange) this.#start(exchange, this.#agent);
  }

  #start(exchange: Exchange, agent: OneConnection): void {
    this.#current = exchange;
    const request = this.#makeRequest(exchange.options, agent);
    if (!request) return;
    exchange.request = request;
    const ifCurrent = (run: () => void) => {
      if (this.#current === exchange) run();
    };
    request.on("socket", () => ifCurrent(() => exchange.onWritable()));
    request.on("response", (response) => ifCurrent(() => this.#onResponse(exchange, response, ifCurrent)));
    request.on("error", (error) =>
      ifCurrent(() => {
        if (!exchange.response?.complete) this.#fail(error);
      }),
    );
    if (exchange.unsent === 0) request.end();
  }

  /** Undefined after telling everyone that Node refused a header or the path. */
  #makeRequest(options: HTTPRequestOptions, agent: OneConnection): ClientRequest | undefined {
    const { method = "GET", path = "/", headers = new Map<string, string>() } = options;
    const { host, port = 80 } = this.#options;
    try {
      const request = startRequest({
        agent,
        host,
        port,
        method,
        path,
        headers: { host, ...Object.fromEntries(headers) },
      });
      for (const name of ADDED_BY_NODE) if (!request.hasHeader(name)) request.removeHeader(name);
      return request;
    } catch (error) {
      this.#fail(error as Error);
      return undefined;
    }
  }

  #onResponse(exchange: Exchange, response: IncomingMessage, ifCurrent: (run: () => void) => void): void {
    const { headersMask, onHeaders } = exchange.options;
    exchange.response = response;
    onHeaders?.call(exchange, response.statusCode!, headersOf(response, headersMask));
    response.on("readable", () => ifCurrent(() => onReadable(exchange, response)));
    response.on("end", () => ifCurrent(() => this.#done(exchange)));
    response.on("error", (error) => ifCurrent(() => this.#fail(error)));
  }

  #done(exchange: Exchange): void {
    exchange.options.onDone?.call(exchange, null);
    if (this.#closed) return;
    this.#current = undefined;
    if (exchange.unsent > 0) this.#fail(new Error("the server answered before the whole request was sent"));
    else if (!this.#connection?.writable) this.#fail(new Error("the server closed the connection"));
    else this.#next();
  }

  #fail(error: Error): void {
    if (this.#failed || this.#closed) return;
    this.#failed = true;
    const open = this.#current ? [this.#current, ...this.#waiting] : [...this.#waiting];
    this.#drop();
    for (const exchange of open) if (!this.#closed) exchange.options.onDone?.call(exchange, error);
    if (!this.#closed) this.#options.onError?.(error);
    this.#closed = true;
  }

  #drop(): void {
    this.#current?.abandon();
    this.#current = undefined;
    this.#waiting.length = 0;
    this.#connection?.destroy();
  }
}

/** Length of the body that the headers announce. Throws for a chunked one, which a small device has no use for. */
function bodyLength(headers = new Map<string, string>()): number {
  let length = 0;
  for (const [name, value] of headers) {
    if (name.toLowerCase() === "transfer-encoding")
      throw new RangeError("a request needs content-length, got transfer-encoding");
    if (name.toLowerCase() === "content-length") length = Number(value);
  }
  if (!Number.isInteger(length) || length < 0)
    throw new RangeError(`content-length must be a whole number, got ${length}`);
  return length;
}

/** All but the date: time is simulated on the host, and a server outside has another. */
function headersOf(response: IncomingMessage, mask: string[] | undefined): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(response.headers))
    if (value !== undefined && name !== "date" && (!mask || mask.includes(name)))
      headers.set(name, typeof value === "string" ? value : value.join(", "));
  return headers;
}

function onReadable(exchange: Exchange, response: IncomingMessage): void {
  const count = response.readableLength;
  if (count > 0) exchange.options.onReadable?.call(exchange, count);
  // Reading nothing makes a stream at its end say so.
  else response.read();
}
