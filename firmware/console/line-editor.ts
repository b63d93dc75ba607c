import { Key, KeyDecoder } from "./key-decoder.js";
import { TerminalRow } from "./terminal-row.js";

export const LINE_CHARACTERS = 160;
const HISTORY_LINES = 4;
/** A line longer than the row scrolls sideways by so many columns at a time: redrawing it for each character is slow. */
const SCROLL_COLUMNS = 20;
const BELL = "\x07";

export interface LineEditorOptions {
  /** ASCII, a few characters. */
  prompt: string;
  /** Sends ASCII to the terminal. */
  write: (ascii: string) => void;
  /**
   * Enter was pressed. `problem` says why the line is not what was sent: characters were refused, and no key since
   * shows that a person saw it. Such a line, pasted or from a script, must not be acted on.
   */
  onLine: (line: string, problem: string | undefined) => void;
}

/** One line of ASCII, edited on a terminal of at least 80 columns, with a short history. */
export class LineEditor {
  /** Most bytes that one `receive` or one `refresh` writes. */
  static readonly MOST_BYTES = TerminalRow.MOST_BYTES + 3;

  readonly #options: LineEditorOptions;
  readonly #decoder = new KeyDecoder();
  readonly #row: TerminalRow;
  #line = "";
  #cursor = 0;
  #problem: string | undefined;
  #bell = false;
  /** From the newest to the oldest. */
  readonly #history: string[] = [];
  /** The line that was entered last. */
  #entered = "";
  /** Which line of the history is being edited, counted from 1; 0 is the line that was begun. */
  #recalled = 0;
  /** The line that was begun, while another is recalled. */
  #begun = "";

  constructor(options: LineEditorOptions) {
    this.#options = options;
    this.#row = new TerminalRow({ write: options.write });
  }

  /** Takes one byte from the terminal. What it changed is shown by the next `refresh`. */
  receive(byte: number): void {
    const key = this.#decoder.receive(byte);
    if (key === Key.none) return;
    if (key === Key.enter) this.#finish();
    else if (key === Key.foreign) this.#refuse("only ASCII characters can be entered here");
    else if (key < 0x80) this.#insert(String.fromCharCode(key));
    else {
      this.#problem = undefined;
      this.#edit(key);
    }
  }

  /** Brings the row up to date. */
  refresh(): void {
    const { prompt, write } = this.#options;
    if (this.#bell) write(BELL);
    this.#bell = false;
    const width = TerminalRow.COLUMNS - prompt.length;
    const first = SCROLL_COLUMNS * Math.max(0, Math.ceil((this.#cursor - width) / SCROLL_COLUMNS));
    this.#row.show(prompt + this.#line.slice(first, first + width), prompt.length + this.#cursor - first);
  }

  /** Leaves the row to another text, which must cover so many columns; the next `refresh` draws on the row after it. */
  release(): number {
    return this.#row.release();
  }

  /** Takes the line that was entered last out of the history: it holds a secret. */
  forget(): void {
    if (this.#history[0] === this.#entered) this.#history.shift();
    this.#entered = "";
  }

  #finish(): void {
    this.refresh();
    this.#row.end();
    const line = this.#line;
    const problem = this.#problem;
    this.#entered = line;
    if (problem === undefined) this.#remember(line);
    this.#clear();
    this.#options.onLine(line, problem);
  }

  #remember(line: string): void {
    if (line === "" || line === this.#history[0]) return;
    this.#history.unshift(line);
    if (this.#history.length > HISTORY_LINES) this.#history.pop();
  }

  #clear(): void {
    this.#line = "";
    this.#cursor = 0;
    this.#problem = undefined;
    this.#recalled = 0;
    this.#begun = "";
  }

  #refuse(problem: string): void {
    this.#problem = problem;
    this.#bell = true;
  }

  #insert(character: string): void {
    if (this.#line.length === LINE_CHARACTERS) {
      this.#refuse(`a line has at most ${LINE_CHARACTERS} characters`);
      return;
    }
    this.#line = this.#line.slice(0, this.#cursor) + character + this.#line.slice(this.#cursor);
    this.#cursor++;
  }

  #edit(key: number): void {
    const { length } = this.#line;
    if (key === Key.cancel) this.#clear();
    else if (key === Key.left) this.#cursor = Math.max(0, this.#cursor - 1);
    else if (key === Key.right) this.#cursor = Math.min(length, this.#cursor + 1);
    else if (key === Key.home) this.#cursor = 0;
    else if (key === Key.end) this.#cursor = length;
    else if (key === Key.up) this.#recall(this.#recalled + 1);
    else if (key === Key.down) this.#recall(this.#recalled - 1);
    else if (key === Key.backspace) this.#remove(Math.max(0, this.#cursor - 1), this.#cursor);
    else if (key === Key.delete) this.#remove(this.#cursor, this.#cursor + 1);
    else if (key === Key.killLeft) this.#remove(0, this.#cursor);
    else if (key === Key.killRight) this.#remove(this.#cursor, length);
    else if (key === Key.killWord) this.#remove(this.#wordStart(), this.#cursor);
  }

  #remove(start: number, end: number): void {
    this.#line = this.#line.slice(0, start) + this.#line.slice(end);
    this.#cursor = start;
  }

  /** Where the word left of the cursor begins, the blanks after it included. */
  #wordStart(): number {
    let at = this.#cursor;
    while (at > 0 && this.#line[at - 1] === " ") at--;
    while (at > 0 && this.#line[at - 1] !== " ") at--;
    return at;
  }

  #recall(number: number): void {
    if (number < 0 || number > this.#history.length) return;
    if (this.#recalled === 0) this.#begun = this.#line;
    this.#recalled = number;
    this.#line = number === 0 ? this.#begun : this.#history[number - 1]!;
    this.#cursor = this.#line.length;
  }
}
