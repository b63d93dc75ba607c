import type { ByteBuffer, TCP, TCPOptions } from "../tcp.js";
import type { TimerHandle, Timers } from "../timer.js";
import { isQuotable } from "./ascii.js";
import type { Target } from "./dialect.js";
import type { Link } from "./link.js";
import type { Links } from "./links.js";
import { derOf } from "./pem.js";

/** Longest name in the DNS. */
const HOST_LENGTH = 253;

interface TLSOptions extends TCPOptions {
  tls?: { host?: string; ca?: ByteBuffer };
}

type Format = "buffer" | "number";

/**
 * ECMA-419 TCP socket (10.12) over a modem. What is written in one turn leaves in one piece on the next, as every
 * piece costs a round trip of AT commands and a TCP segment.
 */
export class Socket implements TCP {
  /** Whatever the owner gave. */
  readonly target: unknown;
  readonly #links: Links;
  readonly #timer: Timers;
  #link: Link | undefined;
  readonly #target: Target;
  #format: Format;
  readonly #onReadable: ((count: number) => void) | undefined;
  readonly #onWritable: ((count: number) => void) | undefined;
  #onError: (() => void) | undefined;
  #delivery: TimerHandle | undefined;

  constructor(options: TCPOptions, links: Links, timer: Timers, secure = false) {
    const target = secure ? checkSecureTarget(options) : checkTarget(options);
    this.#format = checkFormat(options.format ?? "buffer");
    this.target = options.target;
    this.#onReadable = options.onReadable;
    this.#onWritable = options.onWritable;
    this.#onError = options.onError;
    this.#target = target;
    this.#links = links;
    this.#timer = timer;
    this.#link = links.add(target);
    this.#link.onChanged = () => this.#schedule();
    if (this.#link.ended) this.#schedule();
  }

  read(): ArrayBuffer | number | undefined;
  read(byteLength: number): ArrayBuffer | undefined;
  read(buffer: ByteBuffer): number | undefined;
  read(what?: number | ByteBuffer): ArrayBuffer | number | undefined {
    const link = this.#opened();
    const { incoming } = link;
    const wanted = this.#format === "number" ? 1 : lengthOf(what ?? incoming.length);
    if (incoming.length === 0) return undefined;
    if (wanted < 1 || wanted > incoming.length)
      throw new Error(`cannot read ${wanted} bytes: ${incoming.length} are there`);
    const result = this.#format === "number" ? incoming.shift() : take(link, wanted, what);
    if (link.announced) this.#links.changed();
    if (incoming.length === 0 && link.ended) this.#schedule();
    return result;
  }

  write(data: ByteBuffer | number): number {
    const link = this.#opened();
    if (link.state !== "open") throw new Error("not connected");
    const bytes = this.#format === "number" ? oneByte(data) : viewOf(data);
    if (bytes.length > link.outgoing.free)
      throw new Error(`cannot write ${bytes.length} bytes: there is room for ${link.outgoing.free}`);
    link.outgoing.push(bytes);
    this.#links.changed();
    return link.outgoing.free;
  }

  close(): void {
    this.#timer.clear(this.#delivery);
    this.#link?.release();
    this.#link = undefined;
    this.#links.changed();
  }

  get format(): Format {
    this.#opened();
    return this.#format;
  }

  set format(format: Format) {
    this.#opened();
    this.#format = checkFormat(format);
  }

  get remoteAddress(): string | undefined {
    this.#opened();
    return this.#target.host;
  }

  get remotePort(): number | undefined {
    this.#opened();
    return this.#target.port;
  }

  #opened(): Link {
    if (!this.#link) throw new Error("socket is closed");
    return this.#link;
  }

  #schedule(): void {
    this.#delivery ??= this.#timer.set(() => this.#deliver());
  }

  /** Calls the owner back; each callback may close the socket. */
  #deliver(): void {
    this.#delivery = undefined;
    const link = this.#link!;
    if (link.arrived && link.incoming.length > 0) {
      link.arrived = false;
      this.#onReadable?.(link.incoming.length);
    }
    if (this.#link && link.ended) this.#deliverEnd(link);
    else if (this.#link && link.drained) {
      link.drained = false;
      this.#onWritable?.(link.outgoing.free);
    }
  }

  #deliverEnd(link: Link): void {
    if (link.incoming.length > 0) return;
    const onError = this.#onError;
    this.#onError = undefined;
    onError?.call(this);
  }
}

function checkTarget({ address, host, port }: TCPOptions): Target {
  const name = address ?? host;
  if (name === undefined) throw new Error("address or host required");
  if (!isQuotable(name, HOST_LENGTH)) throw new TypeError("address: a host name or IP address expected");
  if (port === undefined) throw new Error("port required");
  if (typeof port !== "number") throw new TypeError("port: a number expected");
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new RangeError(`port ${port}: 0 to 65535 expected`);
  return { host: name, port };
}

/** ECMA-419 10.15.1: `tls.host` is the name that is asked for, `tls.ca` the authority; required here. */
function checkSecureTarget(options: TLSOptions): Target {
  const { port, host } = checkTarget(options);
  const { tls } = options;
  if (typeof tls !== "object" || tls === null) throw new TypeError("tls: {ca: certificate of the authority} expected");
  const ca = derOf(viewOf(tls.ca));
  if (!ca) throw new TypeError("tls.ca: one whole certificate expected, DER or PEM");
  const name = tls.host ?? host;
  if (!isQuotable(name, HOST_LENGTH)) throw new TypeError("tls.host: a host name expected");
  return { host: name, port, tls: { ca } };
}

function checkFormat(format: Format): Format {
  if (format !== "buffer" && format !== "number") throw new RangeError(`format "${format}": buffer or number expected`);
  return format;
}

function lengthOf(what: unknown): number {
  return typeof what === "number" ? Math.trunc(what) : viewOf(what).length;
}

/** The bytes of a buffer or of a view with elements of one byte. */
function viewOf(data: unknown): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (data instanceof Uint8Array) return data;
  if (data instanceof DataView || data instanceof Int8Array)
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  throw new TypeError("a buffer of bytes expected");
}

function oneByte(data: unknown): Uint8Array {
  if (typeof data !== "number") throw new TypeError("a number expected");
  return Uint8Array.of(data);
}

/** Moves bytes into the caller's buffer and gives their count, or into a new one and gives that. */
function take({ incoming }: Link, count: number, what: number | ByteBuffer | undefined): ArrayBuffer | number {
  const given = typeof what === "object";
  const bytes = given ? viewOf(what) : new Uint8Array(count);
  incoming.read(bytes);
  return given ? count : (bytes.buffer as ArrayBuffer);
}
