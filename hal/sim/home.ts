import type { Board } from "../board.js";
import type { Flash } from "../flash.js";
import type { HTTPClientConstructor } from "../http.js";
import type { KeyValue } from "../key-value.js";
import { Modem } from "../modem/modem.js";
import type { MQTTClientConstructor } from "../mqtt.js";
import type { SerialPort } from "../serial.js";
import type { TimerHandle, Timers } from "../timer.js";
import type { SimulatedSlots } from "./firmware-slots.js";
import type { Internet } from "./internet.js";
import type { ModemEmulator } from "./modem/emulator.js";
import { modemNamed } from "./modem/modems.js";
import { seededRandom } from "./random.js";
import type { TracePoint } from "./solar/weather.js";
import { SolarHomeSystem, type SolarHomeSystemState } from "./solar-home-system.js";
import type { SimulatedTime } from "./time.js";

/** What the simulated world keeps besides the device's own flash: its sun and its battery. Plain JSON. */
export interface HomeState {
  /** Seconds since 1970. */
  time: number;
  system: SolarHomeSystemState;
}

export interface HomeOptions<Firmware extends { close(): void }> {
  time: SimulatedTime;
  /** Seconds since 1970 at this moment of `time`. */
  start: number;
  seed: number;
  internet: Internet;
  /** One of `modemNames`; default SIM7600. */
  modem?: string;
  trace?: readonly TracePoint[];
  flash: Flash;
  keyValue: KeyValue;
  /** Absent: the board takes no updates. */
  slots?: SimulatedSlots;
  HTTPClient: HTTPClientConstructor;
  /** The client class on the timers of one boot. */
  MQTTClient?: (timer: Timers) => MQTTClientConstructor;
  /** Certificate of the authority that servers are trusted by, DER or PEM. */
  authority?: Uint8Array;
  console?: SerialPort;
  log?: (line: string) => void;
  /** From `save` of an earlier run. */
  state?: HomeState;
  /** Called before every write to the flash: a run that was killed goes on no earlier than its last row. */
  save?: (state: HomeState) => void;
  /** Starts the firmware; again after each restart. */
  boot: (board: Board) => Firmware;
}

/** A board made of models, in a simulated home: everything around the firmware but the server. */
export class Home<Firmware extends { close(): void }> {
  readonly modem: ModemEmulator;
  readonly system: SolarHomeSystem;
  device: Firmware;
  readonly #options: HomeOptions<Firmware>;
  readonly #epoch: number;
  readonly #flash: Flash;
  #boot: Boot;
  #network: Modem | undefined;
  #powered = true;

  constructor(options: HomeOptions<Firmware>) {
    const { time, start, seed, internet, modem = "SIM7600", trace, state } = options;
    this.#options = options;
    this.#epoch = start - time.now / 1000;
    this.#flash = this.#savingFlash(options.flash);
    this.system = new SolarHomeSystem({
      random: seededRandom(seed),
      time: () => this.now,
      ...(trace && { trace }),
      ...(state && { state: state.system }),
    });
    this.modem = new (modemNamed(modem))({
      timer: time,
      ticks: () => time.now,
      random: seededRandom(seed + 1),
      time: () => this.now,
      internet,
    });
    this.#boot = new Boot(time);
    this.device = options.boot(this.#board(this.#boot, "power"));
    time.repeat(() => this.system.advance(), 5000);
  }

  /** Seconds since 1970 in the simulated world. */
  get now(): number {
    return this.#epoch + this.#options.time.now / 1000;
  }

  /** Whether device and modem have power. False cuts it at once, true lets the device boot. */
  get powered(): boolean {
    return this.#powered;
  }

  set powered(powered: boolean) {
    if (powered === this.#powered) return;
    this.#powered = powered;
    if (!powered) this.#stop();
    this.modem.power.supply.write(powered ? 1 : 0);
    if (powered) this.#start("power");
  }

  close(): void {
    this.#stop();
    this.#save();
  }

  #restart(): void {
    this.#stop();
    this.#start("software");
  }

  /** What is left of the device: its flash. */
  #stop(): void {
    this.device.close();
    this.#network?.close();
    this.#boot.end();
    this.system.relay.write(0);
  }

  #start(resetReason: string): void {
    this.#boot = new Boot(this.#options.time);
    this.device = this.#options.boot(this.#board(this.#boot, resetReason));
  }

  #board(boot: Boot, resetReason: string): Board {
    const { seed, keyValue, slots, HTTPClient, MQTTClient, authority, console, log } = this.#options;
    const random = seededRandom(seed + 3 + boot.startedAt);
    const ticks = () => boot.ticks();
    const { serial, power } = this.modem;
    this.#network = new Modem({ serial, power, timer: boot, ticks, random });
    return {
      name: "simulated solar home system",
      ticks,
      timer: boot,
      random,
      flash: this.#flash,
      keyValue,
      sensors: this.system.sensors,
      inputs: this.system.inputs,
      relay: this.system.relay,
      network: this.#network,
      HTTPClient,
      ...(slots && { slots: slots.start(() => this.#restart()) }),
      ...(MQTTClient && { MQTTClient: MQTTClient(boot) }),
      ...(authority && { authority }),
      ...(console && { console }),
      ...(log && { log }),
      resetReason,
      restart: () => this.#restart(),
    };
  }

  #savingFlash(flash: Flash): Flash {
    return {
      read: (buffer, byteOffset) => flash.read(buffer, byteOffset),
      write: (buffer, byteOffset) => {
        this.#save();
        flash.write(buffer, byteOffset);
      },
      eraseBlock: (start, end) => flash.eraseBlock(start, end),
      status: () => flash.status(),
    };
  }

  #save(): void {
    this.#options.save?.({ time: Math.floor(this.now), system: this.system.save() });
  }
}

/** Ticks and timers of one boot: a restart ends them all. */
class Boot implements Timers {
  readonly #time: SimulatedTime;
  readonly startedAt: number;
  #ended = false;

  constructor(time: SimulatedTime) {
    this.#time = time;
    this.startedAt = time.now;
  }

  ticks(): number {
    return this.#time.now - this.startedAt;
  }

  set(callback: () => void, milliseconds?: number): TimerHandle {
    return this.#time.set(() => this.#call(callback), milliseconds);
  }

  repeat(callback: () => void, milliseconds: number): TimerHandle {
    const timer = this.#time.repeat(() => (this.#ended ? this.#time.clear(timer) : callback()), milliseconds);
    return timer;
  }

  clear(timer: TimerHandle | undefined): void {
    this.#time.clear(timer);
  }

  end(): void {
    this.#ended = true;
  }

  #call(callback: () => void): void {
    if (!this.#ended) callback();
  }
}
