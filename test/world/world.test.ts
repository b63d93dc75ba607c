import assert from "node:assert/strict";
import { type Outcome, runCampaign } from "./campaign.js";
import { runWorlds } from "./run-worlds.js";

/** The first worlds of `npm run world`, shorter. */
const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);
const DAYS = 6;

describe("the world", function () {
  this.timeout(300_000);

  it(`finds nothing wrong in ${SEEDS.length} worlds of ${DAYS} days each`, async () => {
    const outcomes: Outcome[] = [];
    const start = performance.now();
    await runWorlds({ seeds: SEEDS, days: DAYS, onOutcome: (outcome) => outcomes.push(outcome) < 0 });
    const seconds = (performance.now() - start) / 1000;
    const wrong = outcomes.filter(({ violation }) => violation);
    const replay = wrong.map(({ seed, days, violation }) => {
      return `${violation!.text}\n  replay: npm run world -- --seed ${seed} --days ${days} --verbose`;
    });
    assert.deepEqual(replay, []);
    const sum = (figure: (outcome: Outcome) => number) => outcomes.reduce((total, each) => total + figure(each), 0);
    const days = SEEDS.length * DAYS;
    console.log(`      world: ${days} device-days, ${(days / seconds).toFixed(1)} per second`);
    console.log(`      world: ${sum((each) => each.recorded)} rows, ${sum((each) => each.boots)} starts`);
    assert.ok(sum((each) => each.evicted) > 0, "rings ran full as well");
    assert.ok(sum((each) => each.acknowledged) > 10_000, "and most rows arrived");
  });

  it("is the same for the same seed, to the last line of its log, and another for another", () => {
    const digest = (seed: number) => runCampaign({ seed, days: 2 }).digest;
    const first = digest(7);
    assert.equal(digest(7), first);
    assert.notEqual(digest(8), first);
  });

  it("tells the same in another process", async () => {
    let digest = "";
    await runWorlds({
      seeds: [7],
      days: 2,
      onOutcome: (outcome) => {
        digest = outcome.digest;
        return true;
      },
    });
    assert.equal(digest, runCampaign({ seed: 7, days: 2 }).digest);
  });
});
