import type { Platform } from "../../../hal/esp32/board.js";
import type {
  Analog,
  Digital,
  DigitalConstructor,
  DigitalOptions,
  SMBus,
  SMBusOptions,
} from "../../../hal/esp32/io.js";
import type { PartitionIO } from "../../../hal/esp32/storage.js";
import type { Serial, SerialOptions } from "../../../hal/serial.js";
import { NorFlash } from "../../../hal/sim/nor-flash.js";
import { SimulatedTime } from "../../../hal/sim/time.js";

/** Registers of a device on the bus, 8 or 16 bits wide. */
export type Registers = Map<number, number>;

/** A chip with pins, ports and a bus, all made of maps; what the drivers do with it is in `steps`. */
export class Chip {
  readonly time = new SimulatedTime();
  readonly steps: string[] = [];
  /** Levels of the pins: 0 low, 1 high. Inputs float high. */
  readonly levels = new Map<number, 0 | 1>();
  readonly #edges = new Map<number, () => void>();
  /** Devices on the I2C bus, by address. */
  readonly devices = new Map<number, Registers>();
  /** Addresses that are open. */
  readonly open = new Set<number>();
  /** Readings of the converter by pin. */
  readonly readings = new Map<number, number | undefined>();
  /** Pins and ports that refuse to be used. */
  readonly refused = new Set<number | string>();
  readonly ports = new Map<number, SerialOptions>();
  /** Bytes at which a port calls. */
  readonly thresholds = new Map<number, number>();
  /** The ADC's driver is linked. */
  analog = true;
  readonly traces: string[] = [];
  written = "";
  restarts = 0;
  reason = 1;
  /** The partitions for firmware: what runs, and the other one. */
  readonly running = new NorFlash({ size: 65536, random: () => 0 });
  readonly nextOTA = new NorFlash({ size: 65536, random: () => 0 });
  probation = 0;
  /** What the functions of the bootloader give. */
  otaError = 0;

  /** Sets the level of an input and raises its interrupt. */
  drive(pin: number, level: 0 | 1): void {
    this.levels.set(pin, level);
    this.#edges.get(pin)?.();
  }

