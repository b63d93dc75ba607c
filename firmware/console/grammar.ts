/**
 * The one grammar of the console:
 *
 *     line  = verb { blank ( word | name "=" word ) }
 *     word  = { character | quote { any | "\" any } quote }
 *     name  = letter { letter | digit | "_" | "." | "-" }
 *
 * A text with blanks stands in double quotes, a quote in it as \". A quoted word is never taken for name=value.
 */
export interface CommandLine {
  /** In lower case; "" when the line is blank. */
  readonly verb: string;
  readonly words: string[];
  readonly named: (readonly [name: string, value: string])[];
}

interface Word {
  readonly name: string | undefined;
  readonly value: string;
  /** Where it ends in the line. */
  readonly end: number;
  /** Where a quote begins that is not closed; -1 when none is open. */
  readonly openQuote: number;
}

/** The verb of a line, in lower case, and the rest as it was typed. */
export function splitVerb(text: string): { readonly verb: string; readonly rest: string } {
  const start = skipBlanks(text, 0);
  const blank = text.indexOf(" ", start);
  const end = blank < 0 ? text.length : blank;
  return { verb: text.slice(start, end).toLowerCase(), rest: text.slice(skipBlanks(text, end)) };
}

/** Takes a line apart; what is wrong with it when that can't be done. */
export function parse(text: string): CommandLine | string {
  const { verb, rest } = splitVerb(text);
  const line: CommandLine = { verb, words: [], named: [] };
  let at = text.length - rest.length;
  while (at < text.length) {
    const word = readWord(text, at);
    if (word.openQuote >= 0) return `the quote at character ${word.openQuote + 1} is not closed`;
    if (word.name === undefined) line.words.push(word.value);
    else line.named.push([word.name, word.value]);
    at = skipBlanks(text, word.end);
  }
  return line;
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (text[at] === " ") at++;
  return at;
}

function readWord(text: string, start: number): Word {
  let name: string | undefined;
  let value = "";
  let quote = -1;
  let quoted = false;
  let at = start;
  for (; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') {
      quote = quote < 0 ? at : -1;
      quoted = true;
    } else if (quote >= 0 && character === "\\") value += text[++at] ?? "";
    else if (quote < 0 && character === " ") break;
    else if (character === "=" && !quoted && name === undefined && /^[A-Za-z][\w.-]*$/.test(value)) {
      name = value;
      value = "";
    } else value += character;
  }
  return { name, value, end: at, openQuote: quote };
}
