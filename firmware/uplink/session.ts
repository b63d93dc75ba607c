import type { Board } from "../../hal/board.js";
import type { TimerHandle } from "../../hal/timer.js";
import type { Clock } from "../clock.js";
import { showDuration } from "../display.js";
import type { Settings } from "../settings.js";
import { Attachment } from "./attachment.js";
import { Backoff } from "./backoff.js";
import { Budget } from "./budget.js";
import { type Carrier, HTTPCarrier, MQTTCarrier } from "./carrier.js";
import type { Reporter } from "./reporter.js";
import { Schedule } from "./schedule.js";

/** How long a report may wait for the network before it counts as failed, in milliseconds. */
const NETWORK_PATIENCE = 15 * 60_000;
/** The network's clock is asked for soon after the connection; a request waits so long for it, in milliseconds. */
const SETTLE = 2000;
/** From so many failures in a row on, the network is joined anew for each try, though it seems to work. */
const DOUBTFUL = 3;
/** Seconds after the start until the first report: the first readings are in. */
const FIRST_REPORT = 15;

export interface SessionOptions {
  board: Board;
  settings: Settings;
  clock: Clock;
  reporter: Reporter;
  /** The server of this base URL was asked, and answered or not. */
  onOutcome: (baseURL: string, answered: boolean) => void;
  /** Seconds until something else wants the network; Infinity when nothing does. */
  wanted: () => number;
  /** This firmware is new, and gives way to the one before when no report gets through. */
  proving: () => boolean;
  log: (line: string) => void;
}

