import { Device } from "../../firmware/app.js";
import type { Board } from "../../hal/board.js";
import type { DigitalInput, DigitalOutput } from "../../hal/digital.js";
import type { Flash } from "../../hal/flash.js";
import type { KeyValue } from "../../hal/key-value.js";
import { Modem } from "../../hal/modem/modem.js";
import type { Serial, SerialOptions, SerialPort } from "../../hal/serial.js";
import { MemoryKeyValue } from "../../hal/sim/key-value.js";
import type { ModemEmulator } from "../../hal/sim/modem/emulator.js";
import { modemNamed } from "../../hal/sim/modem/modems.js";
import { NorFlash, PowerCut } from "../../hal/sim/nor-flash.js";
import { SolarHomeSystem } from "../../hal/sim/solar-home-system.js";
import type { SimulatedTime } from "../../hal/sim/time.js";
import { Boot } from "./boot.js";
import { Chance } from "./chance.js";
import { watchedHTTPClient } from "./http-client.js";
import type { WorldInternet } from "./internet.js";
import { watchedMQTTClient } from "./mqtt-client.js";
import type { Profile } from "./profile.js";

/** How often the sun and the family are looked at, in milliseconds. */
const WEATHER = 30_000;

export interface MachineOptions {
  readonly seed: number;
  readonly profile: Profile;
  readonly time: SimulatedTime;
  /** Seconds since 1970 in the world. */
  readonly now: () => number;
  readonly internet: WorldInternet;
  readonly log: (line: string) => void;
  readonly onRequest: (path: string, body: string) => void;
  /** The firmware runs, from here on with power. */
  readonly onStarted: (device: Device) => void;
  /** The power went, in or between calls. */
  readonly onStopped: (boot: Boot) => void;
  readonly onError: (error: unknown) => void;
}

/** The hardware of one solar home system and its modem: what outlives a loss of power, and the firmware that runs on it. */
export class Machine {
  readonly flash: NorFlash;
  readonly keyValue: MemoryKeyValue;
  readonly modem: ModemEmulator;
  readonly system: SolarHomeSystem;
  /** Seconds that the network's clock is wrong by. */
  networkClockError = 0;
  #rtcError: number | undefined;
  relay: 0 | 1 = 0;
  boots = 0;
  device: Device | undefined;
  readonly #options: MachineOptions;
  readonly #chance: Chance;
  #boot: Boot | undefined;
  #serial: Serial | undefined;
  #provisioned = false;

  constructor(options: MachineOptions) {
    const { seed, profile, time, now, internet } = options;
    this.#options = options;
    this.#chance = new Chance(seed, "machine");
    const random = this.#chance.bits;
    this.#rtcError = profile.rtc ? 0 : undefined;
    this.flash = new NorFlash({ ...profile.flash, random });
    this.keyValue = new MemoryKeyValue({ random, tears: profile.tears });
    this.system = new SolarHomeSystem({ random, time: now });
    this.modem = new (modemNamed(profile.modem))({
      timer: time,
      ticks: () => time.now,
      random: new Chance(seed, "modem").bits,
      time: () => now() + this.networkClockError,
      internet,
      knobs: profile.knobs,
    });
    time.repeat(() => this.system.advance(), WEATHER);
  }

