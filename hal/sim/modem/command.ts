/** One command of an AT line (V.250, 27.007). */
export interface Command {
  /** "+CSQ", "E", "&W", upper case; "" for a bare AT. */
  readonly name: string;
  readonly form: "run" | "read" | "test" | "set";
  /** As written, quotes included. */
  readonly parameters: readonly string[];
}

/** The commands of a line after its "AT"; undefined when it is not well formed. */
export function parseLine(text: string): Command[] | undefined {
  const commands: Command[] = [];
  let rest = text.trim();
  if (rest === "") return [{ name: "", form: "run", parameters: [] }];
  while (rest !== "") {
    const taken = parseExtended(rest, commands) || parseBasic(rest, commands);
    if (taken === 0) return undefined;
    rest = rest.slice(taken);
  }
  return commands;
}

function parseExtended(text: string, commands: Command[]): number {
  const match = /^([+*^$#][A-Z0-9]+)(=\?|\?|=)?/i.exec(text);
  if (!match) return 0;
  const form = match[2] === "=?" ? "test" : match[2] === "?" ? "read" : match[2] === "=" ? "set" : "run";
  const start = match[0].length;
  const end = endOfCommand(text, start);
  if (form !== "set" && end > start) return 0;
  commands.push({
    name: match[1]!.toUpperCase(),
    form,
    parameters: form === "set" ? split(text.slice(start, end)) : [],
  });
  return end + (text[end] === ";" ? 1 : 0);
}

function parseBasic(text: string, commands: Command[]): number {
  const match = /^(&?[A-Z])(\d*)/i.exec(text);
  if (!match) return 0;
  commands.push({ name: match[1]!.toUpperCase(), form: "set", parameters: [match[2] || "0"] });
  return match[0].length + (text[match[0].length] === ";" ? 1 : 0);
}

/** Where a command ends: at a semicolon outside quotes, or with the line. */
function endOfCommand(text: string, from: number): number {
  let quoted = false;
  for (let i = from; i < text.length; i++) {
    if (text[i] === '"') quoted = !quoted;
    else if (text[i] === ";" && !quoted) return i;
  }
  return text.length;
}

function split(text: string): string[] {
  const parts = [""];
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    if (character === "," && !quoted) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim());
}

/** The parameter as a number between `low` and `high`; undefined when it is absent, quoted or anything else. */
export function integer(command: Command, index: number, low: number, high: number): number | undefined {
  const text = command.parameters[index] ?? "";
  if (!/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value >= low && value <= high ? value : undefined;
}

/** The text between the quotes; undefined when it is absent or not quoted, as strict modems want it. */
export function quoted(command: Command, index: number): string | undefined {
  return /^"([^"]*)"$/.exec(command.parameters[index] ?? "")?.[1];
}

/** The parameter as text, in quotes or not, for commands that take both; undefined when it is absent or empty. */
export function text(command: Command, index: number): string | undefined {
  return quoted(command, index) ?? (command.parameters[index] || undefined);
}
