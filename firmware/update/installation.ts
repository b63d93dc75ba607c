import type { FirmwareSlots } from "../../hal/firmware-slots.js";
import type { Flash } from "../../hal/flash.js";
import { frozen } from "../../hal/frozen.js";
import { showDuration } from "../display.js";
import type { Order } from "../update-order.js";
import { Backoff } from "../uplink/backoff.js";
import { Download } from "./download.js";
import { isProven, type UpdateHost } from "./host.js";
import { ImageDigest } from "./image-digest.js";
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

/**
 * Carries out one order: compares it with what runs, fetches the image into the spare slot, compares that, and starts it on
 * probation. All that was paid for is kept over lost connections and cuts of power.
 */
export class Installation {
  readonly #host: UpdateHost;
  readonly #slots: FirmwareSlots;
  readonly #order: Order;
  readonly #progress: Progress;
  readonly #tries: Backoff;
  #download: Download | undefined;
  #digest: ImageDigest | undefined;
  #fetching = false;
  /** The spare slot holds the image that was ordered. */
  #intact = false;
  /** Uptime before which nothing is asked for, in seconds. */
  #pause = 0;

  constructor(host: UpdateHost, slots: FirmwareSlots, order: Order) {
    this.#host = host;
    this.#slots = slots;
    this.#order = order;
    this.#progress = new Progress(host.board.keyValue, order.sha256);
    this.#tries = new Backoff(() => host.board.random());
    if (order.length > slots.spare.status().size) this.#enter("too large");
  }

  /** Seconds until the network is wanted; Infinity when it is not. */
  get wait(): number {
    if (!this.#fetchable) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#pause - this.#host.clock.uptime);
  }

  /** Where it stands, in words. */
  get description(): string {
    const { state, position } = this.#progress;
    if (state === "runs") return "done";
    if (state !== "fetching") return GIVEN_UP[state] ? `given up: ${GIVEN_UP[state]}` : "comparing";
    if (this.#fetchable) return `${Math.floor((100 * position) / this.#order.length)} % fetched`;
    return "fetched, starts after the next report";
  }

  /** Begins anew when it was given up or done. */
  again(): void {
    const { state } = this.#progress;
    if (state !== "runs" && !GIVEN_UP[state]) return;
    this.#progress.installs = 0;
    this.#progress.damages = 0;
    this.#enter("ordered");
  }

  /** The firmware that was on probation stays. */
  confirmed(): void {
    if (this.#progress.state === "installed") this.#enter("runs");
  }

  /** Takes the next step; to be called every few seconds. */
  keep(): void {
    const { session, clock } = this.#host;
    if (session.busy || this.#fetching || this.#digest || clock.uptime < this.#pause) return;
    const { running, spare } = this.#slots;
    const { state } = this.#progress;
    if (state === "ordered" || state === "installed") this.#compare(running, (same) => this.#compared(same));
    else if (this.#fetchable) this.#fetch();
    else if (state === "fetching" && this.#intact) this.#install();
    else if (state === "fetching") this.#compare(spare, (same) => this.#checked(same));
  }

  /** Abandons what is under way; what was fetched is kept. */
  close(): void {
    this.#download?.close();
    this.#digest?.close();
    this.#download = undefined;
    this.#digest = undefined;
    this.#fetching = false;
  }

  get #fetchable(): boolean {
    return this.#progress.state === "fetching" && this.#progress.position < this.#order.length;
  }

  #compare(flash: Flash, onDone: (same: boolean) => void): void {
    const { length, sha256 } = this.#order;
    this.#digest = new ImageDigest({
      timer: this.#host.board.timer,
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

  #fetch(): void {
    const { board, session } = this.#host;
    if (board.network.connection < 500) {
      session.connect();
      return;
    }
    this.#download ??= this.#begin();
    this.#fetching = true;
    try {
      this.#download.next((reason) => this.#fetched(reason));
    } catch (error) {
      this.#fetched((error as Error).message);
    }
  }

  #begin(): Download {
    const { board } = this.#host;
    const { position } = this.#progress;
    const order = this.#order;
    this.#host.log(`update: fetching ${order.length} bytes from ${order.url.host}, from byte ${position} on`);
    const onProgress = (safe: number) => this.#progressed(safe);
    return new Download({ board, order, slot: this.#slots.spare, position, onProgress });
  }

  #progressed(position: number): void {
    this.#progress.position = position;
    this.#progress.save();
    this.#tries.reset();
  }

  #fetched(problem: string | undefined): void {
    this.#fetching = false;
    if (problem !== undefined) this.#failed(problem);
    else if (!this.#fetchable) this.close();
  }

  #failed(problem: string): void {
    const { clock } = this.#host;
    const pause = this.#tries.next();
    this.#pause = clock.uptime + pause;
    const last = this.#tries.failures >= MOST_TRIES;
    this.#host.log(`update: ${problem}${last ? "" : `; again in ${showDuration(pause)}`}`);
    if (last) this.#enter("not served");
  }

  /** Only a firmware that reports gives its place up: then the network is there for the new one, too. */
  #install(): void {
    const { board } = this.#host;
    if (!isProven(this.#host)) return;
    this.#progress.installs++;
    this.#enter("installed");
    try {
      this.#slots.install();
      this.#host.log("update: restarting into the new firmware, on probation");
      board.timer.set(() => board.restart(), FAREWELL);
    } catch (error) {
      this.#host.log(`update: ${(error as Error).message}`);
      this.#enter("refused");
    }
  }

  #enter(state: State): void {
    if (state === this.#progress.state && state !== "fetching") return;
    this.#progress.state = state;
    this.#progress.save();
    this.#tries.reset();
    this.#pause = 0;
    const reason = GIVEN_UP[state];
    if (reason === undefined) return;
    this.close();
    this.#host.log(`update given up: ${reason}`);
  }
}
