import type { KeyValue } from "../../hal/key-value.js";
import type { Clock } from "../clock.js";
import { StateCell } from "../state.js";

/** How often the remaining credit is saved, in seconds of uptime: 96 writes a day. */
const SAVE_INTERVAL = 900;
const LENGTH = 20;
const UNLOCKED = 1;

/** What is remembered of the tokens that were entered: see TokenCounts for the first two. */
interface TokenMemory {
  count: number;
  used: number;
  /** Wrong tokens in a row. */
  wrong: number;
}

/**
 * The customer's credit and the token counts, saved together as one atomic value so that neither can be had without
 * the other.
 *
 *     u32 count | u32 used | u16 wrong | u16 flags (1: unlocked) | u32 left, s | u32 active until, s since 1970, little-endian
 *
 * `left` is what may still be used, counted down by uptime only: no clock can make it grow. `activeUntil` is the end in
 * time of day, 0 until that is known: it counts the time without power as well. What is smaller holds.
 */
export class Credit {
  readonly #clock: Clock;
  readonly #cell: StateCell;
  readonly #grace: () => number;
  readonly tokens: TokenMemory = { count: 1, used: 1, wrong: 0 };
  #unlocked = false;
  /** Credit at uptime `#asOf`, in seconds. */
  #left = 0;
  #asOf: number;
  #activeUntil = 0;
  /** The end was reckoned by this boot's clock from what was left, not given by a server, nor in an earlier boot. */
  #reckoned = false;
  #savedAt: number;
  /** Called after a change that may switch the load. */
  onChanged?: () => void;

  /** `grace`: seconds that the load stays on after the credit has run out. */
  constructor(options: { clock: Clock; keyValue: KeyValue; grace: () => number }) {
    this.#clock = options.clock;
    this.#grace = options.grace;
    this.#cell = new StateCell({ keyValue: options.keyValue, key: "paygo", version: 1 });
    this.#asOf = this.#savedAt = this.#clock.uptime;
    this.#load();
  }

  /** PAYG is disabled: the device belongs to the customer. */
  get unlocked(): boolean {
    return this.#unlocked;
  }

  get active(): boolean {
    return this.#unlocked || this.#untilOff > 0;
  }

  /** Seconds of credit left, the grace period not counted. */
  get left(): number {
    return Math.max(0, this.#untilOff - this.#grace());
  }

  /** Seconds until the load is switched off. */
  get #untilOff(): number {
    const now = this.#clock.now;
    if (now === undefined || this.#activeUntil === 0) return this.#counted;
    return Math.max(0, Math.min(this.#counted, this.#activeUntil - now));
  }

  /** Seconds that may still be used with power. */
  get #counted(): number {
    return Math.max(0, this.#left - (this.#clock.uptime - this.#asOf));
  }

  /** Sets the credit from now on, in seconds, and saves it with the token counts; `lock` ends an unlock (SET_TIME does). */
  setLeft(seconds: number, lock = false): void {
    if (lock) this.#unlocked = false;
    this.#set(seconds, 0);
  }

  /** Sets the end of the credit, in seconds since 1970, from a server that was asked for it. The time must be known. */
  setUntil(time: number): void {
    const now = this.#clock.now;
    if (now === undefined) return;
    this.#set(Math.max(0, time - now), time + this.#grace());
    this.#reckoned = false;
  }

  /**
   * The clock was corrected by `shift` seconds, or became known. An end that was reckoned by a clock that was behind moves
   * with it, and never back: the correction may be what is wrong.
   */
  clockChanged(shift: number | undefined): void {
    if (shift !== undefined && this.#activeUntil !== 0 && this.#reckoned) {
      this.#activeUntil = Math.max(this.#activeUntil, this.#clock.now! + this.#counted);
      this.save();
    }
    this.keep();
  }

  /** Adds credit, in seconds, to what is left, at most up to `most`; a grace period that was used up is paid first. */
  add(seconds: number, most: number): void {
    const owed = this.active ? this.#grace() - Math.min(this.#grace(), this.#untilOff) : 0;
    this.setLeft(Math.min(Math.max(0, this.left + seconds - owed), most));
  }

  /** PAYG on or off for good (DISABLE_PAYG); saves. */
  setUnlocked(unlocked: boolean): void {
    this.#unlocked = unlocked;
    this.save();
    this.onChanged?.();
  }

  /** Counts down and saves now and then; to be called every few seconds. */
  keep(): void {
    if (this.#date() || (this.#left > 0 && this.#clock.uptime >= this.#savedAt + SAVE_INTERVAL)) this.save();
  }

  save(): void {
    const uptime = this.#clock.uptime;
    this.#left = this.#counted;
    this.#asOf = this.#savedAt = uptime;
    const bytes = new Uint8Array(LENGTH);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, this.tokens.count, true);
    view.setUint32(4, this.tokens.used, true);
    view.setUint16(8, this.tokens.wrong, true);
    view.setUint16(10, this.#unlocked ? UNLOCKED : 0, true);
    view.setUint32(12, this.#left, true);
    view.setUint32(16, this.#activeUntil, true);
    this.#cell.write(bytes);
  }

  /** `until`: the end in time of day, 0 when it has to be reckoned. */
  #set(seconds: number, until: number): void {
    this.#left = seconds > 0 ? seconds + this.#grace() : 0;
    this.#asOf = this.#clock.uptime;
    this.#activeUntil = seconds > 0 ? until : 0;
    this.#date();
    this.save();
    this.onChanged?.();
  }

  /**
   * Gives the credit its end in time of day as soon as that is known; true when it did. Not by a clock that was set back:
   * should it be wrong, a restart that brings the right time would find the end in the past.
   */
  #date(): boolean {
    const now = this.#clock.now;
    if (now === undefined || this.#clock.setBack || this.#activeUntil !== 0) return false;
    const left = this.#untilOff;
    if (left === 0) return false;
    this.#activeUntil = now + left;
    this.#reckoned = true;
    return true;
  }

  #load(): void {
    const bytes = this.#cell.read();
    if (bytes?.length !== LENGTH) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    this.tokens.count = view.getUint32(0, true);
    this.tokens.used = view.getUint32(4, true);
    this.tokens.wrong = view.getUint16(8, true);
    this.#unlocked = (view.getUint16(10, true) & UNLOCKED) !== 0;
    this.#left = view.getUint32(12, true);
    this.#activeUntil = view.getUint32(16, true);
  }
}
