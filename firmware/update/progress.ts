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
  readonly #sha256: Uint8Array;

  /** Goes on with the image of this digest, or begins anew with it. */
  constructor(keyValue: KeyValue, sha256: string) {
    this.#cell = new StateCell({ keyValue, key: "update", version: 1 });
    this.#sha256 = hexBytes(sha256);
    const bytes = this.#cell.read();
    if (bytes?.length !== LENGTH || this.#sha256.some((byte, i) => byte !== bytes[7 + i])) return;
    this.state = STATES[bytes[0]!] ?? "ordered";
    this.installs = bytes[1]!;
    this.damages = bytes[2]!;
    this.position = new DataView(bytes.buffer, bytes.byteOffset).getUint32(3, true);
  }

  save(): void {
    const bytes = new Uint8Array(LENGTH);
    bytes[0] = STATES.indexOf(this.state);
    bytes[1] = this.installs;
    bytes[2] = this.damages;
    new DataView(bytes.buffer).setUint32(3, this.position, true);
    bytes.set(this.#sha256, 7);
    this.#cell.write(bytes);
  }
}
