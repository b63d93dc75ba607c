import { toText } from "./ascii.js";
import { type Command, matches } from "./command.js";

export type DigestEvent = "urc" | "response" | "final" | "prompt" | "data";

const LF = 10;
const CR = 13;
const ZERO = 0x30;
/** Longer lines lose their end; no answer that the driver reads is as long. */
const LINE_LENGTH = 256;
const NOTHING = new Uint8Array(0);

/**
 * Cuts a modem's byte stream into events. Pure: no time, no output. `feed` bytes, then call `next` until it gives
 * undefined; `line` and `data` hold what the last event carries. What is an answer and what is a URC depends on the
 * command in flight, which the owner keeps in `expect`. A counted payload is passed through by its count, whatever it
 * looks like.
 */
export class Digester {
  expect: Command | undefined;
  /** Text of the last urc, response or final. */
  line = "";
  /** Bytes of the last data event, a view of what was fed. */
  data: Uint8Array = NOTHING;
  #input: Uint8Array = NOTHING;
  #position = 0;
  readonly #buffer = new Uint8Array(LINE_LENGTH);
  #length = 0;
  /** A carriage return was seen: the line ends at the next byte, whether that is a line feed or not. */
  #returned = false;
  /** Payload bytes still to come. */
  #remaining = 0;

  /** What was fed before must have been digested to the end. */
  feed(bytes: Uint8Array): void {
    this.#input = bytes;
    this.#position = 0;
  }

  next(): DigestEvent | undefined {
    while (this.#position < this.#input.length) {
      if (this.#remaining > 0) return this.#takeData();
      const byte = this.#input[this.#position]!;
      const ended = byte === LF || (this.#returned && byte !== CR);
      if (byte === LF || !ended) this.#position++;
      if (byte === CR) this.#returned = true;
      const event = ended ? this.#endLine() : this.#put(byte);
      if (event) return event;
    }
    return undefined;
  }

  /** The rest of an announced payload does not come: back to lines. */
  abandonPayload(): void {
    this.#remaining = 0;
  }

  #takeData(): DigestEvent {
    const end = Math.min(this.#input.length, this.#position + this.#remaining);
    this.data = this.#input.subarray(this.#position, end);
    this.#remaining -= end - this.#position;
    this.#position = end;
    return "data";
  }

  #put(byte: number): DigestEvent | undefined {
    if (this.#length === 0) {
      if (this.#isPrompt(byte)) return "prompt";
      if (byte === 0x20) return undefined; // what may follow a prompt
    }
    // Line noise and the zeros of a starting UART are no part of any answer.
    if (byte < 0x20 || byte > 0x7e) return undefined;
    if (byte === this.expect?.payloadStart?.charCodeAt(0) && this.#isHeader()) return this.#endLine();
    if (this.#length < LINE_LENGTH) this.#buffer[this.#length++] = byte;
    return undefined;
  }

  /** Whether `byte` is the character that asks for data; it stands where a line would begin, and no line end follows. */
  #isPrompt(byte: number): boolean {
    const prompt = this.expect?.prompt;
    return prompt?.length === 1 && byte === prompt.charCodeAt(0);
  }

  #isHeader(): boolean {
    const prefix = this.expect?.payload;
    if (prefix === undefined || this.#length <= prefix.length) return false;
    // Nothing is not counted: that is a connection's number, and the count comes behind it.
    if (this.#buffer[prefix.length] === ZERO) return false;
    return toText(this.#buffer.subarray(0, prefix.length)) === prefix;
  }

  #endLine(): DigestEvent | undefined {
    this.#returned = false;
    if (this.#length === 0) return undefined;
    this.line = toText(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    if (this.line === this.expect?.prompt) return "prompt";
    const prefix = this.expect?.payload;
    if (prefix !== undefined && this.line.startsWith(prefix)) {
      const start = this.expect?.payloadStart === "," ? this.line.lastIndexOf(",") + 1 : 0;
      this.#remaining = Number.parseInt(this.line.slice(start || prefix.length), 10) || 0;
      return "response";
    }
    return classify(this.line, this.expect);
  }
}

/** What a line is while `command` is in flight; undefined for the echo of that command. */
export function classify(line: string, command: Command | undefined): "urc" | "response" | "final" | undefined {
  if (command === undefined) return "urc";
  if (line === command.text) return undefined;
  if (succeeds(line, command) || fails(line, command)) return "final";
  return matches(line, command.info) || matches(line, command.result) ? "response" : "urc";
}

/** Whether `line` ends `command` well. */
export function succeeds(line: string, command: Command): boolean {
  return command.success === undefined ? line === "OK" : matches(line, command.success);
}

function fails(line: string, command: Command): boolean {
  if (line === "ERROR" || line.startsWith("+CME ERROR:") || line.startsWith("+CMS ERROR:")) return true;
  return matches(line, command.failure);
}
