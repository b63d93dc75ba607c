import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MemoryKeyValue, type MemoryKeyValueOptions } from "../sim/key-value.js";

export interface FileKeyValueOptions extends MemoryKeyValueOptions {
  /** Holds one file per key; made when it is not there. */
  directory: string;
}

const EXTENSION = ".value";

/** The key-value model with its values in files. A write is in its file when it returns, whole or not at all. */
export class FileKeyValue extends MemoryKeyValue {
  readonly #directory: string;

  constructor({ directory, ...options }: FileKeyValueOptions) {
    super(options);
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
    for (const name of readdirSync(directory)) {
      if (!name.endsWith(EXTENSION)) continue;
      const key = decodeURIComponent(name.slice(0, -EXTENSION.length));
      this.values.set(key, Uint8Array.from(readFileSync(join(directory, name))));
    }
  }

  protected override changed(key: string): void {
    const path = join(this.#directory, encodeURIComponent(key) + EXTENSION);
    const value = this.values.get(key);
    if (value) {
      writeFileSync(`${path}.new`, value);
      renameSync(`${path}.new`, path);
    } else rmSync(path, { force: true });
  }
}
