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

export interface PowerPins {
  readonly key: DigitalOutput;
  readonly reset: DigitalOutput;
  readonly supply: DigitalOutput;
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

  constructor(options: ModemOptions, family: Family) {
    const { timer, ticks, random, time, internet } = options;
    this.#options = options;
    this.#family = family;
    this.knobs = makeKnobs(options.knobs ?? {}, () => this.#run?.update());
    this.uart = new Uart({ timer, ticks, random, timed: options.timed ?? true, disturbances: this.knobs });
    this.serial = this.uart.device;
    const { knobs, meter } = this;
    const { peer } = this.uart;
    peer.onReceive = (bytes) => this.#run?.input(bytes);
    this.power = {
      key: { write: (value) => this.#writeKey(value) },
      reset: { write: (value) => this.#writeReset(value) },
      supply: { write: (value) => this.#writeSupply(value) },
    };
    this.#runOptions = {
      ...{ timer, ticks, random, time, internet, knobs, meter, family, peer },
      memory: newMemory(),
      sim: new SimCard(knobs),
      clock: new ModemClock(ticks),
      onPowerDown: () => this.#powerDown(),
      onRestart: () => this.#powerDown(() => this.#start()),
    };
    this.#startWithSupply();
  }

  /** Whether the firmware runs, booting and hanging included. */
  get running(): boolean {
    return this.#run !== undefined;
  }

  /** Resets by itself, without a word, as modems do on a bad supply. */
  crash(): void {
    if (!this.#run) return;
    this.#halt();
    this.#start();
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
    this.#run = new RunningModem(this.#runOptions);
  }

  #halt(): void {
    this.#run?.stop();
    this.#run = undefined;
    this.#stopping = false;
    this.#options.timer.clear(this.#stateTimer);
  }

  /** Says goodbye to the network for some seconds, then ends. */
  #powerDown(then: () => void = () => {}): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#run?.shutDown();
    this.#stateTimer = this.#options.timer.set(() => {
      this.#halt();
      then();
    }, this.knobs.stopTime);
  }

  #startWithSupply(): void {
    if (this.#options.keyTied) this.#stateTimer = this.#options.timer.set(() => this.#start());
  }

  #writeKey(value: 0 | 1): void {
    const { timer } = this.#options;
    timer.clear(this.#keyTimer);
    if (value === 0 || !this.#supplied) return;
    const { keyOn, keyOff } = this.#family;
    this.#keyTimer = timer.set(() => this.#keyHeld(), this.#run ? keyOff : keyOn);
  }

  #keyHeld(): void {
    if (this.#stopping || this.knobs.hang === "supply") return;
    if (!this.#run) {
      this.#start();
    } else if (this.knobs.hang === "no") {
      this.#powerDown();
    } else {
      this.knobs.hang = "no";
      this.#halt();
    }
  }

  #writeReset(value: 0 | 1): void {
    const { timer } = this.#options;
    timer.clear(this.#resetTimer);
    if (value === 1) this.#resetTimer = timer.set(() => this.#resetByPin(), this.#family.resetPulse);
    else if (this.#resetHeld) this.#start();
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
