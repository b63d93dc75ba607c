import type { TimerHandle, Timers } from "../timer.js";

interface Entry {
  at: number;
  /** Insertion order decides between entries of the same millisecond. */
  order: number;
  readonly callback: () => void;
  readonly interval: number;
}

/** Virtual time: nothing happens until `step` or `run` is called, and then in a fixed order. Times in milliseconds. */
export class SimulatedTime implements Timers {
  #now: number;
  #order = 0;
  /** Binary heap by (at, order). */
  readonly #heap: Entry[] = [];

  constructor(start = 0) {
    this.#now = start;
  }

  get now(): number {
    return this.#now;
  }

  /** When the next callback is due; undefined when none is set. */
  get next(): number | undefined {
    return this.#heap[0]?.at;
  }

  set(callback: () => void, milliseconds = 0): TimerHandle {
    return this.#add(callback, milliseconds, 0);
  }

  repeat(callback: () => void, milliseconds: number): TimerHandle {
    return this.#add(callback, milliseconds, Math.max(1, milliseconds));
  }

  /** Forgets the callback at once, as a real timer does, and with it the memory that it holds. */
  clear(timer: TimerHandle | undefined): void {
    const at = this.#heap.indexOf(timer as Entry);
    if (at >= 0) this.#remove(at);
  }

  /** Runs the earliest callback, moving time to it; false when there is none at or before `until`. */
  step(until = Number.POSITIVE_INFINITY): boolean {
    const at = this.next;
    if (at === undefined || at > until) return false;
    const entry = this.#remove(0);
    this.#now = Math.max(this.#now, entry.at);
    if (entry.interval > 0) {
      entry.at += entry.interval;
      entry.order = this.#order++;
      this.#push(entry);
    }
    entry.callback();
    return true;
  }

  /** Runs everything due within the next `milliseconds` and moves time on by that much. */
  run(milliseconds: number): void {
    const until = this.#now + milliseconds;
    while (this.step(until));
    this.#now = until;
  }

  #add(callback: () => void, milliseconds: number, interval: number): TimerHandle {
    const entry = {
      at: this.#now + Math.max(0, milliseconds),
      order: this.#order++,
      callback,
      interval,
    };
    this.#push(entry);
    return entry;
  }

  #push(entry: Entry): void {
    this.#rise(this.#heap.push(entry) - 1, entry);
  }

  #remove(at: number): Entry {
    const removed = this.#heap[at]!;
    const last = this.#heap.pop()!;
    if (last !== removed) this.#rise(this.#sink(at, last), last);
    return removed;
  }

  /** Puts an entry at a place or, past later ones, nearer to the top. */
  #rise(at: number, entry: Entry): void {
    const heap = this.#heap;
    let i = at;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  /** Moves earlier ones up past a place and gives the place where an entry belongs below it. */
  #sink(at: number, entry: Entry): number {
    const heap = this.#heap;
    let i = at;
    for (let child = 2 * i + 1; child < heap.length; child = 2 * i + 1) {
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, entry)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    return i;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
