/** `npm run server -- --device SERIAL:KEYHEX`: the metrics server on a port of this machine. */
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { type Command, InvalidArgumentError, program } from "commander";
import { createMetricsServer, type DeviceOptions, type MetricsServerOptions } from "./server.js";

interface Options {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly device: readonly DeviceOptions[];
  readonly defaultKey?: string;
  readonly format: readonly string[];
}

const MISUSE = 2;

function fail(message: string): never {
  process.stderr.write(`error: ${message}\n`);
  process.exit(MISUSE);
}

function port(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 65535) return value;
  throw new InvalidArgumentError("Expected a port from 0 to 65535.");
}

function device(text: string, previous: readonly DeviceOptions[]): DeviceOptions[] {
  const match = /^([A-Za-z0-9][A-Za-z0-9._-]{0,63}):([0-9a-fA-F]{32})$/.exec(text);
  if (!match) throw new InvalidArgumentError("Expected SERIAL:KEY with a key of 32 hex digits.");
  return [...previous, { serialNumber: match[1]!, key: match[2]! }];
}

function key(text: string): string {
  if (/^[0-9a-fA-F]{32}$/.test(text)) return text;
  throw new InvalidArgumentError("Expected 32 hex digits.");
}

function commandLine(): Command {
  return program
    .name("server")
    .description("OpenPAYGO Metrics server for development and tests.")
    .option("--port <n>", "port to listen on, 0 for any free one", port, 8180)
    .option("--host <address>", "address to listen on; the API answers this machine only", "127.0.0.1")
    .option("--data <folder>", "folder for state.json and one CSV file per device", "data/server")
    .option("--device <serial:key>", "a device and its key in hex; repeatable", device, [])
    .option("--default-key <hex>", "take any other device with this key", key)
    .option(
      "--format <file>",
      "register a data format in JSON; repeatable",
      (file, all: string[]) => [...all, file],
      [],
    )
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : MISUSE));
}

function serverOptions(options: Options): MetricsServerOptions {
  return {
    data: options.data,
    devices: options.device,
    ...(options.defaultKey !== undefined && { defaultKey: options.defaultKey }),
    formats: options.format.map((file) => readFileSync(file, "utf8")),
    now: () => Date.now() / 1000,
    log: (line) => process.stdout.write(`${line}\n`),
  };
}

function main(options: Options): void {
  try {
    const server = createMetricsServer(serverOptions(options));
    server.on("error", (error) => fail(error.message));
    server.listen(options.port, options.host, () => {
      // A server that listens on a port has an address with one.
      const { address, port, family } = server.address() as AddressInfo;
      process.stdout.write(`http://${family === "IPv6" ? `[${address}]` : address}:${port}/\n`);
    });
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}

main(commandLine().parse().opts<Options>());
