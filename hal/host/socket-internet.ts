import { lookup } from "node:dns";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { HostInternet, type Watcher } from "./host-internet.js";
import { RequestTracker } from "./request-tracker.js";

/** How long an answer is waited for, milliseconds of real time: to a whole HTTP request, and to anything else. */
const ANSWER_TIME = 30_000;
const OTHER_ANSWER_TIME = 1000;
/** An answer has ended when the peer was silent for so long. */
const SILENCE = 100;
const POLL = 5;

/** The real internet. It is busy while connecting, and from a request until the peer has answered and fallen silent. */
export class SocketInternet extends HostInternet {
  readonly #traffic = new Set<Traffic>();
  #resolving = 0;

  get busy(): boolean {
    if (this.#resolving > 0) return true;
    const now = performance.now();
    for (const traffic of this.#traffic) if (now < traffic.busyUntil) return true;
    return false;
  }

  resolve(host: string, onResolved: (address: string | undefined) => void): void {
    this.#resolving++;
    lookup(host, { family: 4 }, (error, address) => {
      this.#resolving--;
      this.post(() => onResolved(error ? undefined : address));
    });
  }

  protected open(host: string, port: number): Duplex {
    return connect({ host, port });
  }

  protected watch(): Watcher {
    const traffic = new Traffic(() => this.#traffic.delete(traffic));
    this.#traffic.add(traffic);
    return traffic;
  }

  protected pause(): Promise<void> {
    return delay(POLL);
  }
}

class Traffic implements Watcher {
  /** In the time of `performance.now()`. */
  busyUntil = performance.now() + ANSWER_TIME;
  readonly #requests = new RequestTracker();
  readonly #forget: () => void;

  constructor(forget: () => void) {
    this.#forget = forget;
  }

  onConnected(): void {
    this.busyUntil = 0;
  }

  /** Half a request gets no answer: the rest of it needs virtual time. */
  onSent(bytes: Uint8Array): void {
    this.#requests.write(bytes);
    const time = this.#requests.isHTTP ? ANSWER_TIME : OTHER_ANSWER_TIME;
    this.busyUntil = this.#requests.complete ? performance.now() + time : 0;
  }

  onReceived(): void {
    this.busyUntil = performance.now() + SILENCE;
  }

  onEnded(): void {
    this.busyUntil = 0;
    this.#forget();
  }
}
