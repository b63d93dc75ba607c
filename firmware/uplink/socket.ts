import type { Network } from "../../hal/network.js";
import type { TCPConstructor } from "../../hal/tcp.js";

export interface SocketBoard {
  readonly network: Network;
  readonly authority?: Uint8Array;
}

/** Why there can be no TLS on this board; undefined when there can. */
export function noTLS({ authority }: SocketBoard): string | undefined {
  return authority === undefined ? "TLS needs the certificate of an authority, and this board has none" : undefined;
}

/** The socket class for a server and its options, as the SDK's clients take them: TLS is told whom to ask for and whom to trust. */
export function socketFor(
  { network, authority }: SocketBoard,
  server: { readonly secure: boolean; readonly host: string },
): { io: TCPConstructor } & Record<string, unknown> {
  return server.secure ? { io: network.TLS, tls: { host: server.host, ca: authority } } : { io: network.TCP };
}

/** The modem resolves names: hands the name on in the place of an address. */
export class NameAsAddress {
  resolve(options: { host: string; onResolved: (host: string, address: string) => void }): void {
    options.onResolved(options.host, options.host);
  }
}
