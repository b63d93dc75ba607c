import SDKTCP from "embedded:io/socket/tcp";
// biome-ignore lint/style/useNodejsImportProtocol: the SDK has a module of this name
import Net from "net";
import Timer from "timer";
import type { Connection, ConnectionOptions, Internet } from "../sim/internet.js";
import type { TCPConstructor } from "../tcp.js";
import { SecureSocket } from "./secure-socket.js";

/** The real internet over the SDK's sockets and its TLS, for an emulated modem. */
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
    lookUp(host, onResolved);
  }
}

/** A socket, under TLS or not. */
interface Pipe {
  /** Gives the bytes still free. */
  write(bytes: Uint8Array): number;
  close(): void;
}

class SocketConnection implements Connection {
  readonly #io: TCPConstructor;
  readonly #options: ConnectionOptions;
  readonly #onEnd: () => void;
  readonly #waiting: Uint8Array[] = [];
  #pipe: Pipe | undefined;
  #state: "connecting" | "open" | "ended" = "connecting";
  /** Bytes that the socket takes. */
  #writable = 0;

  constructor(io: TCPConstructor, options: ConnectionOptions, onEnd: () => void) {
    this.#io = io;
    this.#options = options;
    this.#onEnd = onEnd;
    Timer.set(() => this.#resolve());
  }

  write(bytes: Uint8Array): void {
    if (this.#state === "ended") return;
    this.#waiting.push(bytes.slice());
    this.#send();
  }

  close(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#pipe?.close();
    this.#onEnd();
  }

  #resolve(): void {
    if (this.#state === "ended") return;
    const { host } = this.#options;
    lookUp(host, (address) => {
      if (this.#state === "ended") return;
      if (address === undefined) this.#fail("dns", `${host} has no address`);
      else this.#connect(address);
    });
  }

  #connect(address: string): void {
    const { host, port, tls } = this.#options;
    const onWritable = (count: number) => this.#onWritable(count);
    this.#pipe = tls
      ? new SecureSocket({
          ...{ io: this.#io, host, address, port, tls, onWritable },
          onData: this.#options.onData,
          onError: (state) =>
            state === "handshaking" ? this.#fail("tls", `no TLS with ${host}, or no trust`) : this.#onLost(),
        })
      : this.#open(address, port, onWritable);
  }

  #open(address: string, port: number, onWritable: (count: number) => void): Pipe {
    const socket = new this.#io({
      ...{ address, port, onWritable },
      onReadable: (count) => {
        const bytes = socket.read(count);
        if (bytes) this.#options.onData(new Uint8Array(bytes));
      },
      onError: () => this.#onLost(),
    });
    return socket;
  }

  #onWritable(count: number): void {
    this.#writable = count;
    if (this.#state === "connecting") {
      this.#state = "open";
      this.#options.onConnected();
    }
    this.#send();
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
      this.#writable = this.#pipe!.write(bytes.subarray(0, count));
      if (count < bytes.length) this.#waiting.unshift(bytes.subarray(count));
    }
  }
}

/** Never answers from inside the call. The SDK takes the first address of a name, IPv4 only, and the first one of localhost is ::1. */
function lookUp(host: string, onResolved: (address: string | undefined) => void): void {
  Net.resolve(host === "localhost" ? "127.0.0.1" : host, (_name, address) => onResolved(address));
}
