import type { Board } from "../board.js";
import type { DigitalInput, DigitalOutput } from "../digital.js";
import type { FirmwareSlots } from "../firmware-slots.js";
import type { Flash } from "../flash.js";
import type { HTTPClientConstructor } from "../http.js";
import type { KeyValue } from "../key-value.js";
import { Modem } from "../modem/modem.js";
import type { PowerPins } from "../modem/power.js";
import type { MQTTClientConstructor } from "../mqtt.js";
import type { Network } from "../network.js";
import type { Sensor } from "../sensor.js";
import type { SerialConstructor, SerialPort } from "../serial.js";
import type { Timers } from "../timer.js";
import {
  type AnalogConfig,
  type BoardConfig,
  type OutputConfig,
  type SensorConfig,
  sensorVariables,
  type UARTConfig,
} from "./config.js";
import { Input } from "./input.js";
import type { AnalogConstructor, Digital, DigitalConstructor, SMBusConstructor, SMBusDevice } from "./io.js";
import { promptSerial } from "./prompt-serial.js";
import { RegisterOutput, writeBits } from "./registers.js";
import { resetReason } from "./reset-reason.js";
import { Divider } from "./sensors/divider.js";
import { INA219 } from "./sensors/ina219.js";
import { INA226 } from "./sensors/ina226.js";
import { INA3221 } from "./sensors/ina3221.js";
import { type TemperatureSensorConstructor, Thermometer } from "./sensors/thermometer.js";
import { type BootloaderFunctions, Slots, type UpdateClass } from "./slots.js";
import { Domain, type DomainOptions, Partition, type PartitionOptions } from "./storage.js";
import { SupervisedSensor } from "./supervised-sensor.js";
import { unwrappedTicks } from "./ticks.js";

/** What the chip and the SDK offer; each class takes its pins in its options. */
export interface Platform {
  readonly Serial: SerialConstructor;
  readonly Digital: DigitalConstructor;
  /** Absent where the board's manifest does not include analog.json. */
  readonly Analog?: AnalogConstructor;
  readonly SMBus: SMBusConstructor;
  readonly TMP102: TemperatureSensorConstructor;
  readonly HTTPClient: HTTPClientConstructor;
  readonly MQTTClient: MQTTClientConstructor;
  /** Certificate that servers are trusted by, PEM or DER; in flash. */
  readonly authority: Uint8Array;
  readonly flash: PartitionOptions["io"];
  readonly keyValue: DomainOptions["io"];
  readonly update: UpdateClass;
  readonly timer: Timers;
  /** Milliseconds, 32 bits. */
  readonly milliseconds: () => number;
  /** Functions of ESP-IDF. */
  readonly system: BootloaderFunctions & {
    esp_restart(): void;
    esp_reset_reason(): number;
    esp_random(): number;
    uart_receive_threshold(port: number, bytes: number): void;
  };
  /** To the debugger. */
  readonly trace: (line: string) => void;
}

/** Namespace in NVS, partition of the outbox (manifests/esp32/partitions.csv). */
const DOMAIN = "heliograph";
const OUTBOX = "outbox";
/** Of the I2C bus: bits per second, and milliseconds that a stuck transfer may hold the device up. */
const BUS_SPEED = 100_000;
const BUS_TIMEOUT = 20;

const POWER_SENSORS = Object.freeze({ INA219, INA226, INA3221 });

/** An ESP32 as a board, wired as `config` says. */
export class ESP32Board implements Board {
  readonly name: string;
  readonly timer: Timers;
  readonly flash: Flash;
  readonly keyValue: KeyValue;
  readonly slots: FirmwareSlots;
  readonly sensors: readonly Sensor[];
  readonly inputs: readonly DigitalInput[];
  readonly relay: DigitalOutput;
  readonly network: Network;
  readonly HTTPClient: HTTPClientConstructor;
  readonly MQTTClient: MQTTClientConstructor;
  readonly authority: Uint8Array;
  readonly console?: SerialPort;
  readonly resetReason: string;
  /** Where the board's own lines go: set by the main once there is a log. */
  onLog: ((line: string) => void) | undefined;
  readonly #config: BoardConfig;
  readonly #platform: Platform;
  readonly #Serial: SerialConstructor;
  readonly #ticks: () => number;
  readonly #supervised: readonly SupervisedSensor[];
  /** Registers that could not be written. */
  readonly #unset: readonly string[];

