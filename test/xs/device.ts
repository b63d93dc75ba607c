import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Serial, SerialPort } from "../../hal/serial.js";
import type { SimulatedTime } from "../../hal/sim/time.js";
import type { TimerHandle } from "../../hal/timer.js";
import {
  crash,
  type End,
  encodeFrame,
  FrameReader,
  type FrameType,
  hostArguments,
  type MachineOptions,
  parseEnd,
} from "./frames.js";

export interface DeviceOptions extends MachineOptions {
  /** The built host (`buildHost`) and the script for it (`bundle`). */
  readonly host: string;
  readonly script: string;
  /** The world's time; the device follows it. */
  readonly time: SimulatedTime;
  /** What hangs at the other end of each of the device's UARTs. */
  readonly ports?: Readonly<Record<number, SerialPort>>;
  readonly onLog?: (line: string) => void;
  readonly onPin?: (pin: number, value: 0 | 1) => void;
  /** The program ended by itself: out of memory, an exception, a restart that it asked for. */
  readonly onEnd?: (end: End) => void;
}

/**
 * A device that runs alone on XS in a process of its own, in lockstep with a world on virtual time here: each event is
 * sent and answered before anything else happens, so that a run depends on nothing but its inputs.
 */
export class XSDevice {
  readonly #options: DeviceOptions;
  readonly #machine: MachineOptions;
  readonly #serials = new Map<number, Serial>();
  readonly #waiting: Buffer[] = [];
  #reader = new FrameReader();
  readonly #received = Buffer.alloc(65536);
  #child: ChildProcess | undefined;
  #input = -1;
  #output = -1;
  #busy = false;
  #timer: TimerHandle | undefined;
  /** World time at the start of this run: the device counts from 0. */
  #epoch = 0;
  #end: End | undefined;

  constructor(options: DeviceOptions) {
    const { host, script, time, ports, onLog, onPin, onEnd, ...machine } = options;
    this.#options = options;
    this.#machine = machine;
  }

  /** How the last run ended; undefined while running. */
  get end(): End | undefined {
    return this.#end;
  }

  /** Process of the host while the device has power. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Power on: starts the program. */
  start(): void {
    if (this.#child) throw new Error("the device is running");
    const { host, script, time } = this.#options;
    const folder = mkdtempSync(join(tmpdir(), "heliograph-device-"));
    const [input, output] = [openPipe(join(folder, "in")), openPipe(join(folder, "out"))];
    rmSync(folder, { recursive: true });
    this.#child = spawn(host, hostArguments(script, this.#machine), { stdio: [input.read, output.write, "inherit"] });
    closeSync(input.read);
    closeSync(output.write);
    [this.#input, this.#output] = [input.write, output.read];
    this.#reader = new FrameReader();
    this.#end = undefined;
    this.#epoch = time.now;
    this.#exchange();
    this.#drain();
  }

  /** Power off at once, whatever the device was doing. */
  cut(): void {
    if (!this.#child) return;
    this.#child.kill("SIGKILL");
    this.#closeAll();
  }

  /** Lets the program end when it has nothing to do and gives its figures; memory is what was left after a collection. */
  stop(): End {
    if (this.#child) {
      closeSync(this.#input);
      this.#input = -1;
      this.#exchange();
    }
    return this.#end!;
  }

  /** Changes the level of an input pin. */
  setInput(pin: number, value: 0 | 1): void {
    this.#send("P", pin, number32(value));
  }

  #send(type: FrameType, port: number, payload: Uint8Array): void {
    this.#waiting.push(encodeFrame(type, port, payload));
    if (!this.#busy) this.#advance();
  }

  /** Moves the device's time to the world's and tells it what happened meanwhile. */
  #advance(): void {
    const now = Buffer.alloc(8);
    now.writeDoubleLE(this.#options.time.now - this.#epoch);
    this.#tell(encodeFrame("T", 0, now));
    this.#drain();
  }

  #drain(): void {
    for (let frame = this.#waiting.shift(); frame; frame = this.#waiting.shift()) this.#tell(frame);
  }

  #tell(frame: Buffer): void {
    if (!this.#child) return;
    try {
      writeSync(this.#input, frame);
    } catch (error) {
      // The host died since; what it said before is still to be read.
      if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
    }
    this.#exchange();
  }

  /** Takes what the device says until it waits again or has ended. */
  #exchange(): void {
    this.#busy = true;
    for (let waiting = false; this.#child && !waiting; ) {
      const frame = this.#reader.next();
      if (!frame) this.#fill();
      else if (frame.type === "N") {
        waiting = true;
        this.#schedule(frame.payload.readDoubleLE(0) + this.#epoch);
      } else if (frame.type === "X") this.#ended(parseEnd(frame));
      else this.#take(frame.type, frame.port, frame.payload);
    }
    this.#busy = false;
  }

  #fill(): void {
    const count = readSync(this.#output, this.#received);
    if (count > 0) this.#reader.push(this.#received.subarray(0, count));
    else this.#ended(crash("the host crashed"));
  }

  #take(type: FrameType, port: number, payload: Buffer): void {
    if (type === "L") this.#options.onLog?.(payload.toString());
    else if (type === "P") this.#options.onPin?.(port, payload[0] ? 1 : 0);
    else if (type === "S") this.#serials.get(port)?.write(Uint8Array.from(payload));
    else if (payload.readInt32LE(0) > 0) this.#openSerial(port, payload.readInt32LE(0));
    else this.#closeSerial(port);
  }

  #openSerial(port: number, baud: number): void {
    const end = this.#options.ports?.[port];
    if (!end) throw new Error(`the device opened port ${port}, where nothing is connected`);
    const { io, ...options } = end;
    const serial = new io({
      ...options,
      baud,
      onReadable: (count) => this.#send("S", port, new Uint8Array(serial.read(count) ?? new ArrayBuffer(0))),
      onWritable: (count) => this.#send("W", port, number32(count)),
    });
    this.#serials.set(port, serial);
  }

  #closeSerial(port: number): void {
    this.#serials.get(port)?.close();
    this.#serials.delete(port);
  }

  #schedule(due: number): void {
    const { time } = this.#options;
    time.clear(this.#timer);
    this.#timer = Number.isFinite(due) ? time.set(() => this.#advance(), due - time.now) : undefined;
  }

  #ended(end: End): void {
    this.#end = end;
    this.#closeAll();
    this.#options.time.set(() => this.#options.onEnd?.(end));
  }

  #closeAll(): void {
    if (this.#input >= 0) closeSync(this.#input);
    closeSync(this.#output);
    this.#input = this.#output = -1;
    this.#child = undefined;
    this.#waiting.length = 0;
    for (const port of [...this.#serials.keys()]) this.#closeSerial(port);
    this.#options.time.clear(this.#timer);
  }
}

function number32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** Both ends of a pipe for synchronous use; Node's own pipes to a child can only be used asynchronously. */
function openPipe(path: string): { read: number; write: number } {
  execFileSync("mkfifo", [path]);
  // Without a reader the writing end would not open, without a writer a blocking reading end neither.
  const first = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const write = openSync(path, constants.O_WRONLY);
  const read = openSync(path, constants.O_RDONLY);
  closeSync(first);
  return { read, write };
}
