import type { KeyValue } from "../key-value.js";
import { PowerCut } from "./nor-flash.js";

export interface MemoryKeyValueOptions {
  /** 32 random bits; decides what a torn write leaves behind. */
  random: () => number;
  /** Writes are cut in the middle too: the old value is gone first, then the new one grows byte by byte. Default: atomic. */
  tears?: boolean;
}

/** A key-value store in memory, with counters and power cuts. */
export class MemoryKeyValue implements KeyValue {
  /** By key; tests may change it. */
  readonly values = new Map<string, Uint8Array>();
  writes = 0;
  /** False from a cut until `restart`. */
  powered = true;
  readonly #random: () => number;
  readonly #tears: boolean;
  #stepsLeft = Number.POSITIVE_INFINITY;

  constructor({ random, tears = false }: MemoryKeyValueOptions) {
    this.#random = random;
    this.#tears = tears;
  }

  /** Cuts the power after `steps` more steps: a write or delete, or with `tears` each byte of a write and one before them. */
  cutAfter(steps: number): void {
    this.#stepsLeft = steps;
  }

  restart(): void {
    this.powered = true;
    this.#stepsLeft = Number.POSITIVE_INFINITY;
  }

  read(key: string): ArrayBuffer | undefined {
    this.#check(key);
    return this.values.get(key)?.slice().buffer;
  }

  write(key: string, value: Uint8Array): void {
    this.#check(key);
    if (this.#tears) this.#tear(key, value);
    else this.#step();
    this.values.set(key, value.slice());
    this.writes++;
    this.changed(key);
  }

  delete(key: string): void {
    this.#check(key);
    this.#step();
    this.values.delete(key);
    this.changed(key);
  }

  /** Called after the value of a key changed; a model that keeps its values elsewhere overrides it. */
  protected changed(_key: string): void {}

  /** Walks through the write; a cut leaves what is written so far, and one byte more that may have any value. */
  #tear(key: string, value: Uint8Array): void {
    this.#step();
    this.values.delete(key);
    for (let length = 0; length < value.length; length++) {
      const torn = value.slice(0, length + 1);
      torn[length] = this.#random();
      this.values.set(key, torn);
      this.changed(key);
      this.#step();
    }
  }

  #step(): void {
    if (this.#stepsLeft-- > 0) return;
    this.powered = false;
    throw new PowerCut();
  }

  #check(key: string): void {
    if (!this.powered) throw new PowerCut();
    if (!/^[ -~]{1,15}$/.test(key)) throw new RangeError(`key "${key}" is not 1 to 15 ASCII characters`);
  }
}
