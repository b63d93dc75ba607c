import type { TimerHandle, Timers } from "../../timer.js";
import { toBytes } from "../bytes.js";
import type { Internet } from "../internet.js";
import type { UartPeer } from "../uart.js";
import { Agenda } from "./agenda.js";
import { Air } from "./air.js";
import type { Answer, Commands } from "./answer.js";
import { cardCommands } from "./card-commands.js";
import type { ModemClock } from "./clock.js";
import type { Family, FamilyRun, Memory } from "./family.js";
import { identityCommands } from "./identity-commands.js";
import type { Knobs } from "./knobs.js";
import type { Meter } from "./meter.js";
import { networkCommands } from "./network-commands.js";
import { Radio } from "./radio.js";
import type { SimCard } from "./sim-card.js";
import { Sleep } from "./sleep.js";
import { Terminal } from "./terminal.js";
import { timeCommands } from "./time-commands.js";

/** What a run gets from the module it is a run of. */
export interface RunOptions {
  readonly timer: Timers;
  readonly ticks: () => number;
  readonly random: () => number;
  /** The network's clock: UTC, seconds since 1970. */
  readonly time: () => number;
  readonly internet: Internet;
  readonly knobs: Knobs;
  readonly meter: Meter;
  readonly family: Family;
  readonly memory: Memory;
  readonly sim: SimCard;
  readonly clock: ModemClock;
  readonly peer: UartPeer;
  /** The level of DTR: the host wants the UART awake. */
  readonly dataTerminalReady: () => boolean;
  /** The run continues after PSM. */
  readonly known: boolean;
  /** The modem switches itself off, or off and on again. */
  readonly onPowerDown: () => void;
  readonly onRestart: () => void;
  /** Sleeps until the key is pressed, or `periodic` milliseconds have passed. */
  readonly onPowerSaving: (periodic: number) => void;
}

/** A modem from one power up to the next power down: all that a reset forgets. */
export class RunningModem {
  readonly options: RunOptions;
  readonly knobs: Knobs;
  readonly memory: Memory;
  readonly sim: SimCard;
  readonly clock: ModemClock;
  readonly agenda: Agenda;
  readonly terminal: Terminal;
  readonly sleep: Sleep;
  readonly radio: Radio;
  readonly air: Air;
  /** AT+CFUN: minimum 0, full 1, everything else is some kind of offline. */
  functionality = 1;
  /** Bytes that the host wrote. */
  bytesHeard = 0;
  /** Called when the registration changed, for the codes that CREG, CGREG and CEREG ask for. */
  onRegistration: () => void = () => {};
  /** Called when the network told the time, with UTC in seconds since 1970 and quarter hours east of it. */
  onTime: (time: number, zone: number) => void = () => {};
  readonly #family: FamilyRun;
  readonly #commands: Commands;
  #answering = false;
  #simReady = false;
  #cardMissing = false;
  #simTimer: TimerHandle | undefined;
  #storming = false;

