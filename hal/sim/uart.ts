import type { Serial, SerialConstructor, SerialOptions, SerialPort } from "../serial.js";
import type { TimerHandle, Timers } from "../timer.js";
import { ByteQueue } from "./bytes.js";

/** Start bit, eight data bits, stop bit. */
const BITS_PER_BYTE = 10;
/** The ESP32's driver hands on what it received when 120 bytes have come: larger pieces do not exist in reality. */
const CHUNK = 120;
const DEFAULT_BAUD = 115200;

/** What disturbs the wire; read at every piece, so it may change at any time. */
export interface Disturbances {
  /** Largest piece that reaches either side in one turn, bytes; 0 leaves it to the wire. */
  readonly fragment: number;
  /** Bytes garbled per million. */
  readonly noise: number;
}

export interface UartOptions {
  readonly timer: Timers;
  /** Milliseconds, in the time of `timer`. */
  readonly ticks: () => number;
  readonly random: () => number;
  /** False: bytes cross on the next turn, whatever the baud rate. Default true. */
  readonly timed?: boolean;
  readonly disturbances?: Disturbances;
  /** Bytes the device's side keeps unread; what comes beyond is lost. Default 4096. */
  readonly receiveCapacity?: number;
  /** Bytes the device's side takes before they have left. Default 128, the ESP32's FIFO. */
  readonly transmitCapacity?: number;
}

/** The far end of the wire: a modem, a terminal. */
export interface UartPeer {
  /** Bits per second; 0 follows the device (autobaud). A wrong rate on either side garbles every byte. */
  baud: number;
  onReceive?: ((bytes: Uint8Array) => void) | undefined;
  /** Queues bytes for the device. */
  write(bytes: Uint8Array): void;
  /** Forgets what has not left yet: the peer lost its power. */
  abort(): void;
}

/** One direction of the wire: one timer for each piece, none for a byte. */
class Lane {
  readonly #options: UartOptions;
  readonly #queue = new ByteQueue();
  readonly #rate: () => number;
  readonly #deliver: (bytes: Uint8Array) => void;
  #timer: TimerHandle | undefined;
  /** When the last piece has left, in fractions of milliseconds. */
  #freeAt = 0;

  constructor(options: UartOptions, rate: () => number, deliver: (bytes: Uint8Array) => void) {
    this.#options = options;
    this.#rate = rate;
    this.#deliver = deliver;
  }

  get queued(): number {
    return this.#queue.length;
  }

  send(bytes: Uint8Array): void {
    this.#queue.push(bytes.slice());
    if (this.#timer) return;
    this.#freeAt = this.#options.ticks();
    this.#next();
  }

  clear(): void {
    this.#queue.clear();
    this.#options.timer.clear(this.#timer);
    this.#timer = undefined;
  }

  #next(): void {
    if (this.#queue.length === 0) return;
    const timed = this.#options.timed ?? true;
    const largest = this.#options.disturbances?.fragment || (timed ? CHUNK : this.#queue.length);
    const size = Math.min(largest, this.#queue.length);
    if (timed) this.#freeAt += (size * BITS_PER_BYTE * 1000) / this.#rate();
    const wait = timed ? Math.max(0, Math.ceil(this.#freeAt - this.#options.ticks())) : 0;
    this.#timer = this.#options.timer.set(() => this.#arrive(size), wait);
  }

  #arrive(size: number): void {
    this.#timer = undefined;
    const bytes = this.#queue.take(size);
    this.#next();
    this.#deliver(bytes);
  }
}

/**
 * A full-duplex serial line. `device` is the port the firmware opens (ECMA-419 Serial, one at a time), `peer` what is
 * wired to it. Callbacks come from timers only, never from inside a call.
 */
export class Uart {
  readonly device: SerialPort;
  readonly peer: UartPeer;
  /** Bytes lost because the device did not read in time. */
  overruns = 0;
  /** Bytes that went over the wire, as the device sees it. */
  bytesWritten = 0;
  bytesRead = 0;
  readonly #options: UartOptions;
  readonly #toDevice: Lane;
  readonly #toPeer: Lane;
  readonly #received = new ByteQueue();
  readonly #receiveCapacity: number;
  readonly #transmitCapacity: number;
  #open: SerialOptions | undefined;

  constructor(options: UartOptions) {
    const { receiveCapacity = 4096, transmitCapacity = 128 } = options;
    requirePositive("receiveCapacity", receiveCapacity);
    requirePositive("transmitCapacity", transmitCapacity);
    this.#options = options;
    this.#receiveCapacity = receiveCapacity;
    this.#transmitCapacity = transmitCapacity;
    this.#toDevice = new Lane(
      options,
      () => this.#peerBaud,
      (bytes) => this.#deviceReceives(bytes),
    );
    this.#toPeer = new Lane(
      options,
      () => this.#deviceBaud,
      (bytes) => this.#peerReceives(bytes),
    );
    this.device = { io: this.#serialClass() };
    this.peer = {
      baud: DEFAULT_BAUD,
      write: (bytes) => this.#toDevice.send(bytes),
      abort: () => this.#toDevice.clear(),
    };
  }

  get #deviceBaud(): number {
    return this.#open?.baud ?? DEFAULT_BAUD;
  }

  get #peerBaud(): number {
    return this.peer.baud || this.#deviceBaud;
  }

