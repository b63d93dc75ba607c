/** `npm run world`: simulated lives of a device in which everything goes wrong, judged after each event. */
import { Command, InvalidArgumentError } from "commander";
import { type Outcome, runCampaign } from "../test/world/campaign.js";
import { runWorlds } from "../test/world/run-worlds.js";

interface WorldOptions {
  readonly seeds: number;
  readonly first: number;
  readonly seed?: number;
  readonly days: number;
  readonly verbose: boolean;
}

const options = new Command("npm run world --")
  .description("Runs the firmware through days of faults, one world for each seed, and checks what must always hold.")
  .option("--seeds <n>", "how many worlds", whole(1, 1_000_000), 200)
  .option("--first <n>", "seed of the first one", whole(1, 0x7fffffff), 1)
  .option("--seed <n>", "only the world of this seed", whole(1, 0x7fffffff))
  .option("--days <n>", "simulated days of each world", whole(1, 3650), 30)
  .option("--verbose", "print what happens; best with --seed", false)
  .allowExcessArguments(false)
  .parse()
  .opts<WorldOptions>();

const seeds =
  options.seed === undefined ? Array.from({ length: options.seeds }, (_, i) => options.first + i) : [options.seed];
const outcomes: Outcome[] = [];
const start = performance.now();
if (options.verbose) for (const seed of seeds) tell(runCampaign({ seed, days: options.days, onLog: print }));
else await runWorlds({ seeds, days: options.days, onOutcome: tell });
process.exit(summarize() ? 0 : 1);

function tell(outcome: Outcome): boolean {
  outcomes.push(outcome);
  const { seed, days, violation } = outcome;
  if (violation) {
    print(`seed ${seed}, day ${violation.day.toFixed(3)}: ${violation.text}`);
    print(`  replay: npm run world -- --seed ${seed} --days ${days} --verbose`);
  } else if (process.stderr.isTTY) process.stderr.write(`\r${outcomes.length} of ${seeds.length} worlds`);
  return false;
}

/** True when all held. */
function summarize(): boolean {
  const sum = (figure: (outcome: Outcome) => number) => outcomes.reduce((total, each) => total + figure(each), 0);
  const failed = outcomes.filter(({ violation }) => violation).length;
  const days = sum((outcome) => outcome.violation?.day ?? outcome.days);
  const seconds = (performance.now() - start) / 1000;
  print(`${outcomes.length} worlds, ${failed} failed; ${Math.round(days)} device-days in ${seconds.toFixed(0)} s`);
  const first = outcomes.find(({ seed }) => seed === seeds[0]);
  print(`${(days / seconds).toFixed(1)} device-days per second; digest of seed ${seeds[0]}: ${first?.digest}`);
  const rows = `${sum((each) => each.recorded)} rows recorded, ${sum((each) => each.acknowledged)} acknowledged`;
  print(`${rows}, ${sum((each) => each.evicted)} evicted from full rings; ${sum((each) => each.boots)} starts`);
  return failed === 0;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function whole(minimum: number, maximum: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`expected a whole number from ${minimum} to ${maximum}.`);
  };
}
