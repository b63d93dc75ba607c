import { ByteQueue, toBytes, toText } from "../bytes.js";
import type { Agenda } from "./agenda.js";
import { type Command, parseLine } from "./command.js";
import type { Knobs } from "./knobs.js";

/** +CME ERROR texts of 27.007 (9.2), in SIMCom's spelling. */
export const cmeErrors: Readonly<Record<number, string>> = {
  3: "operation not allowed",
  4: "operation not supported",
  10: "SIM not inserted",
  11: "SIM PIN required",
  12: "SIM PUK required",
  14: "SIM busy",
  16: "incorrect password",
  30: "no network service",
  50: "incorrect parameters",
};

const CARRIAGE_RETURN = 0x0d;
const ETX = 0x03;
const CTRL_Z = 0x1a;
const ESC = 0x1b;
/** Characters of a command line; what is longer is answered with ERROR. */
const LONGEST_LINE = 1024;

/**
 * What a command says in reply; ends with exactly one of `ok`, `error`, `cme` and `fail`, now or later. These give
 * undefined, so that a handler can answer and return in one statement.
 */
export interface Answer {
  line(text: string): Answer;
  /** An information line that announces bytes, and these bytes: nothing comes between them. */
  data(head: string, bytes: Uint8Array): Answer;
  ok(): undefined;
  error(): undefined;
  /** +CME ERROR, in the form that CMEE asks for. */
  cme(code: number): undefined;
  /** A result of the command's own and ERROR, or ERROR alone. */
  fail(text: string): undefined;
  /** Asks for `length` bytes, or for text up to Ctrl-Z when undefined; undefined comes back when ESC ended it. */
  prompt(length: number | undefined, onPayload: (bytes: Uint8Array | undefined) => undefined): undefined;
}

export type Handler = (command: Command, answer: Answer) => undefined;
export type Commands = Readonly<Record<string, Handler>>;

export interface TerminalOptions {
  readonly agenda: Agenda;
  readonly knobs: Knobs;
  readonly random: () => number;
  readonly write: (bytes: Uint8Array) => void;
  readonly commands: () => Commands;
}

interface Payload {
  readonly length: number | undefined;
  readonly bytes: ByteQueue;
  escaped: boolean;
  readonly done: (bytes: Uint8Array | undefined) => void;
}

/** The command interpreter: echo, one line at a time, answers, prompts, and unsolicited codes between all of it. */
export class Terminal {
  /** ATE. */
  echo = true;
  /** AT+CMEE: 0 bare ERROR, 1 number, 2 text. */
  errors = 0;
  readonly #options: TerminalOptions;
  readonly #input = new ByteQueue();
  #line = "";
  #busy = false;
  #payload: Payload | undefined;
  /** Unsolicited codes wait while a payload is typed in. */
  #held: Array<() => void> = [];

  constructor(options: TerminalOptions) {
    this.#options = options;
  }

  input(bytes: Uint8Array): void {
    this.#input.push(bytes);
    this.#pump();
  }

  unsolicited(text: string): void {
    this.#whenNotPrompting(() => this.#writeLine(text));
  }

  /** An unsolicited line followed by the bytes it announces. */
  unsolicitedData(head: string, bytes: Uint8Array): void {
    this.#whenNotPrompting(() => this.#lineWithData(head, bytes));
  }

  #whenNotPrompting(action: () => void): void {
    if (this.#payload) this.#held.push(action);
    else action();
  }

  // Input.

  #pump(): void {
    while (this.#input.length > 0 && !this.#busy) {
      if (this.#payload) this.#takePayload(this.#payload);
      else this.#takeLine();
    }
  }