  get Digital(): DigitalConstructor {
    const chip = this;
    return class implements Digital {
      static readonly Input = 0;
      static readonly InputPullUp = 1;
      static readonly InputPullDown = 2;
      static readonly Output = 8;
      static readonly Rising = 1;
      static readonly Falling = 2;
      readonly #pin: number;
      readonly #low: boolean;

      constructor({ pin, mode, activeLow = false, initialValue = 0, onReadable, edge = 0 }: DigitalOptions) {
        if (chip.refused.has(pin)) throw new Error("in use");
        this.#pin = pin;
        this.#low = activeLow;
        if (mode === 8) this.write(initialValue);
        if (onReadable && edge === 3) chip.#edges.set(pin, onReadable);
      }

      read(): 0 | 1 {
        const level = chip.levels.get(this.#pin) ?? 1;
        return this.#low ? (level ? 0 : 1) : level;
      }

      write(value: 0 | 1): void {
        const level = this.#low ? (value ? 0 : 1) : value;
        chip.levels.set(this.#pin, level);
        chip.steps.push(`pin ${this.#pin} ${level ? "high" : "low"}`);
      }
    };
  }

  get SMBus(): new (
    options: SMBusOptions,
  ) => SMBus {
    const chip = this;
    return class implements SMBus {
      readonly #address: number;

      constructor({ address }: SMBusOptions) {
        if (chip.open.has(address)) throw new Error("duplicate address");
        chip.open.add(address);
        this.#address = address;
      }

      readUint8(register: number): number {
        return this.#registers.get(register) ?? 0;
      }

      writeUint8(register: number, value: number): void {
        chip.steps.push(`register ${register} ${value}`);
        this.#registers.set(register, value);
      }

      readUint16(register: number, bigEndian: boolean): number {
        if (!bigEndian) throw new Error("these devices send the high byte first");
        return this.readUint8(register);
      }

      writeUint16(register: number, value: number, bigEndian: boolean): void {
        if (!bigEndian) throw new Error("these devices take the high byte first");
        this.#registers.set(register, value);
      }

      close(): void {
        chip.open.delete(this.#address);
      }

      get #registers(): Registers {
        const registers = chip.devices.get(this.#address);
        if (!registers) throw new Error("write failed");
        return registers;
      }
    };
  }

  get Analog(): new (options: {
    pin: number;
  }) => Analog {
    const chip = this;
    return class implements Analog {
      readonly resolution = 12;
      readonly #pin: number;

      constructor({ pin }: { pin: number }) {
        if (chip.refused.has(pin)) throw new Error("not analog pin");
        this.#pin = pin;
      }

      read(): number | undefined {
        return chip.readings.get(this.#pin);
      }
    };
  }

  /** Takes 100 bytes at once, as fast as they come. */
  get Serial(): new (
    options: SerialOptions,
  ) => Serial {
    const chip = this;
    return class implements Serial {
      readonly #port: number;

      constructor(options: SerialOptions) {
        this.#port = Number(options.port);
        if (chip.refused.has(`port ${this.#port}`) || chip.ports.has(this.#port)) throw new Error("port in use");
        chip.ports.set(this.#port, options);
        if (options.onWritable) chip.time.set(() => options.onWritable?.(100));
      }

      read(): undefined {}

      write(bytes: ArrayBuffer | Uint8Array): void {
        const text = String.fromCharCode(...new Uint8Array(bytes));
        if (text.length > 100) throw new Error("output full");
        if (this.#port === 0) chip.written += text;
        const options = chip.ports.get(this.#port);
        if (text.length > 0) chip.time.set(() => options?.onWritable?.(100));
      }

      close(): void {
        chip.ports.delete(this.#port);
      }
    };
  }

  #mark(how: string): number {
    this.steps.push(`mark ${how}`);
    return this.otaError;
  }

  platform(): Platform {
    const flash = new NorFlash({ size: 65536, blockLength: 4096, random: () => 0 });
    const values = new Map<string, Uint8Array>();
    return {
      Serial: this.Serial,
      Digital: this.Digital,
      ...(this.analog && { Analog: this.Analog }),
      SMBus: this.SMBus,
      TMP102: class {
        readonly #bus: SMBus;

        constructor({
          sensor: { io, ...wiring },
        }: { sensor: { io: new (options: SMBusOptions) => SMBus } & SMBusOptions }) {
          this.#bus = new io(wiring);
          try {
            this.#bus.writeUint16(1, 0x60a0, true);
          } catch (error) {
            this.#bus.close();
            throw error;
          }
        }

        sample() {
          return { temperature: (((this.#bus.readUint16(0, true) << 16) >> 20) * 625) / 10000 };
        }
      },
      MQTTClient: class {
        read(): undefined {}
        write(): number {
          return 0;
        }
        close(): void {}
      },
      authority: Uint8Array.of(0x30, 0),
      HTTPClient: class {
        request(): never {
          throw new Error("no request is made here");
        }
        close(): void {}
      },
      flash: {
        open: ({ path }) => {
          const partition = { outbox: flash, running: this.running, nextota: this.nextOTA }[path];
          if (!partition || this.refused.has(path)) throw new Error("can't find partition");
          return partitionIO(partition);
        },
      },
      update: {
        open: ({ partition, mode, byteLength }) => {
          this.steps.push(`update ${mode} ${byteLength}`);
          partition.eraseBlock(0, byteLength / 4096);
          return {
            write: (bytes, byteOffset) => partition.write(bytes, byteOffset),
            complete: () => {
              if (this.nextOTA.bytes[0] !== 0xe9) throw new Error("end failed");
              this.steps.push("update complete");
            },
            close: () => void this.steps.push("update close"),
          };
        },
      },
      keyValue: {
        open: () => ({
          read: (key) => values.get(key)?.slice().buffer,
          write: (key, value) => void values.set(key, value.slice()),
          delete: (key) => void values.delete(key),
        }),
      },
      timer: this.time,
      milliseconds: () => this.time.now | 0,
      system: {
        esp_restart: () => {
          this.restarts++;
        },
        esp_reset_reason: () => this.reason,
        esp_random: () => 7,
        esp_ota_mark_app_valid_cancel_rollback: () => this.#mark("valid"),
        esp_ota_mark_app_invalid_rollback_and_reboot: () => this.#mark("invalid"),
        firmware_on_probation: () => this.probation,
        uart_receive_threshold: (port, bytes) => {
          if (!this.ports.has(port)) throw new Error("the port is not open");
          this.thresholds.set(port, bytes);
        },
      },
      trace: (line) => void this.traces.push(line),
    };
  }
}

function partitionIO(flash: NorFlash): PartitionIO {
  return {
    read: (buffer, offset) => flash.read(buffer, offset),
    write: (buffer, offset) => flash.write(buffer, offset),
    // As the SDK's class: an end that is left out is 0.
    eraseBlock: (start, end) => {
      if (!(end > start)) throw new Error("erase failed");
      flash.eraseBlock(start, end);
    },
    status: () => ({ size: 65536, blockLength: 4096, blocks: 16 }),
  };
}

/** An INA of the given identity that shows these registers. */
export function ina(identity: readonly (readonly [number, number])[], content: Record<number, number>): Registers {
  const registers = new Map(identity);
  for (const [register, value] of Object.entries(content)) registers.set(Number(register), value & 0xffff);
  return registers;
}

export const INA3221_IDENTITY = [
  [0xfe, 0x5449],
  [0xff, 0x3220],
] as const;
