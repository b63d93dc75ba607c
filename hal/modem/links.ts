import { frozen } from "../frozen.js";
import type { Procedure } from "./command.js";
import type { LinkEvents, Target, Transport, Transports } from "./dialect.js";
import { Link } from "./link.js";

/** So many TLS sessions are kept. */
const SESSIONS = 4;

export interface LinksOptions {
  readonly ticks: () => number;
  /** Called when there may be work: data to send, a link to open. Comes from inside the sockets' calls. */
  readonly onWork: () => void;
}

/**
 * The connections of a modem: which id each has, whose turn it is, and what a URC means for it. The procedure that
 * serves the modem asks `next` for work; URCs come in by the methods of `LinkEvents`.
 */
export class Links implements LinkEvents {
  readonly #ticks: () => number;
  readonly #onWork: () => void;
  #links: Link[] = [];
  /** Ids that the modem opened for a link which had given up waiting. */
  readonly #strays: number[] = [];
  #transports: Transports | undefined;
  #lastId = -1;
  /** What TLS can resume, by host and port. */
  readonly #sessions = new Map<string, string>();
  /** Connections in a row that could not be opened, by modem, network or server. */
  failedOpens = 0;
  /** Payload bytes that the modem took, and gave. */
  bytesSent = 0;
  bytesReceived = 0;

  constructor({ ticks, onWork }: LinksOptions) {
    this.#ticks = ticks;
    this.#onWork = onWork;
  }

  /** How links are driven from now on; undefined: there is no network, and every link is lost. */
  set transports(transports: Transports | undefined) {
    this.#transports = transports;
    this.#strays.length = 0;
    if (transports) return;
    for (const link of this.#links) link.end(true);
    this.#links = [];
  }

  /** What closes the links that are open in the modem; it can still be run when they are lost here. */
  get closers(): readonly Procedure[] {
    const open = this.#links.filter((link) => link.id >= 0 && link.state !== "closed");
    return [...open.map((link) => link.id), ...this.#strays].map((id) => this.#transportOfId(id)!.close(id));
  }

  /** A new link to `target`; ended from the start when there is no network, or none of that kind. */
  add(target: Target): Link {
    const link = new Link(target);
    const transport = this.#transportOf(link);
    if (transport) {
      link.deadline = this.#ticks() + transport.openTimeout;
      this.#links.push(link);
      this.#onWork();
    } else link.end(true);
    return link;
  }

  /** The owner of a link wrote, read or closed. */
  changed(): void {
    this.#onWork();
  }

  /** The next thing to do, if there is one; links take turns. */
  next(): Procedure | undefined {
    this.#expire();
    const stray = this.#strays.shift();
    if (stray !== undefined) return this.#transportOfId(stray)!.close(stray);
    const index = this.#links.findIndex((link) => this.#isReady(link));
    if (index < 0) return undefined;
    const link = this.#links.splice(index, 1)[0]!;
    this.#links.push(link);
    return this.#work(link, this.#transportOf(link)!);
  }

  /** Whether `next` would find something. */
  get ready(): boolean {
    if (this.#strays.length > 0 || this.nextDeadline <= this.#ticks()) return true;
    return this.#links.some((link) => this.#isReady(link));
  }

  /** Tick at which there is something to do for a link again; infinite when there is no such time. */
  get nextDeadline(): number {
    const now = this.#ticks();
    return this.#links.reduce((first, link) => Math.min(first, link.wakeUp(now)), Number.POSITIVE_INFINITY);
  }

  opened(id: number, ok: boolean): void {
    const link = this.#find(id);
    if (link?.state === "opening") {
      if (ok) this.#succeed(link);
      else this.#fail(link);
    } else if (ok && !link && this.#transportOfId(id)) this.#strays.push(id); // the word of an open that was given up
    this.#onWork();
  }

  sent(id: number, ok: boolean): void {
    const link = this.#find(id);
    if (!link || link.inFlight === 0) return;
    if (ok) this.#confirm(link);
    else link.end();
    this.#onWork();
  }

  readable(id: number): void {
    const link = this.#find(id);
    if (link) link.announced = true;
    this.#onWork();
  }

  closed(id: number): void {
    const link = this.#find(id);
    if (!link) return;
    // There may be data that was not announced: it is read before the end is told.
    link.finished = true;
    link.announced = true;
    if (link.state !== "open") link.end();
    this.#onWork();
  }

  session(id: number, session: string): void {
    const link = this.#find(id);
    if (!link) return;
    if (this.#sessions.size >= SESSIONS) this.#sessions.clear();
    this.#sessions.set(placeOf(link.target), session);
  }

  #find(id: number): Link | undefined {
    return this.#links.find((link) => link.id === id);
  }

  #transportOf(link: Link): Transport | undefined {
    return link.target.tls ? this.#transports?.tls : this.#transports?.tcp;
  }

  #transportOfId(id: number): Transport | undefined {
    const { tcp, tls } = this.#transports ?? {};
    return [tcp, tls].find((transport) => transport?.ids.includes(id));
  }

  #isReady(link: Link): boolean {
    const action = link.action(this.#ticks());
    return action === "open" ? this.#freeId(this.#transportOf(link)!) !== undefined : action !== undefined;
  }

  /** Ids are used in turn, so that a late word on an old link does not meet a new one. */
  #freeId({ ids }: Transport): number | undefined {
    const last = ids.indexOf(this.#lastId);
    for (let i = 1; i <= ids.length; i++) {
      const id = ids[(last + i) % ids.length]!;
      if (!this.#find(id)) return id;
    }
    return undefined;
  }

  #expire(): void {
    const now = this.#ticks();
    for (const link of this.#links) if (link.deadline <= now) this.#timeOut(link);
    this.#links = this.#links.filter((link) => link.state !== "closed");
  }

  #timeOut(link: Link): void {
    if (link.state === "opening") this.#fail(link);
    else link.end();
  }

  #succeed(link: Link): void {
    this.failedOpens = 0;
    link.opened();
  }

  #fail(link: Link): void {
    this.failedOpens++;
    link.end();
  }

