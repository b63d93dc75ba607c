import type { DigitalOutput } from "../digital.js";
import type { SMBusDevice } from "./io.js";

/** Bits of an 8-bit register of a chip on the board, such as its power management. */
export interface RegisterBits {
  readonly register: number;
  /** The bits meant; the others stay as they are. */
  readonly mask: number;
}

/** Sets the bits of `mask` to those of `value`. Throws when the chip does not answer. */
export function writeBits({ io, ...wiring }: SMBusDevice, { register, mask }: RegisterBits, value: number): void {
  const bus = new io(wiring);
  try {
    const kept = mask === 0xff ? 0 : bus.readUint8(register) & ~mask;
    bus.writeUint8(register, kept | (value & mask));
  } finally {
    bus.close();
  }
}

/** A supply that a power management chip switches. A chip that does not answer is logged: the modem's recovery goes on. */
export class RegisterOutput implements DigitalOutput {
  readonly #device: SMBusDevice;
  readonly #bits: RegisterBits;
  readonly #log: (line: string) => void;

  constructor(options: { device: SMBusDevice; bits: RegisterBits; log: (line: string) => void }) {
    this.#device = options.device;
    this.#bits = options.bits;
    this.#log = options.log;
  }

  write(value: 0 | 1): void {
    try {
      writeBits(this.#device, this.#bits, value ? 0xff : 0);
    } catch (error) {
      this.#log(`supply switch at I2C address ${this.#device.address}: ${(error as Error).message}`);
    }
  }
}
