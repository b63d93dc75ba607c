/** `npm run simulator`: the firmware with its screen in the Moddable SDK's simulator, and a metrics server for it. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findSDK, type SDK } from "./sdk/sdk.js";
import { listen } from "./server/listen.js";
import { createMetricsServer } from "./server/server.js";
import { environmentOf, KEY, MISUSE, parseOptions, SERIAL, type SimulatorOptions } from "./simulator/options.js";

const ROOT = join(import.meta.dirname, "..");
const MANIFEST = "manifests/simulator.json";
const LIBRARY = join(ROOT, "build/simulator/bin/lin/mc/release/heliograph/mc.so");
/** mcsim shows the screens that it finds here. */
const DEVICES = join(import.meta.dirname, "simulator/device");

/** Builds when there is nothing built yet, or a source is newer. */
function build(sdk: SDK): void {
  const newest = Math.max(...["firmware", "hal", "manifests"].map((folder) => changed(join(ROOT, folder))));
  if (existsSync(LIBRARY) && statSync(LIBRARY).mtimeMs > newest) return;
  process.stdout.write("building the simulator, about a minute\n");
  sdk.build({ target: "lin", manifest: MANIFEST });
}

/** When the newest file of a folder was written, in milliseconds. */
function changed(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return Math.max(...files.map((file) => statSync(join(folder, file)).mtimeMs));
}

/** The server keeps the time of the simulated world, which the firmware saves with every row. */
function createServer(data: string, { credit, start }: SimulatorOptions): Server {
  const began = Date.now() / 1000;
  return createMetricsServer({
    data: join(data, "server"),
    devices: [{ serialNumber: SERIAL, key: KEY, ...(credit > 0 && { welcomeDays: credit }) }],
    now: () => worldTime(data) ?? start ?? began,
  });
}

function worldTime(data: string): number | undefined {
  const path = join(data, "world.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as { time: number }).time : undefined;
}

/** A window that fits the screen, without the panes around it; the user's own preferences stay as they are. */
function writePreferences(folder: string): void {
  mkdirSync(join(folder, "tech.moddable.mcsim"), { recursive: true });
  writeFileSync(
    join(folder, "tech.moddable.mcsim.ini"),
    "[window]\nfullscreen=false\nmaximized=false\nx=40\ny=40\nwidth=832\nheight=572\n",
  );
  const preferences = { controlsStatus: false, controlsCurrent: 320, infoStatus: false, colors: 0 };
  writeFileSync(join(folder, "tech.moddable.mcsim.main.json"), JSON.stringify(preferences));
}

/** Gives the exit code. */
function runSimulator(sdk: SDK, data: string, url: string, options: SimulatorOptions): Promise<number> {
  const configuration = join(data, "mcsim");
  writePreferences(configuration);
  const child = spawn(join(sdk.folder, "build/bin/lin/release/mcsim"), [DEVICES, LIBRARY], {
    stdio: "inherit",
    env: { ...process.env, XDG_CONFIG_HOME: configuration, ...environmentOf(options, data, url) },
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill());
  return new Promise((resolved, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolved(code ?? 0));
  });
}

async function main(options: SimulatorOptions): Promise<number> {
  const sdk = findSDK();
  if (typeof sdk === "string") throw new Error(sdk);
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    throw new Error("the simulator opens a window: start it in a desktop session, or with xvfb-run in front");
  build(sdk);
  const data = resolve(options.data ?? mkdtempSync(join(tmpdir(), "heliograph-")));
  mkdirSync(data, { recursive: true });
  const server = options.server === undefined ? createServer(data, options) : undefined;
  const url = options.server ?? (await listen(server!, options.port));
  if (server) {
    const request = `curl -H 'content-type: application/json' -d '{"type": "ADD_TIME", "value": 7}' ${url}/api/devices/${SERIAL}/tokens`;
    process.stdout.write(`server and page: ${url}\na token to type: ${request}\n`);
  }
  process.stdout.write(`this run is kept in ${data}\n`);
  const code = await runSimulator(sdk, data, url, options);
  server?.close();
  return code;
}

try {
  process.exitCode = await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`heliograph: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = MISUSE;
}