  /** Throws Error with the place in the configuration when a pin cannot be used as it says. Missing chips are no reason. */
  constructor(config: BoardConfig, platform: Platform) {
    this.#config = config;
    this.#platform = platform;
    this.#Serial = promptSerial(platform.Serial, (port, bytes) => platform.system.uart_receive_threshold(port, bytes));
    this.relay = this.#output("relay", config.relay);
    config.hold.forEach((held, i) => {
      this.#drive(`hold[${i}]`, held.pin, false, held.level === "high" ? 1 : 0);
    });
    this.name = config.name;
    this.timer = platform.timer;
    this.HTTPClient = platform.HTTPClient;
    this.MQTTClient = platform.MQTTClient;
    this.authority = platform.authority;
    this.resetReason = resetReason(platform.system.esp_reset_reason());
    this.#ticks = unwrappedTicks(platform.milliseconds);
    this.flash = new Partition({ io: platform.flash, path: OUTBOX });
    this.keyValue = new Domain({ io: platform.keyValue, path: DOMAIN });
    this.slots = new Slots(platform);
    this.#unset = this.#writeRegisters();
    this.#supervised = config.sensors.map((sensor) => this.#supervise(sensor));
    this.sensors = [...this.#dividers(), ...this.#supervised];
    this.inputs = config.inputs.map((input, i) =>
      this.#at(`inputs[${i}]`, () => new Input({ io: platform.Digital, timer: platform.timer, ...input })),
    );
    this.network = this.#at("modem", () => this.#modem());
    const port = this.#port(config.console);
    if (this.#isFree(port)) this.console = port;
  }

  ticks(): number {
    return this.#ticks();
  }

  random(): number {
    return this.#platform.system.esp_random();
  }

  /** Of a board whose console belongs to the debugger. */
  log(line: string): void {
    this.#platform.trace(line);
  }

  restart(): void {
    this.#platform.system.esp_restart();
  }

  /** Opens the sensors on the I2C bus and says in one line which of them answer. */
  selfTest(): string {
    const parts = [...this.#unset, ...this.#supervised.map((sensor) => sensor.test())];
    return `self-test: ${parts.length > 0 ? parts.join(", ") : "nothing to test"}`;
  }

  /** Gives what could not be written. */
  #writeRegisters(): string[] {
    const problems: string[] = [];
    for (const { address, value, ...bits } of this.#config.i2c?.registers ?? []) {
      try {
        writeBits(this.#device(address), bits, value);
      } catch (error) {
        problems.push(`register ${bits.register} at ${hex(address)} not set (${(error as Error).message})`);
      }
    }
    return problems;
  }

  #dividers(): Sensor[] {
    return this.#config.analog.map((analog, i) => this.#at(`analog[${i}]`, () => this.#divider(analog)));
  }

  #divider(options: AnalogConfig): Sensor {
    const io = this.#platform.Analog;
    if (!io) throw new Error("this image has no ADC driver: include manifests/analog.json in the board's manifest");
    return new Divider({ io, ...options });
  }

  #supervise(config: SensorConfig): SupervisedSensor {
    return new SupervisedSensor({
      name: `${config.driver} at ${hex(config.address)}`,
      variables: sensorVariables(config),
      open: () => this.#openSensor(config),
      ticks: this.#ticks,
      log: (line) => this.onLog?.(line),
    });
  }

  #openSensor({ driver, address, channels, variable }: SensorConfig): Sensor {
    const sensor = this.#device(address);
    if (driver === "TMP102") return new Thermometer({ driver: this.#platform.TMP102, sensor, variable: variable! });
    return new POWER_SENSORS[driver]({ sensor, channels });
  }

  /** Only for boards with an I2C bus, which the configuration was checked for. */
  #device(address: number): SMBusDevice {
    const { data, clock } = this.#config.i2c!;
    return { io: this.#platform.SMBus, data, clock, address, hz: BUS_SPEED, timeout: BUS_TIMEOUT };
  }

  #modem(): Modem {
    const { system, timer } = this.#platform;
    const random = () => system.esp_random();
    return new Modem({
      serial: this.#port(this.#config.modem),
      power: this.#powerPins(),
      timer,
      ticks: this.#ticks,
      random,
    });
  }

  #powerPins(): PowerPins {
    const { key, reset, supply, supplySwitch, ready } = this.#config.modem;
    return {
      ...(key && { key: this.#output("modem.key", key) }),
      ...(reset && { reset: this.#output("modem.reset", reset) }),
      ...(supply && { supply: this.#output("modem.supply", supply) }),
      ...(supplySwitch && { supply: this.#supplySwitch(supplySwitch.address, supplySwitch) }),
      ...(ready && { ready: this.#output("modem.ready", ready) }),
    };
  }

  #supplySwitch(address: number, bits: { register: number; mask: number }): DigitalOutput {
    return new RegisterOutput({ device: this.#device(address), bits, log: (line) => this.onLog?.(line) });
  }

  #output(place: string, { pin, active }: OutputConfig): DigitalOutput {
    return this.#drive(place, pin, active === "low", 0);
  }

  #drive(place: string, pin: number, activeLow: boolean, initialValue: 0 | 1): Digital {
    const { Digital } = this.#platform;
    return this.#at(place, () => new Digital({ pin, mode: Digital.Output, activeLow, initialValue }));
  }

  #port({ port, transmit, receive, baud }: UARTConfig): SerialPort {
    return { io: this.#Serial, port, transmit, receive, baud };
  }

  /** False when a debug or instrumented build talks to xsbug on this port. */
  #isFree({ io, ...options }: SerialPort): boolean {
    try {
      new io(options).close();
      return true;
    } catch (error) {
      this.#platform.trace(`no console: ${(error as Error).message}`);
      return false;
    }
  }

  /** Runs a constructor; what it refuses gets its place in the configuration. */
  #at<T>(place: string, construct: () => T): T {
    try {
      return construct();
    } catch (error) {
      throw new Error(`board.${place}: the chip refuses it: ${(error as Error).message}`);
    }
  }
}

function hex(address: number): string {
  return `0x${address.toString(16)}`;
}
