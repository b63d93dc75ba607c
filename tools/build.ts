/** `npm run build:lin`, `npm run build:sim`, `npm run build:esp32`: builds the firmware with the Moddable SDK; a warning of the linker is an error. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { findSDK } from "./sdk/sdk.js";

const BOARDS = "manifests/boards";
const SIMULATOR = "manifests/simulator.json";

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

/** The manifest of a board by its name; the default one of the target without. */
function manifestOf(board: string | undefined): { manifest?: string } {
  if (board === undefined) return {};
  const file = `${board}.json`;
  const files = readdirSync(join(import.meta.dirname, "..", BOARDS));
  if (!files.includes(file)) fail(`no board "${board}": expected one of ${files.join(", ").replaceAll(".json", "")}`);
  return { manifest: `${BOARDS}/${file}` };
}

function main(target: string, board: string | undefined): void {
  if (target !== "lin" && target !== "sim" && !/^esp32\/\w+$/.test(target))
    fail("usage: npx tsx tools/build.ts lin | sim | esp32/nodemcu [BOARD] | esp32/<target> [BOARD]");
  const sdk = findSDK();
  if (typeof sdk === "string") fail(sdk);
  // The simulator is the Linux build with a screen.
  const built = sdk.build(target === "sim" ? { target: "lin", manifest: SIMULATOR } : { target, ...manifestOf(board) });
  for (const line of built.warnings) console.error(line);
  if (built.warnings.length > 0)
    fail(`${target}: linked with ${built.warnings.length} warnings, each of which is an error here`);
  const flash = `${Math.ceil(sdk.flashBytes(built) / 1024)} KB of flash on a 32-bit device`;
  console.log(`${target}: built, ${flash}, see ${target === "lin" || target === "sim" ? built.library : built.source}`);
  if (target === "sim") console.log("run it: npm run simulator");
  if (target === "lin") console.log(`run it: ${sdk.buildHeadless()} ${built.library}`);
}

try {
  main(process.argv[2] ?? "", process.argv[3]);
} catch (error) {
  fail((error as Error).message);
}
