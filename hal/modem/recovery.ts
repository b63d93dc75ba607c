import { frozen } from "../frozen.js";
import type { KeyValue } from "../key-value.js";
import { type Procedure, pause } from "./command.js";
import type { Dialect } from "./dialect.js";
import type { Power } from "./power.js";
import { FLIGHT_MODE, RADIO_OFF, RADIO_ON } from "./standard.js";

/*
 * The ladder that a modem is brought back by. Each failed attempt to get a connection, or one that was lost within a
 * minute, takes the next rung that can be taken; before it there is a pause of 1, 2, 4 ... 64 s and up to a quarter more by chance.
 *
 *   rung             needs         lasts at most (SIM7600)
 *   other rates      silence       14 s   8 rates; then back to the line's own
 *   try again        an answer     -
 *   close network    an answer     85 s
 *   radio off, on    an answer     64 s
 *   restart          an answer     36 s
 *   reset pin        the pin       19 s
 *   power key        the pin       36 s   off, then on
 *   supply           the pin       35 s   switched off, cut for 2 s, then on
 *   rest             -             10, 30, then always 60 min, the radio off; then from the start
 *
 * An attempt takes at most 27 s until the modem answers, then 20 s for the SIM, 190 s for registration and 100 s for the
 * data connection, where each command is answered in time; a modem that falls silent ends it at once.
 *
 * Where servers cannot be reached, the ladder is climbed without rests, as fast as connections fail.
 * Where there is no network, or none that takes us, the ladder is climbed once; from then on one attempt follows each rest, and
 * every sixth time the whole ladder: the radio is on for 200 s in an hour. Where there is no SIM, the ladder is climbed once; then the
 * SIM is switched off and on every minute.
 *
 * A controller that restarts all the time would stay on the first rungs: so starts without a connection that held are
 * counted over restarts, and every fourth in a row takes the highest rung that it can, as soon as it knows the modem or has found
 * it silent.
 */

/** Minutes of rest after the whole ladder was climbed in vain. */
const RESTS: readonly number[] = frozen([10, 30, 60]);
const MINUTE = 60_000;
/** Rests without a network between two climbs. */
const SEARCHES = 6;
/** Starts in a row without a connection that held, up to the one that begins at the top. */
const STARTS = 4;
/** Key of their count, modulo 256; one byte, absent for none. */
const KEY = "starts";

/**
 * What an attempt came to grief over: the modem or its data connection, the network, the SIM, or servers that could not be
 * reached over a data connection that seemed to be good.
 */
export type Grief = "modem" | "network" | "SIM" | "servers";

interface Rung {
  readonly name: string;
  /** Whether it can help: `answers`, the modem still answers to commands. */
  readonly applies: (power: Power, answers: boolean) => boolean;
  readonly run: (dialect: Dialect | undefined, power: Power) => Procedure<unknown>;
}

const LADDER: readonly Rung[] = frozen([
  { name: "look for the modem at other rates", applies: (_, answers) => !answers, run: (_, power) => power.findRate() },
  { name: "try again", applies: whenAnswering, run: tryAgain },
  { name: "close the network", applies: whenAnswering, run: closeNetwork },
  { name: "switch the radio off and on", applies: whenAnswering, run: cycleRadio },
  { name: "restart the modem by command", applies: whenAnswering, run: restart },
  { name: "reset the modem by its pin", applies: (power) => power.hasReset, run: (_, power) => power.reset() },
  {
    name: "switch the modem off and on by its key",
    applies: (power) => power.hasKey,
    run: (_, power) => power.cycleKey(),
  },
  {
    name: "cut the modem's supply",
    applies: (power) => power.hasSupply,
    run: (dialect, power) => power.cycleSupply(dialect?.powerOff),
  },
] satisfies Rung[]);

export class Recovery {
  readonly #power: Power;
  readonly #random: () => number;
  readonly #log: (line: string) => void;
  #failures = 0;
  #rung = 0;
  #rests = 0;
  #grief: Grief = "modem";
  #keyValue: KeyValue | undefined;
  /** Starts of the controller in a row without a connection that held, this one included; 0 once one has. */
  #starts = 0;
  /** This start is to begin at the top. */
  #hurried = false;

  constructor(power: Power, random: () => number, log: (line: string) => void) {
    this.#power = power;
    this.#random = random;
    this.#log = log;
  }

