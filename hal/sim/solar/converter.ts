/**
 * A 12-bit converter that reads from `low` to `high` (any unit), with up to `noise` counts of error either way, smaller ones likelier.
 * Gives whole units, as the firmware's drivers do.
 */
export function converter(random: () => number, noise: number, low: number, high: number): (value: number) => number {
  const step = (high - low) / 4095;
  const error = () => (random() / 2 ** 32 + random() / 2 ** 32 - 1) * noise;
  return (value) => {
    const counts = Math.round((value - low) / step + error());
    return Math.round(low + step * Math.min(4095, Math.max(0, counts)));
  };
}
