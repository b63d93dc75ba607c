import { createHash } from "node:crypto";
import { Device } from "../../firmware/app.js";
import type { Board } from "../../hal/board.js";
import type { HTTPClient, HTTPClientConstructor, HTTPRequest, HTTPRequestOptions } from "../../hal/http.js";
import type { Network } from "../../hal/network.js";
import { SimulatedSlots } from "../../hal/sim/firmware-slots.js";
import { MemoryKeyValue } from "../../hal/sim/key-value.js";
import { NorFlash, PowerCut } from "../../hal/sim/nor-flash.js";
import { seededRandom } from "../../hal/sim/random.js";
import { SimulatedTime } from "../../hal/sim/time.js";
import type { TimerHandle } from "../../hal/timer.js";
import { KEY, NOON, SERIAL, sign } from "../bench-board.js";
import { BootTimers } from "../boot-timers.js";

export const SLOT = 256 * 1024;
/** What comes at once, and how often: about 11 KB/s. */
const PIECE = 700;
const PIECE_TIME = 60;

/** Bytes that look like firmware to a bootloader, different for each seed. */
export function makeImage(length: number, seed = 1): Uint8Array {
  const random = seededRandom(seed);
  const image = Uint8Array.from({ length }, () => random() & 0xff);
  image[0] = 0xe9;
  return image;
}

export function orderOf(image: Uint8Array, url = "http://updates.example/heliograph.bin"): string {
  return `${url} ${image.length} ${createHash("sha256").update(image).digest("hex")}`;
}

/** A device with two slots, a metrics server and a server for images, at 11 KB/s. */
export class UpdateBench {
  readonly time = new SimulatedTime();
  readonly keyValue = new MemoryKeyValue({ random: () => 0 });
  readonly flash = new NorFlash({ size: 1 << 16, random: () => 0 });
  readonly slots: readonly [NorFlash, NorFlash] = [slot(), slot()];
  readonly bootloader = new SimulatedSlots({ slots: this.slots, keyValue: this.keyValue });
  readonly network: Network;
  readonly lines: string[] = [];
  /** What the server gives; undefined: it is gone. */
  image: Uint8Array | undefined;
  /** First and last byte of each range that was asked for. */
  readonly ranges: [number, number][] = [];
  /** Bytes of images that reached the device. */
  fetched = 0;
  /** The connection is lost after so many further bytes of images. */
  lossAfter = Number.POSITIVE_INFINITY;
  /** Other than what a good server says. */
  answerOf: ((start: number, end: number) => { status: number; range?: string; from?: number }) | undefined;
  /** The metrics server answers. */
  metrics = true;
  /** Text of the settings in the next answers, and the key they are signed with. */
  settings: string | undefined;
  signature: (count: number, settings: string) => string = (count, settings) => sign(count, settings);
  disconnects = 0;
  starts = 0;
  device!: Device;
  #boot!: BootTimers;

  constructor(settings: Readonly<Record<string, string>> = {}) {
    this.network = this.#network();
    this.#start();
    const provision = {
      serial_number: SERIAL,
      secret_key: KEY,
      base_url: "http://metrics.example",
      data_format_id: "1",
    };
    this.device.settings.setAll(Object.entries({ ...provision, ...settings }));
  }

  /** Virtual seconds. A cut of power at a storage ends in a restart within a second, and time goes on. */
  run(seconds: number): void {
    const end = this.time.now + seconds * 1000;
    while (this.time.now < end) {
      try {
        this.time.run(Math.min(1000, end - this.time.now));
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error;
      }
      if (this.#storages.some((storage) => !storage.powered)) this.restart();
    }
  }

  /** Power off and on. */
  restart(): void {
    this.#boot.end();
    for (const storage of this.#storages) storage.restart();
    this.#start();
  }

  order(image: Uint8Array): void {
    this.image = image;
    this.device.settings.set("update", orderOf(image));
  }

  /** Number of the slot whose firmware runs. */
  get slot(): number {
    return this.#firmware.running === this.slots[0] ? 0 : 1;
  }

  get probation(): boolean {
    return this.#firmware.probation;
  }

  /** What lies in the slot that runs. */
  content(length: number): Uint8Array {
    return this.slots[this.slot]!.bytes.slice(0, length);
  }

  get description(): string {
    return this.device.update!.description;
  }

  get #storages() {
    return [this.keyValue, this.flash, ...this.slots];
  }

  get #firmware() {
    return this.device.board.slots!;
  }

