import type { ConnectOptions } from "../network.js";
import type { SerialPort } from "../serial.js";
import type { Timers } from "../timer.js";
import { Chat } from "./chat.js";
import { MUTE, type Procedure, pause } from "./command.js";
import { type Dialect, dialectOf, type Events } from "./dialect.js";
import { Facts } from "./facts.js";
import { Fiber, Trouble } from "./fiber.js";
import { Links } from "./links.js";
import { Power, type PowerPins } from "./power.js";
import { Recovery } from "./recovery.js";
import { Registration } from "./registration.js";
import { SIM } from "./sim.js";
import * as standard from "./standard.js";

/** How often an idle connection is looked after, milliseconds. */
const CHECK = 60_000;
/** How often a SIM that only a human can help is looked at, milliseconds. */
const STUCK = 60_000;

/** ECMA-419 table 46. */
const UNAVAILABLE = 0;
const INITIALIZING = 100;
const DISCONNECTED = 200;
const CONNECTING = 300;
const REGISTERED = 400;
const CONNECTED = 500;

export interface DriverOptions {
  readonly serial: SerialPort;
  readonly timer: Timers;
  readonly ticks: () => number;
  readonly random: () => number;
  readonly dialect: Dialect | undefined;
  readonly power: PowerPins;
  readonly log: (line: string) => void;
  /** Name of a property that changed; may be called from inside `start` and `stop`. */
  readonly onChanged: (name: "connection" | "address" | "time" | "problem") => void;
}

/**
 * Brings a modem from any state into the network and keeps it there. One procedure does all of it in turn: power, identity,
 * settings, SIM, registration, data connection, then the sockets' work; whatever fails ends in the recovery ladder and a new
 * attempt.
 */
export class Driver implements Events {
  readonly links: Links;
  readonly facts: Facts;
  connection = DISCONNECTED;
  address: string | undefined;
  problem: string | undefined;
  readonly #options: DriverOptions;
  readonly #chat: Chat;
  readonly #fiber: Fiber;
  readonly #registration = new Registration();
  readonly #sim = new SIM();
  readonly #power: Power;
  readonly #recovery: Recovery;
  #dialect: Dialect | undefined;
  /** The modem answered to something since it was switched on. */
  #answers = false;
  /** Checks in a row that found no registration. */
  #absences = 0;
  /** Trouble ends the attempt that is going on. */
  #guarded = false;

