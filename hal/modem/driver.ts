import { frozen } from "../frozen.js";
import type { ConnectOptions, Rest } from "../network.js";
import type { SerialPort } from "../serial.js";
import type { Timers } from "../timer.js";
import { Chat } from "./chat.js";
import { MUTE, type Procedure, pause } from "./command.js";
import { type Dialect, dialectOf, type Events } from "./dialect.js";
import { Facts } from "./facts.js";
import { Fiber, Trouble } from "./fiber.js";
import { Links } from "./links.js";
import { Power, type PowerPins } from "./power.js";
import { type Grief, Recovery } from "./recovery.js";
import { Registration } from "./registration.js";
import { Resting } from "./rest.js";
import { initialize, prepare } from "./setup.js";
import { SIM } from "./sim.js";
import { RADIO_OFF, URCS } from "./standard.js";

/** How often an idle connection is looked after, milliseconds. */
const CHECK = 60_000;
/** So many connections in a row that could not be opened are taken for a fault of the data connection. */
const FAILED_OPENS = 5;
/** Networks tell the time some seconds after the registration, or never: asked for then, and after pauses that double. Milliseconds. */
const FIRST_TIME = 1_000;
/** How often a SIM that only a human can help is looked at, milliseconds. */
const STUCK = 60_000;

