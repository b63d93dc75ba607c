import type { KeyValue } from "../../hal/key-value.js";
import { StateCell } from "../state.js";

/** What a server knows of one of our data formats. */
export type Registration = { readonly id: number } | "embed" | "unknown";

const NO_REGISTRY = 0;

/**
 * Ids that a server gave to our data formats (spec "Data to be stored for each server"). One entry per format number;
 * an entry of another server, or of a format that has changed since, is "unknown".
 *
 *     repeated: u32 hash of the base URL | u32 hash of the format | u32 id (0: the server has no registry), little-endian
 */
export class FormatRegistry {
  readonly #cell: StateCell;
  #entries: Uint32Array;

  constructor(keyValue: KeyValue, formats: number) {
    this.#cell = new StateCell({ keyValue, key: "formats", version: 1 });
    this.#entries = new Uint32Array(3 * formats);
    const bytes = this.#cell.read();
    if (bytes === undefined) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const known = Math.min(this.#entries.length, bytes.length >> 2);
    for (let i = 0; i < known; i++) this.#entries[i] = view.getUint32(4 * i, true);
  }

  find(number: number, baseURL: string, format: Uint8Array): Registration {
    const at = 3 * number;
    if (this.#entries[at] !== hashText(baseURL) || this.#entries[at + 1] !== hashBytes(format)) return "unknown";
    const id = this.#entries[at + 2]!;
    return id === NO_REGISTRY ? "embed" : { id };
  }

  /** Remembers the id, or with 0 that the server has no registry. */
  save(number: number, baseURL: string, format: Uint8Array, id: number): void {
    this.#entries.set([hashText(baseURL), hashBytes(format), id], 3 * number);
    const bytes = new Uint8Array(4 * this.#entries.length);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < this.#entries.length; i++) view.setUint32(4 * i, this.#entries[i]!, true);
    this.#cell.write(bytes);
  }
}

/** FNV-1a. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function hashBytes(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0;
}
