import type { TimerHandle } from "../../timer.js";
import { ByteQueue } from "../bytes.js";
import type { Connection, TLSOptions } from "../internet.js";
import type { AirOptions } from "./air.js";
import { Course, type Direction } from "./course.js";
import { SEGMENT } from "./meter.js";

export type Failure = "refused" | "dns" | "timeout" | "tls" | "network";
/** Why an open socket is closed: by the peer, because nothing was acknowledged, or with the bearer. */
export type Closing = "remote" | "timeout" | "lost";

export interface SocketOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: TLSOptions | undefined;
  /** Milliseconds until connecting is given up. */
  readonly connectTimeout: number;
  /** Milliseconds without acknowledgement after which the socket is closed. */
  readonly sendTimeout: number;
  readonly onConnected: () => void;
  /** TLS: what a later connection can resume. */
  readonly onSession?: (session: Uint8Array) => void;
  /** The connection never came up. */
  readonly onFailed: (why: Failure) => void;
  /** More bytes are in `received`. */
  readonly onReceived: () => void;
  readonly onClosed: (why: Closing) => void;
}

interface Link extends AirOptions {
  readonly up: Direction;
  readonly down: Direction;
}

/** How far a write must get before it is reported: into the modem's buffer, or to the peer. */
export type Milestone = "buffered" | "acknowledged";

interface Write {
  readonly bytes: Uint8Array;
  readonly until: Milestone;
  /** Gets the bytes accepted: all, 0 when the buffer stayed full, -1 when the connection is gone. */
  readonly onAccepted: (count: number) => void;
}

/** Bytes a socket takes before they are acknowledged; a figure of ours, no manual states one. */
const SEND_BUFFER = 32768;
/** A segment without payload: SYN, FIN, ACK. */
const CONTROL = 40;
/** Round trips of a TLS 1.2 handshake after TCP's own. */
const FULL_HANDSHAKE = 2;
const RESUMED_HANDSHAKE = 1;

/** One TCP or TLS connection of the modem. After `close` nothing is called but the reports of writes that it cut off. */
export class AirSocket {
  /** What arrived and was not read yet; stays readable after the end. */
  readonly received = new ByteQueue();
  #state: "connecting" | "open" | "closed" = "connecting";
  readonly #link: Link;
  readonly #options: SocketOptions;
  readonly #onEnd: () => void;
  readonly #up: Course;
  readonly #down: Course;
  readonly #tls: boolean;
  /** Writes that found no room yet, and those that wait for their acknowledgement. */
  #waiting: Write[] = [];
  readonly #unconfirmed = new Set<Write>();
  #connection: Connection | undefined;
  #unacknowledged = 0;
  #accepted = 0;
  #guard: TimerHandle | undefined;
  #sentTotal = 0;
  #receivedTotal = 0;
  #arrivedTotal = 0;

  /** `onEnd`: the connection behind is closed, the socket can be forgotten. */
  constructor(link: Link, options: SocketOptions, onEnd: () => void) {
    this.#link = link;
    this.#options = options;
    this.#onEnd = onEnd;
    this.#tls = options.tls !== undefined;
    this.#up = new Course(link, link.up);
    this.#down = new Course(link, link.down);
    this.#guard = link.agenda.after(options.connectTimeout, () => this.#fail("timeout"));
    const named = !/^[\d.]+$/.test(options.host);
    if (named) link.meter.resolved(options.host);
    const unknown = named && !link.namesReady();
    this.#up.send(CONTROL, () => (unknown ? this.#fail("dns") : this.#connect()), named ? link.knobs.latency : 0);
  }

  get state(): "connecting" | "open" | "closed" {
    return this.#state;
  }

