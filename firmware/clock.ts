import { frozen } from "../hal/frozen.js";
import type { KeyValue } from "../hal/key-value.js";
import { StateCell } from "./state.js";

/**
 * Where a time came from, from the least trusted to the most: battery-backed clock, an answer that anybody may have written (as
 * with NTP), mobile network (NITZ), server behind TLS.
 */
export type TimeSource = "none" | "rtc" | "internet" | "network" | "server";
const RANKS: readonly TimeSource[] = frozen(["none", "rtc", "internet", "network", "server"]);

/** Where a row lies: `time` counts from the start of `boot`, or with boot 0 from 1970, in seconds. */
interface RowMoment {
  readonly boot: number;
  readonly time: number;
}

/** Nothing was built or sold before this: 2025-01-01. A clock that says so has lost its time. */
const EARLIEST = 1_735_689_600;
/** A correction of at most this is taken from any source that is not worse, in seconds. */
const DRIFT = 300;
/** A time that was refused is taken when the same source still says so after this many seconds. */
const INSISTENCE = 3000;
const REMEMBERED_BOOTS = 8;
/** What is remembered of a boot is its start, or below this, 34 years, how many seconds it lasted. */
const LONGEST = 0x40000000;
/** Only these raise the floor: a clock that runs ahead, or a forged answer, must not shut the right time out. */
const FLOOR_SOURCES: readonly TimeSource[] = frozen(["network", "server"]);
/** How often the floor is saved, in seconds. */
const FLOOR_INTERVAL = 3600;

/**
 * The time of day over `ticks`. Knows when each recent boot started, so that rows recorded before the time was known
 * are dated afterwards. A boot that never knew the time is taken to have ended just before the next one began: its rows
 * are late by the time without power, which nobody knows, and keep their distances. Persisted: boot number, the floor
 * below which no time is believed at once, start times of boots.
 *
 * A source that was wrong once, and was believed, must not shut out the right time for good: a jump, or a time below the
 * floor, is taken as well when its source insists on it.
 *
 *     u32 boot | u32 floor | REMEMBERED_BOOTS x u32 (boot, boot - 1, ...), little-endian; each of these is the start,
 *     or when that was never known, how long the boot lasted at least (below LONGEST), 0 when it left no row
 */
export class Clock {
  readonly #ticks: () => number;
  readonly #cell: StateCell;
  #floor = EARLIEST;
  /** Seconds since 1970 at tick 0. */
  #start = 0;
  /**
   * Of this boot and the ones before, seconds since 1970 that its rows count from; or when that was never known, the
   * seconds to the end of its last row, 0 when it is not known to have any.
   */
  #starts: number[] = [];
  /** Rows of this boot were dated: corrections of the clock move them no more, so that none is sent under two times. */
  #dated = false;
  #source: TimeSource = "none";
  /** The start that a refused time would mean, whose it was, and the uptime at which it was first offered. */
  #doubted: { readonly start: number; readonly source: TimeSource; readonly since: number } | undefined;
  /** It was set back in this boot, by more than a drift: the time before was wrong, or this one is. */
  setBack = false;
  readonly boot: number;
  /** Times that were not believed. */
  refused = 0;
  /** Called when the time became known, or was corrected by `shift` seconds. */
  onChanged?: (shift: number | undefined) => void;

  /** `newest`: the last row that was recorded before this start, by which a boot is known to have lasted so long. */
  constructor(options: { ticks: () => number; keyValue: KeyValue; newest?: RowMoment | undefined }) {
    this.#ticks = options.ticks;
    this.#cell = new StateCell({ keyValue: options.keyValue, key: "clock", version: 1 });
    this.boot = this.#load() + 1;
    this.#starts.unshift(0);
    if (options.newest) this.#lasted(options.newest);
    this.#save();
  }

  /** Seconds since 1970; undefined while unknown. */
  get now(): number | undefined {
    return this.#source === "none" ? undefined : this.#start + this.uptime;
  }

  /** Whole seconds since this boot. */
  get uptime(): number {
    return Math.floor(this.#ticks() / 1000);
  }

  get source(): TimeSource {
    return this.#source;
  }

  /** Offers a time. A worse source never moves a better one; a jump is taken only from a better source, or one that insists. */
  offer(time: number, source: TimeSource): boolean {
    const now = this.now;
    const better = RANKS.indexOf(source) - RANKS.indexOf(this.#source);
    const below = time < (source === "server" ? EARLIEST : this.#floor);
    const jump = now !== undefined && Math.abs(time - now) > DRIFT;
    if (!Number.isInteger(time) || time < EARLIEST || better < 0) return this.#refuse();
    if ((below || (jump && better === 0)) && !this.#insisted(time - this.uptime, source)) return this.#refuse();
    this.#doubted = undefined;
    this.#source = source;
    this.setBack ||= time < (now ?? this.#floor) - DRIFT;
    if (below) this.#floor = time;
    if (time !== now) this.#set(time, now);
    return true;
  }

  /**
   * When a boot-relative moment was, in seconds since 1970: exactly where its boot knew the time, else by the start of the
   * next boot that did; undefined when it can't be known (any more).
   */
  resolve(boot: number, seconds: number): number | undefined {
    let index = this.boot - boot;
    let moment = seconds;
    if (!this.#starts[index]) return undefined;
    for (; index > 0 && this.#starts[index]! < LONGEST; index--) moment -= this.#starts[index]!;
    const start = this.#starts[index]!;
    if (index === 0 && start > 0) this.#dated = true;
    return start > 0 ? start + moment : undefined;
  }

  /** A boot-relative moment that `resolve` can't tell, on the scale of `uptime`: negative before this boot. */
  uptimeOf(boot: number, seconds: number): number | undefined {
    const index = this.boot - boot;
    let moment = seconds;
    if (index !== 0 && !this.#starts[index]) return undefined;
    for (let i = index; i > 0; i--) moment -= this.#starts[i]!;
    return moment;
  }

  /** Saves the floor now and then; to be called every few seconds. */
  keep(): void {
    const now = this.now;
    if (now !== undefined && this.#raisesFloor && now >= this.#floor + FLOOR_INTERVAL) this.#save();
  }

  /** A boot before this one lasted at least until after this row. */
  #lasted({ boot, time }: RowMoment): void {
    const index = this.boot - boot;
    if (index > 0 && this.#starts[index] === 0) this.#starts[index] = time + 1;
  }

  get #raisesFloor(): boolean {
    return FLOOR_SOURCES.includes(this.#source);
  }

  #refuse(): false {
    this.refused++;
    return false;
  }

  /** Whether the source has said so for a while; takes note of it when not. */
  #insisted(start: number, source: TimeSource): boolean {
    const before = this.#doubted;
    const again = before?.source === source && Math.abs(before.start - start) <= DRIFT;
    if (!again) this.#doubted = { start, source, since: this.uptime };
    return again && this.uptime >= before.since + INSISTENCE;
  }

  #set(time: number, before: number | undefined): void {
    this.#start = time - this.uptime;
    if (!this.#dated) this.#starts[0] = this.#start;
    this.#save();
    this.onChanged?.(before === undefined ? undefined : time - before);
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
