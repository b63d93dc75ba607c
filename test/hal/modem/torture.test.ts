import assert from "node:assert/strict";
import { defaultKnobs } from "../../../hal/sim/modem/knobs.js";
import { modemNames } from "../../../hal/sim/modem/modems.js";
import {
  FAULTS,
  type Fault,
  MODEMS,
  mixture,
  NO_FAULT,
  QUIRKS,
  recoveryTime,
} from "../../../tools/bench/modem-torture.js";

/** Few seeds here; `tools/bench/torture.ts` tries many. */
const SEEDS = [1, 2];
const MIXTURES = 45;

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

  for (const name of MODEMS)
    it(`reports again within its bound after each fault on ${name}`, function () {
      this.timeout(60_000);
      for (const [i, fault] of FAULTS.entries())
        if (fault.modems?.includes(name) ?? true) checkRecovery(fault, 1 + (i % 3), name);
    });

  for (const quirk of QUIRKS)
    it(`reports again within ${quirk.bound / 1000} s after: ${quirk.name}`, () => {
      for (const seed of SEEDS) checkRecovery(quirk, seed);
    });

  it(`reports again after each of ${MIXTURES} mixtures of faults, on every modem in turn`, () => {
    for (let seed = 1; seed <= MIXTURES; seed++)
      checkRecovery(mixture(seed), seed, modemNames[seed % modemNames.length]);
  });
});

function checkRecovery(fault: Fault, seed: number, name?: string): void {
  const { took, harshPowerCuts } = recoveryTime(fault, seed, name);
  assert.ok(took <= fault.bound, `${fault.name}, seed ${seed}: ${took} ms`);
  assert.equal(harshPowerCuts, 0, `${fault.name}, seed ${seed}: cut the supply of a modem that could be switched off`);
}