  /** Bytes that `send` may take before it has to wait. */
  get free(): number {
    return SEND_BUFFER - this.#unacknowledged - this.#waiting.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** Bytes on their way, or lost. */
  get unacknowledged(): number {
    return this.#unacknowledged;
  }

  /** Bytes taken from the host, and bytes that came from the peer, since the connection was opened. */
  get sentTotal(): number {
    return this.#accepted;
  }

  get receivedTotal(): number {
    return this.#arrivedTotal;
  }

  /** Sends all of it, and tells once what became of it. */
  send(bytes: Uint8Array, until: Milestone, onAccepted: (count: number) => void): void {
    if (this.#state !== "open") {
      this.#link.agenda.after(0, () => onAccepted(-1));
      return;
    }
    this.#waiting.push({ bytes, until, onAccepted });
    this.#transmit();
    if (!this.#guard) this.#watch();
  }

  /** Sends what was taken, then FIN. */
  close(): void {
    if (this.#state === "closed") return;
    if (this.#state === "open") this.#link.meter.closed(this.#tls);
    this.#end();
    this.#up.send(CONTROL, () => this.#disconnect());
  }

  /** The bearer is gone: nothing more comes or goes. */
  lose(): void {
    if (this.#state === "connecting") this.#fail("network");
    else if (this.#state === "open") this.#closed("lost");
    else this.#disconnect();
  }

  closeRemotely(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#down.send(CONTROL, () => this.#closed("remote"));
  }

  // Connecting.

  #connect(): void {
    if (this.#state === "closed") return;
    const { host, port, tls, onSession } = this.#options;
    if (tls && this.#link.knobs.handshakesFail) {
      this.#down.send(CONTROL, () => this.#fail("tls"));
      return;
    }
    this.#connection = this.#link.internet.connect({
      host,
      port,
      ...(tls && { tls }),
      ...(onSession && { onSession }),
      onConnected: (resumed = false) => this.#shakeHands(resumed),
      onData: (bytes) => this.#receive(bytes),
      onClosed: () => this.#down.send(CONTROL, () => this.#closed("remote")),
      onError: (kind) => this.#down.send(CONTROL, () => this.#broken(kind)),
    });
  }

  #shakeHands(resumed: boolean): void {
    const roundTrips = this.#tls ? (resumed ? RESUMED_HANDSHAKE : FULL_HANDSHAKE) : 0;
    this.#down.send(CONTROL, () => this.#connected(resumed), roundTrips * this.#link.knobs.latency);
  }

  #connected(resumed: boolean): void {
    if (this.#state !== "connecting") return;
    this.#link.meter.connected();
    if (this.#tls) this.#link.meter.secured(resumed);
    this.#state = "open";
    this.#unwatch();
    this.#options.onConnected();
  }

  #broken(why: Failure): void {
    if (this.#state === "connecting") this.#fail(why);
    else this.#closed("remote");
  }

  #fail(why: Failure): void {
    if (this.#state === "closed") return;
    this.#end();
    this.#disconnect();
    this.#options.onFailed(why);
  }

  // Sending.

  #transmit(): void {
    for (let write = this.#waiting[0]; write; write = this.#waiting[0]) {
      if (this.#unacknowledged + write.bytes.length > SEND_BUFFER) return;
      this.#waiting.shift();
      this.#transmitOne(write);
    }
  }

  #transmitOne(write: Write): void {
    const { bytes } = write;
    this.#unacknowledged += bytes.length;
    this.#accepted += bytes.length;
    this.#link.meter.sentPayload(bytes.length, this.#tls);
    if (write.until === "acknowledged") this.#unconfirmed.add(write);
    else this.#link.agenda.after(0, () => write.onAccepted(bytes.length));
    for (let at = 0; at < bytes.length; at += SEGMENT) {
      const segment = bytes.subarray(at, at + SEGMENT);
      const last = at + SEGMENT >= bytes.length;
      this.#up.send(segment.length + CONTROL, () => this.#delivered(segment, last ? write : undefined));
    }
  }

  #delivered(segment: Uint8Array, finished: Write | undefined): void {
    const room = (this.#link.knobs.closeAfterSent ?? Number.POSITIVE_INFINITY) - this.#sentTotal;
    this.#connection?.write(segment.subarray(0, Math.max(0, room)));
    this.#sentTotal += segment.length;
    this.#unacknowledged -= segment.length;
    if (finished && this.#unconfirmed.delete(finished)) finished.onAccepted(finished.bytes.length);
    if (this.#state !== "open") return;
    this.#watch();
    this.#transmit();
    if (segment.length >= room) this.closeRemotely();
  }

  /** Nothing acknowledged for too long is the end of the connection. */
  #watch(): void {
    this.#unwatch();
    if (this.#unacknowledged === 0 && this.#waiting.length === 0) return;
    this.#guard = this.#link.agenda.after(this.#options.sendTimeout, () => {
      const full = this.#waiting;
      this.#waiting = [];
      for (const write of full) write.onAccepted(0);
      this.#closed("timeout");
    });
  }

  #unwatch(): void {
    this.#link.agenda.cancel(this.#guard);
    this.#guard = undefined;
  }

  // Receiving and the end.

  #receive(bytes: Uint8Array): void {
    const room = (this.#link.knobs.closeAfterReceived ?? Number.POSITIVE_INFINITY) - this.#receivedTotal;
    const arriving = bytes.subarray(0, Math.max(0, room));
    this.#receivedTotal += bytes.length;
    this.#link.meter.receivedPayload(arriving.length, this.#tls);
    for (let at = 0; at < arriving.length; at += SEGMENT) {
      const segment = arriving.slice(at, at + SEGMENT);
      this.#down.send(segment.length + CONTROL, () => this.#arrived(segment));
    }
    if (bytes.length >= room) this.closeRemotely();
  }

  #arrived(segment: Uint8Array): void {
    if (this.#state !== "open") return;
    this.received.push(segment);
    this.#arrivedTotal += segment.length;
    this.#options.onReceived();
  }

  #closed(why: Closing): void {
    if (this.#state !== "open") return;
    if (why !== "lost") this.#link.meter.closed(this.#tls);
    this.#end();
    this.#disconnect();
    this.#options.onClosed(why);
  }

  #end(): void {
    this.#state = "closed";
    this.#unwatch();
    const gone = [...this.#waiting, ...this.#unconfirmed];
    this.#waiting = [];
    this.#unconfirmed.clear();
    for (const write of gone) write.onAccepted(-1);
  }

  #disconnect(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#onEnd();
  }
}
