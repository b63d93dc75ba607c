export interface SerialOptions {
  /** `count` bytes can be read. */
  onReadable?: (count: number) => void;
  /** `count` bytes can be written without overflow. */
  onWritable?: (count: number) => void;
  /** Bits per second. */
  baud?: number;
  format?: "buffer";
  /** Pins, port or device: whatever the platform's class needs. */
  [platform: string]: unknown;
}

/** A UART (ECMA-419 Serial class, format "buffer"). */
export interface Serial {
  /** Up to `byteLength` bytes, or what is there; undefined when nothing is. */
  read(byteLength?: number): ArrayBuffer | undefined;
  /** All or nothing: throws when more is given than the last `onWritable` allowed. */
  write(buffer: ArrayBuffer | Uint8Array): void;
  close(): void;
}

export type SerialConstructor = new (options: SerialOptions) => Serial;

/** A port to be opened: the class and the options it takes, in one dictionary (ECMA-419 "io" convention). */
export type SerialPort = { readonly io: SerialConstructor } & Readonly<Record<string, unknown>>;
