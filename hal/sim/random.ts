/** A seeded source of 32-bit unsigned integers (xorshift128, Marsaglia 2003): the same seed gives the same run everywhere. */
export function seededRandom(seed: number): () => number {
  let x = (seed ^ 0x9e3779b9) | 0;
  let y = (Math.imul(seed, 0x85ebca6b) ^ 0x7f4a7c15) | 0;
  let z = 0x165667b1;
  let w = 0x27d4eb2f;
  const next = () => {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return w >>> 0;
  };
  // The first outputs of close seeds are alike: pass them over.
  for (let i = 0; i < 16; i++) next();
  return next;
}
