/**
 * Milliseconds since boot that do not wrap, out of a counter of 32 bits that does after 49.7 days. To be asked at least once
 * in that time.
 */
export function unwrappedTicks(counter: () => number): () => number {
  let last = counter();
  let ticks = last >>> 0;
  return () => {
    const now = counter();
    ticks += (now - last) >>> 0;
    last = now;
    return ticks;
  };
}
