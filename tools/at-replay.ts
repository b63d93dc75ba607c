/** `npm run -s at-replay -- FILE.jsonl`: how the modem driver understands a log from the field; one JSON object per line. */
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { type Dialect, dialectNamed, dialectOf } from "../hal/modem/dialect.js";
import { Replay } from "./at-replay/replay.js";

interface LogLine {
  readonly family: string;
  readonly dialect: Dialect;
  readonly sent: string;
  readonly received: Uint8Array;
}

/** What is wrong with the input, for the user. */
class InputError extends Error {}

const EXPECTED =
  'expected {"family": "SIM7600", "sent": "AT+CSQ", "received": "\\r\\n+CSQ: 20,99\\r\\n\\r\\nOK\\r\\n"}';

function readLine(text: string, number: number): LogLine {
  const fail = (problem: string) => new InputError(`line ${number}: ${problem}`);
  const value = parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw fail(`${EXPECTED}, got ${short(text)}`);
  const { family, sent, received } = value as Record<string, unknown>;
  for (const [name, field] of Object.entries({ family, sent, received })) {
    if (typeof field !== "string") throw fail(`"${name}": expected a text, got ${short(JSON.stringify(field))}`);
  }
  for (const [name, field] of Object.entries({ sent, received })) {
    const wide = /[^\0-\xff]/.exec(field as string)?.[0];
    if (wide) throw fail(`"${name}": expected bytes as latin-1 (\\u0000 to \\u00ff), got ${JSON.stringify(wide)}`);
  }
  try {
    const dialect = familyNamed(family as string);
    const bytes = Uint8Array.from(Buffer.from(received as string, "latin1"));
    return { family: family as string, dialect, sent: sent as string, received: bytes };
  } catch (error) {
    if (error instanceof RangeError) throw fail(`"family": ${error.message}`);
    throw error;
  }
}

/** By a model of the family or the dialect's own name, in any case. Throws a RangeError that lists the known ones. */
function familyNamed(family: string): Dialect {
  return dialectOf(family.toUpperCase()) ?? dialectNamed(family.toUpperCase());
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // reported as not being what was expected
  }
}

function short(text: string | undefined): string {
  if (text === undefined) return "nothing";
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

function readLog(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    throw new InputError(`cannot read ${file}: ${(error as Error).message}`);
  }
}

/** Each family of a log is a modem of its own. What was understood before a bad line is printed. */
function replay(file: string): void {
  const modems = new Map<Dialect, Replay>();
  for (const [index, text] of readLog(file).split(/\r?\n/).entries()) {
    if (text.trim() === "") continue;
    const { family, dialect, sent, received } = readLine(text, index + 1);
    const modem = modems.get(dialect) ?? new Replay(dialect);
    modems.set(dialect, modem);
    console.log(JSON.stringify({ line: index + 1, family, sent, ...modem.take(sent, received) }));
  }
}

const program = new Command("at-replay")
  .description("Shows how the modem driver understands a log of AT commands.")
  .argument("<file>", `one JSON object a line: ${EXPECTED.slice("expected ".length)}`)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .action((file: string) => {
    try {
      replay(file);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      console.error(error.message);
      process.exitCode = 2;
    }
  });
program.parse();
