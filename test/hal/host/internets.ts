import type { HostInternet } from "../../../hal/host/host-internet.js";
import type { Connection, TLSOptions } from "../../../hal/sim/internet.js";

/** One connection and everything that was told about it, in order. */
export class Client {
  readonly events: string[] = [];
  readonly connection: Connection;
  text = "";
  /** TLS: whether it took up the session it was given, and the session it has now. */
  resumed: boolean | undefined;
  session: Uint8Array | undefined;

  constructor(internet: HostInternet, host: string, port: number, tls?: TLSOptions) {
    this.connection = internet.connect({
      host,
      port,
      ...(tls ? { tls } : {}),
      onConnected: (resumed) => {
        this.resumed = resumed;
        this.events.push("connected");
      },
      onSession: (session) => {
        this.session = session;
      },
      onData: (bytes) => {
        this.text += Buffer.from(bytes).toString("latin1");
      },
      onClosed: () => this.events.push("closed"),
      onError: (kind) => this.events.push(kind),
    });
  }

  send(text: string): void {
    this.connection.write(Buffer.from(text, "latin1"));
  }
}

export function post(path: string, body: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
