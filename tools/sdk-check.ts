/**
 * `npm run sdk:check`: builds everything with the Moddable SDK, each warning of the linker being an error; runs the SDK's clients over the
 * modem, and the firmware through a day; prints what it takes of flash and memory. Where there is no SDK it says so and is content.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkClients } from "./sdk/clients.js";
import { checkDay } from "./sdk/day.js";
import { type BuildOptions, type Built, findSDK, type SDK } from "./sdk/sdk.js";
import { checkSecure } from "./sdk/secure.js";

const ESP32 = ["esp32/nodemcu", "esp32/esp32c3", "esp32/esp32s3"];

function build(sdk: SDK, options: BuildOptions): Built {
  const name = options.manifest ?? options.target;
  const built = sdk.build(options);
  if (built.warnings.length > 0) throw new Error(`${name}: the linker warns\n${built.warnings.join("\n")}`);
  console.log(`${name}: no warnings, ${Math.ceil(sdk.flashBytes(built) / 1024)} KB of flash on a 32-bit device`);
  return built;
}

async function check(sdk: SDK, folder: string): Promise<void> {
  const program = sdk.buildHeadless();
  const lin = build(sdk, { target: "lin" });
  for (const target of ESP32) build(sdk, { target });
  build(sdk, { target: "lin", manifest: "manifests/simulator.json" });
  const clients = build(sdk, { target: "lin", manifest: "manifests/xs-test.json" });
  for (const line of await checkClients(program, clients.library, folder)) console.log(line);
  for (const line of await checkSecure(program, lin.library, folder)) console.log(line);
  const { rows, memory } = await checkDay(program, lin.library, folder);
  console.log(`a day on lin: ${rows} rows, none lost or twice, killed and started again, tokens switched the load`);
  const { slots, slotBytes, chunkBytes } = memory;
  console.log(
    `memory on lin, with the simulated world, a flash of 1 MB, and garbage: ${slots} slots of ${slotBytes} bytes (an ESP32 has slots of 16), ${chunkBytes} bytes of chunks`,
  );
}

const sdk = findSDK();
if (typeof sdk === "string") console.log(`sdk:check is left out: ${sdk}`);
else {
  const folder = mkdtempSync(join(tmpdir(), "heliograph-sdk-"));
  try {
    await check(sdk, folder);
  } catch (error) {
    console.error(`sdk:check: ${(error as Error).message}`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