  /** Power on: starts the firmware, which may lose its power before it is up. */
  start(resetReason: string): void {
    if (this.#boot) throw new Error("the machine runs");
    this.flash.restart();
    this.keyValue.restart();
    this.modem.power.supply.write(1);
    const boot = new Boot(this.#options.time, this.#options.onError);
    this.#boot = boot;
    this.boots++;
    let device: Device | undefined;
    boot.enter(() => {
      device = new Device(this.#board(boot, resetReason));
      this.#provision(device);
    });
    if (boot.ended || !device) return;
    this.device = device;
    boot.enter(() => this.#options.onStarted(device!));
  }

  /** Power off, between two calls into the firmware; the modem keeps its own when the board alone resets. */
  stop(modem: boolean): void {
    if (modem) this.modem.power.supply.write(0);
    this.#end();
  }

  /** The battery-backed clock, where there is one, is wrong by so many seconds from now on, or has lost its time. */
  setClock(error: number | undefined): void {
    this.#rtcError = error;
  }

  get powered(): boolean {
    return this.#boot !== undefined;
  }

  /** Milliseconds since power on. */
  get uptime(): number {
    return this.#boot?.ticks() ?? 0;
  }

  /** Calls the firmware from outside: a key press, a command. */
  enter(action: (device: Device) => void): void {
    const { device } = this;
    if (device) this.#boot?.enter(() => action(device));
  }

  #end(): void {
    const boot = this.#boot;
    if (!boot) return;
    boot.end();
    this.#boot = undefined;
    this.device = undefined;
    this.#serial?.close();
    this.#serial = undefined;
    this.#switchRelay(0);
    this.#options.onStopped(boot);
  }

  /** What the distributor does, once. */
  #provision(device: Device): void {
    if (this.#provisioned) return;
    for (const [name, value] of this.#options.profile.settings) device.settings.set(name, value);
    this.#provisioned = true;
  }

  #board(boot: Boot, resetReason: string): Board {
    const { log, profile, now } = this.#options;
    const ticks = () => boot.ticks();
    const random = new Chance(this.#chance.bits(), "board").bits;
    const { key, reset, supply, ready } = this.modem.power;
    const pin = (output: DigitalOutput) => this.#pin(boot, output);
    const power = { key: pin(key), reset: pin(reset), supply: pin(supply), ready: pin(ready) };
    const onRequest = (path: string, body: string) => boot.ended || this.#options.onRequest(path, body);
    const machine = this;
    return {
      name: "world",
      ticks,
      timer: boot,
      random,
      flash: this.#flashOf(boot),
      keyValue: this.#keyValueOf(boot),
      sensors: this.system.sensors,
      inputs: this.system.inputs.map((input) => this.#input(boot, input)),
      relay: this.#pin(boot, { write: (value) => this.#switchRelay(value) }),
      network: new Modem({ serial: this.#serialOf(boot), timer: boot, ticks, random, power }),
      HTTPClient: watchedHTTPClient(onRequest),
      MQTTClient: watchedMQTTClient(boot, (body) => onRequest("/dd", body)),
      log: (line) => boot.ended || log(line),
      ...(profile.rtc && {
        clock: {
          get time() {
            return machine.#rtcError === undefined ? undefined : Math.floor(now() + machine.#rtcError);
          },
          set time(time: number | undefined) {
            if (!boot.ended) machine.setClock(time === undefined ? undefined : time - now());
          },
        },
      }),
      resetReason,
      restart: () => this.#end(),
    };
  }

  #switchRelay(value: 0 | 1): void {
    this.relay = value;
    this.system.relay.write(value);
  }

  #pin(boot: Boot, pin: DigitalOutput): DigitalOutput {
    return { write: (value) => boot.ended || pin.write(value) };
  }

  #input(boot: Boot, input: DigitalInput): DigitalInput {
    const own: DigitalInput = { variable: input.variable, read: () => input.read() };
    input.onChanged = () => boot.enter(() => own.onChanged?.());
    return own;
  }

  #flashOf(boot: Boot): Flash {
    const { flash } = this;
    return {
      read: (buffer, byteOffset) => this.#attempt(boot, () => flash.read(buffer, byteOffset)),
      write: (buffer, byteOffset) => this.#attempt(boot, () => flash.write(buffer, byteOffset)),
      eraseBlock: (start, end) => this.#attempt(boot, () => flash.eraseBlock(start, end)),
      status: () => flash.status(),
    };
  }

  #keyValueOf(boot: Boot): KeyValue {
    const { keyValue } = this;
    return {
      read: (key) => this.#attempt(boot, () => keyValue.read(key)),
      write: (key, value) => this.#attempt(boot, () => keyValue.write(key, value)),
      delete: (key) => this.#attempt(boot, () => keyValue.delete(key)),
    };
  }

  /** An operation on a memory, in the middle of which the power may go. */
  #attempt<T>(boot: Boot, operation: () => T): T {
    if (boot.ended) throw new PowerCut();
    try {
      return operation();
    } catch (error) {
      if (error instanceof PowerCut) this.stop(true);
      throw error;
    }
  }

  #serialOf(boot: Boot): SerialPort {
    const { io, ...rest } = this.modem.serial;
    const machine = this;
    class GuardedSerial implements Serial {
      readonly #inner: Serial;

      constructor(options: SerialOptions) {
        const { onReadable, onWritable } = options;
        this.#inner = new io({
          ...options,
          onReadable: (count) => boot.enter(() => onReadable?.(count)),
          onWritable: (count) => boot.enter(() => onWritable?.(count)),
        });
        machine.#serial = this.#inner;
      }

      read(byteLength?: number): ArrayBuffer | undefined {
        return boot.ended ? undefined : this.#inner.read(byteLength);
      }

      write(buffer: ArrayBuffer | Uint8Array): void {
        if (!boot.ended) this.#inner.write(buffer);
      }

      close(): void {
        this.#inner.close();
      }
    }
    return { io: GuardedSerial, ...rest };
  }
}
