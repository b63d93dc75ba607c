import { toBytes } from "../../hal/sim/bytes.js";
import type { Connection, ConnectionOptions } from "../../hal/sim/internet.js";
import type { SimulatedTime } from "../../hal/sim/time.js";

/** Of what is on its way to the device; without text the connection is closed. */
export interface Piece {
  /** Milliseconds since the piece before. */
  readonly after: number;
  /** One character for each byte. */
  readonly text?: string;
}

/** Whether a connection comes up; undefined when nothing ever comes back. */
export type Welcome = "connected" | "refused" | "dns" | undefined;

/** A connection to a server, which sends pieces at their time. */
export abstract class Exchange implements Connection {
  readonly #options: ConnectionOptions;
  readonly #time: SimulatedTime;
  #closed = false;

  constructor(options: ConnectionOptions, time: SimulatedTime, welcome: Welcome) {
    this.#options = options;
    this.#time = time;
    if (welcome === undefined) return;
    time.set(() => {
      if (this.#closed) return;
      if (welcome === "connected") options.onConnected();
      else options.onError(welcome, welcome === "dns" ? "no such host" : "nothing listens");
    });
  }

  abstract write(bytes: Uint8Array): void;

  close(): void {
    this.#closed = true;
  }

  protected play([piece, ...rest]: readonly Piece[]): void {
    if (!piece) return;
    this.#time.set(() => {
      if (this.#closed) return;
      if (piece.text === undefined) this.#options.onClosed();
      else if (piece.text !== "") this.#options.onData(toBytes(piece.text));
      this.play(rest);
    }, piece.after);
  }
}
