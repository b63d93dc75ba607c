import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Board } from "../../hal/board.js";
import type { Flash } from "../../hal/flash.js";
import { FileFlash } from "../../hal/host/flash.js";
import { HostHTTPClient } from "../../hal/host/http-client.js";
import { FileKeyValue } from "../../hal/host/key-value.js";
import type { KeyValue } from "../../hal/key-value.js";
import { Modem } from "../../hal/modem/modem.js";
import type { SerialPort } from "../../hal/serial.js";
import type { Internet } from "../../hal/sim/internet.js";
import { MemoryKeyValue } from "../../hal/sim/key-value.js";
import { SIM7600 } from "../../hal/sim/modem/sim7600.js";
import { NorFlash } from "../../hal/sim/nor-flash.js";
import { seededRandom } from "../../hal/sim/random.js";
import type { TracePoint } from "../../hal/sim/solar/weather.js";
import { SolarHomeSystem, type SolarHomeSystemState } from "../../hal/sim/solar-home-system.js";
import type { SimulatedTime } from "../../hal/sim/time.js";
import type { TimerHandle, Timers } from "../../hal/timer.js";
import { Device } from "../app.js";

/** Outbox of 1 MB in blocks of 4 KB, as on the ESP32. */
const FLASH = { size: 1 << 20, blockLength: 4096, writeAlign: 1 };

export interface HostOptions {
  time: SimulatedTime;
  /** Seconds since 1970 at tick 0, when the data folder does not say better. */
  start: number | undefined;
  defaultStart: number;
  seed: number;
  internet: Internet;
  trace?: readonly TracePoint[];
  /** State is kept here. */
  data?: string;
  console?: SerialPort;
  log?: (line: string) => void;
  /** Settings that the distributor would make: name and value. */
  provision: readonly (readonly [name: string, value: string])[];
}

/** What the simulated world keeps besides the device's own flash: its sun and its battery. */
interface SavedWorld {
  /** Seconds since 1970. */
  time: number;
  system: SolarHomeSystemState;
}

/** The firmware on a simulated solar home system, with everything around it but the server. */
export class Host {
  readonly modem: SIM7600;
  readonly system: SolarHomeSystem;
  device: Device;
  readonly #options: HostOptions;
  readonly #epoch: number;
  readonly #flash: Flash;
  readonly #keyValue: KeyValue;
  #boot: Boot;

  /** Throws SettingError for settings that do not fit, and file errors as they come. */
  constructor(options: HostOptions) {
    const { time, seed, internet, data, trace } = options;
    this.#options = options;
    if (data) mkdirSync(data, { recursive: true });
    const saved = data ? loadWorld(data) : undefined;
    this.#epoch = (options.start ?? saved?.time ?? options.defaultStart) - time.now / 1000;
    const faults = { random: seededRandom(seed + 2) };
    this.#keyValue = data
      ? new FileKeyValue({ directory: join(data, "key-value"), ...faults })
      : new MemoryKeyValue(faults);
    this.#flash = data
      ? this.#savingFlash(new FileFlash({ path: join(data, "outbox.bin"), ...FLASH, ...faults }))
      : new NorFlash({ ...FLASH, ...faults });
    this.system = new SolarHomeSystem({
      random: seededRandom(seed),
      time: () => this.now,
      ...(trace && { trace }),
      ...(saved && { state: saved.system }),
    });
    this.modem = new SIM7600({
      timer: time,
      ticks: () => time.now,
      random: seededRandom(seed + 1),
      time: () => this.now,
      internet,
    });
    this.#boot = new Boot(time);
    this.device = this.#start("power");
    for (const [name, value] of options.provision) this.device.settings.set(name, value);
    time.repeat(() => this.system.advance(), 5000);
  }

  /** Seconds since 1970 in the simulated world. */
  get now(): number {
    return this.#epoch + this.#options.time.now / 1000;
  }

  close(): void {
    this.device.close();
    this.#boot.end();
    this.#save();
  }

  #start(resetReason: string): Device {
    return new Device(this.#board(this.#boot, resetReason));
  }

  #restart(): void {
    this.device.close();
    this.#boot.end();
    this.#boot = new Boot(this.#options.time);
    this.system.relay.write(0);
    this.device = this.#start("software");
  }

  #board(boot: Boot, resetReason: string): Board {
    const { seed, console, log } = this.#options;
    const random = seededRandom(seed + 3 + boot.startedAt);
    const ticks = () => boot.ticks();
    const { serial, power } = this.modem;
    return {
      name: "simulated solar home system",
      ticks,
      timer: boot,
      random,
      flash: this.#flash,
      keyValue: this.#keyValue,
      sensors: this.system.sensors,
      inputs: this.system.inputs,
      relay: this.system.relay,
      network: new Modem({ serial, power, timer: boot, ticks, random }),
      HTTPClient: HostHTTPClient,
      ...(console && { console }),
      ...(log && { log }),
      resetReason,
      restart: () => this.#restart(),
    };
  }

  /** Saves the world before every write: a run that was killed goes on no earlier than its last row. */
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
    const { data } = this.#options;
    if (!data) return;
    const world: SavedWorld = { time: Math.floor(this.now), system: this.system.save() };
    const path = join(data, "world.json");
    writeFileSync(`${path}.new`, JSON.stringify(world));
    renameSync(`${path}.new`, path);
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

function loadWorld(folder: string): SavedWorld | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "world.json"), "utf8")) as SavedWorld;
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
}
