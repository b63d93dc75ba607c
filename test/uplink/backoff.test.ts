import assert from "node:assert/strict";
import { Backoff } from "../../firmware/uplink/backoff.js";
import { seededRandom } from "../../hal/sim/random.js";

describe("backoff", () => {
  it("doubles from half a minute to an hour and takes off at most a half", () => {
    const backoff = new Backoff(seededRandom(1));
    for (const full of [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]) {
      const pause = backoff.next();
      assert.ok(pause <= full && pause >= full / 2, `${pause} s of ${full}`);
    }
  });

  it("begins again after a success", () => {
    const backoff = new Backoff(() => 0);
    backoff.next();
    backoff.next();
    backoff.reset();
    assert.equal(backoff.next(), 30);
  });
});
