/**
 * JSON read without losing what a signature covers. The reference signs what Python's
 * json.dumps(separators=(",", ":")) writes for the parsed body, so every node carries that text: `12.0` stays `12.0`,
 * members stay in order (a plain object would reorder keys like "7"), other characters than ASCII are escaped.
 */
export interface JSONNode {
  /** As Python writes it. */
  readonly text: string;
  readonly value: null | boolean | number | string | readonly JSONNode[] | JSONObject;
}

export type JSONObject = ReadonlyMap<string, JSONNode>;

const DEEPEST = 16;
const LONGEST_NUMBER = 40;
const SPACE = /[ \t\n\r]*/y;
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/sy;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const WORDS = { true: true, false: false, null: null };

/** Throws SyntaxError that says where and what was expected: also for a key given twice, or deeper than 16 levels. */
export function parseJSON(source: string): JSONNode {
  return new Parser(source).document();
}

/** The plain JavaScript value of a node. */
export function plain(node: JSONNode): unknown {
  const { value } = node;
  if (Array.isArray(value)) return value.map(plain);
  if (isObject(value)) return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
  return value;
}

export function isObject(value: JSONNode["value"]): value is JSONObject {
  return value instanceof Map;
}

/** What Python writes for a plain value. Throws TypeError for what JSON cannot hold. */
export function pythonText(value: unknown): string {
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`not a JSON value: ${value}`);
  return parseJSON(text).text;
}

class Parser {
  readonly #source: string;
  #position = 0;

  constructor(source: string) {
    this.#source = source;
  }

  document(): JSONNode {
    const node = this.#value(0);
    this.#take(SPACE);
    if (this.#position < this.#source.length) this.#fail("the end");
    return node;
  }

  #value(depth: number): JSONNode {
    const next = this.#peek();
    if (depth === DEEPEST && (next === "{" || next === "[")) this.#fail(`at most ${DEEPEST} levels`);
    if (next === "{") return this.#object(depth + 1);
    if (next === "[") return this.#array(depth + 1);
    if (next === '"') return this.#string();
    return this.#word() ?? this.#number();
  }

  #object(depth: number): JSONNode {
    const members = new Map<string, JSONNode>();
    const texts: string[] = [];
    this.#list("{", "}", () => {
      const key = this.#string();
      if (members.has(key.value)) this.#fail(`the key "${key.value}" once`);
      this.#punctuation(":");
      const member = this.#value(depth);
      members.set(key.value, member);
      texts.push(`${key.text}:${member.text}`);
    });
    return { text: `{${texts.join(",")}}`, value: members };
  }

  #array(depth: number): JSONNode {
    const items: JSONNode[] = [];
    this.#list("[", "]", () => items.push(this.#value(depth)));
    return { text: `[${items.map((item) => item.text).join(",")}]`, value: items };
  }

  #list(open: string, close: string, item: () => void): void {
    this.#punctuation(open);
    if (this.#peek() !== close) {
      do item();
      while (this.#peek() === "," && this.#punctuation(","));
    }
    this.#punctuation(close);
  }

  #string(): { text: string; value: string } {
    this.#take(SPACE);
    const raw = this.#take(STRING);
    if (raw === undefined) this.#fail("a string in double quotes");
    try {
      const value: string = JSON.parse(raw);
      return { text: pythonString(value), value };
    } catch {
      return this.#fail("a string without raw control characters or unknown escapes before here");
    }
  }

  #number(): JSONNode {
    const raw = this.#take(NUMBER);
    if (!raw) this.#fail("a value");
    const value = Number(raw);
    if (raw.length > LONGEST_NUMBER || !Number.isFinite(value)) this.#fail("a number of ordinary size before here");
    if (/[.eE]/.test(raw)) return { text: pythonFloat(value), value };
    return { text: raw === "-0" ? "0" : raw, value };
  }

  #word(): JSONNode | undefined {
    const text = this.#take(WORD);
    return text === "true" || text === "false" || text === "null" ? { text, value: WORDS[text] } : undefined;
  }

  #peek(): string | undefined {
    this.#take(SPACE);
    return this.#source[this.#position];
  }

  #punctuation(character: string): true {
    if (this.#peek() !== character) this.#fail(`"${character}"`);
    this.#position++;
    return true;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#source)?.[0];
    this.#position += found?.length ?? 0;
    return found;
  }

  #fail(expected: string): never {
    const rest = this.#source.slice(this.#position, this.#position + 12);
    const found = rest === "" ? "the end" : JSON.stringify(rest);
    throw new SyntaxError(`JSON: expected ${expected} at character ${this.#position + 1}, found ${found}`);
  }
}

function pythonString(value: string): string {
  return JSON.stringify(value).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Both languages write the shortest digits; they differ in where the exponent starts and in how it looks. */
function pythonFloat(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const [digits = "", exponent = ""] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power < -4 || power >= 16) return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
