import { Directory, File } from "file";
import { MemoryKeyValue, type MemoryKeyValueOptions } from "../sim/key-value.js";
import { NorFlash, type NorFlashOptions } from "../sim/nor-flash.js";

/** A whole file; undefined when there is none. */
export function readFile(path: string): Uint8Array | undefined {
  if (!File.exists(path)) return undefined;
  const file = new File(path);
  // A read at the end of a file throws.
  const bytes = file.length > 0 ? new Uint8Array(file.read(ArrayBuffer)) : new Uint8Array(0);
  file.close();
  return bytes;
}

/** Whole files of a folder. A file that was written has its new content or its old one, whatever is killed when. */
export class Folder {
  readonly #path: string;

  /** Made when it is not there; the folder around it must be. */
  constructor(path: string) {
    this.#path = path;
    Directory.create(path);
  }

  path(name: string): string {
    return `${this.#path}/${name}`;
  }

  /** Undefined when there is no such file. */
  read(name: string): Uint8Array | undefined {
    return readFile(this.path(name));
  }

  write(name: string, content: Uint8Array): void {
    const path = this.path(name);
    // Opening a file that is there does not cut it.
    File.delete(`${path}.new`);
    const file = new File(`${path}.new`, true);
    file.write(content.slice().buffer);
    file.close();
    if (!File.rename(`${path}.new`, `${name}`)) throw new Error(`cannot write ${path}`);
  }

  delete(name: string): void {
    File.delete(this.path(name));
  }
}

export interface FileFlashOptions extends NorFlashOptions {
  /** Made when it is not there. A raw image, as one read from a chip; what lies beyond its end is blank. */
  path: string;
}

/** The NOR model with its content in a file. A write is in the file when it returns, so killing the process loses none. */
export class FileFlash extends NorFlash {
  readonly #file: File;
  /** Bytes in the file. */
  #length: number;

  /** Throws RangeError when the file is longer than the flash, and Error when it cannot be opened. */
  constructor({ path, ...options }: FileFlashOptions) {
    super(options);
    this.#file = new File(path, true);
    this.#length = this.#file.length;
    if (this.#length > options.size)
      throw new RangeError(
        `${path} has ${this.#length} bytes, the flash only ${options.size}: move the file away or enlarge the flash`,
      );
    if (this.#length > 0) this.bytes.set(new Uint8Array(this.#file.read(ArrayBuffer)));
  }

  /** Fills the gap to the end of the file first: a hole would read as zeros. */
  protected override changed(start: number, end: number): void {
    const from = Math.min(start, this.#length);
    this.#file.position = from;
    this.#file.write(this.bytes.slice(from, end).buffer);
    this.#length = Math.max(this.#length, end);
  }
}

/** The key-value model with its values in a folder, one file for each key: at most 15 characters, none of them a slash. */
export class FileKeyValue extends MemoryKeyValue {
  readonly #folder: Folder;

  constructor({ path, ...options }: MemoryKeyValueOptions & { path: string }) {
    super(options);
    this.#folder = new Folder(path);
  }

  override read(key: string): ArrayBuffer | undefined {
    const value = this.values.has(key) ? undefined : this.#folder.read(key);
    if (value) this.values.set(key, value);
    return super.read(key);
  }

  protected override changed(key: string): void {
    const value = this.values.get(key);
    if (value) this.#folder.write(key, value);
    else this.#folder.delete(key);
  }
}
