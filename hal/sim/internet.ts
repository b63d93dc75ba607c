/** What TLS asks of a connection that the modem secures. Certificates in PEM. */
export interface TLSOptions {
  readonly servername?: string;
  /** Accepted roots; none means no verification, as modems have it by default. */
  readonly authority?: string;
  /** The name that the certificate must be for; none checks no name, as most modems do. Needs `authority`. */
  readonly hostname?: string;
  /** A session that `onSession` gave before: resumed when the server still knows it. */
  readonly session?: Uint8Array;
}

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: TLSOptions;
  /** `resumed`: TLS took up the session it was given. */
  readonly onConnected: (resumed?: boolean) => void;
  /** TLS: what a later connection can resume; comes before `onConnected` or after it, perhaps again, perhaps never. */
  readonly onSession?: (session: Uint8Array) => void;
  readonly onData: (bytes: Uint8Array) => void;
  /** The peer closed its side; no data follows. */
  readonly onClosed: () => void;
  readonly onError: (kind: "refused" | "dns" | "timeout" | "tls" | "network", message: string) => void;
}

export interface Connection {
  write(bytes: Uint8Array): void;
  close(): void;
}

/** What lies behind an emulated modem. Callbacks never come from inside `connect`, none after `close`. */
export interface Internet {
  connect(options: ConnectionOptions): Connection;
  /** The IPv4 address of a name, undefined when it has none. Never answers from inside the call. */
  resolve(host: string, onResolved: (address: string | undefined) => void): void;
}
