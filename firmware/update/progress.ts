import { frozen } from "../../hal/frozen.js";
import type { KeyValue } from "../../hal/key-value.js";
import { hexBytes } from "../hex.js";
import { StateCell } from "../state.js";

/** Where an order stands; the last ones are where it was given up. A number in flash: new ones come at the end. */
const STATES = frozen([
  "ordered",
  "fetching",
  "installed",
  "runs",
  "not served",
  "too large",
  "damaged",
  "refused",
  "went back",
] as const);
export type State = (typeof STATES)[number];

const LENGTH = 39;

/**
 * How far the last order has come. Survives a cut of power:
 *
 *     u8 state | u8 times installed | u8 times found damaged | u32 bytes that are in the slot, little-endian | 32 bytes SHA-256
 */
export class Progress {
  state: State = "ordered";
  /** Times that this image was started. */
  installs = 0;
  /** Times that all of it was fetched, and was not what was ordered. */
  damages = 0;
  /** Bytes of the image that are in the slot for good. */
  position = 0;
  readonly #cell: StateCell;

  constructor(keyValue: KeyValue) {
    this.#cell = new StateCell({ keyValue, key: "update", version: 1 });
  }

  /** Goes on with the image of this digest, or begins anew with it. */
  take(sha256: string): void {
    const bytes = this.#cell.read();
    const known = bytes?.length === LENGTH && hexBytes(sha256).every((byte, i) => byte === bytes[7 + i]);
    this.state = (known && STATES[bytes[0]!]) || "ordered";
    this.installs = known ? bytes[1]! : 0;
    this.damages = known ? bytes[2]! : 0;
    this.position = known ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(3, true) : 0;
  }

  save(sha256: string): void {
    const bytes = new Uint8Array(LENGTH);
    bytes[0] = STATES.indexOf(this.state);
    bytes[1] = this.installs;
    bytes[2] = this.damages;
    new DataView(bytes.buffer).setUint32(3, this.position, true);
    bytes.set(hexBytes(sha256), 7);
    this.#cell.write(bytes);
  }
}
