import { frozen } from "../frozen.js";
import type { Cell } from "../network.js";
import { fields } from "./ascii.js";
import type { Procedure } from "./command.js";
import { REGISTRATION } from "./standard.js";

/** How long a network is looked for; how long one that says no is asked; how often. Milliseconds. */
const SEARCH = 180_000;
const DENIED = 60_000;
const POLL = 10_000;

/** Where a modem stands with one domain of the network (3GPP TS 27.007, 7.2 +CREG, 10.1.20 +CGREG, 10.1.22 +CEREG). */
export type Standing = "idle" | "home" | "searching" | "denied" | "roaming";

const STANDINGS: readonly Standing[] = frozen(["idle", "home", "searching", "denied", "idle", "roaming"]);

/** <AcT> of 27.007, 7.3: access technology. */
const TECHNOLOGIES: readonly string[] = frozen([
  ...["GSM", "GSM", "UMTS", "GSM", "UMTS", "UMTS", "UMTS", "LTE", "GSM", "NB-IoT"],
]);

/** Prefixes of the three domains: circuit switched, packet, LTE packet. */
const DOMAINS: readonly string[] = frozen(["+CREG:", "+CGREG:", "+CEREG:"]);

/**
 * What the modem reports of its registration. Data needs packet service, so home or roaming in CGREG or CEREG is enough and
 * CREG only tells why there is none: LTE-only networks leave it at "searching" for good.
 */
export class Registration {
  readonly #standings: Standing[] = ["idle", "idle", "idle"];
  /** The cell that was told last; undefined when none was. */
  cell: Cell | undefined;

  /** Takes a line in either form; `reading`: it came while an answer was expected. Other lines are ignored. */
  update(line: string, reading: boolean): void {
    const domain = DOMAINS.findIndex((prefix) => line.startsWith(prefix));
    if (domain < 0) return;
    this.#standings[domain] = STANDINGS[statusOf(line, reading)] ?? "idle";
    if (this.#packet("home") || this.#packet("roaming")) this.cell = cellOf(line) ?? this.cell;
  }

  /** Nothing is known any more. */
  reset(): void {
    this.#standings.fill("idle");
    this.cell = undefined;
  }

  /** The best that any domain with data says; what the others say when none has a network. */
  get standing(): Standing {
    if (this.registered) return this.roaming ? "roaming" : "home";
    if (this.denied) return "denied";
    return this.#standings.includes("searching") ? "searching" : "idle";
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

  /** Whether there is a network for data that may be used. */
  usable(roaming: boolean): boolean {
    return this.#packet("home") || (roaming && this.#packet("roaming"));
  }

  /** Waits until there is a network that may be used; gives what is wrong when none comes. */
  *search(ticks: () => number, roaming: boolean): Procedure<string | undefined> {
    const start = ticks();
    for (;;) {
      yield* this.ask();
      if (this.usable(roaming)) return undefined;
      if (ticks() - start >= (this.denied ? DENIED : SEARCH)) return this.#explain();
      yield { until: () => this.usable(roaming), timeout: POLL };
    }
  }

  #explain(): string {
    if (this.roaming) return "there is no home network, and roaming is not allowed";
    return this.denied ? "the network denies registration" : "no network was found";
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
frozen(Registration);

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

/** Area and cell are the first two texts in hexadecimal (27.007, 7.2); the technology follows them. */
function cellOf(line: string): Cell | undefined {
  const values = fields(line);
  const at = line
    .slice(line.indexOf(":") + 1)
    .split(",")
    .findIndex((value) => value.trim().startsWith('"'));
  const area = Number.parseInt(values[at] ?? "", 16);
  const id = Number.parseInt(values[at + 1] ?? "", 16);
  if (at < 0 || Number.isNaN(area) || Number.isNaN(id)) return undefined;
  return { area, id, technology: TECHNOLOGIES[Number(values[at + 2] || Number.NaN)] };
}
