/**
 * How long each modem needs to report again after each fault, and after mixtures of faults: median and worst, seconds. `npx tsx
 * tools/bench/torture.ts [TRIALS [MIXTURES [MODEM ...]]]`. Exit code 1 when a bound is missed.
 */
import { FAULTS, type Fault, MODEMS, mixture, QUIRKS, recoveryTime } from "./modem-torture.js";

const [trials = 6, mixtures = 30] = process.argv.slice(2, 4).map(Number);
const asked = process.argv.slice(4);
const modems = asked.length > 0 ? asked : MODEMS;
const NAME = 30;
const COLUMN = 10;

type Run = readonly [fault: Fault, seed: number];

let cases = 0;
let harshPowerCuts = 0;
const late: string[] = [];

/** Median and worst of the runs. */
function measure(runs: readonly Run[], modem: string): string {
  const times: number[] = [];
  for (const [fault, seed] of runs) {
    cases++;
    try {
      const result = recoveryTime(fault, seed, modem);
      times.push(result.took);
      harshPowerCuts += result.harshPowerCuts;
      if (result.took > fault.bound) late.push(`${modem}: ${fault.name}, seed ${seed}: ${result.took} ms`);
    } catch (error) {
      late.push(`${modem}: ${fault.name}, seed ${seed}: ${(error as Error).message.split("\n")[0]}`);
    }
  }
  times.sort((a, b) => a - b);
  return [times[times.length >> 1], times.at(-1)].map((time) => Math.round((time ?? Number.NaN) / 1000)).join("/");
}

function show(name: string, bound: number | string, cell: (modem: string) => string): void {
  const cells = modems.map((modem) => cell(modem).padStart(COLUMN));
  console.log(`${name.padEnd(NAME)}${String(bound).padStart(6)}${cells.join("")}`);
}

const begun = performance.now();
show("fault: median/worst, s", "bound", (modem) => modem);
for (const fault of FAULTS) {
  const runs = Array.from({ length: trials }, (_, i): Run => [fault, 1 + i]);
  const applies = (modem: string) => fault.modems?.includes(modem) ?? true;
  show(fault.name, fault.bound / 1000, (modem) => (applies(modem) ? measure(runs, modem) : "-"));
}
const mixed = Array.from({ length: mixtures }, (_, i): Run => [mixture(1000 + i), i]);
show(`${mixtures} mixtures of faults`, mixed[0]![0].bound / 1000, (modem) => measure(mixed, modem));
for (const quirk of asked.length > 0 ? [] : QUIRKS) {
  const runs = Array.from({ length: trials }, (_, i): Run => [quirk, 1 + i]);
  console.log(`${quirk.name.padEnd(2 * NAME)}${measure(runs, quirk.modems![0]!)}, bound ${quirk.bound / 1000}`);
}
const seconds = ((performance.now() - begun) / 1000).toFixed(0);
console.log(
  `${cases} cases in ${seconds} s; ${late.length} over their bound; ${harshPowerCuts} cuts of a modem that ran`,
);
for (const line of late) console.log(`  ${line}`);
if (late.length > 0) process.exitCode = 1;