  #takeLine(): void {
    const end = this.#input.indexOf(CARRIAGE_RETURN);
    const bytes = this.#input.take(end < 0 ? this.#input.length : end + 1);
    if (this.echo) this.#options.write(bytes);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are no part of a command.
    this.#line += toText(bytes).replace(/[\x00-\x1f]/g, "");
    if (end < 0) return;
    const line = this.#line;
    this.#line = "";
    this.#execute(line);
  }

  /** Whatever stands before the AT is noise; a line without one is not answered (V.250 5.2.1). */
  #execute(line: string): void {
    const start = line.toUpperCase().indexOf("AT");
    if (start < 0) return;
    this.#busy = true;
    const commands = line.length > LONGEST_LINE ? undefined : parseLine(line.slice(start + 2));
    this.#options.agenda.about(this.#options.knobs.answerTime, () => {
      if (commands) this.#run(commands, 0);
      else this.#final("ERROR");
    });
  }

  #run(commands: readonly Command[], index: number): void {
    const command = commands[index];
    if (!command) {
      this.#final("OK");
      return;
    }
    const handler = this.#options.commands()[command.name];
    const answer = this.#answer(() => this.#run(commands, index + 1));
    if (!handler) answer.error();
    else if (command.form === "test") answer.ok();
    else handler(command, answer);
  }

  #final(text: string): void {
    this.#writeLine(text);
    this.#busy = false;
    this.#pump();
  }

  #takePayload(payload: Payload): void {
    if (payload.length === undefined) this.#takeText(payload);
    else this.#takeCounted(payload, payload.length);
  }

  #takeCounted(payload: Payload, length: number): void {
    const { bytes } = payload;
    if (this.#options.knobs.escapeAborts && bytes.length === 0 && this.#input.indexOf(ESC) === 0) {
      this.#input.take(1);
      this.#endPayload(payload, false);
      return;
    }
    bytes.push(this.#input.take(length - bytes.length));
    if (bytes.length === length) this.#endPayload(payload, true);
  }

  /** Ctrl-Z ends the text and ESC drops it, unless ETX stands before. */
  #takeText(payload: Payload): void {
    const byte = this.#input.take(1);
    const control = payload.escaped ? undefined : byte[0];
    payload.escaped = control === ETX;
    if (control === CTRL_Z || control === ESC) this.#endPayload(payload, control === CTRL_Z);
    else if (control !== ETX) payload.bytes.push(byte);
  }

  #endPayload(payload: Payload, complete: boolean): void {
    this.#payload = undefined;
    this.#busy = true;
    const held = this.#held;
    this.#held = [];
    for (const action of held) action();
    this.#options.agenda.about(this.#options.knobs.answerTime, () =>
      payload.done(complete ? payload.bytes.take(payload.bytes.length) : undefined),
    );
  }

  // Output.

  #answer(next: () => void): Answer {
    const terminal = this;
    let open = true;
    const finish = (action: () => void): undefined => {
      if (!open) throw new Error("a command was answered twice");
      open = false;
      action();
    };
    return {
      line(text) {
        terminal.#writeLine(text);
        return this;
      },
      data(head, bytes) {
        terminal.#lineWithData(head, bytes);
        return this;
      },
      ok: () => finish(next),
      error: () => finish(() => terminal.#final("ERROR")),
      cme: (code) => finish(() => terminal.#final(terminal.#cmeText(code))),
      fail: (text) =>
        finish(() => {
          terminal.#writeLine(text);
          terminal.#final("ERROR");
        }),
      prompt: (length, onPayload) => terminal.#prompt(length, onPayload),
    };
  }

  #cmeText(code: number): string {
    if (this.errors === 0 || this.#options.knobs.plainErrors) return "ERROR";
    return `+CME ERROR: ${this.errors === 1 ? code : (cmeErrors[code] ?? "unknown")}`;
  }

  #prompt(length: number | undefined, done: (bytes: Uint8Array | undefined) => void): undefined {
    this.#payload = { length, bytes: new ByteQueue(), escaped: false, done };
    this.#options.write(toBytes("\r\n>"));
    this.#busy = false;
    this.#pump();
  }

  #writeLine(text: string): void {
    this.#interleave();
    this.#options.write(toBytes(`\r\n${text}\r\n`));
  }

  #lineWithData(head: string, bytes: Uint8Array): void {
    this.#interleave();
    const start = toBytes(`\r\n${head}\r\n`);
    const all = new Uint8Array(start.length + bytes.length);
    all.set(start);
    all.set(bytes, start.length);
    this.#options.write(all);
  }

  /** An unsolicited code in front of a line, as often as the knob says. */
  #interleave(): void {
    const { knobs, random } = this.#options;
    if (knobs.interleave === 0 || random() % 1000 >= knobs.interleave) return;
    this.#options.write(toBytes(`\r\n${knobs.unsolicited[random() % knobs.unsolicited.length]}\r\n`));
  }
}
