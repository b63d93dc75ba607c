function innermost(): never {
  throw new RangeError("voltage 99999 out of range");
}

function middle(): void {
  innermost();
}

/** Ends with "unhandled exception" and a stack. */
export default function outermost(): void {
  middle();
}
