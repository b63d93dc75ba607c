import DeviceSerial from "embedded:io/serial";
import type { Serial, SerialConstructor, SerialOptions } from "../serial.js";

/** The SDK's own declaration knows the pins of microcontrollers, not the `device` of Linux. */
const PlatformSerial = DeviceSerial as unknown as SerialConstructor;

/** A terminal by its path: `{ io: TerminalSerial, device: "/dev/pts/1", baud: 115200 }`. */
export class TerminalSerial implements Serial {
  readonly #serial: Serial;

  constructor(options: SerialOptions) {
    this.#serial = new PlatformSerial(options);
  }

  read(byteLength?: number): ArrayBuffer | undefined {
    return byteLength === undefined ? this.#serial.read() : this.#serial.read(byteLength);
  }

  /** The platform's class takes nothing but an ArrayBuffer. */
  write(buffer: ArrayBuffer | Uint8Array): void {
    this.#serial.write(new Uint8Array(buffer).buffer);
  }

  close(): void {
    this.#serial.close();
  }
}
