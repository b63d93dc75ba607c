/**
 * The rows of one device: a CSV file `timestamp,<long variable names>`, times in seconds since 1970.
 *
 * A device that lost our answer sends its rows again under a new request count, so a row is stored once. A row is
 * the same when its time and all its values are the same: an event that falls on the second of another row is another
 * row and stays. When one request holds a row several times, as often it is stored.
 *
 * Variables that turn up later become further columns at the end; the file is written anew with the longer header
 * and swapped in by a rename.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { csvLine, parseCSV } from "./csv.js";
import type { DecodedRow } from "./rows.js";

export class Table {
  readonly #path: string | undefined;
  /** Variable names in the order of the file. */
  #columns: readonly string[] = [];
  readonly #rows: DecodedRow[] = [];
  /** How often each row is stored. */
  readonly #stored = new Map<string, number>();
  #bytes = 0;

  /** Reads the file when it is there; without a path the rows are kept in memory only. */
  constructor(path?: string) {
    this.#path = path;
    if (path !== undefined && existsSync(path)) this.#load(path);
  }

  /** In the order they were stored. */
  get rows(): readonly DecodedRow[] {
    return this.#rows;
  }

  /** Stores the rows that are not there yet, all or none. `names` come first among new columns. */
  append(rows: readonly DecodedRow[], names: readonly string[] = []): { stored: number; repeated: number } {
    const columns = [...new Set([...this.#columns, ...names, ...rows.flatMap((row) => [...row.cells.keys()])])];
    const fresh = this.#fresh(rows, columns);
    if (fresh.length > 0) this.#write(fresh, columns);
    for (const row of fresh) this.#remember(row);
    return { stored: fresh.length, repeated: rows.length - fresh.length };
  }

  #fresh(rows: readonly DecodedRow[], columns: readonly string[]): DecodedRow[] {
    const seen = new Map<string, number>();
    return rows.filter((row) => {
      const identity = identityOf(row, columns);
      const times = (seen.get(identity) ?? 0) + 1;
      seen.set(identity, times);
      return times > (this.#stored.get(identity) ?? 0);
    });
  }

  #write(fresh: readonly DecodedRow[], columns: readonly string[]): void {
    if (columns.length > this.#columns.length || this.#rows.length === 0) {
      const text = `${csvLine(["timestamp", ...columns])}\n${linesOf([...this.#rows, ...fresh], columns)}`;
      this.#replace(text);
    } else {
      this.#extend(linesOf(fresh, columns));
    }
    this.#columns = columns;
  }

  #replace(text: string): void {
    if (this.#path !== undefined) {
      writeFileSync(`${this.#path}.new`, text);
      renameSync(`${this.#path}.new`, this.#path);
    }
    this.#bytes = Buffer.byteLength(text);
  }

  /** A write that fails half way is cut off again. */
  #extend(text: string): void {
    if (this.#path !== undefined) {
      try {
        appendFileSync(this.#path, text);
      } catch (error) {
        truncateSync(this.#path, this.#bytes);
        throw error;
      }
    }
    this.#bytes += Buffer.byteLength(text);
  }

  #remember(row: DecodedRow): void {
    const identity = identityOf(row, this.#columns);
    this.#stored.set(identity, (this.#stored.get(identity) ?? 0) + 1);
    this.#rows.push(row);
  }

  #load(path: string): void {
    const text = readFileSync(path, "utf8");
    const { lines, torn } = parseFile(path, text);
    const [header, ...body] = lines;
    if (header?.[0] !== "timestamp") throw new Error(`${path}: expected a header that starts with timestamp`);
    this.#columns = header.slice(1);
    for (const [index, cells] of body.entries()) this.#remember(this.#parse(cells, `${path}:${index + 2}`));
    this.#bytes = Buffer.byteLength(text) - Buffer.byteLength(torn);
    // The process ended inside a write: the device was not answered and sends the row again.
    if (torn !== "") truncateSync(path, this.#bytes);
  }

  #parse(cells: readonly string[], place: string): DecodedRow {
    const timestamp = Number(cells[0]);
    if (cells.length !== this.#columns.length + 1 || !Number.isSafeInteger(timestamp)) {
      throw new Error(`${place}: expected a time and ${this.#columns.length} values, found ${csvLine(cells)}`);
    }
    const present = this.#columns
      .map((name, i): [string, string] => [name, cells[i + 1]!])
      .filter(([, cell]) => cell !== "");
    return { timestamp, cells: new Map(present) };
  }
}

function parseFile(path: string, text: string): { lines: string[][]; torn: string } {
  try {
    return parseCSV(text);
  } catch (error) {
    throw error instanceof SyntaxError ? new Error(`${path}: ${error.message}`) : error;
  }
}

/** The row's line without its empty end, so that further columns change nothing. */
function identityOf(row: DecodedRow, columns: readonly string[]): string {
  return lineOf(row, columns).replace(/,+$/, "");
}

function lineOf(row: DecodedRow, columns: readonly string[]): string {
  return csvLine([String(row.timestamp), ...columns.map((name) => row.cells.get(name) ?? "")]);
}

function linesOf(rows: readonly DecodedRow[], columns: readonly string[]): string {
  return rows.map((row) => `${lineOf(row, columns)}\n`).join("");
}
