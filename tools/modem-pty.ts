/** `npm run modem-pty`: an emulated modem on a pty or a serial device, with real time and the real internet behind it. */
import { lstatSync, symlinkSync, unlinkSync } from "node:fs";
import { createInterface } from "node:readline";
import { Command, InvalidArgumentError, Option } from "commander";
import type { ModemEmulator, PowerPins } from "../hal/sim/modem/emulator.js";
import { defaultKnobs } from "../hal/sim/modem/knobs.js";
import { modemNamed, modemNames } from "../hal/sim/modem/modems.js";
import { seededRandom } from "../hal/sim/random.js";
import { Port, PortError } from "./modem-pty/port.js";
import { RealTime, RealTimeInternet } from "./modem-pty/real-time.js";
import { Wire } from "./modem-pty/wire.js";

interface Options {
  modem: string;
  portLink?: string;
  device?: string;
  baud: number;
  knob?: Record<string, unknown>;
}

const MISUSE = 2;
/** How often the internet is asked for news, and the modem for its rate, milliseconds. */
const POLL = 5;
/** How long the supply stays off, milliseconds. */
const CUT = 2000;

const HELP = `
Needs python3, which holds the pty. Knobs are those of hal/sim/modem/knobs.ts; they can be turned while it runs by lines
like coverage=false on standard input. The modem starts with its supply, as its key is tied; the line "supply" takes that
away for two seconds.

Examples:
  npm run modem-pty -- --modem SIM800 --port-link /tmp/modem
  npm run modem-pty -- --device /dev/ttyUSB0 --baud 38400      a USB UART, crossed over to the modem pins of an ESP32`;

function knob(text: string, before: Record<string, unknown> = {}): Record<string, unknown> {
  const [name = "", value = ""] = text.split(/=(.*)/s);
  if (!(name in defaultKnobs)) throw new InvalidArgumentError(`no knob is called "${name}".`);
  const usual: unknown = defaultKnobs[name as keyof typeof defaultKnobs];
  const parsed = parse(value);
  if (usual !== undefined && typeof usual !== typeof parsed) {
    throw new InvalidArgumentError(`${name}: expected a ${typeof usual} like ${usual}, got "${value}".`);
  }
  return { ...before, [name]: parsed };
}

/** JSON, or text without quotes. */
function parse(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function rate(text: string): number {
  const baud = Number(text);
  if (Number.isInteger(baud) && baud > 0) return baud;
  throw new InvalidArgumentError("expected bits per second, such as 115200.");
}

function parseOptions(): Options {
  const command = new Command("npm run modem-pty --")
    .description("Puts an emulated modem on a pty or a serial device, with the real internet behind it.")
    .addOption(new Option("--modem <name>", "the emulated modem").choices(modemNames).default("SIM7600"))
    .option("--port-link <path>", "symbolic link to the pty, made now and removed at the end")
    .option("--device <path>", "a serial device instead of a pty")
    .option("--baud <n>", "rate until the modem has its own (autobaud)", rate, 115200)
    .option("--knob <name=value>", "turns a knob of the emulator; may be repeated", knob)
    .addHelpText("after", HELP)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "modem-pty: ")) });
  try {
    command.parse();
  } catch (error) {
    process.exit((error as { exitCode: number }).exitCode === 0 ? 0 : MISUSE);
  }
  return command.opts<Options>();
}

/** Replaces a link, and nothing else. */
function link(path: string, target: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there && !there.isSymbolicLink())
    throw new PortError(`${path} is there already, and is no link: give another path`);
  if (there) unlinkSync(path);
  symlinkSync(target, path);
}

async function start({ modem: name, portLink, device, baud, knob: knobs = {} }: Options): Promise<void> {
  const time = new RealTime();
  const internet = new RealTimeInternet();
  const port = await Port.open(device === undefined ? undefined : { path: device, baud });
  if (portLink !== undefined) link(portLink, port.name);
  const modem = new (modemNamed(name))({
    ...{ timer: time, ticks: () => time.now, internet, knobs },
    random: seededRandom(Date.now()),
    time: () => Math.floor(Date.now() / 1000),
    keyTied: true,
  });
  const wire = new Wire(modem, port, baud);
  const end = (code: number) => {
    port.close();
    if (portLink !== undefined) unlinkSync(portLink);
    process.exit(code);
  };
  const closed = () => {
    process.stderr.write(`modem-pty: ${port.name} is gone\n`);
    end(1);
  };
  port.onClosed(closed);
  process.on("SIGINT", () => end(0)).on("SIGTERM", () => end(0));
  time.repeat(() => {
    internet.settled();
    wire.follow();
  }, POLL);
  obey(modem);
  process.stdout.write(`${name} on ${portLink ?? port.name}\n`);
}

/** Lines like coverage=false, and "supply". */
function obey({ knobs, power }: ModemEmulator): void {
  createInterface(process.stdin).on("line", (line) => {
    try {
      if (line.trim() === "supply") cut(power.supply);
      else Object.assign(knobs, knob(line.trim()));
    } catch (error) {
      process.stderr.write(`modem-pty: ${(error as Error).message}\n`);
    }
  });
}

function cut(supply: PowerPins["supply"]): void {
  supply.write(0);
  setTimeout(() => supply.write(1), CUT);
}

try {
  await start(parseOptions());
} catch (error) {
  if (!(error instanceof PortError)) throw error;
  process.stderr.write(`modem-pty: ${error.message}\n`);
  process.exit(MISUSE);
}
