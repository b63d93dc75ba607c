import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import type { Outcome } from "./campaign.js";

export interface RunOptions {
  readonly seeds: readonly number[];
  readonly days: number;
  /** Folder whose firmware and world are run; this tree by default. */
  readonly root?: string;
  /** Called as worlds end, in no fixed order. True ends the run. */
  readonly onOutcome: (outcome: Outcome) => boolean;
}

const ROOT = join(import.meta.dirname, "../..");

/** Runs worlds in one process per core. Rejects when a process dies. */
export async function runWorlds({ seeds, days, root = ROOT, onOutcome }: RunOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "heliograph-world-"));
  const waiting = [...seeds];
  const workers: ChildProcess[] = [];
  const startWorker = (script: string, stop: () => void) => {
    const worker = fork(script, { execArgv: ["--max-semi-space-size=64"] });
    workers.push(worker);
    const next = (outcome: Outcome) => {
      if (!onOutcome(outcome)) return waiting.shift();
      stop();
      return undefined;
    };
    return work(worker, days, waiting.shift()!, next);
  };
  try {
    const script = bundle(root, folder);
    const count = Math.min(availableParallelism(), seeds.length);
    await new Promise<void>((resolve, reject) => {
      const all = Array.from({ length: count }, () => startWorker(script, resolve));
      Promise.all(all).then(() => resolve(), reject);
    });
  } finally {
    for (const worker of workers) worker.kill();
    rmSync(folder, { recursive: true });
  }
}

/** One file runs a third faster than modules that are translated as they are loaded; CommonJS, as a library in it is. */
function bundle(root: string, folder: string): string {
  const outfile = join(folder, "worker.cjs");
  buildSync({
    entryPoints: [join(root, "test/world/worker.ts")],
    outfile,
    bundle: true,
    format: "cjs",
    platform: "node",
    logLevel: "error",
  });
  return outfile;
}

/** Gives the worker seeds until there are no more. */
function work(
  worker: ChildProcess,
  days: number,
  first: number,
  next: (outcome: Outcome) => number | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let seed = first;
    worker.on("message", (outcome: Outcome) => {
      const following = next(outcome);
      if (following === undefined) return resolve();
      seed = following;
      worker.send({ seed, days });
    });
    worker.on("exit", (code, signal) =>
      reject(new Error(`world of seed ${seed}: the process ended (${signal ?? code})`)),
    );
    worker.send({ seed, days });
  });
}
