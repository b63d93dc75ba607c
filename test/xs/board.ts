import type { DigitalInput, DigitalOutput } from "../../hal/digital.js";
import type { Flash, FlashStatus } from "../../hal/flash.js";
import type { KeyValue } from "../../hal/key-value.js";
import type { Serial, SerialOptions } from "../../hal/serial.js";
import { SimulatedTime } from "../../hal/sim/time.js";

/** The functions that host/board.c offers to the script. */
interface Host {
  print(text: string): void;
  gc(): void;
  counter(name: "chunkBytes" | "peakChunkBytes" | "slots" | "peakSlots" | "computrons"): number;
  /** Called for each event; gives the time in milliseconds at which it wants the next. */
  listen(listener: (type: number, port: number, value: number) => number): void;
  restart(): never;
  /** 0: bytes of the partition, 1: bytes of a block. */
  flashStatus(what: 0 | 1): number;
  flashRead(offset: number, buffer: ArrayBufferLike, byteOffset: number, byteLength: number): void;
  flashWrite(offset: number, buffer: ArrayBufferLike, byteOffset: number, byteLength: number): void;
  flashErase(start: number, end: number): void;
  keyRead(key: string): ArrayBuffer | undefined;
  keyWrite(key: string, buffer: ArrayBufferLike, byteOffset: number, byteLength: number): void;
  keyDelete(key: string): void;
  serialOpen(port: number, baud: number): void;
  serialRead(port: number, count: number): ArrayBuffer | undefined;
  serialWrite(port: number, buffer: ArrayBufferLike, byteOffset: number, byteLength: number): void;
  pin(pin: number, value: number): void;
}

declare const xsHost: Host;

export const host: Host = xsHost;

const TIME = 0x54;
const SERIAL = 0x53;
const WRITABLE = 0x57;
const PIN = 0x50;

const ports: (HostSerial | undefined)[] = [];
const pins: (HostInput | undefined)[] = [];

/** Connects the script to the host's events; gives the timers of this device, which start at 0. Call once. */
export function openTime(): SimulatedTime {
  const time = new SimulatedTime();
  host.listen((type, port, value) => {
    if (type === TIME) {
      if (!time.step(value)) time.run(value - time.now);
    } else if (type === SERIAL) ports[port]?.received(value);
    else if (type === WRITABLE) ports[port]?.writable(value);
    else if (type === PIN) pins[port]?.changed(value ? 1 : 0);
    return time.next ?? Number.POSITIVE_INFINITY;
  });
  return time;
}

export class HostFlash implements Flash {
  readonly #status: FlashStatus;

  constructor() {
    const [size, blockLength] = [host.flashStatus(0), host.flashStatus(1)];
    this.#status = { size, blockLength, blocks: size / blockLength, writeAlign: 4 };
  }

  read(buffer: Uint8Array, byteOffset: number): number {
    host.flashRead(byteOffset, buffer.buffer, buffer.byteOffset, buffer.length);
    return buffer.length;
  }

  write(buffer: Uint8Array, byteOffset: number): void {
    const align = this.#status.writeAlign;
    if (byteOffset % align || buffer.length % align) throw new RangeError(`write not aligned to ${align}`);
    host.flashWrite(byteOffset, buffer.buffer, buffer.byteOffset, buffer.length);
  }

  eraseBlock(start: number, end = start + 1): void {
    host.flashErase(start, end);
  }

  status(): FlashStatus {
    return this.#status;
  }
}

export class HostKeyValue implements KeyValue {
  read(key: string): ArrayBuffer | undefined {
    return host.keyRead(key);
  }

  write(key: string, value: Uint8Array): void {
    host.keyWrite(key, value.buffer, value.byteOffset, value.length);
  }

  delete(key: string): void {
    host.keyDelete(key);
  }
}

/** A UART by number: `{ io: HostSerial, port: 1 }`. What was received waits in the host, as in a driver's own buffer. */
export class HostSerial implements Serial {
  readonly #port: number;
  readonly #options: SerialOptions;
  #available = 0;
  #writable = 0;
  #open = true;

  constructor(options: SerialOptions) {
    const { port, baud = 115_200 } = options;
    if (typeof port !== "number" || ports[port]) throw new RangeError(`no free port ${port}`);
    this.#port = port;
    this.#options = options;
    ports[port] = this;
    host.serialOpen(port, baud);
  }

  read(byteLength = this.#available): ArrayBuffer | undefined {
    const bytes = host.serialRead(this.#port, byteLength);
    if (bytes) this.#available -= bytes.byteLength;
    return bytes;
  }

  write(buffer: ArrayBuffer | Uint8Array): void {
    const bytes = buffer instanceof ArrayBuffer ? new Uint8Array(buffer) : buffer;
    if (bytes.length > this.#writable) throw new Error(`room for ${this.#writable} bytes, not for ${bytes.length}`);
    this.#writable -= bytes.length;
    host.serialWrite(this.#port, bytes.buffer, bytes.byteOffset, bytes.length);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    ports[this.#port] = undefined;
    host.serialOpen(this.#port, 0);
  }

  received(count: number): void {
    this.#available += count;
    this.#options.onReadable?.(this.#available);
  }

  writable(count: number): void {
    this.#writable = count;
    this.#options.onWritable?.(count);
  }
}

/** An output pin by number; low until written. */
export class HostOutput implements DigitalOutput {
  readonly #pin: number;

  constructor(pin: number) {
    this.#pin = pin;
  }

  write(value: 0 | 1): void {
    host.pin(this.#pin, value);
  }
}

/** An input pin by number; low until the parent says otherwise. */
export class HostInput implements DigitalInput {
  readonly variable: string;
  onChanged?: (() => void) | undefined;
  #value: 0 | 1 = 0;

  constructor(pin: number, variable: string) {
    this.variable = variable;
    pins[pin] = this;
  }

  read(): 0 | 1 {
    return this.#value;
  }

  changed(value: 0 | 1): void {
    if (value === this.#value) return;
    this.#value = value;
    this.onChanged?.();
  }
}
