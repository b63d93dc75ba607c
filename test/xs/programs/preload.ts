import { host } from "../board.js";

const table = new Uint8Array([1, 2, 3]);
const list = [1, 2];
let count = 5;

class Gauge {
  static readonly made: string[] = [];
  static last = "";
  #value = 1;

  add(): number {
    return ++this.#value;
  }
}

function attempt(what: string, act: () => unknown): void {
  try {
    host.print(`${what}: ${act()}`);
  } catch (error) {
    host.print(`${what}: ${error}`);
  }
}

/** What a preloaded module can change at run time, and what is in flash for good. */
export default function main(): void {
  attempt("module variable", () => ++count);
  attempt("module array", () => list.push(3));
  attempt("module buffer", () => {
    table[0] = 9;
  });
  attempt("built-in", () => Object.assign(Array.prototype, { extra: 1 }));
  attempt("static field", () => {
    Gauge.last = "x";
  });
  attempt("private field", () => new Gauge().add());
  host.gc();
  host.print(`${host.counter("slots")} slots, ${host.counter("chunkBytes")} bytes`);
}
