/** A ring of bytes of fixed size. Bytes never move while they are in it, so a view from `peek` stays true until `drop`. */
export class Ring {
  readonly #bytes: Uint8Array;
  #start = 0;
  #length = 0;

  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
  }

  get length(): number {
    return this.#length;
  }

  get free(): number {
    return this.#bytes.length - this.#length;
  }

  /** Appends `bytes`; the caller has looked at `free`. */
  push(bytes: Uint8Array): void {
    const size = this.#bytes.length;
    const end = (this.#start + this.#length) % size;
    const first = Math.min(bytes.length, size - end);
    this.#bytes.set(first === bytes.length ? bytes : bytes.subarray(0, first), end);
    if (first < bytes.length) this.#bytes.set(bytes.subarray(first), 0);
    this.#length += bytes.length;
  }

  /** A view of the oldest bytes that lie together, `maximum` of them at most. */
  peek(maximum: number): Uint8Array {
    const end = Math.min(this.#start + Math.min(maximum, this.#length), this.#bytes.length);
    return this.#bytes.subarray(this.#start, end);
  }

  drop(count: number): void {
    this.#length -= count;
    // Starting over at zero keeps the next contents in one piece.
    this.#start = this.#length === 0 ? 0 : (this.#start + count) % this.#bytes.length;
  }

  /** Moves the oldest bytes into `target`, all of it; the caller has looked at `length`. */
  read(target: Uint8Array): void {
    for (let done = 0; done < target.length; ) {
      const piece = this.peek(target.length - done);
      target.set(piece, done);
      done += piece.length;
      this.drop(piece.length);
    }
  }

  /** The oldest byte; the caller has looked at `length`. */
  shift(): number {
    const byte = this.#bytes[this.#start]!;
    this.drop(1);
    return byte;
  }
}
