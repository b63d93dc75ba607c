import type { Duplex } from "node:stream";
import { checkServerIdentity, connect as connectTLS, type TLSSocket } from "node:tls";
import type { Connection, ConnectionOptions, Internet } from "../sim/internet.js";

type Failure = Parameters<ConnectionOptions["onError"]>[0];

/** A connection that could not be opened, or the stream it runs over; net.Socket emits "connect", others are connected. */
export type Opened = Duplex | { readonly failure: Failure; readonly message: string };

/**
 * What lies behind an emulated modem, made of Node streams. Whatever comes from them waits until the runner of virtual
 * time asks for it with `settled`: so it always arrives at a fixed moment of virtual time.
 */
export abstract class HostInternet implements Internet {
  #inbox: Array<() => void> = [];

  /** Whether real input or output is under way: virtual time must stand still. */
  abstract get busy(): boolean;

  protected abstract open(host: string, port: number): Opened;
  /** The traffic of one connection, for `busy`. */
  protected abstract watch(): Watcher;
  /** Lets real time pass. */
  protected abstract pause(): Promise<void>;

  abstract resolve(host: string, onResolved: (address: string | undefined) => void): void;

  connect(options: ConnectionOptions): Connection {
    const opened = this.open(options.host, options.port);
    return new HostConnection(opened, options, this.watch(), (event) => this.post(event));
  }

  /**
   * Hands over what has come, at once when nothing is under way (then gives undefined), else when it has ended. To be
   * asked before every step of virtual time.
   */
  settled(): Promise<void> | undefined {
    if (this.busy) return this.#settle();
    this.#deliver();
    return undefined;
  }

  protected post(event: () => void): void {
    this.#inbox.push(event);
  }

  async #settle(): Promise<void> {
    while (this.busy) await this.pause();
    this.#deliver();
  }

  #deliver(): void {
    if (this.#inbox.length === 0) return;
    const events = this.#inbox;
    this.#inbox = [];
    for (const event of events) event();
  }
}

/** Sees what happens on one connection. */
export interface Watcher {
  onConnected(): void;
  onSent(bytes: Uint8Array): void;
  onReceived(): void;
  onEnded(): void;
}

class HostConnection implements Connection {
  readonly #options: ConnectionOptions;
  readonly #watcher: Watcher;
  readonly #post: (event: () => void) => void;
  readonly #stream: Duplex | undefined;
  /** Nothing may be called any more: closed by us, or the end was told. */
  #over = false;

  constructor(opened: Opened, options: ConnectionOptions, watcher: Watcher, post: (event: () => void) => void) {
    this.#options = options;
    this.#watcher = watcher;
    this.#post = post;
    if ("failure" in opened) this.#end(() => options.onError(opened.failure, opened.message));
    else this.#stream = this.#attach(opened);
  }

  write(bytes: Uint8Array): void {
    if (this.#over || !this.#stream) return;
    this.#watcher.onSent(bytes);
    this.#stream.write(bytes.slice());
  }

  close(): void {
    const stream = this.#stream;
    this.#over = true;
    this.#watcher.onEnded();
    stream?.end(() => stream.destroy());
  }

  /** Callbacks that are still waiting when the connection is closed are dropped. */
  #tell(event: () => void): void {
    this.#post(() => {
      if (!this.#over) event();
    });
  }

  #end(event: () => void): void {
    this.#watcher.onEnded();
    this.#tell(() => {
      this.#over = true;
      event();
    });
  }

  #attach(raw: Duplex): Duplex {
    const { tls, onSession, onData, onClosed, onError } = this.#options;
    const waits = "connecting" in raw && raw.connecting === true;
    // Once the bytes flow, what goes wrong before the handshake has ended is TLS.
    let handshaking = tls !== undefined && !waits;
    raw.once("connect", () => {
      handshaking = tls !== undefined;
    });
    const stream = tls ? secure(raw, this.#options) : raw;
    const connected = (resumed: boolean) => {
      handshaking = false;
      this.#watcher.onConnected();
      this.#tell(() => this.#options.onConnected(resumed));
    };
    stream.on("session", (session: Buffer) => this.#tell(() => onSession?.(new Uint8Array(session))));
    if (tls) stream.once("secureConnect", () => connected((stream as TLSSocket).isSessionReused()));
    else if (waits) raw.once("connect", () => connected(false));
    else connected(false);
    stream.on("data", (bytes: Buffer) => {
      this.#watcher.onReceived();
      this.#tell(() => onData(new Uint8Array(bytes)));
    });
    stream.on("error", (error: NodeJS.ErrnoException) =>
      this.#end(() => onError(handshaking ? "tls" : failureOf(error), error.message)),
    );
    stream.once("end", () => this.#end(onClosed));
    stream.once("close", () => this.#end(onClosed));
    return stream;
  }
}

/** TLS as modems speak it: 1.2 at most; the chain is checked when there are roots, the name when one is given. */
function secure(raw: Duplex, { tls }: ConnectionOptions): Duplex {
  const { servername, authority, hostname, session } = tls ?? {};
  return connectTLS({
    socket: raw,
    maxVersion: "TLSv1.2",
    rejectUnauthorized: authority !== undefined,
    checkServerIdentity: (_, certificate) =>
      hostname === undefined ? undefined : checkServerIdentity(hostname, certificate),
    ...(servername === undefined ? {} : { servername }),
    ...(authority === undefined ? {} : { ca: authority }),
    ...(session && { session: Buffer.from(session) }),
  });
}

function failureOf(error: NodeJS.ErrnoException): Failure {
  const code = error.code ?? "";
  if (code === "ENOTFOUND" || code.startsWith("EAI_")) return "dns";
  if (code === "ECONNREFUSED") return "refused";
  if (code === "ETIMEDOUT") return "timeout";
  return "network";
}
