import type { DigitalOutput } from "../../digital.js";
import type { SerialPort } from "../../serial.js";
import type { TimerHandle, Timers } from "../../timer.js";
import type { Internet } from "../internet.js";
import { Uart } from "../uart.js";
import { ModemClock } from "./clock.js";
import { type Family, newMemory } from "./family.js";
import { type Knobs, makeKnobs } from "./knobs.js";
import { Meter } from "./meter.js";
import { RunningModem, type RunOptions } from "./running-modem.js";
import { SimCard } from "./sim-card.js";

export interface ModemOptions {
  readonly timer: Timers;
  /** Milliseconds, in the time of `timer`. */
  readonly ticks: () => number;
  /** 32 random bits; the same sequence gives the same run. */
  readonly random: () => number;
  /** The network's clock: UTC, seconds since 1970. */
  readonly time: () => number;
  readonly internet: Internet;
  readonly knobs?: Readonly<Partial<Knobs>>;
  /** PWRKEY is tied, so the modem starts whenever it gets its supply. Default false. */
  readonly keyTied?: boolean;
  /** False: bytes cross the UART on the next turn, whatever the baud rate. Default true. */
  readonly timed?: boolean;
}

/** For its last word to leave, milliseconds. */
const FAREWELL_TIME = 20;

export interface PowerPins {
  readonly key: DigitalOutput;
  readonly reset: DigitalOutput;
  readonly supply: DigitalOutput;
  /** DTR: 1 keeps the UART awake, and is where boards tie it; 0 lets it sleep where a command allowed that. */
  readonly ready: DigitalOutput;
}

/** A whole module: pins, UART, SIM card, memory, and at most one run of its firmware at a time. */
export abstract class ModemEmulator {
  readonly serial: SerialPort;
  readonly power: PowerPins;
  readonly knobs: Knobs;
  readonly meter = new Meter();
  readonly uart: Uart;
  /** How often the supply was cut while the modem ran, which may damage a real one. */
  harshPowerCuts = 0;
  readonly #options: ModemOptions;
  readonly #family: Family;
  readonly #runOptions: RunOptions;
  #run: RunningModem | undefined;
  #supplied = true;
  #stopping = false;
  #keyTimer: TimerHandle | undefined;
  #resetTimer: TimerHandle | undefined;
  /** Ends a power down, or the wait for a tied key. */
  #stateTimer: TimerHandle | undefined;
  #resetHeld = false;
  #ready = true;
  /** Off but for a timer: PSM. */
  #saving = false;
  /** Ticks at which the last run ended; no key before `gap` after it. */
  #offAt = Number.NEGATIVE_INFINITY;

