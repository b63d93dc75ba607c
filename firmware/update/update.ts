import type { Board } from "../../hal/board.js";
import type { FirmwareSlots } from "../../hal/firmware-slots.js";
import type { Flash } from "../../hal/flash.js";
import { frozen } from "../../hal/frozen.js";
import type { Clock } from "../clock.js";
import { showDuration } from "../display.js";
import type { Settings } from "../settings.js";
import { type Order, parseOrder } from "../update-order.js";
import { Backoff } from "../uplink/backoff.js";
import { Download } from "./download.js";
import { ImageDigest } from "./image-digest.js";
import { Probation } from "./probation.js";
import { Progress, type State } from "./progress.js";

/** Requests in a row that bring nothing new, after which an order is given up: that takes some ten hours. */
const MOST_TRIES = 20;
/** Starts of one image; the power may have been cut during one. */
const MOST_INSTALLS = 3;
/** Times that all of an image is fetched. */
const MOST_FETCHES = 2;
/** From the last line of the log to the restart, in milliseconds. */
const FAREWELL = 100;

const GIVEN_UP: Readonly<Partial<Record<State, string>>> = frozen({
  "not served": "the server does not give the image",
  "too large": "the image is larger than the slot",
  damaged: "what the server gives is not the image that was ordered",
  refused: "this board does not start the image",
  "went back": "the new firmware did not report, the one before is back",
});

export interface UpdateOptions {
  readonly board: Board;
  readonly slots: FirmwareSlots;
  readonly settings: Settings;
  readonly clock: Clock;
  /** Whether this firmware reports, or records where it can't report. */
  readonly proven: () => boolean;
  /** A report is under way. */
  readonly busy: () => boolean;
  /** Brings the network up. */
  readonly connect: () => void;
  readonly log: (line: string) => void;
}

/**
 * Carries out the setting `update`: fetches the image into the spare slot, compares it with the order, starts it on probation,
 * and goes back when it does not prove itself. All that was paid for is kept over lost connections and cuts of power.
 */
export class Update {
  readonly #options: UpdateOptions;
  readonly #progress: Progress;
  readonly #probation: Probation | undefined;
  #order: Order | undefined;
  #download: Download | undefined;
  #digest: ImageDigest | undefined;
  #fetching = false;
  /** The spare slot holds the image that was ordered. */
  #intact = false;
  #tries: Backoff;
  /** Uptime before which nothing is asked for, in seconds. */
  #pause = 0;

