/** Never returns: ends with "stack overflow". */
export default function recurse(depth: unknown = 0): number {
  return recurse(Number(depth) + 1) + 1;
}
