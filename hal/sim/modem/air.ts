import type { Internet } from "../internet.js";
import type { Agenda } from "./agenda.js";
import { AirSocket, type SocketOptions } from "./air-socket.js";
import { Direction } from "./course.js";
import type { Knobs } from "./knobs.js";
import type { Meter } from "./meter.js";

export interface AirOptions {
  readonly agenda: Agenda;
  readonly ticks: () => number;
  readonly random: () => number;
  readonly knobs: Knobs;
  readonly meter: Meter;
  readonly internet: Internet;
  /** Whether packets get through right now. */
  readonly reachable: () => boolean;
  /** Whether the network's DNS answers yet. */
  readonly namesReady: () => boolean;
}

/** The radio link as the sockets see it, and every connection over it. */
export class Air {
  readonly #options: AirOptions;
  readonly #up: Direction;
  readonly #down: Direction;
  readonly #sockets = new Set<AirSocket>();

  constructor(options: AirOptions) {
    const { ticks, random, knobs, meter } = options;
    this.#options = options;
    this.#up = new Direction(ticks, random, knobs, "uplink", (bytes) => meter.sentAgain(bytes));
    this.#down = new Direction(ticks, random, knobs, "downlink", (bytes) => meter.receivedAgain(bytes));
  }

  open(options: SocketOptions): AirSocket {
    const socket = new AirSocket({ ...this.#options, up: this.#up, down: this.#down }, options, () =>
      this.#sockets.delete(socket),
    );
    this.#sockets.add(socket);
    return socket;
  }

  /** Asks the network's DNS; undefined for a name that does not exist. */
  resolve(host: string, onResolved: (address: string | undefined) => void): void {
    const { agenda, internet, knobs, meter, namesReady } = this.#options;
    meter.resolved(host);
    const answer = (address: string | undefined) => agenda.about(knobs.latency, () => onResolved(address));
    if (namesReady()) internet.resolve(host, answer);
    else answer(undefined);
  }

  /** The bearer is gone, and every connection with it. */
  drop(): void {
    for (const socket of [...this.#sockets]) socket.lose();
  }

  /** The peers of all connections close, as servers do that restart. */
  closeRemotely(): void {
    for (const socket of [...this.#sockets]) socket.closeRemotely();
  }
}
