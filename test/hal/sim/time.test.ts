import assert from "node:assert/strict";
import fc from "fast-check";
import { SimulatedTime } from "../../../hal/sim/time.js";
import type { TimerHandle } from "../../../hal/timer.js";

/** What a test does next: sets a timer, clears one that was set, or lets time go by. Milliseconds. */
const action = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), delay: fc.nat(50) }),
  fc.record({ kind: fc.constant("clear" as const), which: fc.nat(30) }),
  fc.record({ kind: fc.constant("run" as const), span: fc.nat(20) }),
);

/** Timers as a plain list: whatever is due next is looked for anew. */
class ListOfTimers {
  now = 0;
  readonly fired: number[] = [];
  #waiting: { number: number; at: number }[] = [];

  set(number: number, delay: number): void {
    this.#waiting.push({ number, at: this.now + delay });
  }

  clear(number: number): void {
    this.#waiting = this.#waiting.filter((timer) => timer.number !== number);
  }

  run(span: number): void {
    const until = this.now + span;
    const due = this.#waiting.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || a.number - b.number);
    for (const { number } of due) {
      this.fired.push(number);
      this.clear(number);
    }
    this.now = until;
  }
}

describe("simulated time", () => {
  it("calls back in the order of time, then of setting, and never what was cleared", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const time = new SimulatedTime();
        const model = new ListOfTimers();
        const handles: TimerHandle[] = [];
        const fired: number[] = [];
        for (const step of actions) {
          if (step.kind === "set") {
            const number = handles.length;
            model.set(number, step.delay);
            handles.push(time.set(() => fired.push(number), step.delay));
          } else if (step.kind === "clear") {
            model.clear(step.which);
            time.clear(handles[step.which]);
          } else {
            model.run(step.span);
            time.run(step.span);
          }
          assert.deepEqual(fired, model.fired);
        }
      }),
    );
  });

  it("repeats until it is cleared, also from inside the callback", () => {
    const time = new SimulatedTime(1000);
    const called: number[] = [];
    const timer = time.repeat(() => {
      called.push(time.now);
      if (called.length === 3) time.clear(timer);
    }, 10);
    time.run(100);
    assert.deepEqual(called, [1010, 1020, 1030]);
    assert.equal(time.next, undefined);
  });

  it("has nothing left to come once all is cleared", () => {
    const time = new SimulatedTime();
    for (const timer of [time.set(() => {}, 5), time.set(() => {}, 1), time.repeat(() => {}, 3)]) time.clear(timer);
    assert.deepEqual([time.next, time.step()], [undefined, false]);
  });
});
