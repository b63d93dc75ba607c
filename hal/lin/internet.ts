import SDKTCP from "embedded:io/socket/tcp";
// biome-ignore lint/style/useNodejsImportProtocol: the SDK has a module of this name
import Net from "net";
import Timer from "timer";
import type { Connection, ConnectionOptions, Internet } from "../sim/internet.js";
import type { TCP, TCPConstructor } from "../tcp.js";

/** The real internet over the SDK's sockets, for an emulated modem. It has no TLS of its own. */
export class SocketInternet implements Internet {
  readonly #io: TCPConstructor;
  #open = 0;

  /** `io`: the class of its sockets, the SDK's own by default. Its declaration lacks what `write` gives. */
  constructor({ io = SDKTCP as unknown as TCPConstructor } = {}) {
    this.#io = io;
  }

  /** Connections that are open or coming up. */
  get open(): number {
    return this.#open;
  }

  connect(options: ConnectionOptions): Connection {
    this.#open++;
    return new SocketConnection(this.#io, options, () => this.#open--);
  }

  resolve(host: string, onResolved: (address: string | undefined) => void): void {
    Net.resolve(host, (_name, address) => onResolved(address));
  }
}

class SocketConnection implements Connection {
  readonly #io: TCPConstructor;
  readonly #options: ConnectionOptions;
  readonly #onEnd: () => void;
  readonly #waiting: Uint8Array[] = [];
  #socket: TCP | undefined;
  #state: "connecting" | "open" | "ended" = "connecting";
  /** Bytes that the socket takes. */
  #writable = 0;

  constructor(io: TCPConstructor, options: ConnectionOptions, onEnd: () => void) {
    this.#io = io;
    this.#options = options;
    this.#onEnd = onEnd;
    Timer.set(() => this.#start());
  }

  write(bytes: Uint8Array): void {
    if (this.#state === "ended") return;
    this.#waiting.push(bytes.slice());
    this.#send();
  }

  close(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#socket?.close();
    this.#onEnd();
  }

  #start(): void {
    if (this.#state === "ended") return;
    if (this.#options.tls) this.#fail("tls", "this board has no TLS for its emulated modem: use http://");
    else this.#resolve();
  }

  #resolve(): void {
    Net.resolve(this.#options.host, (name, address) => {
      if (this.#state === "ended") return;
      if (address === undefined) this.#fail("dns", `${name} has no address`);
      else this.#connect(address);
    });
  }

  #connect(address: string): void {
    this.#socket = new this.#io({
      address,
      port: this.#options.port,
      onWritable: (count) => this.#onWritable(count),
      onReadable: (count) => this.#onReadable(count),
      onError: () => this.#onLost(),
    });
  }

  #onWritable(count: number): void {
    this.#writable = count;
    if (this.#state === "connecting") {
      this.#state = "open";
      this.#options.onConnected();
    }
    this.#send();
  }

  #onReadable(count: number): void {
    const bytes = this.#socket?.read(count);
    if (bytes) this.#options.onData(new Uint8Array(bytes));
  }

  #onLost(): void {
    if (this.#state === "connecting") this.#fail("refused", `${this.#options.host} refuses port ${this.#options.port}`);
    else if (this.#state === "open") {
      this.close();
      this.#options.onClosed();
    }
  }

  #fail(kind: "refused" | "dns" | "tls", message: string): void {
    this.close();
    this.#options.onError(kind, message);
  }

  #send(): void {
    while (this.#writable > 0 && this.#state === "open") {
      const bytes = this.#waiting.shift();
      if (!bytes) return;
      const count = Math.min(bytes.length, this.#writable);
      this.#writable -= count;
      this.#socket?.write(bytes.subarray(0, count));
      if (count < bytes.length) this.#waiting.unshift(bytes.subarray(count));
    }
  }
}
