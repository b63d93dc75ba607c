import { frozen } from "../frozen.js";
import type { LinkInformation } from "../network.js";
import { fields } from "./ascii.js";
import { parseClock } from "./clock.js";
import type { Command, Procedure } from "./command.js";
import type { Dialect } from "./dialect.js";
import { CLOCK, IDENTITY, IMEI, IMSI, MODEL, OPERATOR, SIGNAL, signalOf } from "./standard.js";

/** How often the network's time is read again, milliseconds. */
const CLOCK_REFRESH = 3_600_000;
/** Two readings may differ by so many seconds: an answer takes a while on its way. */
const CLOCK_TOLERANCE = 10;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What is known of the modem, its SIM and the network; each procedure asks the modem for a part of it. */
export class Facts {
  readonly information: Mutable<LinkInformation> = {};
  readonly #ticks: () => number;
  readonly #onTime: () => void;
  /** Seconds since 1970 when the ticks were zero. */
  #epoch: number | undefined;
  #clockDue = 0;

  constructor(ticks: () => number, onTime: () => void) {
    this.#ticks = ticks;
    this.#onTime = onTime;
  }

  /** Seconds since 1970, now. */
  get time(): number | undefined {
    return this.#epoch === undefined ? undefined : this.#epoch + Math.floor(this.#ticks() / 1000);
  }

  /** Gives the model's name; empty when the modem does not tell it. */
  *askModel(): Procedure<string> {
    const model = fields((yield* ask(MODEL)) ?? (yield* ask(IDENTITY)) ?? "")[0]!;
    this.information.model = model;
    this.information.imei = yield* ask(IMEI);
    return model;
  }

  *askSIM(dialect: Dialect): Procedure {
    this.information.imsi = yield* ask(IMSI);
    this.information.iccid = fields((yield* ask(dialect.iccid)) ?? "")[0];
  }

  *askSignal(): Procedure {
    this.information.signal = signalOf((yield* ask(SIGNAL)) ?? "");
    this.information.operator = fields((yield* ask(OPERATOR)) ?? "")[2];
  }

  /** Asks for the time, unless it was asked lately; twice, for nothing else tells that a digit was garbled on the line. */
  *askTime({ clock = CLOCK }: Dialect): Procedure {
    if (this.#ticks() < this.#clockDue) return;
    const first = yield* this.askEpoch(clock);
    const second = first === undefined ? undefined : yield* this.askEpoch(clock);
    if (first === undefined || second === undefined || Math.abs(first - second) > CLOCK_TOLERANCE) return;
    this.#epoch = second;
    this.#clockDue = this.#ticks() + CLOCK_REFRESH;
    this.#onTime();
  }

  private *askEpoch(clock: Command): Procedure<number | undefined> {
    const seconds = parseClock((yield* ask(clock)) ?? "");
    return seconds === undefined ? undefined : seconds - Math.floor(this.#ticks() / 1000);
  }
}
frozen(Facts);

/** The first information line of an answer. */
function* ask(command: Command): Procedure<string | undefined> {
  const reply = yield command;
  return reply.lines[0];
}
frozen(ask);
