import { type ChildProcess, spawn } from "node:child_process";

export interface Memory {
  /** Most slots at a time, of `slotBytes` bytes each, and most bytes of strings, buffers and arrays; garbage included. */
  readonly slots: number;
  readonly slotBytes: number;
  readonly chunkBytes: number;
}

/** A library of the SDK's Linux build, running without a screen; its console is typed at and read here. */
export class HeadlessApp {
  /** Everything that was printed, without what a terminal would only move the cursor by. */
  printed = "";
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;
  #errors = "";
  #exitCode: number | undefined;

  constructor(program: string, library: string, environment: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(program, [library], { env: { ...process.env, ...environment } });
    this.#child.stdout!.on("data", (data) => {
      this.printed += withoutControls(String(data));
    });
    this.#child.stderr!.on("data", (data) => {
      this.#errors += String(data);
    });
    this.#ended = new Promise((resolve) => {
      this.#child.on("close", (code) => {
        this.#exitCode = code ?? -1;
        resolve(this.#exitCode);
      });
    });
  }

  /** Types a line. */
  type(line: string): void {
    this.#child.stdin!.write(`${line}\r`);
  }

  /** Waits until something is true of what was printed, or of the rest of the world; throws after `seconds`, and when the app ends. */
  async until(what: string, isTrue: () => boolean, seconds: number): Promise<void> {
    const end = performance.now() + seconds * 1000;
    while (!isTrue()) {
      if (this.#exitCode !== undefined)
        throw new Error(`the app ended with code ${this.#exitCode} before: ${what}\n${this.#said()}`);
      if (performance.now() > end) throw new Error(`not within ${seconds} s: ${what}\n${this.#said()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Waits for the end; gives the exit code. */
  async end(seconds: number): Promise<number> {
    const timer = setTimeout(() => this.kill(), seconds * 1000);
    const code = await this.#ended;
    clearTimeout(timer);
    return code;
  }

  /** As a power cut: at once, whatever the app was doing. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  /** Ends the app in order. */
  async stop(): Promise<Memory> {
    this.#child.kill("SIGTERM");
    await this.#ended;
    return JSON.parse(this.#errors.trim().split("\n").at(-1)!) as Memory;
  }

  #said(): string {
    return `${this.printed.slice(-2000)}\n${this.#errors}`;
  }
}

function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminals are told by
  return text.replace(/\x1b\[[0-9;]*[A-Za-z]|[\r\x07\b]/g, "");
}
