import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/**
 * Builds the firmware with the Moddable SDK: `lin` makes the simulator's mc.so; `esp32/nodemcu` and the other esp32
 * targets run the JavaScript half of the build (types, bytecode, linking to flash), which needs no ESP-IDF.
 */
const ROOT = join(import.meta.dirname, "..");
const OUTPUT = join(ROOT, "build");
const NAME = "heliograph";

/** Where the SDK is: MODDABLE, or the place xs-dev puts it at. */
function findSDK(): string {
  const folder = process.env.MODDABLE ?? join(homedir(), ".local/share/moddable");
  const where = process.env.MODDABLE ? "MODDABLE" : "the default of xs-dev";
  if (existsSync(join(folder, "build/bin/lin/release/mcconfig"))) return folder;
  fail(`no Moddable SDK with built tools at ${folder} (${where}); get it with: npx xs-dev setup`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

/** Runs one step; gives what it said and ends the program when it fails. */
function run(sdk: string, command: string, args: string[]): string {
  const tools = [join(sdk, "build/bin/lin/release"), join(ROOT, "node_modules/.bin"), process.env.PATH];
  const env = { ...process.env, MODDABLE: sdk, PATH: tools.join(delimiter) };
  const { stdout, stderr, status, error } = spawnSync(command, args, {
    cwd: ROOT,
    env,
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  const said = `${stdout ?? ""}${stderr ?? ""}`;
  if (status === 0) return said;
  console.error(said.trimEnd());
  return fail(`${command} failed${error ? `: ${error.message}` : ""}`);
}

function folderOf(target: string): string {
  const platform = target.includes("/") ? target : `${target}/mc`;
  return join(OUTPUT, "tmp", platform, "release", NAME);
}

function buildESP32(sdk: string, target: string): string {
  const folder = folderOf(target);
  run(sdk, "mcconfig", ["-p", target, "-o", OUTPUT]);
  // The makefile asks for ESP-IDF before it does anything; the linked bytecode does not need it.
  const without = ["SDKCONFIG_H=", "IDF_PATH=/", "IDF_VERSION=none"];
  return run(sdk, "make", ["-f", join(folder, "makefile"), ...without, join(folder, "mc.xs.c")]);
}

/** Complaints of the linker: modules that cannot move to flash as they are, imports that lead nowhere. */
function warnings(said: string): string[] {
  return said.split("\n").filter((line) => line.startsWith("### warning"));
}

function main(): void {
  const target = process.argv[2] ?? "";
  if (target !== "lin" && !/^esp32\/\w+$/.test(target))
    fail("usage: npx tsx tools/build.ts lin | esp32/nodemcu | esp32/<target>");
  const sdk = findSDK();
  mkdirSync(OUTPUT, { recursive: true });
  // A build after a build says nothing of what it finds up to date: begin afresh, but keep the compiled engine.
  for (const part of ["modules", "tsc", "mc.xs.c"])
    rmSync(join(folderOf(target), part), { recursive: true, force: true });
  const said =
    target === "lin" ? run(sdk, "mcconfig", ["-m", "-p", "lin", "-o", OUTPUT, "-t", "build"]) : buildESP32(sdk, target);
  const found = warnings(said);
  for (const line of found) console.error(line);
  if (found.length > 0) fail(`${target}: linked with ${found.length} warnings, each of which is an error here`);
  console.log(`${target}: built, see ${target === "lin" ? join(OUTPUT, "bin/lin/release", NAME) : folderOf(target)}`);
}

main();
