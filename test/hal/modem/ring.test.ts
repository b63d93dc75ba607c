import assert from "node:assert/strict";
import fc from "fast-check";
import { Ring } from "../../../hal/modem/ring.js";

describe("modem byte ring", () => {
  it("gives back what it got, in order, whatever is pushed, peeked, dropped and read", () => {
    const step = fc.tuple(fc.constantFrom("push", "drop", "read", "shift"), fc.nat(9));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ring = new Ring(8);
        const model: number[] = [];
        let next = 0;
        for (const [what, size] of steps) {
          const count = Math.min(size, what === "push" ? ring.free : ring.length);
          if (what === "push") {
            const bytes = Array.from({ length: count }, () => next++ & 0xff);
            ring.push(Uint8Array.from(bytes));
            model.push(...bytes);
          } else if (what === "read") {
            const bytes = new Uint8Array(count);
            ring.read(bytes);
            assert.deepEqual([...bytes], model.splice(0, count));
          } else if (what === "shift" && model.length > 0) assert.equal(ring.shift(), model.shift());
          else if (what === "drop") {
            ring.drop(count);
            model.splice(0, count);
          }
          assert.equal(ring.length, model.length);
          assert.equal(ring.free, 8 - model.length);
          const view = ring.peek(size);
          assert.deepEqual([...view], model.slice(0, view.length));
          assert.equal(view.length > 0, model.length > 0 && size > 0);
        }
      }),
    );
  });
});
