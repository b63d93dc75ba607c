import { frozen } from "../../hal/frozen.js";
import { type CommandLine, parse, splitVerb } from "./grammar.js";
import { lookUp } from "./look-up.js";

/**
 * How a command is answered, by which a script can drive the console:
 *
 *     > set report_interval 900          the prompt, and the echo of what was typed
 *     report_interval is set             lines of the answer, none to many
 *     ok                                 always the last one: "ok", or "error: " and the reason
 *
 * Send Ctrl-C once to get rid of what another left on the line, then one line at a time, ended by CR; send the next when
 * the last line of the answer was read. Log lines never stand between the echo and that line. Of a line that is wider
 * than the terminal only the end is echoed; a blank one is not answered. What is refused changes nothing, unless the
 * other lines of the answer say what was done before.
 */
export interface Context<Target> {
  readonly target: Target;
  readonly commands: readonly Command<Target>[];
  /** Keeps the line of this command out of the history: it holds a secret. */
  forget(): void;
  /** Runs `action` when the answer was handed to the port, and nothing else before. */
  afterwards(action: () => void): void;
}

/** The lines of an answer, made one by one as the port takes them; at the end undefined, or why it was not done. */
export type Answer = Generator<string, string | undefined>;

/** A command is data: a table of them is constant and can stay in flash. */
export interface Command<Target> {
  readonly name: string;
  /** Its arguments, as help shows them; "" without. */
  readonly usage: string;
  readonly summary: string;
  /** Its one word is the rest of the line as it was typed, quotes and all. */
  readonly raw?: boolean;
  /** Whether so many words and name=value pairs can be right; if not, the usage is the answer. */
  accepts(words: number, named: number): boolean;
  run(context: Context<Target>, line: CommandLine): Answer;
}

/** Its name and arguments. */
export function usage(command: { readonly name: string; readonly usage: string }): string {
  return command.usage === "" ? command.name : `${command.name} ${command.usage}`;
}

/** Runs one line and gives everything it answers, "ok" or "error: ..." at the end; nothing for a blank line. */
export function* execute<Target>(context: Context<Target>, text: string): Generator<string, void> {
  if (text.trim() === "") return;
  let reason: string | undefined;
  try {
    reason = yield* run(context, text);
  } catch (error) {
    // A command that fails is answered too: the device goes on, and the technician sees why.
    reason = `failed, ${error}`;
  }
  yield reason === undefined ? "ok" : `error: ${reason}`;
}

/** The command of that name; otherwise what to say. */
export function findCommand<Target>(commands: readonly Command<Target>[], name: string): Command<Target> | string {
  return lookUp("command", name, commands, "help");
}

function* run<Target>(context: Context<Target>, text: string): Answer {
  const { verb, rest } = splitVerb(text);
  const command = findCommand(context.commands, verb);
  if (typeof command === "string") return command;
  const line = command.raw ? { verb, words: rest === "" ? [] : [rest], named: [] } : parse(text);
  if (typeof line === "string") return line;
  if (!command.accepts(line.words.length, line.named.length)) return `usage: ${usage(command)}`;
  return yield* command.run(context, line);
}

frozen([execute, run]);