  #deviceReceives(bytes: Uint8Array): void {
    if (!this.#open) return;
    const room = this.#receiveCapacity - this.#received.length;
    this.overruns += Math.max(0, bytes.length - room);
    this.#received.push(this.#disturb(bytes.subarray(0, room)));
    this.bytesRead += bytes.length;
    if (this.#received.length > 0) this.#open.onReadable?.(this.#received.length);
  }

  #peerReceives(bytes: Uint8Array): void {
    this.bytesWritten += bytes.length;
    this.peer.onReceive?.(this.#disturb(bytes));
    this.#open?.onWritable?.(this.#writable);
  }

  get #writable(): number {
    return this.#transmitCapacity - this.#toPeer.queued;
  }

  /** The bytes as they are read on the other side: garbled by noise or by a wrong baud rate. */
  #disturb(bytes: Uint8Array): Uint8Array {
    const garbled = this.#peerBaud === this.#deviceBaud ? (this.#options.disturbances?.noise ?? 0) : 1_000_000;
    if (garbled === 0) return bytes;
    const { random } = this.#options;
    return bytes.map((byte) => (random() % 1_000_000 < garbled ? random() & 0xff : byte));
  }

  #serialClass(): SerialConstructor {
    const uart = this;
    return class implements Serial {
      #closed = false;

      constructor(options: SerialOptions) {
        if (uart.#open) throw new Error("serial port is in use: close it before it is opened again");
        if (options.baud !== undefined) requirePositive("baud", options.baud);
        uart.#open = { ...options };
        uart.#options.timer.set(() => {
          if (!this.#closed) options.onWritable?.(uart.#writable);
        });
      }

      read(byteLength = uart.#received.length): ArrayBuffer | undefined {
        this.#requireOpen();
        if (uart.#received.length === 0) return undefined;
        return uart.#received.take(byteLength).buffer as ArrayBuffer;
      }

      write(buffer: ArrayBuffer | Uint8Array): void {
        this.#requireOpen();
        const bytes = buffer instanceof Uint8Array ? buffer : new Uint8Array(buffer);
        if (bytes.length > uart.#writable) {
          throw new Error(`serial output overflow: ${bytes.length} bytes given, ${uart.#writable} can be taken`);
        }
        uart.#toPeer.send(bytes);
      }

      close(): void {
        if (this.#closed) return;
        this.#closed = true;
        uart.#open = undefined;
        uart.#received.clear();
        uart.#toPeer.clear();
      }

      #requireOpen(): void {
        if (this.#closed) throw new Error("serial port is closed");
      }
    };
  }
}

function requirePositive(name: string, value: number): void {
  if (!Number.isInteger(value) || value <= 0)
    throw new RangeError(`${name}: expected a positive integer, got ${value}`);
}
