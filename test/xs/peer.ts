import type { Serial, SerialConstructor, SerialOptions } from "../../hal/serial.js";
import type { SimulatedTime } from "../../hal/sim/time.js";

/** The other end of a UART under test: keeps what it was given, and says what it is told to. */
export class Peer {
  /** Everything that the device sent so far. */
  received = "";
  readonly bauds: number[] = [];
  closed = 0;
  /** Bytes that are taken before the sender must wait for `drain`. */
  room = 64;
  readonly io: SerialConstructor;
  #options: SerialOptions | undefined;
  #pending: Uint8Array[] = [];

  constructor(time: SimulatedTime) {
    const open = (options: SerialOptions) => {
      this.#options = options;
      this.bauds.push(options.baud!);
      time.set(() => options.onWritable?.(this.room));
    };
    const take = (bytes: Uint8Array) => {
      if (bytes.length > this.room) throw new Error(`overflow: room for ${this.room}, got ${bytes.length}`);
      this.room -= bytes.length;
      this.received += String.fromCharCode(...bytes);
    };
    const peer = this;
    this.io = class implements Serial {
      constructor(options: SerialOptions) {
        open(options);
      }

      read(): ArrayBuffer | undefined {
        return peer.#pending.shift()?.slice().buffer as ArrayBuffer | undefined;
      }

      write(buffer: ArrayBuffer | Uint8Array): void {
        take(new Uint8Array(buffer));
      }

      close(): void {
        peer.closed++;
      }
    };
  }

  say(text: string): void {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    this.#pending.push(bytes);
    this.#options?.onReadable?.(bytes.length);
  }

  drain(): void {
    this.room = 64;
    this.#options?.onWritable?.(this.room);
  }
}
