import { frozen } from "../frozen.js";
import type { ConnectOptions, Rest } from "../network.js";
import { type Procedure, pause } from "./command.js";
import type { Dialect } from "./dialect.js";
import type { Power } from "./power.js";
import { askPowerSaving, EXTENDED_CYCLES } from "./power-saving.js";

/** A shorter time is spent awake by a modem that cannot sleep: networks are not to be joined anew every few minutes. Seconds. */
const WORTHWHILE = 600;
/** T3324: how long a modem listens before PSM. Longer than its UART must be quiet (u-blox: 6 s). Seconds. */
const ACTIVE = 10;
/** The modem wakes by itself only when the next connection is that overdue: so many times the rest. */
const OVERDUE = 2;
/** By then a modem has lost its radio connection (10 to 20 s), has listened, and is in PSM. Milliseconds. */
const SETTLE = 60_000;

/**
 * How a modem rests between two connections, and whether it can go on where it was.
 *
 *   sleep: it stays in the network with its data connection, the UART sleeps
 *   psm:   it is off but for a timer, and the network still knows it
 */
export class Resting {
  readonly #power: Power;
  /** What the modem is connected with, while that holds. */
  #joined: { readonly access: ConnectOptions; readonly address: string } | undefined;
  /** What closes the links that were open. */
  #leftovers: readonly Procedure[] = [];
  #rest: Rest = { mode: "off", seconds: 0 };
  /** The network lets nobody into PSM. */
  #refused = false;
  /** eDRX was asked for; the modem keeps that. */
  #extended = false;
  /** The modem sleeps whenever DTR lets it: told once, as some keep it in flash. */
  #sleepsByPin = false;

  constructor(power: Power) {
    this.#power = power;
  }

  /** There is a data connection with this address. */
  joined(access: ConnectOptions, address: string): void {
    this.#joined = { access, address };
  }

  /** There is none any more, and the modem may have restarted. */
  forget(): void {
    this.#joined = undefined;
    this.#sleepsByPin = false;
  }

  /** What is to become of the modem when it is left. */
  plan(rest: Rest, leftovers: readonly Procedure[]): void {
    this.#rest = rest;
    this.#leftovers = leftovers;
  }

  /** Lets a modem that answers rest as planned. False: it can't, and is to be switched off. */
  *begin(dialect: Dialect): Procedure<boolean> {
    const { mode, seconds } = this.#rest;
    if (mode === "off" || !this.#joined) return false;
    for (const close of this.#leftovers) yield* close;
    if (mode === "sleep") return yield* this.fallAsleep(dialect, seconds);
    this.forget();
    return yield* this.save(dialect, seconds);
  }

  /** The address that the modem still had when it fell asleep; undefined when it is to attach anew. */
  *resume(dialect: Dialect, access: ConnectOptions): Procedure<string | undefined> {
    const joined = this.#joined;
    const sleepsByPin = this.#sleepsByPin;
    this.forget();
    if (!joined || !isSame(joined.access, access)) return undefined;
    if (!sleepsByPin && !(yield dialect.sleep.never).ok) return undefined;
    if (!(yield* dialect.isNetworkOpen())) return undefined;
    this.#sleepsByPin = sleepsByPin;
    return joined.address;
  }

  private *fallAsleep(dialect: Dialect, seconds: number): Procedure<boolean> {
    const byPin = this.#power.hasReady ? dialect.sleep.byPin : undefined;
    const command = byPin ?? dialect.sleep.byItself;
    if (command) yield* this.listenLess(dialect);
    const sleeps = this.#sleepsByPin || (command !== undefined && (yield command).ok);
    if (!sleeps) return seconds < WORTHWHILE;
    this.#sleepsByPin = byPin !== undefined;
    this.#power.release(this.#sleepsByPin);
    return true;
  }

  private *listenLess({ powerSaving }: Dialect): Procedure {
    if (this.#extended || powerSaving === "none") return;
    this.#extended = true;
    for (const cycle of EXTENDED_CYCLES) yield cycle;
  }

  private *save(dialect: Dialect, seconds: number): Procedure<boolean> {
    if (dialect.powerSaving !== "at once" || !this.#power.hasKey || this.#refused) return false;
    if (!(yield askPowerSaving(OVERDUE * seconds, ACTIVE)).ok) return false;
    yield pause(SETTLE);
    this.#refused = yield* this.#power.answers();
    if (!this.#refused) this.#power.wentOff();
    return !this.#refused;
  }
}
frozen(Resting);

function isSame(a: ConnectOptions, b: ConnectOptions): boolean {
  return (
    a.apn === b.apn && a.user === b.user && a.password === b.password && a.pin === b.pin && a.roaming === b.roaming
  );
}
