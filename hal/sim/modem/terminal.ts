import type { TimerHandle } from "../../timer.js";
import { ByteQueue, toBytes, toText } from "../bytes.js";
import type { Agenda } from "./agenda.js";
import type { AirSocket } from "./air-socket.js";
import { type Answer, type Commands, cmeErrors, type PromptOptions } from "./answer.js";
import { type Command, parseLine } from "./command.js";
import { DataMode } from "./data-mode.js";
import type { Knobs } from "./knobs.js";
import { Prompt } from "./prompt.js";

const CARRIAGE_RETURN = 0x0d;
/** Characters of a command line; what is longer is answered with ERROR. */
const LONGEST_LINE = 1024;

export interface TerminalOptions {
  readonly agenda: Agenda;
  readonly knobs: Knobs;
  readonly random: () => number;
  readonly write: (bytes: Uint8Array) => void;
  readonly commands: () => Commands;
  /** What asks for payload, ">" or "@". */
  readonly prompt: string;
  /** Error texts start with a capital. */
  readonly capitalErrors: boolean;
}

interface Asking {
  readonly prompt: Prompt;
  readonly echo: boolean;
  readonly done: (bytes: Uint8Array | undefined) => void;
  timeout: TimerHandle | undefined;
  /** What comes is lost: the prompt was written too short a time ago. */
  deaf: boolean;
}

/** The command interpreter: echo, one line at a time, answers, prompts, and unsolicited codes between all of it. */
export class Terminal {
  /** ATE. */
  echo = true;
  /** AT+CMEE: 0 bare ERROR, 1 number, 2 text. */
  errors = 0;
  /** Unsolicited codes and late results go to another port than this. */
  elsewhere = false;
  readonly #options: TerminalOptions;
  readonly #input = new ByteQueue();
  #line = "";
  #busy = false;
  /** The command that runs has written an information line. */
  #informed = false;
  #asking: Asking | undefined;
  #data: DataMode | undefined;
  /** Unsolicited codes wait in data mode, while a payload is typed in, and for the result of its command. */
  #held: Array<() => void> = [];

  constructor(options: TerminalOptions) {
    this.#options = options;
  }

  input(bytes: Uint8Array): void {
    this.#input.push(bytes);
    this.#pump();
  }

  unsolicited(text: string): void {
    this.#whenNotAsking(() => this.#write(`\r\n${text}\r\n`));
  }

  /** An unsolicited line with counted bytes in it. */
  unsolicitedData(head: string, bytes: Uint8Array, tail = ""): void {
    this.#whenNotAsking(() => this.#writeData(head, bytes, tail));
  }