  /** A new try to connect, from the bottom. The first one since the controller started is counted in `keyValue`. */
  begin(keyValue: KeyValue | undefined): void {
    this.#reset();
    if (!keyValue || this.#keyValue) return;
    this.#keyValue = keyValue;
    this.#store(() => {
      const stored = keyValue.read(KEY);
      this.#starts = stored?.byteLength === 1 ? new Uint8Array(stored)[0]! + 1 : 1;
      this.#hurried = this.#starts % STARTS === 0;
      keyValue.write(KEY, Uint8Array.of(this.#starts));
    });
  }

  /** The connection has held: the next trouble starts at the bottom. */
  succeeded(): void {
    this.#reset();
    if (this.#starts === 0) return;
    this.#starts = 0;
    this.#store(() => this.#keyValue?.delete(KEY));
  }

  /** Why the modem is not to be tried before the next rung was taken; undefined when it may be. */
  get urgency(): string | undefined {
    return this.#hurried ? `the controller started ${this.#starts} times without a connection` : undefined;
  }

  /** Takes the next rung. */
  *climb(dialect: Dialect | undefined, answers: boolean, grief: Grief): Procedure {
    if (this.#hurried) return yield* this.leap(dialect, answers);
    // Another grief than the last: what was done against that one tells nothing.
    if (grief !== this.#grief) this.#rung = 0;
    this.#grief = grief;
    let rung = this.#next(answers);
    if (rung === undefined && grief === "servers") {
      this.#rung = 0;
      rung = this.#next(answers);
    }
    if (rung === undefined) return yield* grief === "SIM" && answers ? this.renewSIM() : this.rest(answers);
    this.#log(`recovery: ${rung.name}`);
    yield pause(this.#pauseLength());
    yield* rung.run(dialect, this.#power);
  }

  /** Takes the highest rung that can be taken. */
  private *leap(dialect: Dialect | undefined, answers: boolean): Procedure {
    this.#hurried = false;
    const highest = LADDER.filter(({ applies }) => applies(this.#power, answers)).at(-1)!;
    this.#log(`recovery: ${highest.name}`);
    yield* highest.run(dialect, this.#power);
  }

  /** The next rung that can help; undefined at the top. */
  #next(answers: boolean): Rung | undefined {
    while (this.#rung < LADDER.length) {
      const rung = LADDER[this.#rung++]!;
      if (rung.applies(this.#power, answers)) return rung;
    }
    return undefined;
  }

  #reset(): void {
    this.#failures = 0;
    this.#rung = 0;
    this.#rests = 0;
  }

  /** A store that fails must not keep the modem from working. */
  #store(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#log(`recovery: the count of starts is not kept: ${error}`);
    }
  }

  #pauseLength(): number {
    const base = 1000 << Math.min(this.#failures++, 6);
    return base + (this.#random() % ((base >> 2) + 1));
  }

  private *rest(answers: boolean): Procedure {
    const minutes = RESTS[Math.min(this.#rests++, RESTS.length - 1)]!;
    this.#failures = 0;
    if (this.#grief !== "network" || this.#rests % SEARCHES === 0) this.#rung = 0;
    this.#log(`recovery: rest ${minutes} min`);
    if (answers) yield RADIO_OFF;
    yield pause(minutes * MINUTE);
  }

  private *renewSIM(): Procedure {
    yield pause(MINUTE);
    yield* cycleRadio();
  }
}
frozen(Recovery);

function whenAnswering(_: Power, answers: boolean): boolean {
  return answers;
}

function* tryAgain(): Procedure {}

function* closeNetwork(dialect: Dialect | undefined): Procedure {
  if (dialect) yield* dialect.closeNetwork();
}
frozen(closeNetwork);
frozen(tryAgain);

/** Some modems refuse to power the SIM down, but not to switch the radio off; where both are refused it makes no sense to wait. */
function* cycleRadio(): Procedure {
  if (!(yield RADIO_OFF).ok && !(yield FLIGHT_MODE).ok) return;
  yield pause(5_000);
  yield RADIO_ON;
}
frozen(cycleRadio);

function* restart(dialect: Dialect | undefined, power: Power): Procedure {
  if (!dialect) return;
  yield dialect.restart;
  yield pause(dialect.power.off);
  yield* power.booted();
}
frozen(restart);
