/**
 * The row of a terminal in which a line is edited. It knows what stands there and writes only what differs, with CR,
 * backspace and printable characters alone: no escape sequence, so a teletype will do.
 */
export class TerminalRow {
  /** Columns used at most; the last one of an 80-column terminal stays free, since writing there may wrap. */
  static readonly COLUMNS = 79;
  /** Most bytes that one `show` writes: every column once, and a move of at most 40 bytes before and after. */
  static readonly MOST_BYTES = 160;

  readonly #write: (ascii: string) => void;
  /** What stands on the screen. */
  #shown = "";
  /** Where the cursor is. */
  #column = 0;

  constructor(options: { write: (ascii: string) => void }) {
    this.#write = options.write;
  }

  /** Makes the row read `text` (ASCII, at most COLUMNS) with the cursor at `column` (0 to its length). */
  show(text: string, column: number): void {
    const start = firstDifference(this.#shown, text);
    const erased = Math.max(0, this.#shown.length - text.length);
    if (start < text.length || erased > 0) {
      this.#move(start);
      this.#write(text.slice(start) + " ".repeat(erased));
      this.#column = text.length + erased;
    }
    this.#shown = text;
    this.#move(column);
  }

  /** Goes on to the next row. */
  end(): void {
    this.#write("\r\n");
    this.#shown = "";
    this.#column = 0;
  }

  /** Gives the row away, with the cursor at its start: the columns that the new owner must overwrite. */
  release(): number {
    const width = this.#shown.length;
    if (this.#column > 0) this.#write("\r");
    this.#shown = "";
    this.#column = 0;
    return width;
  }

  #move(column: number): void {
    const back = this.#column - column;
    if (back <= 0) this.#write(this.#shown.slice(this.#column, column));
    else if (back <= column + 1) this.#write("\b".repeat(back));
    else this.#write(`\r${this.#shown.slice(0, column)}`);
    this.#column = column;
  }
}

function firstDifference(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
}