/** What most modems have from the factory, bits per second. */
const DEFAULT_BAUD = 115_200;

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
  readonly #resting: Resting;
  #dialect: Dialect | undefined;
  /** The modem answered to something since it was switched on. */
  #answers = false;
  #roaming = true;
  /** Checks in a row that found no registration. */
  #absences = 0;
  /** Trouble ends the attempt that is going on. */
  #guarded = false;

  constructor(options: DriverOptions) {
    const { serial, timer, ticks, log } = options;
    this.#options = options;
    this.#dialect = options.dialect;
    this.facts = new Facts(ticks, () => options.onChanged("time"));
    this.#power = new Power(options.power, baudOf(serial));
    this.#recovery = new Recovery(this.#power, options.random, log);
    this.#resting = new Resting(this.#power);
    this.#chat = new Chat({ serial, timer, log, onURC: (line) => this.#dispatch(line) });
    this.#fiber = new Fiber(this.#chat, timer, (reply) => {
      if (reply.final === MUTE) this.#silenced();
    });
    this.links = new Links({ ticks, onWork: () => this.#fiber.poke() });
  }

  /** Starts attaching, and does not stop trying. */
  start(options: ConnectOptions): void {
    this.#move(INITIALIZING);
    this.#recovery.begin(options.keyValue);
    this.#roaming = options.roaming ?? true;
    this.#power.letGo();
    this.#fiber.start(this.live(options));
  }

  /** Ends all connections; the modem rests, in the network or off, its radio at least where no wire could switch it on again. */
  stop(rest: Rest): void {
    this.#resting.plan(rest, this.links.closers);
    if (this.connection === CONNECTED && this.links.failedOpens === 0) this.#recovery.succeeded();
    this.#lose();
    this.#explain(undefined);
    this.#move(DISCONNECTED);
    this.#guarded = false;
    this.#power.letGo();
    this.#fiber.start(this.detach());
  }

  close(): void {
    this.#lose();
    this.#move(UNAVAILABLE);
    this.#fiber.stop();
    this.#power.letGo();
    this.#chat.close();
  }

  networkLost(): void {
    this.#resting.forget();
    if (this.connection === CONNECTED) this.#interrupt("the network closed the data connection");
  }

  restarted(): void {
    this.#resting.forget();
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
    const urc = this.#dialect?.urcs.find(isIts) ?? URCS.find(isIts);
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

  private *live(options: ConnectOptions): Procedure {
    for (;;) {
      const problem = yield* this.attempt(options);
      const grief = this.#grief();
      this.#options.log(`modem: ${problem}`);
      this.#resting.forget();
      this.#lose();
      this.#explain(problem);
      this.#move(this.#answers ? INITIALIZING : UNAVAILABLE);
      if (this.#sim.stuck) yield pause(STUCK);
      else yield* this.#recovery.climb(this.#dialect, this.#answers, grief);
    }
  }

  /** What stood in the way of an attempt: it ends where it came to grief. */
  #grief(): Grief {
    if (this.#answers && this.#sim.missing) return "SIM";
    if (this.links.failedOpens > 0 && this.connection === CONNECTED) return "servers";
    return this.#answers && this.connection === CONNECTING ? "network" : "modem";
  }

  /** From nothing to the end of the connection; gives why it ended. */
  private *attempt(options: ConnectOptions): Procedure<string> {
    this.#answers = yield* this.#power.on();
    if (!this.#answers) return "the modem does not answer";
    this.#move(INITIALIZING);
    try {
      this.#guarded = true;
      if (!(yield* this.resume(options))) {
        const problem = yield* this.attach(options);
        if (problem !== undefined) return problem;
      }
      return yield* this.serve();
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      return trouble.text;
    } finally {
      this.#guarded = false;
    }
  }

  /** From sleep: gives whether the modem is still where it was. */
  private *resume(options: ConnectOptions): Procedure<boolean> {
    const dialect = this.#dialect;
    const address = dialect && (yield* this.#resting.resume(dialect, options));
    if (!dialect || address === undefined) return false;
    yield* this.#registration.ask();
    if (!this.#registration.usable(this.#roaming)) return false;
    this.facts.information.cell = this.#registration.cell;
    yield* this.facts.askSignal();
    yield* this.enter(dialect, options, address);
    return true;
  }

  /** Each step gives what is wrong, undefined when nothing is. */
  private *attach(options: ConnectOptions): Procedure<string | undefined> {
    const problem = yield* this.identify();
    const dialect = this.#dialect;
    if (problem !== undefined || !dialect) return problem;
    return (
      (yield* prepare(dialect, options)) ??
      (yield* this.#sim.unlock(options.pin, options.keyValue)) ??
      (yield* this.register()) ??
      (yield* this.inform(dialect)) ??
      (yield* this.open(dialect, options))
    );
  }

  /** Gives what is wrong when the modem is none that we know, or none that works. */
  private *identify(): Procedure<string | undefined> {
    this.#sim.stuck = false;
    this.#sim.missing = false;
    this.#registration.reset();
    this.#absences = 0;
    const radioOn = yield* initialize();
    const model = yield* this.facts.askModel();
    this.#dialect ??= dialectOf(model);
    if (!this.#dialect) return `the modem is of an unknown kind: ${model || "it does not tell its model"}`;
    this.#power.timing = this.#dialect.power;
    return radioOn ? this.#recovery.urgency : "the modem refuses to switch its radio on";
  }

  private *register(): Procedure<string | undefined> {
    this.#move(CONNECTING);
    const problem = yield* this.#registration.search(this.#options.ticks, this.#roaming);
    this.facts.information.cell = this.#registration.cell;
    if (problem === undefined) this.#move(REGISTERED);
    return problem;
  }

  private *inform(dialect: Dialect): Procedure<undefined> {
    yield* this.facts.askSIM(dialect);
    yield* this.facts.askSignal();
  }

  private *open(dialect: Dialect, access: ConnectOptions): Procedure<string | undefined> {
    const address = yield* dialect.openNetwork(access);
    if (address === undefined) return `the network opens no data connection to access point "${access.apn}"`;
    yield* this.enter(dialect, access, address);
    return undefined;
  }

  private *enter(dialect: Dialect, access: ConnectOptions, address: string): Procedure {
    yield* this.facts.askTime(dialect);
    this.address = address;
    this.links.transports = dialect;
    this.#resting.joined(access, address);
    this.#options.onChanged("address");
    this.#explain(undefined);
    this.#move(CONNECTED);
  }

  /** Does the sockets' work; looks now and then whether the connection is still there. */
  private *serve(): Procedure<string> {
    const { ticks } = this.#options;
    const { links } = this;
    let checkDue = ticks() + CHECK;
    let timePause = FIRST_TIME;
    let timeDue = ticks() + timePause;
    for (;;) {
      if (ticks() >= timeDue) {
        yield* this.facts.askTime(this.#dialect!);
        timePause = this.facts.time === undefined ? Math.min(2 * timePause, CHECK) : CHECK;
        timeDue = ticks() + timePause;
      }
      if (ticks() >= checkDue) {
        const problem = yield* this.check();
        if (problem !== undefined) return problem;
        checkDue = ticks() + CHECK;
      }
      const work = links.next();
      if (work) {
        yield* work;
        if (links.failedOpens >= FAILED_OPENS) return this.#distrust();
      } else {
        const timeout = Math.max(0, Math.min(checkDue, timeDue, links.nextDeadline) - ticks());
        yield { until: () => links.ready, timeout };
      }
    }
  }

  private *check(): Procedure<string | undefined> {
    yield* this.facts.askSignal();
    yield* this.#registration.ask();
    this.facts.information.cell = this.#registration.cell;
    if (!(yield* this.#dialect!.isNetworkOpen())) return "the data connection is gone";
    // Coverage comes and goes: one look alone tells nothing.
    this.#absences = this.#registration.usable(this.#roaming) ? 0 : this.#absences + 1;
    if (this.#absences > 1) return "the network is gone";
    // A connection that carries nothing has not held: the ladder goes on where it was.
    if (this.#absences === 0 && this.links.failedOpens === 0) this.#recovery.succeeded();
    return undefined;
  }

  /** The data connection seems to be there, and nothing comes through. It may also be the server: the ladder's pauses grow. */
  #distrust(): string {
    this.links.failedOpens = 1;
    return "no connection can be opened";
  }

  /** Leaves the network; switches the modem off where it can be switched on again. */
  private *detach(): Procedure {
    if (!(yield* this.#power.answers())) return;
    if (this.#dialect && (yield* this.#resting.begin(this.#dialect))) return;
    this.#resting.forget();
    if (this.#dialect) yield* this.#dialect.closeNetwork();
    const canReturn = this.#power.hasKey || this.#power.hasSupply;
    if (!canReturn || !(yield* this.#power.off(this.#dialect?.powerOff))) yield RADIO_OFF;
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
frozen(Driver);

/** The rate that a port is opened with, bits per second. */
function baudOf({ baud }: SerialPort): number {
  return typeof baud === "number" ? baud : DEFAULT_BAUD;
}
