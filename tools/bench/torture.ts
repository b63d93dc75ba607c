/**
 * How long a modem needs to work again after each fault: `npx tsx tools/bench/torture.ts [TRIALS [MIXTURES [MODEM]]]`. Exit code 1
 * when a bound is missed.
 */
import { FAULTS, type Fault, mixture, QUIRKS, recoveryTime } from "./modem-torture.js";

const [trials = 20, mixtures = 200] = process.argv.slice(2, 4).map(Number);
const modem = process.argv[4];

function measure(name: string, runs: readonly (readonly [Fault, number])[]): boolean {
  const times: number[] = [];
  let cuts = 0;
  const late: string[] = [];
  for (const [fault, seed] of runs) {
    try {
      const { took, harshPowerCuts } = recoveryTime(fault, seed, modem);
      times.push(took);
      cuts += harshPowerCuts;
      if (took > fault.bound) late.push(`${fault.name}, seed ${seed}: ${took} ms`);
    } catch (error) {
      late.push(`${fault.name}, seed ${seed}: ${(error as Error).message.split("\n")[0]}`);
    }
  }
  times.sort((a, b) => a - b);
  const seconds = (milliseconds: number | undefined) => ((milliseconds ?? Number.NaN) / 1000).toFixed(1).padStart(8);
  const bound = Math.max(...runs.map(([fault]) => fault.bound));
  console.log(
    `${name.padEnd(30)}${seconds(times[times.length >> 1])}${seconds(times.at(-1))}${seconds(bound)}${String(cuts).padStart(6)}`,
  );
  for (const line of late) console.log(`  over its bound: ${line}`);
  return late.length === 0;
}

const begun = performance.now();
console.log(`${"fault".padEnd(30)}  median   worst   bound  cuts`);
console.log(`${"".padEnd(30)}       s       s       s`);
let good = true;
const faults = modem === undefined ? [...FAULTS, ...QUIRKS] : FAULTS;
for (const fault of faults) {
  const runs = Array.from({ length: trials }, (_, i) => [fault, 1 + i] as const);
  if (!measure(fault.name, runs)) good = false;
}
const mixed = Array.from({ length: mixtures }, (_, i) => [mixture(1000 + i), i] as const);
if (!measure(`${mixtures} mixtures of faults`, mixed)) good = false;
console.log(`${faults.length * trials + mixtures} cases in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
if (!good) process.exitCode = 1;
