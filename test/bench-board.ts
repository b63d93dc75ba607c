import { Device } from "../firmware/app.js";
import { hexBytes } from "../firmware/hex.js";
import { SipHash } from "../firmware/openpaygo/siphash.js";
import type { Board } from "../hal/board.js";
import type { HTTPClient, HTTPClientOptions, HTTPRequest, HTTPRequestOptions } from "../hal/http.js";
import type { Network } from "../hal/network.js";
import type { Sample } from "../hal/sensor.js";
import { MemoryKeyValue } from "../hal/sim/key-value.js";
import { NorFlash } from "../hal/sim/nor-flash.js";
import { seededRandom } from "../hal/sim/random.js";
import { SimulatedTime } from "../hal/sim/time.js";
import { BootTimers } from "./boot-timers.js";

export const KEY = "dac86b1a29ab82edc5fbbc41ec9530f6";
export const SERIAL = "HG0000001";
/** A multiple of an hour. */
export const NOON = 1_767_268_800;

export interface Posted {
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/** What the server of a test answers; undefined: never. */
export type Respond = (request: Posted) => Response | "lost" | undefined;

export interface Response {
  readonly status: number;
  readonly body: string | Uint8Array;
  /** The header of that name. */
  readonly date?: string;
}

/** A device on a board without a modem: its network is there at once, and its server is a function. */
export class BenchBoard {
  readonly time = new SimulatedTime();
  readonly keyValue = new MemoryKeyValue({ random: () => 0 });
  readonly flash = new NorFlash({ size: 1 << 16, random: () => 0 });
  readonly lines: string[] = [];
  readonly posted: Posted[] = [];
  readonly network: Network = { ...networkStub() };
  respond: Respond = () => ({ status: 201, body: "{}" });
  sample: Sample = { battery_voltage: 13100, panel_current: 250 };
  relay: 0 | 1 = 0;
  /** Seconds since 1970 by the network, at tick 0 of the simulation; undefined: the network has no clock. */
  clock: number | undefined = NOON;
  device: Device;
  #boot: BootTimers;

  constructor(settings: Readonly<Record<string, string>> = {}) {
    this.#boot = new BootTimers(this.time);
    this.device = this.#start();
    this.device.settings.setAll(
      Object.entries({
        serial_number: SERIAL,
        secret_key: KEY,
        base_url: "http://metrics.example",
        data_format_id: "12",
        ...settings,
      }),
    );
    this.#tellTime();
  }

  /** Virtual seconds. */
  run(seconds: number): void {
    this.time.run(seconds * 1000);
  }

  /** Power off and on. */
  restart(): void {
    this.device.close();
    this.#boot.end();
    this.#boot = new BootTimers(this.time);
    this.relay = 0;
    this.device = this.#start();
    this.#tellTime();
  }

  #start(): Device {
    const { time, keyValue, flash, network } = this;
    const bench = this;
    const startedAt = time.now;
    const board: Board = {
      name: "bench",
      ticks: () => time.now - startedAt,
      timer: this.#boot,
      random: seededRandom(1),
      flash,
      keyValue,
      sensors: [{ sample: () => this.sample }],
      inputs: [],
      relay: {
        write: (value) => {
          this.relay = value;
        },
      },
      network,
      authority: new Uint8Array(1),
      HTTPClient: class extends ScriptedHTTPClient {
        constructor(options: HTTPClientOptions) {
          super(options, bench);
        }
      },
      log: (line) => this.lines.push(line),
      resetReason: "power",
      restart: () => this.restart(),
    };
    return new Device(board);
  }

  #tellTime(): void {
    if (this.clock !== undefined) this.device.clock.offer(this.clock + this.time.now / 1000, "network");
  }
}

/** Answers the one request of a connection by the board's `respond`, on later turns. */
class ScriptedHTTPClient implements HTTPClient {
  readonly #options: HTTPClientOptions;
  readonly #board: BenchBoard;
  #closed = false;

  constructor(options: HTTPClientOptions, board: BenchBoard) {
    this.#options = options;
    this.#board = board;
  }

  request(options: HTTPRequestOptions): HTTPRequest {
    const headers = options.headers ?? new Map<string, string>();
    const body = new Uint8Array(Number(headers.get("content-length") ?? 0));
    let received = 0;
    let answer = new Uint8Array(0);
    const request: HTTPRequest = {
      read: (count = answer.length) => {
        const part = answer.slice(0, count);
        answer = answer.slice(count);
        return part.length > 0 ? part.buffer : undefined;
      },
      write: (data) => {
        const bytes = new Uint8Array(data);
        body.set(bytes, received);
        received += bytes.length;
        if (received === body.length) this.#later(() => finish());
        return body.length - received;
      },
    };
    const finish = () => {
      const posted = { path: options.path ?? "/", headers, body };
      this.#board.posted.push(posted);
      const response = this.#board.respond(posted);
      if (response === undefined) return;
      if (response === "lost") return this.#options.onError?.();
      answer = Uint8Array.from(Buffer.from(response.body as string));
      options.onHeaders?.call(request, response.status, new Map(response.date ? [["date", response.date]] : []));
      // In two parts, as networks do.
      const half = answer.length >> 1;
      if (half > 0) options.onReadable?.call(request, half);
      if (answer.length > 0) options.onReadable?.call(request, answer.length);
      options.onDone?.call(request, null);
    };
    this.#later(() => options.onWritable?.call(request, body.length));
    return request;
  }

  close(): void {
    this.#closed = true;
  }

  #later(work: () => void): void {
    this.#board.time.set(() => {
      if (!this.#closed) work();
    });
  }
}

function networkStub(): Network {
  const none = class {
    constructor() {
      throw new Error("the bench has no sockets");
    }
  } as unknown as Network["TCP"];
  return {
    connect: () => {},
    disconnect: () => {},
    connection: 500,
    address: "10.0.0.1",
    information: {},
    time: undefined,
    problem: undefined,
    bytesSent: 0,
    bytesReceived: 0,
    TCP: none,
    TLS: none,
  };
}

/** The signature of an answer over `signed` (see "Server Response" in the spec) to a request with this count. */
export function sign(requestCount: number, signed: string, serial = SERIAL): string {
  const hash = new SipHash(hexBytes(KEY));
  hash.update(Uint8Array.from(Buffer.from(`${serial}${requestCount}${signed}`)));
  return `da${hash.hex()}`;
}
