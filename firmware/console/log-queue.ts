/** Characters that may wait. */
const CAPACITY = 1024;

/** Log lines that wait for the port. What does not fit is dropped, and the number of those told in its place. */
export class LogQueue {
  readonly #lines: string[] = [];
  #characters = 0;
  #dropped = 0;

  push(line: string): void {
    // One line fits whatever its length: nobody else holds it, and it is sent piece by piece.
    if (this.#dropped > 0 || (this.#lines.length > 0 && this.#characters + line.length > CAPACITY)) {
      this.#dropped++;
      return;
    }
    this.#lines.push(line);
    this.#characters += line.length;
  }

  /** Takes the oldest line; undefined when none waits. */
  next(): string | undefined {
    const line = this.#lines.shift();
    if (line === undefined) return this.#report();
    this.#characters -= line.length;
    return line;
  }

  #report(): string | undefined {
    if (this.#dropped === 0) return undefined;
    const text = `(${this.#dropped} log lines were dropped: the console was busy)`;
    this.#dropped = 0;
    return text;
  }
}
