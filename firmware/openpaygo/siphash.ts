/**
 * SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012) in 32-bit integers: no BigInt, nothing
 * allocated per message.
 *
 *   const hash = new SipHash(key);            // 16 bytes
 *   hash.update(bytes, start, end);           // as often as needed
 *   const { high, low } = hash.digest();      // or hash.hex(); both start the next message under the same key
 */

/** The 64-bit result as two unsigned 32-bit words. */
export interface Digest {
  readonly high: number;
  readonly low: number;
}

export class SipHash implements Digest {
  high = 0;
  low = 0;
  /** v0 to v3, each as its low and its high word. */
  readonly #state = new Int32Array(8);
  /** The state that every message of this key starts from. */
  readonly #initial = new Int32Array(8);
  /** The block under way, its bytes from the lowest up. */
  #blockLow = 0;
  #blockHigh = 0;
  #length = 0;

  constructor(key: Uint8Array) {
    if (key.length !== 16) throw new RangeError(`a SipHash key has 16 bytes, not ${key.length}`);
    const v = this.#initial;
    for (let i = 0; i < 16; i++) v[i >> 2]! |= key[i]! << ((i & 3) * 8);
    v.copyWithin(4, 0, 4);
    // "somepseudorandomlygeneratedbytes"
    v[0]! ^= 0x70736575;
    v[1]! ^= 0x736f6d65;
    v[2]! ^= 0x6e646f6d;
    v[3]! ^= 0x646f7261;
    v[4]! ^= 0x6e657261;
    v[5]! ^= 0x6c796765;
    v[6]! ^= 0x79746573;
    v[7]! ^= 0x74656462;
    this.#begin();
  }

  update(bytes: Uint8Array, start = 0, end = bytes.length): void {
    let low = this.#blockLow;
    let high = this.#blockHigh;
    let length = this.#length;
    for (let i = start; i < end; i++) {
      const shifted = bytes[i]! << ((length & 3) * 8);
      if (length & 4) high |= shifted;
      else low |= shifted;
      length++;
      if ((length & 7) === 0) {
        this.#compress(low, high);
        low = 0;
        high = 0;
      }
    }
    this.#blockLow = low;
    this.#blockHigh = high;
    this.#length = length;
  }

  /** Ends the message: the result stands in `high` and `low` until the next digest. */
  digest(): Digest {
    this.#compress(this.#blockLow, this.#blockHigh | (this.#length << 24));
    const v = this.#state;
    v[4]! ^= 0xff;
    this.#rounds(4);
    this.low = (v[0]! ^ v[2]! ^ v[4]! ^ v[6]!) >>> 0;
    this.high = (v[1]! ^ v[3]! ^ v[5]! ^ v[7]!) >>> 0;
    this.#begin();
    return this;
  }

  /** A whole message of 8 bytes, given as its two little-endian words. */
  digestBlock(low: number, high: number): Digest {
    this.#compress(low, high);
    this.#length = 8;
    return this.digest();
  }

  /** Ends the message: lower-case hex without leading zeros, as OpenPAYGO servers compare it. */
  hex(): string {
    this.digest();
    const low = this.low.toString(16);
    return this.high === 0 ? low : this.high.toString(16) + low.padStart(8, "0");
  }

  /** Ends the message: its 16 digits of lower-case hex in ASCII. Gives the place of the first that is not 0. */
  hexDigits(digits: Uint8Array): number {
    this.digest();
    let first = 15;
    for (let i = 15; i >= 0; i--) {
      const digit = ((i < 8 ? this.high : this.low) >>> ((7 - (i & 7)) * 4)) & 15;
      if (digit !== 0) first = i;
      digits[i] = hexDigit(digit);
    }
    return first;
  }

  #begin(): void {
    this.#state.set(this.#initial);
    this.#blockLow = 0;
    this.#blockHigh = 0;
    this.#length = 0;
  }

  #compress(low: number, high: number): void {
    const v = this.#state;
    v[6]! ^= low;
    v[7]! ^= high;
    this.#rounds(2);
    v[0]! ^= low;
    v[1]! ^= high;
  }

  /**
   * SipRounds (section 2). In local variables, and in one function, because this is where requests and tokens spend
   * their time. A carry out of bit 31 is read from the signs, so that no number leaves 32 bits.
   */
  #rounds(count: number): void {
    const v = this.#state;
    let v0 = v[0]!;
    let v0h = v[1]!;
    let v1 = v[2]!;
    let v1h = v[3]!;
    let v2 = v[4]!;
    let v2h = v[5]!;
    let v3 = v[6]!;
    let v3h = v[7]!;
    let sum = 0;
    let old = 0;
    for (let i = 0; i < count; i++) {
      // v0 += v1; v1 = (v1 <<< 13) ^ v0; v0 <<<= 32
      sum = (v0 + v1) | 0;
      v0h = (v0h + v1h + (((v0 & v1) | ((v0 | v1) & ~sum)) >>> 31)) | 0;
      v0 = sum;
      old = v1;
      v1 = ((v1 << 13) | (v1h >>> 19)) ^ v0;
      v1h = ((v1h << 13) | (old >>> 19)) ^ v0h;
      v0 = v0h;
      v0h = sum;
      // v2 += v3; v3 = (v3 <<< 16) ^ v2
      sum = (v2 + v3) | 0;
      v2h = (v2h + v3h + (((v2 & v3) | ((v2 | v3) & ~sum)) >>> 31)) | 0;
      v2 = sum;
      old = v3;
      v3 = ((v3 << 16) | (v3h >>> 16)) ^ v2;
      v3h = ((v3h << 16) | (old >>> 16)) ^ v2h;
      // v0 += v3; v3 = (v3 <<< 21) ^ v0
      sum = (v0 + v3) | 0;
      v0h = (v0h + v3h + (((v0 & v3) | ((v0 | v3) & ~sum)) >>> 31)) | 0;
      v0 = sum;
      old = v3;
      v3 = ((v3 << 21) | (v3h >>> 11)) ^ v0;
      v3h = ((v3h << 21) | (old >>> 11)) ^ v0h;
      // v2 += v1; v1 = (v1 <<< 17) ^ v2; v2 <<<= 32
      sum = (v2 + v1) | 0;
      v2h = (v2h + v1h + (((v2 & v1) | ((v2 | v1) & ~sum)) >>> 31)) | 0;
      v2 = sum;
      old = v1;
      v1 = ((v1 << 17) | (v1h >>> 15)) ^ v2;
      v1h = ((v1h << 17) | (old >>> 15)) ^ v2h;
      v2 = v2h;
      v2h = sum;
    }
    v[0] = v0;
    v[1] = v0h;
    v[2] = v1;
    v[3] = v1h;
    v[4] = v2;
    v[5] = v2h;
    v[6] = v3;
    v[7] = v3h;
  }
}

/** The ASCII code of a digit from 0 to 15. */
export function hexDigit(value: number): number {
  return value < 10 ? 0x30 + value : 0x57 + value;
}

/** One message at once. */
export function sipHash(key: Uint8Array, bytes: Uint8Array): Digest {
  const hash = new SipHash(key);
  hash.update(bytes);
  return hash.digest();
}
