import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { PassThrough, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { Terminal, type TerminalOptions } from "../../../hal/host/terminal.js";
import type { Serial, SerialPort } from "../../../hal/serial.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));
const textOf = (bytes: ArrayBuffer | undefined) => (bytes ? Buffer.from(bytes).toString("latin1") : "");

/** Keys from a terminal; remembers the modes it was set to. */
class Keyboard extends PassThrough {
  readonly isTTY: boolean;
  readonly modes: boolean[] = [];

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  setRawMode(raw: boolean): void {
    this.modes.push(raw);
  }
}

/** Holds back every write until `release`. */
class Screen extends Writable {
  readonly shown: string[] = [];
  #waiting: (() => void) | undefined;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.shown.push(chunk.toString("latin1"));
    this.#waiting = done;
  }

  release(): void {
    const done = this.#waiting;
    this.#waiting = undefined;
    done?.();
  }
}

describe("the terminal as a serial port", () => {
  const terminals: Serial[] = [];
  afterEach(() => {
    for (const terminal of terminals.splice(0)) terminal.close();
  });

  function open(isTTY: boolean, options: TerminalOptions = {}) {
    const keyboard = new Keyboard(isTTY);
    const screen = new Screen();
    const port: SerialPort = { io: Terminal, input: keyboard, output: screen };
    const terminal = new port.io({ ...port, ...options });
    terminals.push(terminal);
    return { keyboard, screen, terminal };
  }

  it("gives the keys as they come, as many as asked for", async () => {
    const counts: number[] = [];
    const { keyboard, terminal } = open(true, { onReadable: (count) => counts.push(count) });
    assert.equal(terminal.read(), undefined);
    keyboard.write("help\r");
    await turn();
    keyboard.write("\x1b[A");
    await turn();
    assert.deepEqual(counts, [5, 8]);
    assert.equal(textOf(terminal.read(2)), "he");
    assert.equal(textOf(terminal.read(0)), "");
    assert.equal(textOf(terminal.read()), "lp\r\x1b[A");
    assert.equal(terminal.read(), undefined);
  });

  it("writes all or nothing, within what onWritable allows, and says when there is room again", async () => {
    const room: number[] = [];
    const { screen, terminal } = open(true, { onWritable: (count) => room.push(count) });
    assert.deepEqual(room, [], "no callback from inside the constructor");
    await turn();
    const [free] = room;
    assert.ok(free! >= 1024);
    assert.throws(() => terminal.write(new Uint8Array(free! + 1)), { message: /would overflow/ });
    const buffer = Uint8Array.of(104, 105);
    terminal.write(buffer);
    buffer.fill(0);
    terminal.write(new ArrayBuffer(free! - 2));
    assert.throws(() => terminal.write(Uint8Array.of(1)), { message: /0 bytes are free, got 1/ });
    screen.release();
    await turn();
    assert.equal(room.length, 1);
    screen.release();
    await turn();
    assert.deepEqual(room, [free, free]);
    assert.equal(screen.shown[0], "hi");
  });

  it("is raw on a terminal and ends on Ctrl-C and Ctrl-D, with the mode restored by then", async () => {
    for (const key of ["\x03", "\x04"]) {
      let modesAtEnd: boolean[] = [];
      let readable = 0;
      const { keyboard, terminal } = open(true, {
        onEnd: () => {
          modesAtEnd = [...keyboard.modes];
        },
        onReadable: () => readable++,
      });
      assert.deepEqual(keyboard.modes, [true]);
      keyboard.write(`ab${key}cd`);
      await turn();
      assert.deepEqual(modesAtEnd, [true, false]);
      assert.equal(readable, 0);
      assert.throws(() => terminal.write(Uint8Array.of(1)), { message: "closed" });
    }
  });

  it("passes every byte of a pipe, and its end ends nothing", async () => {
    let ends = 0;
    const { keyboard, terminal } = open(false, { onEnd: () => ends++ });
    keyboard.end("status\n\x03\x04\n");
    await turn();
    assert.deepEqual(keyboard.modes, []);
    assert.equal(textOf(terminal.read()), "status\n\x03\x04\n");
    await turn();
    assert.equal(ends, 0);
    terminal.write(Uint8Array.of(1));
  });

  it("lets a long pipe wait until it is read, and loses nothing of it", async () => {
    const { keyboard, terminal } = open(false);
    const script = "data 100\n".repeat(3000);
    keyboard.end(script);
    let received = "";
    let most = 0;
    for (let i = 0; i < 100 && received.length < script.length; i++) {
      await turn();
      const bytes = terminal.read(1000);
      most = Math.max(most, bytes?.byteLength ?? 0);
      received += textOf(bytes);
    }
    assert.ok(received === script);
    assert.equal(most, 1000);
  });

  it("ends when nobody reads the output any more", async () => {
    let ends = 0;
    const { screen } = open(true, { onEnd: () => ends++ });
    screen.destroy(new Error("EPIPE"));
    await turn();
    assert.equal(ends, 1);
  });

  it("calls nothing after close, restores the mode, leaves no listeners, and closes twice", async () => {
    const listeners = () => ["exit", "SIGHUP", "SIGTERM", "SIGQUIT"].map((event) => process.listenerCount(event));
    const before = listeners();
    const called: string[] = [];
    const { keyboard, screen, terminal } = open(true, {
      onReadable: () => called.push("readable"),
      onWritable: () => called.push("writable"),
      onEnd: () => called.push("end"),
    });
    assert.notDeepEqual(listeners(), before);
    terminal.close();
    terminal.close();
    keyboard.write("x\x03");
    await turn();
    assert.deepEqual(called, []);
    assert.deepEqual(keyboard.modes, [true, false]);
    assert.deepEqual(listeners(), before);
    assert.deepEqual(
      [keyboard, screen].map((stream) => stream.listenerCount("error")),
      [0, 0],
    );
  });

  it("refuses a format that it does not have", () => {
    assert.throws(() => new Terminal({ format: "number" as "buffer" }), {
      name: "RangeError",
      message: /format must be "buffer"/,
    });
  });

  /** Runs a program that opens a make-believe terminal and then does `script`; gives what it printed, with the modes at the end. */
  async function runProgram(
    script: string,
  ): Promise<{ output: string; code: number | null; signal: NodeJS.Signals | null }> {
    const program = `
      import { Terminal } from "./hal/host/terminal.ts";
      import { PassThrough } from "node:stream";
      import { writeSync } from "node:fs";
      const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (raw) => writeSync(1, raw ? "raw " : "restored ") });
      new Terminal({ input });
      setTimeout(() => {}, 10000);
      ${script}`;
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [output, [code, signal]] = await Promise.all([
      text(child.stdout),
      new Promise<[number | null, NodeJS.Signals | null]>((resolve) => child.on("exit", (...how) => resolve(how))),
    ]);
    return { output, code, signal };
  }

  it("restores the terminal when the process exits, throws, or is ended by a signal", async () => {
    const [exit, failure, terminated, hungUp, handled] = await Promise.all([
      runProgram("process.exit(3)"),
      runProgram("setTimeout(() => { throw new Error('x') })"),
      runProgram("process.kill(process.pid, 'SIGTERM')"),
      runProgram("process.kill(process.pid, 'SIGHUP')"),
      runProgram("process.on('SIGTERM', () => process.exit(5)); process.kill(process.pid, 'SIGTERM')"),
    ]);
    assert.deepEqual(exit, { output: "raw restored ", code: 3, signal: null });
    assert.deepEqual(failure, { output: "raw restored ", code: 1, signal: null });
    assert.deepEqual(terminated, { output: "raw restored ", code: null, signal: "SIGTERM" });
    assert.deepEqual(hungUp, { output: "raw restored ", code: null, signal: "SIGHUP" });
    assert.deepEqual(handled, { output: "raw restored ", code: 5, signal: null });
  });
});
