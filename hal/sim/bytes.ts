/** Bytes in the order they came, taken out in pieces of any size. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Keeps the array itself: the caller must not change it afterwards. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }

  /** Up to `count` bytes, fewer when there are fewer. */
  take(count: number): Uint8Array {
    const result = new Uint8Array(Math.min(count, this.#length));
    let filled = 0;
    while (filled < result.length) {
      const head = this.#chunks[0]!;
      const piece = head.subarray(0, result.length - filled);
      result.set(piece, filled);
      filled += piece.length;
      if (piece.length === head.length) this.#chunks.shift();
      else this.#chunks[0] = head.subarray(piece.length);
    }
    this.#length -= filled;
    return result;
  }

  /** Where `byte` is first seen; -1 when it is not there. */
  indexOf(byte: number): number {
    let before = 0;
    for (const chunk of this.#chunks) {
      const at = chunk.indexOf(byte);
      if (at >= 0) return before + at;
      before += chunk.length;
    }
    return -1;
  }

  clear(): void {
    this.#chunks = [];
    this.#length = 0;
  }
}

/** One byte per character, as ISO 8859-1. */
export function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Two upper-case hex digits per byte, as ASCII. */
export function toHex(bytes: Uint8Array): Uint8Array {
  let text = "";
  for (const byte of bytes) text += (byte < 16 ? "0" : "") + byte.toString(16).toUpperCase();
  return toBytes(text);
}

/** One character per byte, as ISO 8859-1. */
export function toText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
