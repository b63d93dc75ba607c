import { frozen } from "../hal/frozen.js";
import type { KeyValue } from "../hal/key-value.js";
import { crc32 } from "./crc.js";

/*
 * A value in the store, in two copies that are written in turn:
 *
 *     0  version: 8    1  turn: 8, one more than that of the other copy, modulo 256    2  value    end - 4  CRC-32 of all before
 */
const PREFIX = 2;
const CRC = 4;
const SUFFIXES = frozen(["0", "1"] as const);

export interface StateCellOptions {
  keyValue: KeyValue;
  /** 1 to 14 ASCII characters; the copies add one. */
  key: string;
  /** 0 to 255, of the value's layout. Values of another version are not read; the newer of them stays until the second write. */
  version: number;
}

/**
 * A small value that survives a cut of power at any moment, also where the store's own write is not atomic: `read` then
 * gives the last value or, when a write was under way, that one. Each write is one write of the store.
 */
export class StateCell {
  /** Copies found damaged when opened; one is what a cut in the middle of a write leaves, and harmless. */
  readonly corrupt: number;
  readonly #keyValue: KeyValue;
  readonly #key: string;
  readonly #version: number;
  /** Copy that holds the newest value, and its turn; -1 when there is none. */
  #newest = -1;
  #turn = 0;
  /** The newest value is of our version. */
  #ours = false;

  /** Throws RangeError for a key or version out of range. */
  constructor({ keyValue, key, version }: StateCellOptions) {
    if (!/^[!-~]{1,14}$/.test(key))
      throw new RangeError(`state key "${key}" is not 1 to 14 printable ASCII characters`);
    if ((version & 0xff) !== version) throw new RangeError(`state version ${version} is not an integer of 0 to 255`);
    this.#keyValue = keyValue;
    this.#key = key;
    this.#version = version;
    const copies = SUFFIXES.map((_, i) => this.#load(i));
    this.corrupt = copies.filter((copy) => copy && !isIntact(copy)).length;
    copies.forEach((copy, i) => {
      if (copy && isIntact(copy)) this.#consider(copy, i);
    });
  }

  /** The newest value; undefined when none of this version was written. */
  read(): Uint8Array | undefined {
    const copy = this.#ours ? this.#load(this.#newest) : undefined;
    return copy && isIntact(copy) ? copy.subarray(PREFIX, copy.length - CRC) : undefined;
  }

  /** Throws what the store throws; the value before is then still there. */
  write(value: Uint8Array): void {
    const copy = new Uint8Array(PREFIX + value.length + CRC);
    const target = this.#newest === 0 ? 1 : 0;
    const turn = (this.#turn + 1) & 0xff;
    copy[0] = this.#version;
    copy[1] = turn;
    copy.set(value, PREFIX);
    new DataView(copy.buffer).setUint32(copy.length - CRC, crc32(copy, 0, copy.length - CRC), true);
    this.#keyValue.write(this.#key + SUFFIXES[target], copy);
    this.#newest = target;
    this.#turn = turn;
    this.#ours = true;
  }

  #load(index: number): Uint8Array | undefined {
    const buffer = this.#keyValue.read(this.#key + SUFFIXES[index]);
    return buffer && new Uint8Array(buffer);
  }

  #consider(copy: Uint8Array, index: number): void {
    const turn = copy[1]!;
    const newer = this.#newest < 0 || ((turn - this.#turn) & 0xff) < 0x80;
    if (!newer) return;
    this.#newest = index;
    this.#turn = turn;
    this.#ours = copy[0] === this.#version;
  }
}

function isIntact(copy: Uint8Array): boolean {
  const end = copy.length - CRC;
  if (end < PREFIX) return false;
  return new DataView(copy.buffer).getUint32(end, true) === crc32(copy, 0, end);
}
