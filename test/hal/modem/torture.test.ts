import assert from "node:assert/strict";
import { defaultKnobs } from "../../../hal/sim/modem/knobs.js";
import { modemNames } from "../../../hal/sim/modem/modems.js";
import { FAULTS, mixture, NO_FAULT, QUIRKS, recoveryTime } from "../../../tools/bench/modem-torture.js";

/** Few seeds here; `tools/bench/torture.ts` tries many. */
const SEEDS = [1, 2];
const MIXTURES = 24;

describe("modem: torture", () => {
  it("turns every knob of the emulator", () => {
    const turned = new Set<string>([
      ...[...FAULTS, ...QUIRKS].flatMap(({ knobs }) => Object.keys(knobs ?? {})),
      ...NO_FAULT,
    ]);
    assert.deepEqual(
      Object.keys(defaultKnobs).filter((name) => !turned.has(name)),
      [],
    );
  });

  for (const fault of [...FAULTS, ...QUIRKS]) {
    it(`reports again within ${fault.bound / 1000} s after: ${fault.name}`, () => {
      for (const seed of SEEDS) {
        const { took, harshPowerCuts } = recoveryTime(fault, seed);
        assert.ok(took <= fault.bound, `seed ${seed}: ${took} ms`);
        assert.equal(harshPowerCuts, 0, "cut the supply of a modem that could be switched off");
      }
    });
  }

  for (const name of modemNames) {
    it(`reports again after faults and mixtures of them on ${name}`, () => {
      for (let seed = 1; seed <= 6; seed++) {
        const fault = seed % 2 === 0 ? mixture(seed) : FAULTS[(7 * seed + name.length) % FAULTS.length]!;
        const { took } = recoveryTime(fault, seed, name);
        assert.ok(took <= fault.bound, `${fault.name}, seed ${seed}: ${took} ms`);
      }
    });
  }

  it(`reports again after each of ${MIXTURES} mixtures of faults`, () => {
    for (let seed = 1; seed <= MIXTURES; seed++) {
      const fault = mixture(seed);
      const { took } = recoveryTime(fault, seed);
      assert.ok(took <= fault.bound, `${fault.name}, seed ${seed}: ${took} ms`);
    }
  });
});
