import Session from "ssl/session";
import { toBytes } from "../modem/ascii.js";
import { derOf } from "../modem/pem.js";
import type { TLSOptions } from "../sim/internet.js";
import type { TCP, TCPConstructor } from "../tcp.js";

/** The only version that the SDK has. */
const TLS_1_2 = 0x303;
/** Bytes that a record adds to its payload, at most, and the longest payload (RFC 5246, 6.2.1). */
const OVERHEAD = 96;
const LONGEST = 16_384;

export interface SecureSocketOptions {
  /** The class of the socket below. */
  io: TCPConstructor;
  host: string;
  address: string;
  port: number;
  tls: TLSOptions;
  /** The first call means connected and verified. */
  onWritable: (count: number) => void;
  onData: (bytes: Uint8Array) => void;
  /** Lost, closed by the peer or not to be trusted, and how far it had come. */
  onError: (state: SecureState) => void;
}

export type SecureState = "connecting" | "handshaking" | "secured";

/** The socket below, as the SDK's TLS wants it: it counts what can be read and written itself. */
type Records = TCP & { readable: number; writable: number };

/**
 * TLS 1.2 as the SDK has it (RSA certificates), over one of its sockets. Where there is an authority, the server's name is checked as well, and
 * the server has to send the certificate of the authority's that signed its own along.
 */
export class SecureSocket {
  readonly #options: SecureSocketOptions;
  readonly #session: InstanceType<typeof Session>;
  readonly #records: Records;
  #state: SecureState = "connecting";
  #closed = false;

  constructor(options: SecureSocketOptions) {
    this.#options = options;
    const { io, host, address, port, tls } = options;
    const { authority } = tls;
    this.#session = new Session({
      serverName: tls.servername ?? host,
      protocolVersion: TLS_1_2,
      cache: false,
      ...(authority === undefined ? { verify: false } : { certificate: certificateOf(authority) }),
    });
    this.#session.initiateHandshake();
    const socket = new io({
      address,
      port,
      onWritable: (count) => this.#attempt(() => this.#onWritable(count)),
      onReadable: (count) => this.#attempt(() => this.#onReadable(count)),
      onError: () => this.#fail(),
    });
    this.#records = Object.assign(socket, { readable: 0, writable: 0 });
  }

  /** At most as many bytes as the last `onWritable` said. Gives the bytes still free. */
  write(bytes: Uint8Array): number {
    this.#session.write(this.#records, bytes);
    return this.#free;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#records.close();
  }

  get #secured(): boolean {
    return this.#state === "secured";
  }

  get #free(): number {
    return Math.min(LONGEST, Math.max(0, this.#records.writable - OVERHEAD));
  }

  #onWritable(count: number): void {
    this.#records.writable = count;
    if (this.#state === "connecting") this.#state = "handshaking";
    if (!this.#secured) this.#shakeHands();
    else if (this.#free > 0) this.#options.onWritable(this.#free);
  }

  #onReadable(count: number): void {
    this.#records.readable = count;
    if (!this.#secured) this.#shakeHands();
    let bytes = this.#read();
    if (!this.#secured) this.#shakeHands();
    for (; bytes; bytes = this.#read()) this.#options.onData(bytes.slice());
  }

  /** The payload of a record; undefined when no more has come. */
  #read(): Uint8Array | undefined {
    if (this.#closed) return undefined;
    const bytes = this.#session.read(this.#records);
    if (bytes === null) this.#fail();
    return bytes ?? undefined;
  }

  /** A step of the handshake: reads a record, or sends what is due. */
  #shakeHands(): void {
    if (this.#closed) return;
    const done = this.#session.handshake(this.#records);
    // A peer that says goodbye ends the handshake too, and what is written then would go out in the clear.
    if (this.#session.alert) this.#fail();
    else if (done) {
      this.#state = "secured";
      this.#options.onWritable(this.#free);
    }
  }

  /** The SDK's TLS throws on what it does not trust or understand. */
  #attempt(step: () => void): void {
    if (this.#closed) return;
    try {
      step();
    } catch (error) {
      trace(`TLS with ${this.#options.host}: ${(error as Error).message}\n`);
      this.#fail();
    }
  }

  #fail(): void {
    if (this.#closed) return;
    this.close();
    this.#options.onError(this.#state);
  }
}

/** As the SDK takes it: DER. */
function certificateOf(authority: string): ArrayBuffer {
  const der = derOf(toBytes(authority));
  if (!der) throw new TypeError("authority: one whole certificate expected, PEM or DER");
  return der.slice().buffer;
}
