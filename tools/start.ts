/** `npm start`: the firmware on a simulated solar home system, with its modem, its server and its console, on this machine. */
import { mkdtempSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Host } from "../firmware/main/host.js";
import type { HostInternet } from "../hal/host/host-internet.js";
import { LoopInternet, SocketInternet } from "../hal/host/internet.js";
import { run } from "../hal/host/runner.js";
import { Terminal } from "../hal/host/terminal.js";
import { readTrace } from "../hal/host/trace.js";
import { settled as streamsSettled } from "../hal/host/turn.js";
import { SimulatedTime } from "../hal/sim/time.js";
import { listen } from "./server/listen.js";
import { createMetricsServer } from "./server/server.js";
import { DEFAULT_START, parseOptions, type StartOptions } from "./start/options.js";
import { summary } from "./start/summary.js";

const MISUSE = 2;
/** Name of the built-in server in the simulated internet. */
const SERVER_NAME = "metrics.example";
/** Days of credit that wait for a new device at the built-in server. */
const WELCOME_DAYS = 30;
/** How long the last report may take after the end, in milliseconds of virtual time. */
const FAREWELL = 30 * 60_000;

class Simulation {
  readonly #options: StartOptions;
  readonly #time = new SimulatedTime();
  readonly #data: string;
  readonly #server: Server | undefined;
  #internet: HostInternet | undefined;
  #host: Host | undefined;
  #stopped = false;

  constructor(options: StartOptions) {
    this.#options = options;
    this.#data = options.data ?? mkdtempSync(join(tmpdir(), "heliograph-"));
    if (options.server === undefined) this.#server = this.#createServer();
  }

  async start(): Promise<void> {
    const { batch, speed, server } = this.#options;
    const looped = server === undefined && speed === Number.POSITIVE_INFINITY;
    const page = this.#server && !(batch && looped) ? await listen(this.#server, this.#options.port) : undefined;
    this.#internet = looped ? this.#loop(this.#server!) : new SocketInternet();
    const baseURL = server ?? (looped ? `http://${SERVER_NAME}` : page!);
    this.#host = this.#createHost(baseURL);
    if (page && !batch) this.#host.device.log(`server and page: ${page}`);
    if (this.#options.data === undefined) process.stderr.write(`heliograph: this run is kept in ${this.#data}\n`);
    await this.#run();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #run(): Promise<void> {
    const time = this.#time;
    const host = this.#host!;
    const { speed, days } = this.#options;
    // The device's HTTP client is Node's: its streams need turns of the event loop between steps of virtual time.
    const settled = () => this.#internet!.settled() ?? streamsSettled();
    const end = time.now + (days ?? Number.POSITIVE_INFINITY) * 86_400_000;
    time.set(() => {}, end - time.now);
    await run({ time, speed, settled, ended: () => this.#stopped || time.now >= end });
    if (!this.#stopped) await this.#farewell(settled);
    host.close();
    this.#server?.close();
    if (this.#options.batch) process.stdout.write(`${JSON.stringify(summary(host))}\n`);
  }

  /** The rows of the last interval still go out. */
  async #farewell(settled: () => Promise<void> | undefined): Promise<void> {
    const { device } = this.#host!;
    const time = this.#time;
    const end = time.now + FAREWELL;
    const failures = device.session.failures;
    if (device.outbox.length > 0) device.session.send();
    const ended = () => !device.session.busy || device.session.failures > failures || time.now >= end;
    await run({ time, speed: this.#options.speed, settled, ended: () => this.#stopped || ended() });
  }

  #loop(server: Server): LoopInternet {
    const internet = new LoopInternet();
    internet.listen(SERVER_NAME, 80, server);
    return internet;
  }

  #createServer(): Server {
    const { serial, key, batch } = this.#options;
    return createMetricsServer({
      data: join(this.#data, "server"),
      devices: [{ serialNumber: serial, key, welcomeDays: WELCOME_DAYS }],
      now: () => this.#host?.now ?? 0,
      ...(!batch && { log: (line: string) => this.#host?.device.log(`server: ${line}`) }),
    });
  }

  #createHost(baseURL: string): Host {
    const { start, seed, modem, authority, trace, batch, serial, key, auth, encoding, form, formatId } = this.#options;
    return new Host({
      time: this.#time,
      start,
      defaultStart: Date.parse(DEFAULT_START) / 1000,
      seed,
      internet: this.#internet!,
      modem,
      ...(authority && { authority }),
      ...(trace !== undefined && { trace: readTrace(trace) }),
      data: this.#data,
      ...(!batch && { console: { io: Terminal, onEnd: () => this.stop() } }),
      ...(batch && { log: (line: string) => void process.stderr.write(`${line}\n`) }),
      provision: [
        ["serial_number", serial],
        ["secret_key", key],
        ["base_url", baseURL],
        ["auth", auth],
        ["encoding", encoding],
        ["form", form],
        ["data_format_id", String(formatId)],
        ["record_interval", String(this.#options.recordInterval)],
        ["report_interval", String(this.#options.reportInterval)],
      ],
    });
  }
}

try {
  const simulation = new Simulation(parseOptions(process.argv.slice(2)));
  process.on("SIGINT", () => simulation.stop());
  await simulation.start();
  process.exit(0);
} catch (error) {
  process.stderr.write(`heliograph: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(MISUSE);
}
