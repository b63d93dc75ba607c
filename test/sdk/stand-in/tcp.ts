import type { TCP, TCPConstructor, TCPOptions } from "../../../hal/tcp.js";

/** Stands for `embedded:io/socket/tcp` where the SDK's own tests import it: they run against the sockets of the modem. */
export default function StandInTCP(options: TCPOptions): TCP {
  const { $TCP } = globalThis as unknown as { $TCP: TCPConstructor };
  return new $TCP(options);
}
