import { seededRandom } from "../../hal/sim/random.js";
import { HostFlash, host } from "../xs/board.js";
import main from "../xs/firmware.js";

/** Where the number of starts is kept, which decides when the power goes. */
const KEY = "world-starts";
/** A start lasts for at most so many bytes of flash. */
const MOST_BYTES = 400;
const ALIGN = 4;

/** Loses its power in the middle of a write: once in each start, at a byte that the number of the start decides. */
class CutFlash extends HostFlash {
  readonly #random = seededRandom(countStart());
  #left = this.#random() % MOST_BYTES;

  override write(buffer: Uint8Array, byteOffset: number): void {
    this.#left -= buffer.length;
    const off = this.#left < 0;
    super.write(off ? cutShort(buffer, buffer.length + this.#left, this.#random) : buffer, byteOffset);
    if (off) host.restart();
  }
}

/** The firmware on XS, on a flash that loses its power. */
export default function program(): void {
  main(new CutFlash());
}

function countStart(): number {
  const before = host.keyRead(KEY);
  const bytes = before ? new Uint8Array(before) : new Uint8Array(2);
  const count = bytes[0]! + 256 * bytes[1]! + 1;
  host.keyWrite(KEY, Uint8Array.of(count, count >> 8).buffer, 0, 2);
  return count;
}

/** Whole units up to `at`, then one in which only some of the zeros have arrived, then nothing. */
function cutShort(buffer: Uint8Array, at: number, random: () => number): Uint8Array {
  const half = new Uint8Array(buffer.length).fill(0xff);
  const unit = at - (at % ALIGN);
  half.set(buffer.subarray(0, unit));
  for (let i = unit; i < unit + ALIGN; i++) half[i] = buffer[i]! | random();
  return half;
}