  constructor(options: UpdateOptions) {
    this.#options = options;
    const { board, slots, clock, proven, log } = options;
    this.#progress = new Progress(board.keyValue);
    this.#tries = new Backoff(() => board.random());
    if (slots.probation) {
      const [uptime, onKept] = [() => clock.uptime, () => this.#kept()];
      this.#probation = new Probation({ slots, proven, uptime, onKept, log });
      log("this firmware is new, on probation");
    }
    this.#take();
  }

  /** Seconds until the network is wanted; Infinity when it is not. */
  get wait(): number {
    if (!this.#order || !this.#fetchable) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#pause - this.#options.clock.uptime);
  }

  /** Where it stands, in words. */
  get description(): string {
    if (this.#probation && !this.#probation.over) return "this firmware is new, on probation";
    if (!this.#order) return "none ordered";
    const { state, position } = this.#progress;
    if (state === "runs") return "done";
    if (state !== "fetching") return GIVEN_UP[state] ? `given up: ${GIVEN_UP[state]}` : "comparing";
    if (position < this.#order.length) return `${Math.floor((100 * position) / this.#order.length)} % fetched`;
    return "fetched, starts after the next report";
  }

  /** The setting has changed. */
  changed(): void {
    this.close();
    this.#take();
  }

  /** Carries an order out that was given up, or done: other firmware may have been flashed since. */
  again(): void {
    const { state } = this.#progress;
    if (!this.#order || (state !== "runs" && !GIVEN_UP[state])) return;
    this.#progress.installs = 0;
    this.#progress.damages = 0;
    this.#enter("ordered");
  }

  /** To be called every few seconds. */
  keep(): void {
    const { clock, busy } = this.#options;
    this.#probation?.keep();
    // On probation the spare slot is the way back.
    if (this.#probation?.over === false || busy() || clock.uptime < this.#pause) return;
    if (this.#order && !this.#fetching && !this.#digest) this.#advance(this.#order);
  }

  /** Abandons what is under way; what was fetched is kept. */
  close(): void {
    this.#download?.close();
    this.#digest?.close();
    this.#download = undefined;
    this.#digest = undefined;
    this.#fetching = false;
    this.#intact = false;
    this.#pause = 0;
    this.#tries.reset();
  }

  #take(): void {
    this.#order = parseOrder(this.#options.settings.text("update"));
    if (!this.#order) return;
    this.#progress.take(this.#order.sha256);
    if (this.#order.length > this.#options.slots.spare.status().size) this.#enter("too large");
  }

  get #fetchable(): boolean {
    return this.#progress.state === "fetching" && this.#progress.position < this.#order!.length;
  }

  #advance(order: Order): void {
    const { running, spare } = this.#options.slots;
    const { state } = this.#progress;
    if (state === "ordered" || state === "installed") this.#compare(running, (same) => this.#compared(same));
    else if (this.#fetchable) this.#fetch(order);
    else if (state === "fetching" && this.#intact) this.#install();
    else if (state === "fetching") this.#compare(spare, (same) => this.#checked(same));
  }

  #compare(flash: Flash, onDone: (same: boolean) => void): void {
    const { timer } = this.#options.board;
    const { length, sha256 } = this.#order!;
    this.#digest = new ImageDigest({
      timer,
      flash,
      length,
      onDone: (digest) => {
        this.#digest = undefined;
        onDone(digest === sha256);
      },
    });
  }

  /** Whether the firmware that runs is what was ordered. */
  #compared(same: boolean): void {
    const { installs, state } = this.#progress;
    if (same) this.#enter("runs");
    else if (state === "installed" && installs >= MOST_INSTALLS) this.#enter("went back");
    else this.#enter("fetching");
  }

  /** Whether the image in the slot is what was ordered. */
  #checked(same: boolean): void {
    this.#intact = same;
    if (same) return;
    this.#progress.position = 0;
    this.#enter(++this.#progress.damages < MOST_FETCHES ? "fetching" : "damaged");
  }

  #fetch(order: Order): void {
    const { board, connect } = this.#options;
    if (board.network.connection < 500) {
      connect();
      return;
    }
    this.#download ??= this.#begin(order);
    this.#fetching = true;
    try {
      this.#download.next((reason) => this.#fetched(reason));
    } catch (error) {
      this.#fetched((error as Error).message);
    }
  }

  #begin(order: Order): Download {
    const { board, slots, log } = this.#options;
    const { position } = this.#progress;
    log(`update: fetching ${order.length} bytes from ${order.url.host}, from byte ${position} on`);
    const onProgress = (safe: number) => this.#progressed(safe);
    return new Download({ board, order, slot: slots.spare, position, onProgress });
  }

  #progressed(position: number): void {
    this.#progress.position = position;
    this.#save();
    this.#tries.reset();
  }

  #fetched(problem: string | undefined): void {
    this.#fetching = false;
    if (problem !== undefined) this.#failed(problem);
    else if (!this.#fetchable) this.close();
  }

  #failed(problem: string): void {
    const { clock, log } = this.#options;
    const pause = this.#tries.next();
    this.#pause = clock.uptime + pause;
    const last = this.#tries.failures >= MOST_TRIES;
    log(`update: ${problem}${last ? "" : `; again in ${showDuration(pause)}`}`);
    if (last) this.#enter("not served");
  }

  /** Only a firmware that reports gives its place up: then the network is there for the new one, too. */
  #install(): void {
    const { board, slots, proven, log } = this.#options;
    if (!proven()) return;
    this.#progress.installs++;
    this.#enter("installed");
    try {
      slots.install();
      log("update: restarting into the new firmware, on probation");
      board.timer.set(() => board.restart(), FAREWELL);
    } catch (error) {
      log(`update: ${(error as Error).message}`);
      this.#enter("refused");
    }
  }

  /** The probation is over. */
  #kept(): void {
    if (this.#order && this.#progress.state === "installed") this.#enter("runs");
  }

  #enter(state: State): void {
    if (state === this.#progress.state && state !== "fetching") return;
    this.#progress.state = state;
    this.#save();
    const reason = GIVEN_UP[state];
    if (reason === undefined) return;
    this.close();
    this.#options.log(`update given up: ${reason}`);
  }

  #save(): void {
    this.#progress.save(this.#order!.sha256);
  }
}
