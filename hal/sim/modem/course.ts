import type { Agenda } from "./agenda.js";
import type { Knobs } from "./knobs.js";

/** First retransmission after one second, then doubled (RFC 6298 2.1, 5.5). */
const RETRANSMISSION = 1000;
const MOST_RETRANSMISSIONS = 6;
/** A segment that met no coverage is tried again after this. */
const RETRY = 1000;

/** One direction of the radio link, shared by all connections. */
export class Direction {
  readonly #ticks: () => number;
  readonly #random: () => number;
  readonly #knobs: Knobs;
  readonly #rate: "uplink" | "downlink";
  readonly #onRepeated: (bytes: number) => void;
  #freeAt = 0;

  constructor(
    ticks: () => number,
    random: () => number,
    knobs: Knobs,
    rate: "uplink" | "downlink",
    onRepeated: (bytes: number) => void,
  ) {
    this.#ticks = ticks;
    this.#random = random;
    this.#knobs = knobs;
    this.#rate = rate;
    this.#onRepeated = onRepeated;
  }

  /** When a segment of `bytes` that is sent now arrives, in ticks. */
  arrival(bytes: number): number {
    const rate = this.#knobs[this.#rate];
    this.#freeAt = Math.max(this.#freeAt, this.#ticks()) + (rate > 0 ? (bytes * 8000) / rate : 0);
    let at = this.#freeAt + this.#knobs.latency / 2;
    for (let i = 0; i < MOST_RETRANSMISSIONS && this.#random() % 1000 < this.#knobs.loss; i++) {
      at += RETRANSMISSION << i;
      this.#onRepeated(bytes);
    }
    return Math.ceil(at);
  }
}

/** What the courses of all connections have in common. */
export interface Shared {
  readonly agenda: Agenda;
  readonly ticks: () => number;
  readonly knobs: Knobs;
  readonly reachable: () => boolean;
}

/** One direction of one connection: everything arrives in the order it was sent, or nothing does any more. */
export class Course {
  readonly #shared: Shared;
  readonly #direction: Direction;
  readonly #queue: Array<{ due: number; arrive: () => void }> = [];
  #waiting = false;
  #dead = false;

  constructor(shared: Shared, direction: Direction) {
    this.#shared = shared;
    this.#direction = direction;
  }

  /** Sends a segment; `extra` milliseconds for round trips that are not played out one by one. */
  send(bytes: number, arrive: () => void, extra = 0): void {
    this.#queue.push({ due: this.#direction.arrival(bytes) + extra, arrive });
    this.#next();
  }

  #next(): void {
    const head = this.#queue[0];
    if (!head || this.#waiting || this.#dead) return;
    this.#waiting = true;
    this.#shared.agenda.after(Math.max(0, head.due - this.#shared.ticks()), () => {
      this.#waiting = false;
      this.#arrive(head);
      this.#next();
    });
  }

  #arrive(head: { due: number; arrive: () => void }): void {
    if (this.#shared.knobs.halfOpen) {
      this.#dead = true;
    } else if (!this.#shared.reachable()) {
      head.due = this.#shared.ticks() + RETRY;
    } else {
      this.#queue.shift();
      head.arrive();
    }
  }
}
