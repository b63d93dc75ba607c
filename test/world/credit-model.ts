import type { IssuedToken } from "./token-office.js";
import { DAY } from "./token-office.js";
import { Violation } from "./violation.js";

/** The credit is saved so often, in seconds of uptime; a crash gives back at most this much, and the beat that saves it. */
const SAVING = 900 + 10;
/** A clock within this is right: corrections up to it are taken from any source. Seconds. */
export const DRIFT = 300;
/** What rounding to whole seconds, a beat, and the way of the time to the device make up. */
const ROUNDING = 15;

/** What the world knows of the device at a moment. Times in seconds. */
export interface CreditView {
  /** World time, since 1970. */
  readonly now: number;
  /** The device's clock less the world's; undefined while the device does not know the time. */
  readonly clockError: number | undefined;
  /** No clock was ever wrong in this world. */
  readonly trusted: boolean;
}

/**
 * Between which bounds the credit has to lie. Below: what was granted less all the time that has passed. Above: what was
 * granted less the time with power, plus what crashes may give back; where clocks are never wrong, less the time without power
 * as well from the moment on at which the device knows the time.
 */
export class CreditModel {
  /** World time until which there is credit for sure. */
  #until = 0;
  /** Most seconds left. */
  #most = 0;
  /** World time at which it has ended for sure, as far as known. */
  #latest = Number.POSITIVE_INFINITY;
  #dated = false;
  /** World time. */
  #countedTo = 0;
  /** Its end was set by a clock that is wrong; put right within the same boot it harms nothing, later it may. */
  #misdated = false;

  started(view: CreditView): void {
    this.#countedTo = view.now;
  }

  /** Counts the time with power; to be called every minute. */
  ran(view: CreditView): void {
    this.#most = Math.max(0, this.#most - (view.now - this.#countedTo));
    this.#countedTo = view.now;
    if (view.clockError !== undefined && isRight(view)) this.#misdated = false;
    if (this.#dated || view.clockError === undefined || this.#most === 0) return;
    this.#dated = true;
    this.#latest = view.now + this.#most;
    if (!isRight(view)) this.#misdated = true;
  }

  /** The power went after so many seconds. */
  crashed(uptime: number, view: CreditView): void {
    this.ran(view);
    this.#most += Math.min(uptime, SAVING);
    if (this.#misdated) this.#until = 0;
  }

  took(token: IssuedToken, view: CreditView): void {
    this.ran(view);
    const seconds = (token.value ?? 0) * DAY;
    // What a wrong clock says is left is what the token adds to.
    const until = isRight(view) ? Math.max(this.#until, view.now) : view.now;
    if (token.type === "ADD_TIME") this.#set(this.#mostNow(view) + seconds, until + seconds);
    else if (token.type === "SET_TIME") this.#set(seconds, view.now + seconds);
  }

  /** Granted by an answer; `left` is reckoned by the device's own clock, which may be wrong. */
  grantedUntil(time: number, view: CreditView): void {
    if (view.clockError === undefined) return;
    this.ran(view);
    this.#set(Math.max(0, time - view.now - view.clockError), isRight(view) ? time : 0);
    this.#latest = time;
    this.#dated = true;
  }

  grantedLeft(seconds: number, view: CreditView): void {
    this.ran(view);
    this.#set(seconds, view.now + seconds);
  }

  check(left: number, view: CreditView): void {
    const most = this.#mostNow(view) + ROUNDING;
    if (left > most) throw new Violation("credit does not grow", `at most ${Math.ceil(most)} s`, `${left} s`);
    // The end may be reckoned by a clock that is behind, and looked at by one that is ahead.
    const least = this.#until - view.now - (view.trusted ? 0 : 2 * DRIFT) - ROUNDING;
    if (left < least && isRight(view)) {
      throw new Violation("credit does not shrink", `at least ${Math.floor(least)} s`, `${left} s`);
    }
  }

  #set(most: number, until: number): void {
    this.#most = most;
    this.#until = until;
    this.#latest = Number.POSITIVE_INFINITY;
    this.#dated = false;
    this.#misdated = false;
  }

  #mostNow(view: CreditView): number {
    if (view.clockError === undefined || !view.trusted) return this.#most;
    return Math.min(this.#most, Math.max(0, this.#latest - view.now));
  }
}

/** A clock that is wrong may switch the load off as long as it is wrong; one that is not known does no harm. */
function isRight({ clockError }: CreditView): boolean {
  return clockError === undefined || Math.abs(clockError) <= DRIFT;
}
