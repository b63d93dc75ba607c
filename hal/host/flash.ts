import { closeSync, existsSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { NorFlash, type NorFlashOptions } from "../sim/nor-flash.js";

export interface FileFlashOptions extends NorFlashOptions {
  /** Made when it is not there. A raw image, as one read from a chip; what lies beyond its end is blank. */
  path: string;
}

/** The NOR model with its content in a file. A write is in the file when it returns, so killing the process loses none. */
export class FileFlash extends NorFlash {
  #file: number | undefined;
  /** Bytes in the file. */
  #length: number;

  /** Throws RangeError when the file is longer than the flash, and what the file system throws. */
  constructor({ path, ...options }: FileFlashOptions) {
    super(options);
    this.#file = openSync(path, existsSync(path) ? "r+" : "w+");
    this.#length = fstatSync(this.#file).size;
    if (this.#length > options.size) {
      this.close();
      throw new RangeError(
        `${path} has ${this.#length} bytes, the flash only ${options.size}: move the file away or enlarge the flash`,
      );
    }
    readSync(this.#file, this.bytes, 0, this.#length, 0);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /** Fills the gap to the end of the file first: a hole would read as zeros. */
  protected override changed(start: number, end: number): void {
    if (this.#file === undefined) throw new Error("flash file is closed");
    const from = Math.min(start, this.#length);
    writeSync(this.#file, this.bytes, from, end - from, from);
    this.#length = Math.max(this.#length, end);
  }
}
