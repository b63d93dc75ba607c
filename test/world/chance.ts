import { seededRandom } from "../../hal/sim/random.js";

/** Seeded choices. Streams of one seed and different names have nothing to do with each other. */
export class Chance {
  /** 32 random bits. */
  readonly bits: () => number;

  constructor(seed: number, stream: string) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < stream.length; i++) hash = Math.imul(hash ^ stream.charCodeAt(i), 0x01000193);
    this.bits = seededRandom((Math.imul(seed, 0x9e3779b1) ^ hash) >>> 0);
  }

  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number {
    return least + (this.bits() % (most - least + 1));
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.bits() % n === 0;
  }

  of<T>(list: readonly T[]): T {
    return list[this.bits() % list.length]!;
  }

  /** A duration between the two, short ones as likely as long ones: evenly spread over its logarithm. */
  span(least: number, most: number): number {
    return Math.round(least * (most / least) ** (this.bits() / 0x100000000));
  }
}
