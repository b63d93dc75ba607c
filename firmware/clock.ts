import type { KeyValue } from "../hal/key-value.js";
import { StateCell } from "./state.js";

/** Where a time came from, from the least trusted to the most. */
export type TimeSource = "none" | "rtc" | "network" | "server";
const RANKS: readonly TimeSource[] = ["none", "rtc", "network", "server"];

/** Nothing was built or sold before this: 2025-01-01. A clock that says so has lost its time. */
const EARLIEST = 1_735_689_600;
/** A correction of at most this is taken from any source that is not worse, in seconds. */
const DRIFT = 300;
const REMEMBERED_BOOTS = 8;
/** Only these raise the floor: a battery-backed clock that runs ahead must not shut the right time out for good. */
const FLOOR_SOURCES: readonly TimeSource[] = ["network", "server"];
/** How often the floor is saved, in seconds. */
const FLOOR_INTERVAL = 3600;

/**
 * The time of day over `ticks`. Knows when each recent boot started, so that rows recorded before the time was known
 * are dated afterwards. Persisted: boot number, the floor below which no time is believed, start times of boots.
 *
 *     u32 boot | u32 floor | REMEMBERED_BOOTS x u32 start (boot, boot - 1, ...; 0 when never known), little-endian
 */
export class Clock {
  readonly #ticks: () => number;
  readonly #cell: StateCell;
  #floor = EARLIEST;
  /** Seconds since 1970 at tick 0 of this boot and the ones before; 0 when not known. */
  #starts: number[] = [];
  #source: TimeSource = "none";
  readonly boot: number;
  /** Times that were not believed. */
  refused = 0;
  /** Called when the time became known or was corrected. */
  onChanged?: () => void;

  constructor(options: { ticks: () => number; keyValue: KeyValue }) {
    this.#ticks = options.ticks;
    this.#cell = new StateCell({ keyValue: options.keyValue, key: "clock", version: 1 });
    this.boot = this.#load() + 1;
    this.#starts.unshift(0);
    this.#save();
  }

  /** Seconds since 1970; undefined while unknown. */
  get now(): number | undefined {
    return this.#source === "none" ? undefined : this.#starts[0]! + Math.floor(this.#ticks() / 1000);
  }

  /** Whole seconds since this boot. */
  get uptime(): number {
    return Math.floor(this.#ticks() / 1000);
  }

  get source(): TimeSource {
    return this.#source;
  }

  /** Offers a time. A worse source never moves a better one; a jump is taken only from a better source. */
  offer(time: number, source: TimeSource): boolean {
    const now = this.now;
    const better = RANKS.indexOf(source) - RANKS.indexOf(this.#source);
    const below = time < (source === "server" ? EARLIEST : this.#floor);
    const jump = now !== undefined && Math.abs(time - now) > DRIFT;
    if (!Number.isInteger(time) || below || better < 0 || (jump && better === 0)) {
      this.refused++;
      return false;
    }
    this.#source = source;
    if (time !== now) this.#setStart(time);
    return true;
  }

  /** When a boot-relative moment was, in seconds since 1970; undefined when it can't be known (any more). */
  resolve(boot: number, seconds: number): number | undefined {
    const start = this.#starts[this.boot - boot];
    return start ? start + seconds : undefined;
  }

  /** Saves the floor now and then; to be called every few seconds. */
  keep(): void {
    const now = this.now;
    if (now !== undefined && this.#raisesFloor && now >= this.#floor + FLOOR_INTERVAL) this.#save();
  }

  get #raisesFloor(): boolean {
    return FLOOR_SOURCES.includes(this.#source);
  }

  #setStart(time: number): void {
    this.#starts[0] = time - this.uptime;
    this.#save();
    this.onChanged?.();
  }

  /** Gives the number of the last boot. */
  #load(): number {
    const bytes = this.#cell.read();
    if (bytes?.length !== 8 + 4 * REMEMBERED_BOOTS) return 0;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    this.#floor = view.getUint32(4, true);
    for (let i = 0; i < REMEMBERED_BOOTS - 1; i++) this.#starts.push(view.getUint32(8 + 4 * i, true));
    return view.getUint32(0, true);
  }

  #save(): void {
    if (this.#raisesFloor) this.#floor = Math.max(this.#floor, this.now!);
    const bytes = new Uint8Array(8 + 4 * REMEMBERED_BOOTS);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, this.boot, true);
    view.setUint32(4, this.#floor, true);
    for (let i = 0; i < REMEMBERED_BOOTS; i++) view.setUint32(8 + 4 * i, this.#starts[i] ?? 0, true);
    this.#cell.write(bytes);
  }
}
