import type { KeyValue } from "../../hal/key-value.js";
import { StateCell } from "../state.js";

/**
 * Numbers of requests (spec "request_count") and their timestamps, both strictly rising for ever: saved before the
 * first byte of a request leaves.
 *
 *     u32 request count | u32 last timestamp, s since 1970, little-endian
 */
export class RequestCount {
  readonly #cell: StateCell;
  #count = 0;
  #timestamp = 0;

  constructor(keyValue: KeyValue) {
    this.#cell = new StateCell({ keyValue, key: "requests", version: 1 });
    const bytes = this.#cell.read();
    if (bytes?.length !== 8) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    this.#count = view.getUint32(0, true);
    this.#timestamp = view.getUint32(4, true);
  }

  /** The next request's count, `least` or more, and its timestamp when `now` is given; saved when it returns. */
  next(now: number | undefined, least: number): { count: number; timestamp: number | undefined } {
    this.#count = Math.max(this.#count + 1, least);
    // Two requests within one second must not share a timestamp: servers take only a higher one.
    if (now !== undefined) this.#timestamp = Math.max(now, this.#timestamp + 1);
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, this.#count, true);
    view.setUint32(4, this.#timestamp, true);
    this.#cell.write(bytes);
    return { count: this.#count, timestamp: now === undefined ? undefined : this.#timestamp };
  }
}
