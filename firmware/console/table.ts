import { frozen } from "../../hal/frozen.js";

/** Columns of a line at most: one less than a terminal has, since writing in the last one may wrap. */
const COLUMNS = 79;
const MOST_NAME_COLUMNS = 32;
const GAP = "  ";

/** Aligned lines `name  value` of at most 79 columns; a longer value goes on below itself. */
export function* table(rows: readonly (readonly [name: string, value: string])[]): Generator<string, undefined> {
  let widest = 0;
  for (const [name] of rows) widest = Math.max(widest, name.length);
  const width = Math.min(widest, MOST_NAME_COLUMNS);
  for (const [name, value] of rows) {
    let left = name;
    for (const part of wrap(value, COLUMNS - GAP.length - width)) {
      yield left.padEnd(width) + GAP + part;
      left = "";
    }
  }
}

/** Cuts at blanks where it can. */
function* wrap(text: string, width: number): Generator<string, void> {
  let rest = text;
  while (rest.length > width) {
    const blank = rest.lastIndexOf(" ", width);
    const end = blank > 0 ? blank : width;
    yield rest.slice(0, end);
    rest = rest.slice(blank > 0 ? end + 1 : end);
  }
  yield rest;
}

frozen([table, wrap]);
