import { type Procedure, pause } from "./command.js";
import type { Dialect } from "./dialect.js";
import type { Power } from "./power.js";
import { RADIO_OFF, RADIO_ON } from "./standard.js";

/*
 * The ladder that a modem is brought back by. Each failed attempt to get a connection, or one that was lost within a
 * minute, takes the next rung that can be taken; before it there is a pause of 1, 2, 4 ... 64 s and up to a quarter more by chance.
 *
 *   rung             needs         lasts at most (SIM7600)
 *   try again        -             -
 *   close network    an answer     85 s
 *   radio off, on    an answer     64 s
 *   restart          an answer     36 s
 *   reset pin        the pin       19 s
 *   power key        the pin       30 s   off, then on
 *   supply           the pin       23 s   off 2 s, then on
 *   rest             -             10, 30, then always 60 min; then from the start
 *
 * An attempt takes at most 21 s until the modem answers, then 20 s for the SIM, 190 s for registration and 100 s for the
 * data connection, where each command is answered in time; a modem that falls silent ends it at once.
 */

/** Minutes of rest after the whole ladder was climbed in vain. */
const RESTS: readonly number[] = Object.freeze([10, 30, 60]);
const MINUTE = 60_000;

interface Rung {
  readonly name: string;
  /** Whether it can help: `answers`, the modem still answers to commands. */
  readonly applies: (power: Power, answers: boolean) => boolean;
  readonly run: (dialect: Dialect | undefined, power: Power) => Procedure;
}

const LADDER: readonly Rung[] = Object.freeze([
  { name: "try again", applies: () => true, run: tryAgain },
  { name: "close the network", applies: whenAnswering, run: closeNetwork },
  { name: "switch the radio off and on", applies: whenAnswering, run: cycleRadio },
  { name: "restart the modem by command", applies: whenAnswering, run: restart },
  { name: "reset the modem by its pin", applies: (power) => power.hasReset, run: (_, power) => power.reset() },
  {
    name: "switch the modem off and on by its key",
    applies: (power) => power.hasKey,
    run: (_, power) => power.cycleKey(),
  },
  { name: "cut the modem's supply", applies: (power) => power.hasSupply, run: (_, power) => power.cycleSupply() },
] satisfies Rung[]);

export class Recovery {
  readonly #power: Power;
  readonly #random: () => number;
  readonly #log: (line: string) => void;
  #failures = 0;
  #rung = 0;
  #rests = 0;

  constructor(power: Power, random: () => number, log: (line: string) => void) {
    this.#power = power;
    this.#random = random;
    this.#log = log;
  }

  /** The connection has held: the next trouble starts at the bottom. */
  succeeded(): void {
    this.#failures = 0;
    this.#rung = 0;
    this.#rests = 0;
  }

  /** Takes the next rung. */
  *climb(dialect: Dialect | undefined, answers: boolean): Procedure {
    while (this.#rung < LADDER.length && !LADDER[this.#rung]!.applies(this.#power, answers)) this.#rung++;
    const rung = LADDER[this.#rung++];
    if (rung === undefined) return yield* this.#rest();
    this.#log(`recovery: ${rung.name}`);
    yield pause(this.#pauseLength());
    yield* rung.run(dialect, this.#power);
  }

  #pauseLength(): number {
    const base = 1000 << Math.min(this.#failures++, 6);
    return base + (this.#random() % ((base >> 2) + 1));
  }

  *#rest(): Procedure {
    const minutes = RESTS[Math.min(this.#rests++, RESTS.length - 1)]!;
    this.#failures = 0;
    this.#rung = 0;
    this.#log(`recovery: rest ${minutes} min`);
    yield pause(minutes * MINUTE);
  }
}

function whenAnswering(_: Power, answers: boolean): boolean {
  return answers;
}

function* tryAgain(): Procedure {}

function* closeNetwork(dialect: Dialect | undefined): Procedure {
  if (dialect) yield* dialect.closeNetwork();
}

function* cycleRadio(): Procedure {
  yield RADIO_OFF;
  yield pause(5_000);
  yield RADIO_ON;
}

function* restart(dialect: Dialect | undefined, power: Power): Procedure {
  if (!dialect) return;
  yield dialect.restart;
  yield pause(dialect.power.off);
  yield* power.booted();
}
