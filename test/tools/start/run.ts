import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The totals that `--batch` prints last. */
export interface Totals {
  readonly samples: number;
  readonly rows_recorded: number;
  readonly rows_acknowledged: number;
  readonly rows_lost: number;
  readonly rows_waiting: number;
  readonly requests: number;
  readonly failures: number;
  readonly bytes_up: number;
  readonly bytes_down: number;
  readonly credit: number | null;
}

/** Starts what `npm start -- ...` starts. */
export function startProcess(...options: string[]): { child: ChildProcess; finished: Promise<Finished> } {
  const child = spawn(process.execPath, ["--import", "tsx", "tools/start.ts", ...options], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data: Buffer) => (stdout += data));
  child.stderr.on("data", (data: Buffer) => (stderr += data));
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, finished };
}

/** A batch run at full speed that must end well. */
export async function batch(...options: string[]): Promise<{ totals: Totals; stdout: string }> {
  const { code, stdout, stderr } = await startProcess("--batch", "--speed", "max", ...options).finished;
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return { totals: JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Totals, stdout };
}

/** A folder that `use` works in, gone afterwards. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "heliograph-test-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The rows of a device's CSV file, by column. */
export function readRows(data: string, serialNumber = "HG0000001"): Record<string, string>[] {
  const [header, ...lines] = readFileSync(join(data, "server", `${serialNumber}.csv`), "utf8")
    .trimEnd()
    .split(/\r?\n/);
  const names = header!.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((cell, i) => [names[i]!, cell])));
}

/** A recorded day of our own: a clear one, with a cloud at every seventh minute. Gives irradiance by minute. */
export function writeTrace(file: string): number[] {
  const day = Array.from({ length: 1440 }, (_, minute) => {
    const sun = Math.max(0, Math.sin(((minute - 360) / 720) * Math.PI));
    return Math.round(450 * sun * (minute % 7 === 0 ? 0.6 : 1));
  });
  const lines = day.map((irradiance, minute) => `${minute},${irradiance},20`);
  writeFileSync(file, `# made for the tests\nutc_minute,ghi_wm2,air_c\n${lines.join("\n")}\n`);
  return day;
}