  #work(link: Link, transport: Transport): Procedure {
    const action = link.action(this.#ticks());
    if (action === "open") return this.open(link, transport);
    if (action === "receive") return this.receive(link, transport);
    if (action === "send") return this.send(link, transport);
    return this.close(link, transport);
  }

  private *open(link: Link, transport: Transport): Procedure {
    link.state = "opening";
    link.deadline = this.#ticks() + transport.openTimeout;
    const id = transport.allocate ? yield* transport.allocate() : this.#freeId(transport);
    if (id === undefined) return link.end(true);
    if (link.state !== "opening") return void this.#strays.push(id);
    // A modem that gives an id away has no other use for it.
    this.#find(id)?.end(true);
    link.id = this.#lastId = id;
    const place = placeOf(link.target);
    const outcome = yield* transport.open(id, link.target, this.#sessions.get(place));
    if (outcome === "failed") this.#sessions.delete(place);
    // A URC may have told more in the meantime.
    if (link.state !== "opening") return;
    if (outcome === "failed") this.#fail(link);
    else if (outcome === "done") this.#succeed(link);
  }

  private *send(link: Link, transport: Transport): Procedure {
    const data = link.outgoing.peek(transport.sendMaximum);
    link.inFlight = data.length;
    const outcome = yield* transport.send(link.id, data);
    if (link.inFlight === 0) return;
    if (outcome === "failed") link.end();
    else if (outcome === "later") link.deadline = this.#ticks() + transport.sendTimeout;
    else if (outcome >= data.length) this.#confirm(link);
    else this.#postpone(link, outcome, transport.sendTimeout);
  }

  #confirm(link: Link): void {
    this.bytesSent += link.inFlight;
    link.confirmed();
  }

  #postpone(link: Link, count: number, timeout: number): void {
    this.bytesSent += count;
    link.refused(count, this.#ticks(), timeout);
  }

  private *receive(link: Link, transport: Transport): Procedure {
    const { finished } = link;
    const before = this.bytesReceived;
    link.announced = false;
    const maximum = Math.min(link.incoming.free, transport.receiveMaximum);
    const left = yield* transport.receive(link.id, maximum, (bytes) => {
      this.bytesReceived += bytes.length;
      link.received(bytes);
    });
    const empty = this.bytesReceived === before;
    if (left === undefined) link.end();
    else if (left > 0) link.announced = true;
    else if (finished && (empty || !link.announced)) link.end();
    else if (empty) link.wasEmpty(this.#ticks());
  }

  private *close(link: Link, transport: Transport): Procedure {
    yield* transport.close(link.id);
    link.end(true);
  }
}

frozen(Links);

function placeOf({ host, port }: Target): string {
  return `${host}:${port}`;
}
