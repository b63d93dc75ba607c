import type { TimerHandle, Timers } from "../timer.js";

interface Entry {
  at: number;
  /** Insertion order decides between entries of the same millisecond. */
  order: number;
  readonly callback: () => void;
  readonly interval: number;
  cleared: boolean;
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
    while (this.#heap[0]?.cleared) this.#pop();
    return this.#heap[0]?.at;
  }

  set(callback: () => void, milliseconds = 0): TimerHandle {
    return this.#add(callback, milliseconds, 0);
  }

  repeat(callback: () => void, milliseconds: number): TimerHandle {
    return this.#add(callback, milliseconds, Math.max(1, milliseconds));
  }

  clear(timer: TimerHandle | undefined): void {
    if (timer) (timer as Entry).cleared = true;
  }

  /** Runs the earliest callback, moving time to it; false when there is none at or before `until`. */
  step(until = Number.POSITIVE_INFINITY): boolean {
    const at = this.next;
    if (at === undefined || at > until) return false;
    const entry = this.#pop();
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
      cleared: false,
    };
    this.#push(entry);
    return entry;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  #pop(): Entry {
    const heap = this.#heap;
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return top;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
