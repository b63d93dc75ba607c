import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { buildSync } from "esbuild";
import { buildHost } from "./build.js";
import { type Arena, crash, type End, FrameReader, hostArguments, type MachineOptions, parseEnd } from "./frames.js";

export interface Run extends End {
  /** What the program printed, line by line, and what XS had to say, such as the size of the allocation that failed. */
  readonly output: readonly string[];
}

export interface RunOptions extends MachineOptions {
  /** Milliseconds of real time until the run is cut short (60,000). */
  readonly timeout?: number;
}

/** One ES2022 script for XS from a TypeScript entry file; its default export is what the host calls. */
export function bundle(entryFile: string, folder: string): string {
  const outfile = join(folder, `${basename(entryFile, ".ts")}.js`);
  mkdirSync(folder, { recursive: true });
  buildSync({
    entryPoints: [entryFile],
    outfile,
    bundle: true,
    format: "iife",
    globalName: "program",
    platform: "neutral",
    target: "es2022",
    logLevel: "error",
  });
  return outfile;
}

/**
 * Runs the default export of `entryFile` on XS in the memory of an ESP32 (32-bit slots; see host/host.c) until it and
 * its promises are done. Modules are preloaded as in a build for the device: their top level runs before, "in flash".
 */
export async function runOnXS(entryFile: string, options: RunOptions = {}): Promise<Run> {
  const host = await buildHost();
  const folder = mkdtempSync(join(tmpdir(), "heliograph-xs-"));
  try {
    const { timeout = 60_000, ...machine } = options;
    const args = hostArguments(bundle(entryFile, folder), machine);
    const { stdout, stderr, status, signal } = spawnSync(host, args, { input: "", timeout, maxBuffer: 64 << 20 });
    return report(stdout, stderr.toString(), signal ? `killed by ${signal}` : `exit code ${status}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function report(stdout: Buffer, errors: string, how: string): Run {
  const reader = new FrameReader();
  const output: string[] = [];
  let end: End | undefined;
  reader.push(stdout);
  for (let frame = reader.next(); frame; frame = reader.next()) {
    if (frame.type === "L") output.push(frame.payload.toString());
    if (frame.type === "X") end = parseEnd(frame);
  }
  return { ...(end ?? crash(`${how}: ${errors.trim()}`)), output };
}

/**
 * The smallest chunk and heap with which `passes` is still true, to 1 %. With fixed sizes the two do not share memory, so
 * each is searched with the other at its limit; then both are proven together. Throws when even the limit fails.
 */
export async function searchArena(passes: (arena: Arena) => Promise<boolean>, limit: Arena): Promise<Arena> {
  if (!(await passes(limit))) throw new Error(`fails with chunk ${limit.chunk} bytes and heap ${limit.heap} slots`);
  let chunk = await bisect(limit.chunk, (size) => passes({ ...limit, chunk: size }));
  let heap = await bisect(limit.heap, (size) => passes({ ...limit, heap: size }));
  while (!(await passes({ chunk, heap }))) {
    chunk = Math.min(limit.chunk, Math.ceil(chunk * 1.02));
    heap = Math.min(limit.heap, Math.ceil(heap * 1.02));
  }
  return { chunk, heap };
}

async function bisect(limit: number, passes: (size: number) => Promise<boolean>): Promise<number> {
  let [below, above] = [0, limit];
  while (above - below > Math.max(16, limit / 100)) {
    const middle = (below + above) >> 1;
    if (await passes(middle)) above = middle;
    else below = middle;
  }
  return above;
}
