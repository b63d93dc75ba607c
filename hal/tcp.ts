export type ByteBuffer = ArrayBuffer | Uint8Array;

export interface TCPOptions {
  /** Host name or IP address; a modem resolves names itself. `host` is used when there is no `address`. */
  address?: string;
  host?: string;
  /** 0 to 65535, else a RangeError. */
  port: number;
  onReadable?: (count: number) => void;
  /** The first call means connected. */
  onWritable?: (count: number) => void;
  /** Refused, closed by the peer or lost; only after everything that was received has been read. */
  onError?: () => void;
  format?: "buffer" | "number";
  target?: unknown;
}

/**
 * ECMA-419 TCP socket (10.12) as the SDK's clients use it. No callback comes from inside a call, none after
 * `close()`. `close()` twice is fine.
 */
export interface TCP {
  /** "buffer": up to `count` bytes or a fill of the view; "number": one byte. Undefined when empty. */
  read(): ArrayBuffer | number | undefined;
  read(byteLength: number): ArrayBuffer | undefined;
  read(buffer: ByteBuffer): number | undefined;
  /** All or nothing; throws before connect and on overflow. Gives the bytes still free. */
  write(data: ByteBuffer | number, options?: { more?: boolean }): number;
  close(): void;
  format: "buffer" | "number";
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
}

export type TCPConstructor = new (options: TCPOptions) => TCP;
