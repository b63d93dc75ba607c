import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Listens on this machine only, on a free port for 0. Gives the base URL; rejects when the port is in use. */
export function listen(server: Server, port = 0): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const inUse = error.code === "EADDRINUSE";
      reject(inUse ? new Error(`port ${port} of 127.0.0.1 is in use; give another with --port, or 0`) : error);
    });
    server.listen(port, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}
