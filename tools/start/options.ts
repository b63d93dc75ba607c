import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { parseSetting, SettingError } from "../../firmware/settings.js";
import { modemNames } from "../../hal/sim/modem/modems.js";
import { baseURL, moment } from "../arguments.js";

/** What `npm start` was asked for; times in seconds. */
export interface StartOptions {
  days?: number;
  /** Times as fast as the real sun; Infinity does not wait at all. */
  speed: number;
  trace?: string;
  /** Seconds since 1970; undefined continues where the data folder left off, or begins at the default. */
  start?: number;
  server?: string;
  /** PEM. */
  authority?: Buffer;
  port: number;
  serial: string;
  key: string;
  auth: string;
  encoding: string;
  form: string;
  formatId: number;
  recordInterval: number;
  reportInterval: number;
  modem: string;
  data?: string;
  seed: number;
  batch: boolean;
}

export const DEFAULT_START = "2026-01-01T00:00:00Z";

/** Reads the command line; on a mistake prints one line and ends the process with code 2. */
export function parseOptions(argv: readonly string[]): StartOptions {
  const command = new Command("npm start --")
    .description("Runs the firmware on a simulated solar home system that reports through an emulated modem.")
    .option("--days <n>", "stop after so many simulated days, exit code 0", number(0, 36_500))
    .option("--speed <x>", "times as fast as real time, or max: virtual time, no waiting", speed, 60)
    .option("--trace <file>", "a recorded day: CSV utc_minute,ghi_wm2,air_c, repeated daily")
    .option(
      "--start <iso8601>",
      `first moment of the simulation (default: where --data left off, or ${DEFAULT_START})`,
      moment,
    )
    .option("--server <url>", "base URL of an outside metrics server instead of the built-in one", baseURL)
    .option("--authority <file>", "certificate (PEM) of the authority that signed the server's, for https", certificate)
    .option("--port <n>", "port of the built-in server on 127.0.0.1; 0 picks a free one", integer(0, 65535), 0)
    .option("--serial <text>", "serial number of the device", setting("serial_number"), "HG0000001")
    .option("--key <hex32>", "device key, 32 hex digits", setting("secret_key"), "dac86b1a29ab82edc5fbbc41ec9530f6")
    .addOption(
      new Option("--auth <method>", "how requests are signed").choices(["sa", "ta", "ca", "da", "ra"]).default("ra"),
    )
    .addOption(new Option("--encoding <name>", "encoding of requests").choices(["json", "cbor"]).default("json"))
    .addOption(new Option("--form <name>", "form of requests").choices(["simple", "condensed"]).default("condensed"))
    .option("--format-id <n>", "data format known to the server; 0 registers it", setting("data_format_id", Number), 0)
    .option("--record-interval <s>", "seconds between recorded rows", setting("record_interval", Number), 120)
    .option("--report-interval <s>", "seconds between reports", setting("report_interval", Number), 3600)
    .addOption(new Option("--modem <name>", "the emulated modem").choices(modemNames).default("SIM7600"))
    .option("--data <dir>", "state lives here, and a second run continues from it (default: nothing is kept)")
    .option("--seed <n>", "seed of everything random", integer(0, 0xffffffff), 1)
    .option("--batch", "no console, no page; the last line is one JSON object of totals", false)
    .allowExcessArguments(false)
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "heliograph: ")) });
  try {
    command.parse(argv, { from: "user" });
    const { server, authority } = command.opts<StartOptions>();
    if (server?.startsWith("https:") && !authority) {
      command.error(
        "error: --server with https needs --authority FILE, the certificate (PEM) that signed the server's",
      );
    }
  } catch (error) {
    process.exit((error as { exitCode: number }).exitCode === 0 ? 0 : 2);
  }
  return command.opts<StartOptions>();
}

function setting(name: string, convert: (value: string) => string | number = String) {
  return (text: string): string | number => {
    try {
      return convert(String(parseSetting(name, text)));
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      throw new InvalidArgumentError(error.message);
    }
  };
}

function number(minimum: number, maximum: number) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() !== "" && value > minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`expected a number above ${minimum}, at most ${maximum}.`);
  };
}

function integer(minimum: number, maximum: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`expected a whole number from ${minimum} to ${maximum}.`);
  };
}

function speed(text: string): number {
  return text === "max" ? Number.POSITIVE_INFINITY : number(0, 1e6)(text);
}

function certificate(file: string): Buffer {
  try {
    const text = readFileSync(file);
    new X509Certificate(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError(`expected a file with a certificate in PEM: ${(error as Error).message}`);
  }
}
