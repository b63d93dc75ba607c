/**
 * Bit strings, most significant bit first.
 *
 *     number     6 bits: count of significant bits n (0 to 32); then the n - 1 bits below the leading one
 *     float      1 bit: 0 = IEEE 754 single (32 bits), 1 = double (64 bits), whichever is exact
 *     text       UTF-8, 8 bits each; 0xFF, which UTF-8 never has, ends it
 */
export class BitWriter {
  readonly bytes: Uint8Array;
  #bits = 0;
  readonly #view = new DataView(new ArrayBuffer(8));

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  clear(): void {
    this.#bits = 0;
  }

  /** Bytes used so far; the last is filled up with zero bits. */
  get length(): number {
    return (this.#bits + 7) >> 3;
  }

  /** The low `count` bits (up to 32) of `value`. Throws RangeError when `bytes` is full. */
  write(value: number, count: number): void {
    while (count > 0) {
      const index = this.#bits >> 3;
      if (index >= this.bytes.length)
        throw new RangeError(`a row takes at most ${this.bytes.length} bytes: shorten its texts`);
      const free = 8 - (this.#bits & 7);
      const taken = Math.min(free, count);
      count -= taken;
      const part = ((value >>> count) & ((1 << taken) - 1)) << (free - taken);
      this.bytes[index] = free === 8 ? part : this.bytes[index]! | part;
      this.#bits += taken;
    }
  }

  /** An unsigned 32-bit integer, in 6 to 37 bits. */
  writeNumber(value: number): void {
    const count = 32 - Math.clz32(value);
    this.write(count, 6);
    if (count > 1) this.write(value, count - 1);
  }

  writeFloat(value: number): void {
    const single = Object.is(Math.fround(value), value);
    this.write(single ? 0 : 1, 1);
    if (single) this.#view.setFloat32(0, value);
    else this.#view.setFloat64(0, value);
    this.write(this.#view.getUint32(0), 32);
    if (!single) this.write(this.#view.getUint32(4), 32);
  }

  /** A lone surrogate becomes U+FFFD, as everywhere in UTF-8. */
  writeText(text: string): void {
    for (let i = 0; i < text.length; i++) {
      let point = text.codePointAt(i)!;
      if (point > 0xffff) i++;
      if (point >= 0xd800 && point < 0xe000) point = 0xfffd;
      this.#writePoint(point);
    }
    this.write(0xff, 8);
  }

  #writePoint(point: number): void {
    const tails = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    const lead = tails === 0 ? 0 : (0xff00 >> (tails + 1)) & 0xff;
    this.write(lead | (point >> (6 * tails)), 8);
    for (let i = tails - 1; i >= 0; i--) this.write(0x80 | ((point >> (6 * i)) & 0x3f), 8);
  }
}

/** Reads what `BitWriter` wrote. Beyond the end it gives zeros, and `overrun` tells. */
export class BitReader {
  overrun = false;
  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;
  #bits = 0;
  readonly #view = new DataView(new ArrayBuffer(8));

  open(bytes: Uint8Array, length: number): void {
    this.#bytes = bytes;
    this.#end = 8 * length;
    this.#bits = 0;
    this.overrun = false;
  }

  /** `count` bits (up to 32) as an unsigned integer. */
  read(count: number): number {
    if (this.#bits + count > this.#end) {
      this.overrun = true;
      return 0;
    }
    let value = 0;
    while (count > 0) {
      const left = 8 - (this.#bits & 7);
      const taken = Math.min(left, count);
      const part = (this.#bytes[this.#bits >> 3]! >> (left - taken)) & ((1 << taken) - 1);
      value = (value << taken) | part;
      this.#bits += taken;
      count -= taken;
    }
    return value >>> 0;
  }

  readNumber(): number {
    return this.readSignificant(this.read(6));
  }

  /** The rest of a number of `count` significant bits. */
  readSignificant(count: number): number {
    if (count > 32) this.overrun = true;
    return count < 2 || this.overrun ? count & 1 : ((1 << (count - 1)) | this.read(count - 1)) >>> 0;
  }

  readFloat(): number {
    const single = this.read(1) === 0;
    this.#view.setUint32(0, this.read(32));
    if (single) return this.#view.getFloat32(0);
    this.#view.setUint32(4, this.read(32));
    return this.#view.getFloat64(0);
  }

  readText(): string {
    let text = "";
    for (let lead = this.read(8); lead !== 0xff && !this.overrun; lead = this.read(8)) {
      const tails = lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
      let point = tails === 0 ? lead : lead & (0x3f >> tails);
      for (let i = 0; i < tails; i++) point = (point << 6) | (this.read(8) & 0x3f);
      text += String.fromCodePoint(point > 0x10ffff ? 0xfffd : point);
    }
    return text;
  }
}
