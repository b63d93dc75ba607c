import type { Target } from "./dialect.js";
import { Ring } from "./ring.js";

/** Bytes between a socket and the modem. The SDK's clients write their headers in one go: they must fit. */
const OUTGOING = 4096;
const INCOMING = 2048;

/** A read is not worth its round trip for less room than this. */
const ROOM = 1024;

const EMPTY = new Ring(0);

/** waiting: for a free id · opening: for the modem's word · closing: the modem is to close it · closed. */
export type LinkState = "waiting" | "opening" | "open" | "closing" | "closed";

/** What the modem can do next for a link. */
export type Action = "open" | "receive" | "send" | "close";

/** One connection as the modem sees it. Outlives its socket until the modem has closed it. */
export class Link {
  readonly target: Target;
  id = -1;
  state: LinkState = "waiting";
  outgoing = EMPTY;
  incoming = EMPTY;
  /** Bytes that the modem took and has not confirmed. */
  inFlight = 0;
  /** Tick by which the modem must have said how opening or sending went. */
  deadline = Number.POSITIVE_INFINITY;
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

  /** The modem took what was in flight. */
  confirmed(): void {
    this.outgoing.drop(this.inFlight);
    this.inFlight = 0;
    this.deadline = Number.POSITIVE_INFINITY;
    this.drained = true;
    this.onChanged?.();
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
    this.outgoing = EMPTY;
    this.inFlight = 0;
    this.deadline = Number.POSITIVE_INFINITY;
    this.onChanged?.();
  }

  /** The owner closed the socket. */
  release(): void {
    this.onChanged = undefined;
    this.released = true;
    this.incoming = EMPTY;
    if (this.state !== "open" || this.outgoing.length === 0) this.end();
  }

  /** What is to be done next, if anything. */
  get action(): Action | undefined {
    if (this.state === "closing") return "close";
    if (this.state === "waiting") return "open";
    if (this.state !== "open") return undefined;
    if (this.announced && !this.released && this.incoming.free >= ROOM) return "receive";
    if (this.inFlight > 0) return undefined;
    if (this.outgoing.length > 0) return "send";
    return this.released ? "close" : undefined;
  }
}
