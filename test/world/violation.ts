/** An invariant that does not hold: what was expected of the device, and what came. */
export class Violation extends Error {
  readonly invariant: string;

  constructor(invariant: string, expected: string, found: string) {
    super(`${invariant}: expected ${expected}, found ${found}`);
    this.name = "Violation";
    this.invariant = invariant;
  }
}
