import type { TCPConstructor } from "../../../hal/tcp.js";
import { results } from "./check.js";
import { runClients } from "./clients.js";
import { runSDKTests } from "./sdk-tests.js";
import { attach } from "./world.js";

/** Runs everything and says so in a last line, "N passed, M failed"; whoever started the app ends it. */
export default async function main(): Promise<void> {
  const network = await attach(await load("sdk/tcp"));
  await runClients(network, await load("embedded:io/socket/tcp/tls"));
  await runSDKTests(network);
  trace(`${results.passed} passed, ${results.failed} failed\n`);
}

/** A class of the SDK that has no declaration where it is built. */
async function load(name: string): Promise<TCPConstructor> {
  return ((await import(name)) as { default: TCPConstructor }).default;
}
