import type { Serial } from "../../hal/serial.js";
import type { ModemEmulator } from "../../hal/sim/modem/emulator.js";
import type { Port } from "./port.js";

/** Connects the UART of an emulated modem with a port, at whatever rate the modem has. */
export class Wire {
  readonly #modem: ModemEmulator;
  readonly #port: Port;
  #serial: Serial | undefined;
  /** Bits per second. */
  #baud: number;
  /** From the port, not taken by the modem yet. */
  #waiting: Uint8Array = new Uint8Array(0);
  #free = 0;

  /** `baud` holds until the modem has a rate of its own. */
  constructor(modem: ModemEmulator, port: Port, baud: number) {
    this.#modem = modem;
    this.#port = port;
    this.#baud = baud;
    this.#open();
    port.onData((bytes) => {
      this.#waiting = Buffer.concat([this.#waiting, bytes]);
      this.#flush();
    });
  }

  /** The modem may have changed its rate: the port goes along. */
  follow(): void {
    const { baud } = this.#modem.uart.peer;
    if (baud === 0 || baud === this.#baud) return;
    this.#baud = baud;
    this.#port.setRate(baud);
    this.#open();
  }

  #open(): void {
    this.#serial?.close();
    const { serial: port } = this.#modem;
    const serial: Serial = new port.io({
      ...port,
      baud: this.#baud,
      onReadable: () => {
        const bytes = serial.read();
        if (bytes) this.#port.write(new Uint8Array(bytes));
      },
      onWritable: (count) => {
        this.#free = count;
        this.#flush();
      },
    });
    this.#serial = serial;
    this.#free = 0;
  }

  #flush(): void {
    const piece = this.#waiting.subarray(0, this.#free);
    if (piece.length === 0) return;
    this.#serial!.write(piece);
    this.#free -= piece.length;
    this.#waiting = this.#waiting.subarray(piece.length);
  }
}
