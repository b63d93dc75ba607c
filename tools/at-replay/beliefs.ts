import { fields } from "../../hal/modem/ascii.js";
import type { Reply } from "../../hal/modem/command.js";
import type { Dialect, Events, LinkEvents } from "../../hal/modem/dialect.js";
import { Link } from "../../hal/modem/link.js";
import { Registration } from "../../hal/modem/registration.js";
import * as standard from "../../hal/modem/standard.js";
import type { Found } from "./catalogue.js";

const GOOD: Reply = { ok: true, final: "OK", lines: [] };

/** What the driver believes of a modem, kept by the same classes and tables that the driver keeps it with. */
export class Beliefs implements Events {
  sim = "unknown";
  readonly #dialect: Dialect;
  readonly #registration = new Registration();
  #address: string | undefined;
  #network: "unknown" | "open" | "closed" = "unknown";
  readonly #links = new Map<number, Link>();
  /** Payload bytes by link. */
  readonly #received = new Map<number, number>();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** As one object for the output. */
  get state(): object {
    const links = [...this.#links].sort(([a], [b]) => a - b);
    return {
      sim: this.sim,
      registration: this.#registration.standing,
      pdp: { state: this.#network, address: this.#address ?? null },
      links: links.map(([id, link]) => ({
        id,
        state: link.state,
        dataWaits: link.announced,
        inFlight: link.inFlight,
        peerClosed: link.finished,
      })),
      sockets: links.map(([id, link]) => ({
        link: id,
        connected: link.state === "open",
        received: this.#received.get(id) ?? 0,
        ended: link.ended,
      })),
    };
  }

  // What lines of the modem's own accord mean.

  readonly links: LinkEvents = {
    opened: (id, ok) => {
      const link = this.#link(id);
      if (!ok) link.end();
      else if (link.state === "opening") link.opened();
    },
    sent: (id, ok) => {
      const link = this.#link(id);
      if (ok && link.inFlight > 0) link.confirmed();
      else if (!ok) link.end();
    },
    readable: (id) => {
      this.#link(id).announced = true;
    },
    session: () => {
      // Secrets of a TLS session are nothing to print.
    },
    closed: (id) => {
      const link = this.#link(id);
      link.finished = true;
      link.announced = true;
      if (link.state !== "open") link.end();
    },
  };

  take(line: string): void {
    const isIts = (urc: { prefix: string }) => line.startsWith(urc.prefix);
    (this.#dialect.urcs.find(isIts) ?? standard.URCS.find(isIts))?.handle(this, line);
  }

  networkLost(): void {
    this.#network = "closed";
    this.#address = undefined;
    for (const link of this.#links.values()) link.end(true);
  }

  restarted(): void {
    this.networkLost();
    this.#links.clear();
    this.#registration.reset();
    this.sim = "unknown";
  }

  simChanged(state: string): void {
    this.sim = state;
  }

  registrationChanged(line: string): void {
    this.#registration.update(line, false);
  }

  // What commands and their replies mean.

  /** A command leaves for the modem. What only prepares another changes nothing yet. */
  begin({ command, purpose, id, conclude }: Found): void {
    if (!conclude(GOOD)) return;
    if (purpose === "open") this.#links.set(id, openingLink(id));
    if (purpose === "send") this.#link(id).inFlight = command.data?.length ?? 0;
    if (purpose === "receive") this.#link(id).announced = false;
  }

  /** The socket's owner takes everything at once. */
  received(id: number, bytes: Uint8Array): void {
    const link = this.#link(id);
    if (link.state === "open") this.#received.set(id, (this.#received.get(id) ?? 0) + bytes.length);
  }

  /** Takes in how a command ended. */
  end({ command, purpose, id, conclude }: Found, reply: Reply): void {
    for (const line of reply.lines) this.#registration.update(line, true);
    if (command.text.toUpperCase() === "AT+CPIN?") this.#asked(reply);
    const result = conclude(reply);
    if (result === undefined) return;
    const { value } = result;
    if (purpose === "close") this.#link(id).end(true);
    if (purpose === "close the network") this.networkLost();
    if (purpose === "open network") this.#opened(typeof value === "string" ? value : undefined);
    if (purpose === "ask for the network" && value === false) this.networkLost();
    if (purpose === "ask for the network" && value === true) this.#network = "open";
    if (purpose === "open" && value !== "later") this.links.opened(id, value === "done");
    if (purpose === "send" && value !== "later") this.links.sent(id, typeof value === "number");
    if (purpose === "receive") this.#read(this.#link(id), value);
  }

  #asked(reply: Reply): void {
    const [line] = reply.lines;
    this.sim = line === undefined ? `no answer (${reply.final})` : fields(line)[0]!;
  }

  #opened(address: string | undefined): void {
    this.#address = address;
    this.#network = address === undefined ? "closed" : "open";
  }

  /** `left`: bytes that stay in the modem; undefined when the link is dead. */
  #read(link: Link, left: unknown): void {
    if (typeof left !== "number") link.end();
    else if (left > 0) link.announced = true;
    else if (link.finished && !link.announced) link.end();
  }

  /** A log may begin when links are open already. */
  #link(id: number): Link {
    const known = this.#links.get(id);
    if (known) return known;
    const link = openingLink(id);
    link.opened();
    this.#links.set(id, link);
    return link;
  }
}

function openingLink(id: number): Link {
  const link = new Link({ host: "", port: 0 });
  link.id = id;
  link.state = "opening";
  return link;
}
