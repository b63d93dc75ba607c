import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LoopInternet } from "../../hal/host/internet.js";
import { run } from "../../hal/host/runner.js";
import type { ModemEmulator } from "../../hal/sim/modem/emulator.js";
import { modemNamed } from "../../hal/sim/modem/modems.js";
import { seededRandom } from "../../hal/sim/random.js";
import { SimulatedTime } from "../../hal/sim/time.js";
import { Uart } from "../../hal/sim/uart.js";
import { createMetricsServer } from "../../tools/server/server.js";
import { Terminal } from "../console/terminal.js";
import { buildHost } from "./build.js";
import { XSDevice } from "./device.js";
import type { End, MachineOptions } from "./frames.js";
import { CONSOLE_PORT, MODEM_PORT, PINS, SECRET_KEY, SERIAL_NUMBER, SERVER } from "./provision.js";
import { bundle } from "./run.js";

/** 2026-01-01T00:00:00Z, in seconds since 1970. */
export const START = 1_767_225_600;

/** The program that runs on XS. */
const FIRMWARE = join(import.meta.dirname, "firmware.ts");

/** The firmware on XS with an emulated modem at its UART, a metrics server behind that, and virtual time for all. */
export class World {
  readonly time = new SimulatedTime();
  readonly device: XSDevice;
  readonly modem: ModemEmulator;
  readonly log: string[] = [];
  /** What a program with a console shows there. */
  readonly terminal = new Terminal();
  readonly internet = new LoopInternet();
  /** Levels that the firmware wrote to the load relay. */
  readonly relay: number[] = [];
  readonly #folder: string;
  readonly #console: Uart;

  private constructor(host: string, folder: string, machine: MachineOptions, modem: string, entry: string) {
    this.#folder = folder;
    const { time } = this;
    const now = () => START + time.now / 1000;
    this.modem = new (modemNamed(modem))({
      timer: time,
      ticks: () => time.now,
      random: seededRandom(2),
      time: now,
      internet: this.internet,
    });
    const devices = [{ serialNumber: SERIAL_NUMBER, key: SECRET_KEY }];
    this.internet.listen(SERVER, 80, createMetricsServer({ data: join(folder, "server"), devices, now }));
    this.#console = new Uart({ timer: time, ticks: () => time.now, random: seededRandom(3) });
    this.#console.peer.onReceive = (bytes) => this.terminal.write(bytes);
    this.device = new XSDevice({
      ...{ flash: 1 << 20, flashFile: join(folder, "flash"), keyValueFile: join(folder, "key-value"), ...machine },
      ...{ host, time, script: bundle(entry, folder) },
      ports: { [CONSOLE_PORT]: this.#console.device, [MODEM_PORT]: this.modem.serial },
      onLog: (line) => this.log.push(line),
      onPin: (pin, value) => this.#pin(pin, value),
    });
  }

  static async open(machine: MachineOptions = {}, modem = "SIM7600", entry = FIRMWARE): Promise<World> {
    return new World(await buildHost(), mkdtempSync(join(tmpdir(), "heliograph-world-")), machine, modem, entry);
  }

  /** Types a line at the console. */
  type(line: string): void {
    this.#console.peer.write(Buffer.from(`${line}\r`));
  }

  /** Lets the world live for so many hours, or until the device, if it has power, ends by itself. */
  async live(hours: number): Promise<void> {
    const end = this.time.now + hours * 3_600_000;
    const powered = this.device.pid !== undefined;
    this.time.set(() => {}, end - this.time.now);
    const ended = () => this.time.now >= end || (powered && this.device.pid === undefined);
    await run({ time: this.time, speed: Number.POSITIVE_INFINITY, settled: () => this.internet.settled(), ended });
  }

  /** Lines of the server's file of this device, the heading first. */
  get rows(): string[] {
    return readFileSync(join(this.#folder, "server", `${SERIAL_NUMBER}.csv`), "utf8")
      .trim()
      .split("\n");
  }

  /** Ends the run and forgets everything; gives the device's figures. */
  close(): End {
    const end = this.device.end ?? this.device.stop();
    rmSync(this.#folder, { recursive: true });
    return end;
  }

  #pin(pin: number, value: 0 | 1): void {
    const { power } = this.modem;
    if (pin === PINS.relay) this.relay.push(value);
    else if (pin === PINS.modemKey) power.key.write(value);
    else if (pin === PINS.modemReset) power.reset.write(value);
    else if (pin === PINS.modemSupply) power.supply.write(value);
  }
}