  #start(): void {
    this.starts++;
    this.#boot = new BootTimers(this.time);
    const startedAt = this.time.now;
    const board: Board = {
      name: "bench",
      ticks: () => this.time.now - startedAt,
      timer: this.#boot,
      random: seededRandom(1),
      flash: this.flash,
      keyValue: this.keyValue,
      slots: this.bootloader.start(() => this.restart()),
      sensors: [{ sample: () => ({ battery_voltage: 13100 }) }],
      inputs: [],
      relay: { write: () => {} },
      network: this.network,
      HTTPClient: this.#client(),
      log: (line) => this.lines.push(line),
      resetReason: "power",
      restart: () => this.restart(),
    };
    this.device = new Device(board);
    this.device.clock.offer(NOON + startedAt / 1000, "network");
  }

  #client(): HTTPClientConstructor {
    const bench = this;
    const boot = this.#boot;
    return class implements HTTPClient {
      readonly #timers: TimerHandle[] = [];

      request(options: HTTPRequestOptions): HTTPRequest {
        const later = (work: () => void, milliseconds: number) => this.#timers.push(boot.set(work, milliseconds));
        return options.method === "GET" ? bench.#give(options, later) : bench.#take(options, later);
      }

      close(): void {
        for (const timer of this.#timers) boot.clear(timer);
      }
    };
  }

  /** The metrics server. */
  #take(options: HTTPRequestOptions, later: (work: () => void, milliseconds: number) => void): HTTPRequest {
    let answer: Uint8Array = new Uint8Array(0);
    let body = "";
    const request: HTTPRequest = {
      read: () => answer.slice().buffer,
      write: (data) => {
        body += Buffer.from(new Uint8Array(data)).toString("latin1");
        return 0;
      },
    };
    later(() => options.onWritable?.call(request, 65536), 500);
    later(() => {
      if (!this.metrics) return options.onDone?.call(request, new Error("lost"));
      const count = Number((JSON.parse(body) as { rc: number }).rc);
      const { settings } = this;
      const text = settings === undefined ? "{}" : `{"st":${settings},"a":"${this.signature(count, settings)}"}`;
      answer = Uint8Array.from(Buffer.from(text));
      options.onHeaders?.call(request, 201, new Map());
      options.onReadable?.call(request, answer.length);
      options.onDone?.call(request, null);
    }, 1500);
    return request;
  }

  /** The server for images. */
  #give(options: HTTPRequestOptions, later: (work: () => void, milliseconds: number) => void): HTTPRequest {
    let piece: Uint8Array = new Uint8Array(0);
    const request: HTTPRequest = { read: () => piece.slice().buffer, write: () => 0 };
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(options.headers?.get("range") ?? "") ?? [];
    const [start, end] = [Number(first), Number(last) + 1];
    this.ranges.push([start, end - 1]);
    const { image } = this;
    if (!image) {
      later(() => options.onDone?.call(request, new Error("lost")), 1000);
      return request;
    }
    const good = { status: 206, range: `bytes ${start}-${end - 1}/${image.length}` };
    const { status, range, from = start } = { ...good, ...this.answerOf?.(start, end) };
    later(() => options.onHeaders?.call(request, status, new Map(range ? [["content-range", range]] : [])), 1000);
    const next = (at: number) => {
      if (this.lossAfter <= 0) {
        this.lossAfter = Number.POSITIVE_INFINITY;
        return options.onDone?.call(request, new Error("lost"));
      }
      const size = Math.min(PIECE, end - at, this.lossAfter);
      if (size === 0) return options.onDone?.call(request, null);
      piece = image.subarray(from + at - start, from + at - start + size);
      this.lossAfter -= size;
      this.fetched += size;
      options.onReadable?.call(request, size);
      later(() => next(at + size), PIECE_TIME);
    };
    later(() => next(start), 1000 + PIECE_TIME);
    return request;
  }

  #network(): Network {
    const none = class {} as unknown as Network["TCP"];
    const state = { connection: 500 };
    return {
      connect: () => {
        state.connection = 500;
      },
      disconnect: () => {
        this.disconnects++;
        state.connection = 200;
      },
      get connection() {
        return state.connection;
      },
      ...{ address: "10.0.0.1", information: {}, time: undefined, problem: undefined, bytesSent: 0, bytesReceived: 0 },
      ...{ TCP: none, TLS: none },
    };
  }
}

function slot(): NorFlash {
  return new NorFlash({ size: SLOT, blockLength: 4096, writeAlign: 16, random: seededRandom(7) });
}
