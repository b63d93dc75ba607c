import assert from "node:assert/strict";
import { World } from "./world.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
/** How the modem can be found when nothing is to be sent. */
const STATES = ["connected", "in the network", "in PSM", "off"] as const;
type State = (typeof STATES)[number];

function stateOf({ machine }: World): State {
  if (machine.device?.board.network.connection === 500) return "connected";
  if (machine.modem.running) return "in the network";
  return machine.modem.saving ? "in PSM" : "off";
}

/** A day with a modem that crashes, a board that restarts alone, and a power cut. Gives how often the modem was found how. */
function day(seed: number, mode: string): Map<State, number> {
  const world = new World({ seed });
  const found = new Map<State, number>();
  try {
    world.machine.start("power");
    world.machine.enter(({ settings }) => {
      settings.set("power_mode", "between");
      settings.set("modem_rest", mode);
    });
    const troubles: [hour: number, strike: () => void][] = [
      [6.5, () => world.machine.modem.crash()],
      [9.5, () => world.machine.stop(false)],
      [13.5, () => world.machine.stop(true)],
    ];
    for (const [hour, strike] of troubles) world.time.set(strike, hour * HOUR);
    for (let time = 20 * MINUTE; time < 24 * HOUR; time += 20 * MINUTE) {
      world.runUntil(time);
      const state = stateOf(world);
      found.set(state, (found.get(state) ?? 0) + 1);
    }
    world.checkRecovered(world.now - 3 * 3600);
    return found;
  } finally {
    world.close();
  }
}

describe("the world, with a modem that rests between reports", function () {
  this.timeout(120_000);

  for (const [mode, state] of [
    ["off", "off"],
    ["sleep", "in the network"],
    ["psm", "in PSM"],
  ] as const)
    it(`finds nothing wrong when it is ${state}`, () => {
      const sum = new Map<State, number>();
      for (const seed of SEEDS)
        for (const [each, count] of day(seed, mode)) sum.set(each, (sum.get(each) ?? 0) + count);
      console.log(`      ${mode}: ${STATES.map((each) => `${sum.get(each) ?? 0} ${each}`).join(", ")}`);
      assert.ok(sum.get(state)! > 20, "some modems rest like that");
    });
});