  /** The result of a command that has said OK before. */
  lateResult(text: string): void {
    if (this.#options.knobs.gluedResults) this.#whenNotAsking(() => this.#write(`\r\n${text}`));
    else this.unsolicited(text);
  }

  #whenNotAsking(action: () => void): void {
    if (this.elsewhere) return;
    if (this.#asking || this.#data?.online || this.#held.length > 0) this.#held.push(action);
    else action();
  }

  // Input.

  #pump(): void {
    while (this.#input.length > 0 && !this.#busy) {
      if (this.#data?.online) this.#data.input(this.#input.take(this.#input.length));
      else if (this.#asking) this.#takePayload(this.#asking);
      else this.#takeLine();
    }
  }

  #takeLine(): void {
    const end = this.#input.indexOf(CARRIAGE_RETURN);
    const bytes = this.#input.take(end < 0 ? this.#input.length : end + 1);
    if (this.echo) this.#writeEcho(bytes);
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
    this.#informed = false;
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
    else if (command.form !== "test") handler(command, answer);
    else if (this.#options.knobs.testsWithoutOK) answer.silence();
    else answer.ok();
  }

  #final(text: string): void {
    this.#interleave();
    const lead = text === "OK" && this.#informed && this.#options.knobs.singleLineEnds ? "" : "\r\n";
    this.#options.write(toBytes(`${lead}${text}\r\n`));
    this.#end();
  }

  #end(): void {
    if (!this.#asking && !this.#data?.online) this.#release();
    this.#busy = false;
    this.#pump();
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    for (const action of held) action();
  }

  // Data mode.

  /** What `socket` received goes to the host, when it is in data mode. */
  pass(socket: AirSocket): void {
    const { received } = socket;
    if (this.#data?.online && this.#data.socket === socket) this.#options.write(received.take(received.length));
  }

  /** `socket` was closed by the peer or with the network. */
  hangUp(socket: AirSocket): void {
    if (this.#data?.socket !== socket) return;
    this.#data = undefined;
    this.#write("\r\nNO CARRIER\r\n");
    this.#release();
  }

  /** ATO: back to the connection that was left by the escape sequence. */
  resume(answer: Answer): undefined {
    const data = this.#data;
    if (data?.socket.state !== "open") return answer.result("NO CARRIER");
    answer.result("CONNECT");
    data.resume();
    this.pass(data.socket);
  }

  #connect(socket: AirSocket): void {
    const data = new DataMode(this.#options.agenda, socket, () => this.#final("OK"));
    this.#final("CONNECT");
    this.#data = data;
  }

  // Payload.

  #ask(length: number | undefined, done: Asking["done"], options: PromptOptions): void {
    const { agenda, knobs, prompt, write } = this.#options;
    const asking: Asking = {
      prompt: new Prompt(length, knobs.escapeAborts),
      echo: options.echo ?? false,
      done,
      timeout: undefined,
      deaf: knobs.promptGuard > 0,
    };
    if (asking.deaf) {
      agenda.after(knobs.promptGuard, () => {
        asking.deaf = false;
      });
    }
    if (options.timeout !== undefined) {
      asking.timeout = agenda.after(options.timeout, () => this.#stopAsking(asking, undefined));
    }
    this.#asking = asking;
    write(toBytes(options.text ?? `\r\n${prompt}${knobs.promptSpace ? " " : ""}`));
    this.#end();
  }

  #takePayload(asking: Asking): void {
    if (asking.deaf) {
      this.#input.clear();
      return;
    }
    const payload = asking.prompt.take(this.#input);
    if (payload === undefined) return;
    if (asking.echo && payload !== "aborted") this.#options.write(payload);
    this.#stopAsking(asking, payload === "aborted" ? undefined : payload);
  }

  #stopAsking(asking: Asking, payload: Uint8Array | undefined): void {
    const { agenda, knobs } = this.#options;
    agenda.cancel(asking.timeout);
    this.#asking = undefined;
    this.#busy = true;
    agenda.about(knobs.answerTime, () => asking.done(payload));
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
        terminal.#informed = true;
        terminal.#write(`\r\n${text}\r\n`);
        return this;
      },
      data(head, bytes, tail = "") {
        terminal.#writeData(head, bytes, tail);
        return this;
      },
      ok: () => finish(next),
      error: () => finish(() => terminal.#final("ERROR")),
      cme: (code) => finish(() => terminal.#final(terminal.#cmeText(code))),
      fail: (text) =>
        finish(() => {
          terminal.#write(`\r\n${text}\r\n`);
          terminal.#final("ERROR");
        }),
      result: (text) => finish(() => terminal.#final(text)),
      connect: (socket) => finish(() => terminal.#connect(socket)),
      silence: () => finish(() => terminal.#end()),
      prompt: (length, onPayload, options = {}) => {
        terminal.#ask(length, onPayload, options);
      },
    };
  }

  #cmeText(code: number): string {
    if (this.errors === 0 || this.#options.knobs.plainErrors) return "ERROR";
    const text = cmeErrors[code] ?? "unknown";
    const spelt = this.#options.capitalErrors ? text.slice(0, 1).toUpperCase() + text.slice(1) : text;
    return `+CME ERROR: ${this.errors === 1 ? code : spelt}`;
  }

  #writeEcho(bytes: Uint8Array): void {
    const { agenda, knobs, write } = this.#options;
    if (knobs.echoDelay > 0) agenda.after(knobs.echoDelay, () => write(bytes));
    else write(bytes);
  }

  #write(text: string): void {
    this.#interleave();
    this.#options.write(toBytes(text));
  }

  #writeData(head: string, bytes: Uint8Array, tail: string): void {
    const { knobs, write } = this.#options;
    const cut = knobs.shortRead;
    if (cut) knobs.shortRead = false;
    this.#interleave();
    const sent = cut ? bytes.subarray(0, bytes.length >> 1) : bytes;
    const start = toBytes(`\r\n${head}`);
    const all = new Uint8Array(start.length + sent.length);
    all.set(start);
    all.set(sent, start.length);
    write(all);
    if (tail !== "" && !cut) write(toBytes(tail));
  }

  /** An unsolicited code in front of a line, as often as the knob says. */
  #interleave(): void {
    const { knobs, random, write } = this.#options;
    if (this.elsewhere || knobs.interleave === 0 || random() % 1000 >= knobs.interleave) return;
    write(toBytes(`\r\n${knobs.unsolicited[random() % knobs.unsolicited.length]}\r\n`));
  }
}
