/* The SDK has no declaration of its TLS: `manifests/linux.json` gives it this one. */

/** TLS over a socket whose `readable` and `writable` count its bytes. */
export default class Session {
  constructor(options: {
    serverName: string;
    protocolVersion: number;
    cache: boolean;
    verify?: boolean;
    /** Of the authority, DER. */
    certificate?: ArrayBuffer;
  });
  /** What the peer complained about, or its goodbye. */
  readonly alert: object | undefined;
  initiateHandshake(): void;
  /** Takes a step; gives true when there is no further one. */
  handshake(socket: object): boolean;
  /** The payload of a record; undefined when none is whole, null when the peer has closed. */
  read(socket: object): Uint8Array | null | undefined;
  write(socket: object, data: Uint8Array): void;
}
