import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { baseURL, moment } from "../arguments.js";

export const MISUSE = 2;
export const SERIAL = "HG0000001";
export const KEY = "dac86b1a29ab82edc5fbbc41ec9530f6";

export interface SimulatorOptions {
  readonly speed: number;
  /** Seconds since 1970. */
  readonly start?: number;
  readonly credit: number;
  readonly server?: string;
  readonly authority?: string;
  readonly port: number;
  readonly data?: string;
}

/** Reads the command line; on a mistake prints what was expected and ends the process with code 2. */
export function parseOptions(argv: readonly string[]): SimulatorOptions {
  const command = new Command("npm run simulator --")
    .description(
      "Shows the firmware in the Moddable SDK's simulator, with a metrics server of its own or an outside one.",
    )
    .option("--speed <x>", "times as fast as real time; the screen can change it", number(0.1, 1e6), 60)
    .option("--start <iso8601>", "first moment of the simulation (default: where --data left off, or now)", moment)
    .option("--credit <days>", "days of credit that wait for a new device at the built-in server", number(0, 998), 30)
    .option("--server <url>", "base URL of an outside metrics server", baseURL)
    .option(
      "--authority <file>",
      "certificate that an https server is trusted by (default: manifests/authority.pem)",
      file,
    )
    .option("--port <n>", "port of the built-in server on 127.0.0.1; 0 picks a free one", number(0, 65535), 0)
    .option("--data <dir>", "state lives here, and a second run continues from it (default: nothing is kept)")
    .addHelpText("after", `\nThe device is ${SERIAL} with the key ${KEY}.`)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : MISUSE));
  return command.parse(argv, { from: "user" }).opts<SimulatorOptions>();
}

/** What the firmware is told; `data` is the folder of its state, `url` the server's base URL. */
export function environmentOf(options: SimulatorOptions, data: string, url: string): Record<string, string> {
  const { speed, start, authority } = options;
  return {
    HELIOGRAPH_DATA: data,
    HELIOGRAPH_SERVER: url,
    HELIOGRAPH_SERIAL: SERIAL,
    HELIOGRAPH_KEY: KEY,
    HELIOGRAPH_SPEED: String(speed),
    ...(authority !== undefined && { HELIOGRAPH_AUTHORITY: authority }),
    ...(start !== undefined && { HELIOGRAPH_START: String(start) }),
  };
}

function number(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() !== "" && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`expected a number from ${least} to ${most}.`);
  };
}

function file(path: string): string {
  if (existsSync(path)) return resolve(path);
  throw new InvalidArgumentError("expected the path of a certificate, PEM or DER.");
}
