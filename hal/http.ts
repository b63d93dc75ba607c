import type { ByteBuffer, TCPConstructor } from "./tcp.js";

export interface HTTPClientOptions {
  host: string;
  /** Default 80, or 443 over TLS by the caller's choice. */
  port?: number;
  /** Socket class and its options: `{ io: network.TCP }`. */
  socket: { io: TCPConstructor } & Record<string, unknown>;
  /** Name resolver; a modem resolves names itself, so the board passes one that hands the name on. */
  dns: { io: unknown } & Record<string, unknown>;
  onError?: (error?: unknown) => void;
}

export interface HTTPRequestOptions {
  method?: string;
  path?: string;
  headers?: Map<string, string>;
  /** Lower-case names of the answer's headers to keep. */
  headersMask?: string[];
  onHeaders?: (this: HTTPRequest, status: number, headers: Map<string, string>) => void;
  onReadable?: (this: HTTPRequest, count: number) => void;
  onWritable?: (this: HTTPRequest, count: number) => void;
  /** The end, with an error or null. */
  onDone?: (this: HTTPRequest, error: Error | null) => void;
}

export interface HTTPRequest {
  read(byteLength?: number): ArrayBuffer | undefined;
  write(data: ByteBuffer): number;
}

/** ECMA-419 HTTP client class as the SDK's `embedded:network/http/client` has it. */
export interface HTTPClient {
  request(options: HTTPRequestOptions): HTTPRequest;
  close(): void;
}

export type HTTPClientConstructor = new (options: HTTPClientOptions) => HTTPClient;
