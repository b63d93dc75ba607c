export const results = { passed: 0, failed: 0 };

/** Runs one check and prints how it went. */
export async function check(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
    results.passed++;
    trace(`ok ${name}\n`);
  } catch (error) {
    results.failed++;
    trace(`FAILED ${name}: ${String(error)}\n`);
  }
}

export function equal(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what}: expected ${String(expected)}, got ${String(actual)}`);
}

/** The same bytes in the same order. */
export function sameBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  equal(actual.length, expected.length, `length of ${what}`);
  for (let i = 0; i < expected.length; i++) equal(actual[i], expected[i], `byte ${i} of ${what}`);
}

export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
}

/** Collects pieces. */
export class Bytes {
  #bytes = new Uint8Array(0);

  push(piece: ArrayBuffer | undefined): void {
    const added = new Uint8Array(piece ?? new ArrayBuffer(0));
    const all = new Uint8Array(this.#bytes.length + added.length);
    all.set(this.#bytes);
    all.set(added, this.#bytes.length);
    this.#bytes = all;
  }

  get all(): Uint8Array {
    return this.#bytes;
  }
}
