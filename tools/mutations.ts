/** `npm run mutations`: puts deliberate bugs into a copy of the tree, one by one, and shows what catches each. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runWorlds } from "../test/world/run-worlds.js";
import { applyMutation } from "./mutations/apply.js";
import { MUTATIONS, type Mutation } from "./mutations/list.js";

const ROOT = join(import.meta.dirname, "..");
/** The worlds in which a bug has to show, and those that have to be green without it. */
const SEEDS = Array.from({ length: 40 }, (_, i) => i + 1);
const GREEN = SEEDS.slice(0, 6);
const DAYS = 10;

const copy = mkdtempSync(join(tmpdir(), "heliograph-mutations-"));
let missed = 0;
try {
  for (const name of ["firmware", "hal", "test", "tools", "package.json", "tsconfig.json", ".mocharc.json"]) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  for (const catcher of new Set(MUTATIONS.map(({ caughtBy }) => caughtBy))) await checkGreen(catcher);
  for (const mutation of MUTATIONS) await mutate(mutation);
} finally {
  rmSync(copy, { recursive: true });
}
print(`${MUTATIONS.length} mutations, ${missed} not caught`);
process.exit(missed === 0 ? 0 : 1);

/** What fails without a bug catches nothing. */
async function checkGreen(catcher: Mutation["caughtBy"]): Promise<void> {
  const failure = catcher === "world" ? await worldFailure(GREEN) : testFailure(catcher);
  if (failure === undefined) return;
  print(`${catcher} fails without any mutation: ${failure}`);
  process.exit(1);
}

async function mutate(mutation: Mutation): Promise<void> {
  const { name, file, caughtBy } = mutation;
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, applyMutation(mutation, text));
  const start = performance.now();
  const failure = caughtBy === "world" ? await worldFailure(SEEDS) : testFailure(caughtBy);
  writeFileSync(path, text);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  if (failure === undefined) missed++;
  print(`${failure === undefined ? "NOT CAUGHT" : "caught"}: ${name} (${file}), by ${caughtBy} in ${seconds} s`);
  if (failure !== undefined) print(`        ${failure.slice(0, 160)}`);
}

/** The first violation that a world finds; undefined when all hold. */
async function worldFailure(seeds: readonly number[]): Promise<string | undefined> {
  let failure: string | undefined;
  try {
    await runWorlds({
      ...{ seeds, days: DAYS, root: copy },
      onOutcome: ({ seed, violation }) => {
        if (violation) failure = `seed ${seed}, day ${violation.day.toFixed(2)}: ${violation.text}`;
        return violation !== undefined;
      },
    });
  } catch (error) {
    return String(error);
  }
  return failure;
}

/** The name of the first test that fails; undefined when all pass. */
function testFailure(file: string): string | undefined {
  const { status, stdout } = spawnSync("npx", ["--no-install", "mocha", "--bail", file], {
    cwd: copy,
    encoding: "utf8",
  });
  if (status === 0) return undefined;
  return /^ +1\) (.*)$/m.exec(stdout)?.[1] ?? `mocha ended with ${status}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