/**
 * Reports: peek, send, wait for a valid answer, commit; again until no rows wait. A failure is tried again after a
 * pause that grows. One request is under way at a time, and every wait has an end.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #schedule: Schedule;
  readonly #backoff: Backoff;
  readonly #attachment: Attachment;
  readonly budget: Budget;
  #state: "idle" | "network" | "request" = "idle";
  #timer: TimerHandle | undefined;
  /** What the next report waits for: the first readings, its place in the interval, the month's bytes, or to be tried again. */
  #awaits: "readings" | "turn" | "budget" | "retry" = "readings";
  readonly #http: Carrier;
  readonly #mqtt: Carrier;
  /** Uptime, in seconds, when the last report got through. */
  lastSuccess: number | undefined;
  requests = 0;
  failures = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { clock, settings, board } = options;
    this.#schedule = new Schedule({ clock, serialNumber: () => settings.text("serial_number"), first: FIRST_REPORT });
    this.#backoff = new Backoff(() => board.random());
    this.#attachment = new Attachment(options);
    this.budget = new Budget({
      ...{ clock, keyValue: board.keyValue, network: board.network },
      limit: () => settings.integer("monthly_bytes"),
    });
    this.#http = new HTTPCarrier(options);
    this.#mqtt = new MQTTCarrier(options);
  }

  /** When the next report comes, in words. */
  get next(): string {
    if (this.#state === "network") return "waiting for the network";
    if (this.#state === "request") return "under way";
    return this.problem ?? `in ${showDuration(Math.max(0, this.#schedule.wait))}`;
  }

  get busy(): boolean {
    return this.#state !== "idle";
  }

  /** Why this device can't report at all; undefined when it can. */
  get problem(): string | undefined {
    const { settings } = this.#options;
    if (settings.text("serial_number") === "" || settings.text("secret_key") === "") return "not provisioned";
    return this.#carrier.problem();
  }

  /** Starts the report that is due; to be called every few seconds. */
  keep(): void {
    if (this.#state !== "idle" || this.#schedule.wait > 0 || this.problem) return;
    if (this.#saving > 0) this.#putOff();
    else this.#begin();
  }

  /** Reports now. Gives the reason when that can't be. */
  send(): string | undefined {
    if (this.#state !== "idle") return `a report is ${this.next}`;
    const { problem } = this;
    if (problem) return problem;
    if (this.#saving > 0) return `over the month's budget (monthly_bytes) for ${showDuration(this.#saving)}`;
    this.#begin();
    return undefined;
  }

  /** Brings the network up for something else than a report. */
  connect(): void {
    this.#attachment.want();
  }

  networkChanged(): void {
    this.#proceed();
  }

  /** The time became known, or was corrected: the schedule follows it from now on, and the month may be another. */
  clockChanged(): void {
    const idle = this.#state === "idle";
    if (idle && this.#awaits === "turn") this.#plan();
    if (idle && this.#awaits === "budget") this.#schedule.after(0);
    this.#proceed();
  }

  /** What the network is connected with has changed. */
  networkSettingsChanged(): void {
    this.#attachment.renew();
    if (this.#state === "network") this.#attachment.want();
  }

  close(): void {
    this.#state = "idle";
    this.#options.board.timer.clear(this.#timer);
    this.#http.close();
    this.#mqtt.close();
  }

  get #carrier(): Carrier {
    return this.#options.settings.text("transport") === "mqtt" ? this.#mqtt : this.#http;
  }

  #begin(): void {
    const { timer } = this.#options.board;
    this.#state = "network";
    this.#timer = timer.set(() => this.#fail(this.#missing()), NETWORK_PATIENCE);
    this.#attachment.want();
    this.#proceed();
  }

  #missing(): string {
    const { network } = this.#options.board;
    return network.connection >= 500
      ? "the time is not known, which timestamp auth needs"
      : (network.problem ?? "no network");
  }

  /** Goes on as soon as there is a connection, and the time when requests are signed with it. */
  #proceed(): void {
    const { board, clock, settings } = this.#options;
    if (this.#state !== "network" || board.network.connection < 500) return;
    if (settings.text("auth") === "ta" && clock.now === undefined) return;
    board.timer.clear(this.#timer);
    this.#timer = board.timer.set(() => this.#transmit(), clock.now === undefined ? SETTLE : 0);
  }

  /** What stands in the way is asked once more: meanwhile a report has left, a setting was changed, or the network has told the time. */
  #transmit(): void {
    const carrier = this.#carrier;
    const obstacle = this.problem;
    if (obstacle !== undefined) {
      this.#fail(obstacle, carrier);
      return;
    }
    if (this.#saving > 0) {
      carrier.close();
      this.#state = "idle";
      this.#putOff();
      return;
    }
    this.#state = "request";
    this.budget.book(this.#options.reporter.size, carrier.secure);
    const problem = carrier.send((refusal) => {
      this.budget.settle();
      if (refusal === undefined) this.#succeed(carrier);
      else this.#fail(refusal, carrier);
    });
    if (problem === undefined) this.requests++;
    else this.#fail(problem, carrier);
  }

  #succeed(carrier: Carrier): void {
    const { reporter, clock, board } = this.#options;
    this.#backoff.reset();
    this.lastSuccess = clock.uptime;
    if (reporter.more && carrier === this.#carrier) {
      // On a turn of its own: in this one the last request still holds its memory.
      this.#timer = board.timer.set(() => this.#transmit());
    } else {
      carrier.close();
      this.#state = "idle";
      this.#plan();
    }
  }

  /** Seconds until the month's bytes allow the next request. */
  get #saving(): number {
    // An update that is undone costs more than a report does.
    if (this.lastSuccess === undefined && this.#options.proving()) return 0;
    return this.budget.wait(this.#options.reporter.size, this.#carrier.secure);
  }

  /** The next report waits for the budget. */
  #putOff(): void {
    const pause = this.#saving;
    this.#awaits = "budget";
    this.#schedule.after(pause);
    this.#spare(pause);
    this.#options.log(`next report in ${showDuration(pause)}: more would be over the month's budget (monthly_bytes)`);
  }

  #plan(): void {
    this.#awaits = "turn";
    this.#schedule.next(this.#options.settings.integer("report_interval"));
    this.#spare(this.#schedule.wait);
  }

  #spare(seconds: number): void {
    this.#attachment.spare(Math.min(seconds, this.#options.wanted()));
  }

  #fail(reason: string, carrier?: Carrier): void {
    carrier?.close();
    this.#options.board.timer.clear(this.#timer);
    this.failures++;
    this.#state = "idle";
    const pause = this.#backoff.next();
    this.#awaits = "retry";
    this.#schedule.after(pause);
    this.#spare(pause);
    if (this.#backoff.failures >= DOUBTFUL) this.#attachment.refresh();
    this.#options.log(`report failed: ${reason}; again in ${showDuration(pause)}`);
  }
}