  constructor(options: DriverOptions) {
    const { serial, timer, ticks, log } = options;
    this.#options = options;
    this.#dialect = options.dialect;
    this.facts = new Facts(ticks, () => options.onChanged("time"));
    this.#power = new Power(options.power);
    this.#recovery = new Recovery(this.#power, options.random, log);
    this.#chat = new Chat({ serial, timer, log, onURC: (line) => this.#dispatch(line) });
    this.#fiber = new Fiber(this.#chat, timer, (reply) => {
      if (reply.final === MUTE) this.#silenced();
    });
    this.links = new Links({ ticks, onWork: () => this.#fiber.poke() });
  }

  /** Starts attaching, and does not stop trying. */
  start(options: ConnectOptions): void {
    this.#move(INITIALIZING);
    this.#recovery.succeeded();
    this.#fiber.start(this.#live(options));
  }

  /** Leaves the network and switches the radio off. */
  stop(): void {
    this.#lose();
    this.#explain(undefined);
    this.#move(DISCONNECTED);
    this.#guarded = false;
    this.#fiber.start(this.#detach());
  }

  close(): void {
    this.#lose();
    this.#move(UNAVAILABLE);
    this.#fiber.stop();
    this.#chat.close();
  }

  networkLost(): void {
    if (this.connection === CONNECTED) this.#interrupt("the network closed the data connection");
  }

  restarted(): void {
    this.#interrupt("the modem restarted");
  }

  simChanged(state: string): void {
    if (state !== "READY" && this.connection >= CONNECTING) this.#interrupt(`the SIM went away: ${state}`);
  }

  registrationChanged(line: string): void {
    this.#registration.update(line, false);
  }

  #dispatch(line: string): void {
    const isIts = (urc: { prefix: string }) => line.startsWith(urc.prefix);
    const urc = this.#dialect?.urcs.find(isIts) ?? standard.URCS.find(isIts);
    if (!urc) return;
    urc.handle(this, line);
    this.#fiber.poke();
  }

  #silenced(): void {
    this.#answers = false;
    this.#interrupt("the modem does not answer any more");
  }

  #interrupt(text: string): void {
    if (this.#guarded) this.#fiber.interrupt(new Trouble(text));
  }

  *#live(options: ConnectOptions): Procedure {
    for (;;) {
      const problem = yield* this.#attempt(options);
      this.#options.log(`modem: ${problem}`);
      this.#lose();
      this.#explain(problem);
      this.#move(this.#answers ? INITIALIZING : UNAVAILABLE);
      if (this.#sim.stuck) yield pause(STUCK);
      else yield* this.#recovery.climb(this.#dialect, this.#answers);
    }
  }

  /** From nothing to the end of the connection; gives why it ended. */
  *#attempt(options: ConnectOptions): Procedure<string> {
    this.#answers = yield* this.#power.on();
    if (!this.#answers) return "the modem does not answer";
    this.#move(INITIALIZING);
    try {
      this.#guarded = true;
      return (yield* this.#attach(options)) ?? (yield* this.#serve());
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      return trouble.text;
    } finally {
      this.#guarded = false;
    }
  }

  /** Each step gives what is wrong, undefined when nothing is. */
  *#attach(options: ConnectOptions): Procedure<string | undefined> {
    const unknown = yield* this.#identify();
    const dialect = this.#dialect;
    if (!dialect) return unknown;
    return (
      (yield* this.#prepare(dialect, options)) ??
      (yield* this.#sim.unlock(options.pin)) ??
      (yield* this.#register()) ??
      (yield* this.#inform(dialect)) ??
      (yield* this.#open(dialect, options.apn))
    );
  }

  /** Gives what is wrong when the modem is none that we know. */
  *#identify(): Procedure<string | undefined> {
    this.#sim.stuck = false;
    this.#registration.reset();
    this.#absences = 0;
    for (const command of standard.INIT) yield command;
    const model = yield* this.facts.askModel();
    this.#dialect ??= dialectOf(model);
    if (!this.#dialect) return `the modem is of an unknown kind: ${model || "it does not tell its model"}`;
    this.#power.timing = this.#dialect.power;
    return undefined;
  }

  *#prepare(dialect: Dialect, { apn, user, password }: ConnectOptions): Procedure<undefined> {
    for (const command of dialect.init) yield command;
    yield* standard.defineContext(apn);
    if (user !== undefined) yield dialect.authenticate(user, password ?? "");
  }

  *#register(): Procedure<string | undefined> {
    this.#move(CONNECTING);
    const problem = yield* this.#registration.search(this.#options.ticks);
    if (problem === undefined) this.#move(REGISTERED);
    return problem;
  }

  *#inform(dialect: Dialect): Procedure<undefined> {
    yield* this.facts.askSIM(dialect);
    yield* this.facts.askSignal();
    yield* this.facts.askTime();
  }

  *#open(dialect: Dialect, apn: string): Procedure<string | undefined> {
    const address = yield* dialect.openNetwork();
    if (address === undefined) return `the network opens no data connection to access point "${apn}"`;
    this.address = address;
    this.links.transports = dialect;
    this.#options.onChanged("address");
    this.#explain(undefined);
    this.#move(CONNECTED);
    return undefined;
  }

  /** Does the sockets' work; looks now and then whether the connection is still there. */
  *#serve(): Procedure<string> {
    const { ticks } = this.#options;
    const { links } = this;
    let due = ticks() + CHECK;
    for (;;) {
      if (ticks() >= due) {
        const problem = yield* this.#check();
        if (problem !== undefined) return problem;
        due = ticks() + CHECK;
      }
      const work = links.next();
      if (work) yield* work;
      else {
        const timeout = Math.max(0, Math.min(due, links.nextDeadline) - ticks());
        yield { until: () => links.ready, timeout };
      }
    }
  }

  *#check(): Procedure<string | undefined> {
    yield* this.facts.askSignal();
    yield* this.facts.askTime();
    yield* this.#registration.ask();
    if (!(yield* this.#dialect!.isNetworkOpen())) return "the data connection is gone";
    // Coverage comes and goes: one look alone tells nothing.
    this.#absences = this.#registration.registered ? 0 : this.#absences + 1;
    if (this.#absences > 1) return "the network is gone";
    if (this.#absences === 0) this.#recovery.succeeded();
    return undefined;
  }

  *#detach(): Procedure {
    if (!(yield* this.#power.answers())) return;
    if (this.#dialect) yield* this.#dialect.closeNetwork();
    yield standard.RADIO_OFF;
  }

  #lose(): void {
    this.links.transports = undefined;
    if (this.address === undefined) return;
    this.address = undefined;
    this.#options.onChanged("address");
  }

  #explain(problem: string | undefined): void {
    if (this.problem === problem) return;
    this.problem = problem;
    this.#options.onChanged("problem");
  }

  #move(connection: number): void {
    if (this.connection === connection) return;
    this.connection = connection;
    this.#options.onChanged("connection");
  }
}
