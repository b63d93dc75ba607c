/** CSV by RFC 4180, with line feeds: only what needs quotes gets them. */
export function csvLine(cells: readonly string[]): string {
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",");
}

const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n)/y;
const UNFINISHED_CELL = /^(?:"(?:[^"]|"")*"?|[^",\r\n]*)$/;

/** Splits complete lines into cells; `torn` is an unfinished last line. Throws SyntaxError for what is not CSV. */
export function parseCSV(text: string): { lines: string[][]; torn: string } {
  const lines: string[][] = [];
  let cells: string[] = [];
  let position = 0;
  let complete = 0;
  for (;;) {
    CELL.lastIndex = position;
    const match = CELL.exec(text);
    if (!match) break;
    position = CELL.lastIndex;
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    if (match[3] === ",") continue;
    lines.push(cells);
    cells = [];
    complete = position;
  }
  const rest = text.slice(position);
  if (UNFINISHED_CELL.test(rest)) return { lines, torn: text.slice(complete) };
  throw new SyntaxError(`line ${lines.length + 1}: expected CSV, found ${JSON.stringify(rest.slice(0, 40))}`);
}
