import type { Flash } from "../../hal/flash.js";
import type { TimerHandle, Timers } from "../../hal/timer.js";
import { SHA256 } from "./sha256.js";

/** Bytes a turn, so that the modem and the console are served meanwhile: each costs some 330 bytecodes. */
const PIECE = 256;

export interface ImageDigestOptions {
  readonly timer: Timers;
  readonly flash: Flash;
  /** Bytes from offset 0 on. */
  readonly length: number;
  /** The digest in lower-case hexadecimal digits; undefined when the flash can't be read. */
  readonly onDone: (sha256: string | undefined) => void;
}

/** Computes the SHA-256 of what lies in flash, a piece a turn. */
export class ImageDigest {
  readonly #options: ImageDigestOptions;
  readonly #hash = new SHA256();
  readonly #piece = new Uint8Array(PIECE);
  #position = 0;
  #turn: TimerHandle;

  constructor(options: ImageDigestOptions) {
    this.#options = options;
    this.#turn = options.timer.set(() => this.#next());
  }

  /** Ends it without a word. */
  close(): void {
    this.#options.timer.clear(this.#turn);
  }

  #next(): void {
    const { timer, length, onDone } = this.#options;
    if (this.#position === length) onDone(this.#hash.hex());
    else if (this.#take()) this.#turn = timer.set(() => this.#next());
    else onDone(undefined);
  }

  #take(): boolean {
    const { flash, length } = this.#options;
    const piece = this.#piece.subarray(0, length - this.#position);
    try {
      flash.read(piece, this.#position);
    } catch {
      return false;
    }
    this.#hash.update(piece);
    this.#position += piece.length;
    return true;
  }
}
