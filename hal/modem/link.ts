import type { Target } from "./dialect.js";
import { Ring } from "./ring.js";

/** Bytes between a socket and the modem. The SDK's clients write their headers in one go: they must fit. */
const OUTGOING = 4096;
const INCOMING = 2048;

/** When a modem that had no room is offered data again, and one that had no data is asked again, milliseconds. */
const RETRY = 500;

/** A read is not worth its round trip for less room than this. */
const ROOM = 1024;

/** waiting: for a free id · opening: for the modem's word · closing: the modem is to close it · closed. */
export type LinkState = "waiting" | "opening" | "open" | "closing" | "closed";

/** What the modem can do next for a link. */
export type Action = "open" | "receive" | "send" | "close";

/** One connection as the modem sees it. Outlives its socket until the modem has closed it. */
export class Link {
  readonly target: Target;
  id = -1;
  state: LinkState = "waiting";
  outgoing = new Ring(0);
  incoming = new Ring(0);
  /** Bytes that the modem took and has not confirmed. */
  inFlight = 0;
  /** Tick by which the modem must have said how opening or sending went. */
  deadline = Number.POSITIVE_INFINITY;
  /** Tick before which nothing more is sent, as the modem had no room. */
  resumption = 0;
  /** Tick before which nothing more is read, as there was nothing. */
  attention = 0;
  /** The modem holds received bytes. */
  announced = false;
  /** The peer closed: what the modem holds is the last. */
  finished = false;
  /** The socket was closed by its owner: what is written goes out, nothing comes in. */
  released = false;
  /** What the socket has not yet told its owner. */
  arrived = false;
  drained = false;
  /** Tells the socket that something changed. */
  onChanged: (() => void) | undefined;

  constructor(target: Target) {
    this.target = target;
  }

  /** Nothing more comes or goes, except what `incoming` holds. */
  get ended(): boolean {
    return this.state === "closing" || this.state === "closed";
  }

  opened(): void {
    this.state = "open";
    this.deadline = Number.POSITIVE_INFINITY;
    this.outgoing = new Ring(OUTGOING);
    this.incoming = new Ring(INCOMING);
    this.drained = true;
    this.onChanged?.();
  }

  /** The modem took what was in flight, or the first `count` bytes of it. */
  confirmed(count = this.inFlight): void {
    this.outgoing.drop(count);
    this.inFlight = 0;
    this.deadline = Number.POSITIVE_INFINITY;
    this.drained ||= count > 0;
    this.onChanged?.();
  }

  /** The modem had room for `count` bytes only: the rest is offered again, until `timeout` has passed without any room. */
  refused(count: number, now: number, timeout: number): void {
    const deadline = Math.min(this.deadline, now + timeout);
    this.confirmed(count);
    if (count === 0) this.deadline = deadline;
    this.resumption = now + RETRY;
  }

  /** The modem had nothing; what it announced meanwhile is believed a little later, as some announce with every answer. */
  wasEmpty(now: number): void {
    if (this.announced) this.attention = now + RETRY;
  }

  received(bytes: Uint8Array): void {
    if (this.released) return;
    if (bytes.length <= this.incoming.free) {
      this.incoming.push(bytes);
      this.arrived = true;
      this.onChanged?.();
    } else this.end(); // More than was asked for: what comes from here cannot be trusted to be complete any more.
  }

  /** The link is of no use any more; `gone`: the modem has already forgotten it. */
  end(gone = false): void {
    if (this.state === "closed") return;
    this.state = gone || this.id < 0 ? "closed" : "closing";
    this.outgoing = new Ring(0);
    this.inFlight = 0;
    this.deadline = Number.POSITIVE_INFINITY;
    this.onChanged?.();
  }

  /** The owner closed the socket. */
  release(): void {
    this.onChanged = undefined;
    this.released = true;
    this.incoming = new Ring(0);
    if (this.state !== "open" || this.outgoing.length === 0) this.end();
  }

  /** What is to be done at tick `now`, if anything. */
  action(now: number): Action | undefined {
    if (this.state === "closing") return "close";
    if (this.state === "waiting") return "open";
    if (this.state !== "open") return undefined;
    if (this.announced && !this.released && this.incoming.free >= ROOM && this.attention <= now) return "receive";
    if (this.inFlight > 0) return undefined;
    if (this.outgoing.length > 0) return this.resumption <= now ? "send" : undefined;
    return this.released ? "close" : undefined;
  }

  /** Tick at which time alone makes something to do; infinite when it does not. */
  wakeUp(now: number): number {
    const later = (tick: number) => (tick > now ? tick : Number.POSITIVE_INFINITY);
    return Math.min(this.deadline, later(this.resumption), later(this.attention));
  }
}
