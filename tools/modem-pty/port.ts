import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** Why there is no port; the message is for the user. */
export class PortError extends Error {}

/**
 * A new pty, or a serial device: what the other side writes, and what it reads. Node has neither, so a Python program holds
 * the port.
 */
export class Port {
  /** What to open at the other side. */
  readonly name: string;
  readonly #helper: ChildProcess;
  readonly #isDevice: boolean;

  private constructor(helper: ChildProcess, name: string, isDevice: boolean) {
    this.#helper = helper;
    this.#isDevice = isDevice;
    this.name = name;
  }

  /** Rejects with PortError. `device`: an existing serial port, instead of a pty. */
  static async open(device?: { path: string; baud: number }): Promise<Port> {
    const parameters = device ? [device.path, `${device.baud}`] : [];
    const helper = spawn("python3", [join(import.meta.dirname, "port.py"), ...parameters], {
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    });
    const errors = helper.stderr as Readable;
    const told: Promise<string[]> = once(createInterface(errors), "line");
    const [line = ""] = await Promise.race([told, once(helper, "exit").then(() => told)]).catch(missing);
    if (device ? line !== device.path : !line.startsWith("/dev/")) throw new PortError(line);
    return new Port(helper, line, device !== undefined);
  }

  /** Bits per second; means nothing on a pty. */
  setRate(baud: number): void {
    if (this.#isDevice) (this.#helper.stdio[3] as Writable).write(`${baud}\n`);
  }

  onData(callback: (bytes: Uint8Array) => void): void {
    this.#helper.stdout!.on("data", callback);
  }

  /** The port is gone: the device was unplugged. */
  onClosed(callback: () => void): void {
    this.#helper.once("close", callback);
  }

  write(bytes: Uint8Array): void {
    this.#helper.stdin!.write(bytes);
  }

  close(): void {
    this.#helper.removeAllListeners("close");
    this.#helper.kill();
  }
}

function missing(error: NodeJS.ErrnoException): never {
  if (error.code !== "ENOENT") throw error;
  throw new PortError("python3 is needed to hold the port (Node can make no pty): install it, for example by apt");
}
