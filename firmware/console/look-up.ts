interface Named {
  readonly name: string;
}

/** More mistakes than this, and the word meant something else. */
const MOST_MISTAKES = 2;

/** The item called `name`; otherwise what to say: that there is no such `kind`, and what to type instead. */
export function lookUp<Item extends Named>(
  kind: string,
  name: string,
  items: Iterable<Item>,
  list: string,
): Item | string {
  for (const item of items) if (item.name === name) return item;
  const meant = nearest(name, items);
  return `there is no ${kind} "${name}", ${meant ? `did you mean "${meant.name}"?` : `"${list}" shows them all`}`;
}

/** The one that was probably meant: it begins so, or is at most two mistakes away. */
function nearest<Item extends Named>(typed: string, items: Iterable<Item>): Item | undefined {
  let best: Item | undefined;
  let fewest = Math.min(MOST_MISTAKES + 1, typed.length);
  for (const item of items) {
    const mistakes = item.name.startsWith(typed) ? 0 : distance(typed, item.name);
    if (mistakes < fewest) {
      best = item;
      fewest = mistakes;
    }
  }
  return best;
}

/** Characters to insert, delete or replace on the way from `a` to `b` (Levenshtein), by one row of the matrix. */
function distance(a: string, b: string): number {
  const row = new Uint8Array(b.length + 1);
  for (let j = 0; j <= b.length; j++) row[j] = j;
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0]!;
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const replaced = diagonal + (a[i - 1] === b[j - 1] ? 0 : 1);
      diagonal = row[j]!;
      row[j] = Math.min(replaced, diagonal + 1, row[j - 1]! + 1);
    }
  }
  return row[b.length]!;
}
