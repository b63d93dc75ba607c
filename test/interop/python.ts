import { execFileSync, spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const VERSION = "0.6.3";
const MAXIMUM_OUTPUT = 256 * 1024 * 1024;
const ENVIRONMENT = join(HERE, "../../.cache/python");
const HOW = `set HELIOGRAPH_PYTHON to a Python with openpaygo ${VERSION}, or install python3-venv and connect to PyPI`;

let found: string | undefined;
let reason: string | undefined;

/**
 * A Python that has the reference library: HELIOGRAPH_PYTHON, or an environment under .cache/ that is made when it is not there.
 * Without one the test that asks is skipped, and fails when CI is "true".
 */
export function requirePython(context: Mocha.Context): string {
  if (found === undefined && reason === undefined) search();
  if (found !== undefined) return found;
  if (process.env.CI === "true") throw new Error(`no Python reference: ${reason}`);
  return context.skip();
}

/** Runs a program text with the reference library; `input` is its stdin, the result its stdout. */
export function runPython(python: string, program: string, input = ""): string {
  const env = { ...process.env, TZ: "UTC" };
  return execFileSync(python, ["-c", program], { encoding: "utf8", input, env, maxBuffer: MAXIMUM_OUTPUT });
}

export interface ReferenceServer {
  readonly port: number;
  close(): void;
}

export interface ReferenceServerOptions {
  readonly python: string;
  readonly serial: string;
  readonly key: string;
  /** File that gets one JSON line per request. */
  readonly log: string;
  /** File with the data format. */
  readonly format?: string;
  readonly tokenValue?: number;
}

/** Starts reference_server.py; rejects when it ends before it listens. */
export function startReferenceServer(options: ReferenceServerOptions): Promise<ReferenceServer> {
  const { serial, key, log, format, tokenValue } = options;
  const flags = ["--serial", serial, "--key", key, "--log", log];
  if (format !== undefined) flags.push("--format", format);
  if (tokenValue !== undefined) flags.push("--token-value", String(tokenValue));
  const child = spawn(options.python, [join(HERE, "reference_server.py"), ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`reference_server.py ended with ${code}`)));
    child.stdout.once("data", (line: Buffer) => resolve({ port: Number(line), close: () => child.kill() }));
  });
}

function search(): void {
  const given = process.env.HELIOGRAPH_PYTHON;
  const python = given ?? join(ENVIRONMENT, "bin/python");
  if (given === undefined && !hasLibrary(python)) makeEnvironment();
  if (hasLibrary(python)) found = python;
  else {
    reason = `${python} has no openpaygo ${VERSION}`;
    console.log(`    no Python reference (${reason}): ${HOW}`);
  }
}

function hasLibrary(python: string): boolean {
  const program = "from importlib.metadata import version; import openpaygo; print(version('openpaygo'))";
  try {
    return execFileSync(python, ["-c", program], { encoding: "utf8", stdio: "pipe" }).trim() === VERSION;
  } catch {
    // No such program, or no such library: either way it does not serve.
    return false;
  }
}

/** What is missing shows when the library is looked for again. */
function makeEnvironment(): void {
  const pip = ["-m", "pip", "install", "--quiet", "--retries", "1", "--timeout", "10", `openpaygo==${VERSION}`];
  try {
    execFileSync("python3", ["-m", "venv", ENVIRONMENT], { stdio: "pipe" });
    execFileSync(join(ENVIRONMENT, "bin/python"), pip, { stdio: "pipe" });
  } catch (error) {
    console.log(`    ${error instanceof Error ? error.message.split("\n")[0] : error}`);
    if (existsSync(ENVIRONMENT)) rmSync(ENVIRONMENT, { recursive: true });
  }
}
