/*
 * The SDK's IO classes as far as this board uses them. They come to the drivers inside the options (ECMA-419 "io"
 * convention), so that the drivers run on Node with classes of a test.
 */

export interface DigitalOptions {
  /** GPIO number. */
  pin: number;
  mode: number;
  edge?: number;
  /** 1 is low on the pin. */
  activeLow?: boolean;
  /** Of an output, set before the pin drives. */
  initialValue?: 0 | 1;
  /** An edge came. */
  onReadable?: () => void;
}

/** ECMA-419 Digital (10.2). */
export interface Digital {
  read(): 0 | 1;
  write(value: 0 | 1): void;
}

export interface DigitalConstructor {
  new (options: DigitalOptions): Digital;
  readonly Input: number;
  readonly InputPullUp: number;
  readonly InputPullDown: number;
  readonly Output: number;
  readonly Rising: number;
  readonly Falling: number;
}

/** ECMA-419 Analog (10.4). */
export interface Analog {
  /** Undefined when the converter failed. */
  read(): number | undefined;
  /** Bits of a reading. */
  readonly resolution: number;
}

export type AnalogConstructor = new (options: { pin: number }) => Analog;

export interface SMBusOptions {
  /** GPIO numbers. */
  data: number;
  clock: number;
  /** 7 bits. */
  address: number;
  hz: number;
  /** Longest time for one transfer, milliseconds. */
  timeout: number;
}

/** ECMA-419 SMBus (10.7), synchronous. Each transfer throws when the device does not acknowledge. */
export interface SMBus {
  readUint8(register: number): number;
  writeUint8(register: number, value: number): void;
  readUint16(register: number, bigEndian: boolean): number;
  writeUint16(register: number, value: number, bigEndian: boolean): void;
  close(): void;
}

export type SMBusConstructor = new (options: SMBusOptions) => SMBus;

/** A device on the bus: the class, and the options it takes. */
export type SMBusDevice = { readonly io: SMBusConstructor } & SMBusOptions;