  constructor(options: ModemOptions, family: Family) {
    const { timer, ticks, random, time, internet } = options;
    this.#options = options;
    this.#family = family;
    this.knobs = makeKnobs({ ...family.knobs, ...options.knobs }, () => this.#run?.update());
    this.uart = new Uart({ timer, ticks, random, timed: options.timed ?? true, disturbances: this.knobs });
    this.serial = this.uart.device;
    const { knobs, meter } = this;
    const { peer } = this.uart;
    peer.onReceive = (bytes) => this.#run?.input(bytes);
    this.power = {
      key: { write: (value) => this.#writeKey(value) },
      reset: { write: (value) => this.#writeReset(value) },
      supply: { write: (value) => this.#writeSupply(value) },
      ready: {
        write: (value) => this.#writeReady(value === 1),
      },
    };
    this.#runOptions = {
      ...{ timer, ticks, random, time, internet, knobs, meter, family, peer },
      memory: newMemory(family.factory),
      sim: new SimCard(knobs),
      clock: new ModemClock(ticks),
      onPowerDown: () => this.#powerDown(),
      onRestart: () => this.#powerDown(() => this.#start()),
      dataTerminalReady: () => this.#ready,
      known: false,
      onPowerSaving: (periodic) => this.#savePower(periodic),
    };
    this.#startWithSupply();
  }

  /** Whether the firmware runs, booting and hanging included. */
  get running(): boolean {
    return this.#run !== undefined;
  }

  /** Whether it is in PSM: off, but known to the network and back by itself some day. */
  get saving(): boolean {
    return this.#saving;
  }

  /** Resets by itself, without a word, as modems do on a bad supply. */
  crash(): void {
    if (!this.#run) return;
    this.#halt();
    this.#start();
  }

  /** Says an unsolicited code, as a modem may at any moment. */
  say(code: string): void {
    this.#run?.terminal.unsolicited(code);
  }

  /** The network takes the packet bearer away. */
  dropContext(): void {
    this.#run?.radio.dropContext();
  }

  /** The peers of all open connections close them. */
  closeConnections(): void {
    this.#run?.air.closeRemotely();
  }

  #start(): void {
    if (this.#run || !this.#supplied) return;
    this.#runOptions.sim.reset();
    this.#options.timer.clear(this.#stateTimer);
    this.#run = new RunningModem({ ...this.#runOptions, known: this.#saving });
    this.#saving = false;
  }

  #halt(): void {
    this.#run?.stop();
    this.#run = undefined;
    this.#stopping = false;
    this.#saving = false;
    this.#offAt = this.#options.ticks();
    this.#options.timer.clear(this.#stateTimer);
  }

  /** Says goodbye to the network for some seconds, then ends. */
  #powerDown(then: () => void = () => {}): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#run?.shutDown();
    const { timer } = this.#options;
    this.#stateTimer = timer.set(() => {
      this.#run?.sayFarewell();
      this.#stateTimer = timer.set(
        () => {
          this.#halt();
          then();
        },
        this.#family.farewell === undefined ? 0 : FAREWELL_TIME,
      );
    }, this.knobs.stopTime);
  }

  #savePower(periodic: number): void {
    this.#halt();
    this.#saving = true;
    this.#stateTimer = this.#options.timer.set(() => this.#start(), periodic);
  }

  #startWithSupply(): void {
    if (this.#options.keyTied) this.#stateTimer = this.#options.timer.set(() => this.#start());
  }

  #writeKey(value: 0 | 1): void {
    const { timer } = this.#options;
    timer.clear(this.#keyTimer);
    if (value === 0 || !this.#supplied) return;
    const { keyOn, keyOff } = this.#family.pins;
    this.#keyTimer = timer.set(() => this.#keyHeld(), this.#run ? keyOff : keyOn);
  }

  #keyHeld(): void {
    const { ticks } = this.#options;
    if (this.#stopping || this.knobs.hang === "supply") return;
    if (!this.#run) {
      if (this.#saving || ticks() - this.#offAt >= this.#family.pins.gap) this.#start();
    } else if (this.knobs.hang === "no") {
      this.#powerDown();
    } else {
      this.knobs.hang = "no";
      this.#halt();
    }
  }

  #writeReady(ready: boolean): void {
    if (ready && !this.#ready) this.#run?.sleep.wake();
    this.#ready = ready;
  }

  #writeReset(value: 0 | 1): void {
    const { timer } = this.#options;
    timer.clear(this.#resetTimer);
    if (value === 1) this.#resetTimer = timer.set(() => this.#resetByPin(), this.#family.pins.reset);
    else if (this.#resetHeld && !this.#family.pins.resetSwitchesOff) this.#start();
    if (value === 0) this.#resetHeld = false;
  }

  #resetByPin(): void {
    if (!this.#run || this.knobs.hang === "key" || this.knobs.hang === "supply") return;
    this.knobs.hang = "no";
    this.#halt();
    this.#resetHeld = true;
  }

  #writeSupply(value: 0 | 1): void {
    if (this.#supplied === (value === 1)) return;
    this.#supplied = value === 1;
    if (this.#supplied) {
      this.#startWithSupply();
      return;
    }
    if (this.#run) this.harshPowerCuts++;
    this.#options.timer.clear(this.#keyTimer);
    this.knobs.hang = "no";
    this.#halt();
    this.#runOptions.clock.lose();
  }
}
