import type { Procedure } from "./command.js";
import { REGISTRATION } from "./standard.js";

/** How long a network is looked for; how long one that says no is asked; how often. Milliseconds. */
const SEARCH = 180_000;
const DENIED = 60_000;
const POLL = 10_000;

/** Where a modem stands with one domain of the network (3GPP TS 27.007, 7.2 +CREG, 10.1.20 +CGREG, 10.1.22 +CEREG). */
export type Standing = "idle" | "home" | "searching" | "denied" | "roaming";

const STANDINGS: readonly Standing[] = Object.freeze(["idle", "home", "searching", "denied", "idle", "roaming"]);

/** Prefixes of the three domains: circuit switched, packet, LTE packet. */
const DOMAINS: readonly string[] = Object.freeze(["+CREG:", "+CGREG:", "+CEREG:"]);

/**
 * What the modem reports of its registration. Data needs packet service, so home or roaming in CGREG or CEREG is enough and
 * CREG only tells why there is none: LTE-only networks leave it at "searching" for good.
 */
export class Registration {
  readonly #standings: Standing[] = ["idle", "idle", "idle"];

  /** Takes a line in either form; `reading`: it came while an answer was expected. Other lines are ignored. */
  update(line: string, reading: boolean): void {
    const domain = DOMAINS.findIndex((prefix) => line.startsWith(prefix));
    if (domain >= 0) this.#standings[domain] = STANDINGS[statusOf(line, reading)] ?? "idle";
  }

  /** Nothing is known any more. */
  reset(): void {
    this.#standings.fill("idle");
  }

  get registered(): boolean {
    return this.#packet("home") || this.#packet("roaming");
  }

  get roaming(): boolean {
    return !this.#packet("home") && this.#packet("roaming");
  }

  get denied(): boolean {
    return !this.registered && this.#standings.includes("denied");
  }

  /** Waits until there is a network; gives what is wrong when none comes. */
  *search(ticks: () => number): Procedure<string | undefined> {
    const start = ticks();
    for (;;) {
      yield* this.ask();
      if (this.registered) return undefined;
      if (ticks() - start >= (this.denied ? DENIED : SEARCH))
        return this.denied ? "the network denies registration" : "no network was found";
      yield { until: () => this.registered, timeout: POLL };
    }
  }

  *ask(): Procedure {
    for (const command of REGISTRATION) {
      const reply = yield command;
      for (const line of reply.lines) this.update(line, true);
    }
  }

  #packet(standing: Standing): boolean {
    return this.#standings[1] === standing || this.#standings[2] === standing;
  }
}

/**
 * The status in `+CREG: <n>,<stat>[,"lac",...]` (the answer to a read) or `+CREG: <stat>[,"lac",...]` (a URC, which may
 * also come while an answer is expected). Further arguments are ignored.
 */
function statusOf(line: string, reading: boolean): number {
  const values = line.slice(line.indexOf(":") + 1).split(",");
  const second = values[1]?.trim();
  const isAnswer = reading && second !== undefined && second !== "" && !second.startsWith('"');
  return Number.parseInt(isAnswer ? second : values[0]!, 10);
}
