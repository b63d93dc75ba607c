import type { Serial, SerialPort } from "../../hal/serial.js";
import { type Command, type Context, execute } from "./command.js";
import { LineEditor } from "./line-editor.js";
import { LogQueue } from "./log-queue.js";
import { Output, printable } from "./output.js";

/** What a script waits for before it sends a line; see command.ts. */
const PROMPT = "> ";

export interface ConsoleOptions<Target> {
  port: SerialPort;
  /** What the commands work on. */
  target: Target;
  commands: readonly Command<Target>[];
}

/**
 * Commands and log lines on one serial port, however slow it is. Answers are made line by line as the port takes them;
 * input waits while one is under way. Log lines wait for both, in a queue that drops what does not fit.
 */
export class Console<Target> {
  readonly #port: Serial;
  readonly #output = new Output();
  readonly #logs = new LogQueue();
  readonly #editor: LineEditor;
  readonly #context: Context<Target>;
  #input = new Uint8Array(0);
  #consumed = 0;
  /** The line being written, and how many of its bytes were. */
  #line: Uint8Array | undefined;
  #written = 0;
  #answer: Iterator<string, void> | undefined;
  #afterwards: (() => void) | undefined;
  #running = false;
  #closed = false;

  constructor({ port, target, commands }: ConsoleOptions<Target>) {
    this.#editor = new LineEditor({
      prompt: PROMPT,
      write: (ascii) => this.#output.ascii(ascii),
      onLine: (line, problem) => this.#execute(line, problem),
    });
    this.#context = {
      target,
      commands,
      forget: () => this.#editor.forget(),
      afterwards: (action) => {
        this.#afterwards = action;
      },
    };
    this.#port = new port.io({
      ...port,
      onReadable: () => this.#run(),
      onWritable: (count) => {
        this.#output.writable = count;
        this.#run();
      },
    });
  }

  /** Prints a log line above what is being typed; never inside an answer. */
  print(line: string): void {
    this.#logs.push(line);
    this.#run();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#port.close();
  }

  /** Does what can be done now. A command that prints gets here again: the run under way sees to it. */
  #run(): void {
    if (this.#running || this.#closed) return;
    this.#running = true;
    while (this.#step());
    this.#running = false;
    if (!this.#closed) this.#output.flush(this.#port);
  }

  /** One thing, the most urgent; false when nothing is left, or no room for it. */
  #step(): boolean {
    if (this.#closed || !this.#hasRoom()) return false;
    if (this.#line !== undefined) return this.#writeLine(this.#line);
    if (this.#answer) return this.#continueAnswer(this.#answer);
    if (this.#afterwards) return this.#finish(this.#afterwards);
    return this.#takeInput() || this.#takeLog() || this.#rest();
  }

  #hasRoom(): boolean {
    if (this.#output.room < LineEditor.MOST_BYTES) this.#output.flush(this.#port);
    return this.#output.room >= LineEditor.MOST_BYTES;
  }

  #start(line: string): true {
    this.#line = printable(line);
    this.#written = 0;
    return true;
  }

  #writeLine(line: Uint8Array): true {
    if (this.#written < line.length) {
      this.#written = this.#output.copy(line, this.#written);
    } else {
      this.#output.ascii("\r\n");
      this.#line = undefined;
    }
    return true;
  }

  #execute(line: string, problem: string | undefined): void {
    if (problem === undefined) this.#answer = execute(this.#context, line);
    else this.#start(`error: ${problem}; nothing was done`);
  }

  #continueAnswer(answer: Iterator<string, void>): true {
    const { done, value } = answer.next();
    if (!done) return this.#start(value);
    this.#answer = undefined;
    return true;
  }

  #finish(action: () => void): boolean {
    this.#output.flush(this.#port);
    if (this.#output.length > 0) return false;
    this.#afterwards = undefined;
    action();
    return true;
  }

  #takeInput(): boolean {
    if (this.#consumed === this.#input.length) {
      const received = this.#port.read();
      if (!received) return false;
      this.#input = new Uint8Array(received);
      this.#consumed = 0;
    }
    this.#editor.receive(this.#input[this.#consumed++]!);
    return true;
  }

  #takeLog(): boolean {
    const line = this.#logs.next();
    return line !== undefined && this.#start(line.padEnd(this.#editor.release()));
  }

  #rest(): false {
    this.#editor.refresh();
    return false;
  }
}