  constructor(options: RunOptions) {
    const { timer, ticks, random, internet, knobs, meter, family, memory, dataTerminalReady, known } = options;
    this.options = options;
    this.knobs = knobs;
    this.memory = memory;
    this.sim = options.sim;
    this.clock = options.clock;
    this.agenda = new Agenda(timer, random);
    const { agenda } = this;
    this.terminal = new Terminal({
      agenda,
      knobs,
      random,
      write: (bytes) => this.#write(bytes),
      commands: () => this.#commands,
      prompt: family.prompt,
      capitalErrors: family.capitalErrors,
    });
    this.sleep = new Sleep(agenda, dataTerminalReady);
    this.radio = new Radio({
      agenda,
      knobs,
      random,
      known,
      onRegistration: () => this.onRegistration(),
      onDetached: () => this.#detached(),
      onTime: () => this.#toldTime(),
    });
    this.air = new Air({
      ...{ agenda, ticks, random, knobs, meter, internet },
      reachable: () => this.radio.reachable,
      namesReady: () => this.radio.namesReady,
    });
    const standard = {
      ...identityCommands(this),
      ...cardCommands(this),
      ...networkCommands(this),
      ...timeCommands(this),
    };
    // The family may replace what these have set up.
    this.#family = family.start(this);
    this.#commands = { ...standard, ...this.#family.commands };
    agenda.about(knobs.bootTime, () => this.#booted());
  }

  get simReady(): boolean {
    return this.#simReady;
  }

  input(bytes: Uint8Array): void {
    if (!this.#answering || this.knobs.hang !== "no") return;
    this.bytesHeard += bytes.length;
    this.terminal.input(this.sleep.hear(bytes));
  }

  /** A knob was turned. */
  update(): void {
    this.radio.update();
    this.#family.update?.();
    this.#watchCard();
    this.#storm();
  }

  /** The SIM has power in all but 0, the radio in 1 only. */
  setFunctionality(functionality: number): void {
    const before = this.functionality;
    this.functionality = functionality;
    if (functionality !== 1) this.radio.stop();
    if (functionality === 0) this.#stopSim();
    else if (before === 0) this.#startSim();
    else this.#startRadio();
  }

  /** The SIM was unlocked. */
  unlocked(): void {
    this.#announceCard();
    this.#startRadio();
  }

  /** The last word, if it has one. */
  sayFarewell(): void {
    const { farewell } = this.options.family;
    if (farewell === undefined) return;
    this.options.peer.write(toBytes(`\r\n${farewell}\r\n`));
  }

  /** Leaves the network and says nothing more but its last word. */
  shutDown(): void {
    this.#answering = false;
    this.radio.stop();
  }

  /** OK now and the result when it is there, or the other way round as the knob says. */
  answerLater(answer: Answer, start: (report: (result: string) => void) => void): undefined {
    const { resultFirst } = this.knobs;
    if (!resultFirst) answer.ok();
    start((result) => {
      if (resultFirst) answer.line(result).ok();
      else this.terminal.lateResult(result);
    });
  }

  /** Ends everything at once. */
  stop(): void {
    this.agenda.end();
    this.air.drop();
    this.options.peer.abort();
  }

  #write(bytes: Uint8Array): void {
    if (this.#answering && this.knobs.hang === "no") this.options.peer.write(bytes);
  }

  #booted(): void {
    const { memory, options } = this;
    this.#answering = true;
    this.#cardMissing = this.sim.state === "NOT INSERTED";
    options.peer.baud = memory.baud;
    this.terminal.echo = memory.echo;
    this.terminal.errors = memory.errors;
    for (const code of options.family.bootCodes) this.#announce(code);
    this.#family.onBooted?.();
    this.#startSim();
    this.#storm();
  }

  /** With autobaud nobody knows the rate until the first AT, so nothing is said. */
  #announce(code: string): void {
    if (this.memory.baud !== 0) this.terminal.unsolicited(code);
  }

  #announceCard(): void {
    if (this.options.family.announcesCard) this.#announce(`+CPIN: ${this.sim.state}`);
  }

  #startSim(): void {
    this.#simTimer = this.agenda.about(this.knobs.simTime, () => {
      if (this.sim.state === "NOT INSERTED") return;
      this.#simReady = true;
      this.#announceCard();
      this.#startRadio();
      this.#announceInTurn(this.options.family.readyCodes);
    });
  }

  /** SMS storage and phonebook are read one after the other, from a card that is unlocked. */
  #announceInTurn([code, ...others]: readonly string[]): void {
    if (code === undefined) return;
    this.#simTimer = this.agenda.about(this.knobs.simTime, () => {
      if (this.sim.state === "READY") this.#announce(code);
      this.#announceInTurn(others);
    });
  }

  #stopSim(): void {
    this.agenda.cancel(this.#simTimer);
    this.#simReady = false;
    this.sim.reset();
  }

  /** The card was pulled out, or put in again. */
  #watchCard(): void {
    const present = this.sim.state !== "NOT INSERTED";
    if (this.#simReady && !present) {
      this.#stopSim();
      this.radio.stop();
      if (this.options.family.announcesCard) this.terminal.unsolicited("+CPIN: NOT READY");
    } else if (!this.#simReady && present && this.#cardMissing) {
      this.#startSim();
    }
    this.#cardMissing = !present;
  }

  #startRadio(): void {
    if (this.functionality === 1 && this.#simReady && this.sim.state === "READY") this.radio.start();
  }

  #detached(): void {
    this.air.drop();
    this.#family.onDetached();
  }

  #toldTime(): void {
    const time = this.options.time();
    if (this.memory.automaticTime) this.clock.set(time, this.knobs.zone);
    this.onTime(time, this.knobs.zone);
  }

  #storm(): void {
    const { knobs } = this;
    if (this.#storming || knobs.storm === 0 || !this.#answering) return;
    this.#storming = true;
    this.agenda.about(knobs.storm, () => {
      this.#storming = false;
      const { unsolicited } = knobs;
      this.terminal.unsolicited(unsolicited[this.options.random() % unsolicited.length] ?? "");
      this.#storm();
    });
  }
}
