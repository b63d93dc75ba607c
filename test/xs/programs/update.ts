import { Clock } from "../../../firmware/clock.js";
import { Settings } from "../../../firmware/settings.js";
import { SHA256 } from "../../../firmware/update/sha256.js";
import { Update } from "../../../firmware/update/update.js";
import type { Board } from "../../../hal/board.js";
import type { FirmwareSlots } from "../../../hal/firmware-slots.js";
import type { Flash } from "../../../hal/flash.js";
import type { HTTPClient, HTTPRequest, HTTPRequestOptions } from "../../../hal/http.js";
import { MemoryKeyValue } from "../../../hal/sim/key-value.js";
import { SimulatedTime } from "../../../hal/sim/time.js";
import { host } from "../board.js";

const LENGTH = 200_001;
const PIECE = 1400;

/** The image: it is larger than the memory, so nobody holds it. */
function byteAt(offset: number): number {
  return offset === 0 ? 0xe9 : (offset * 31 + (offset >> 8)) & 0xff;
}

/** A slot that takes the image and nothing else. */
class Slot implements Flash {
  written = 0;

  read(buffer: Uint8Array, byteOffset: number): number {
    for (let i = 0; i < buffer.length; i++) buffer[i] = byteOffset + i < this.written ? byteAt(byteOffset + i) : 0xff;
    return buffer.length;
  }

  write(buffer: Uint8Array, byteOffset: number): void {
    if (byteOffset !== this.written) throw new Error(`written at ${byteOffset} after ${this.written}`);
    for (let i = 0; i < buffer.length && byteOffset + i < LENGTH; i++)
      if (buffer[i] !== byteAt(byteOffset + i)) throw new Error(`wrong byte at ${byteOffset + i}`);
    this.written += buffer.length;
  }

  eraseBlock(): void {}

  status() {
    return { size: 0x170000, blockLength: 4096, blocks: 0x170, writeAlign: 16 };
  }
}

function clientOn(time: SimulatedTime): new () => HTTPClient {
  return class implements HTTPClient {
    request(options: HTTPRequestOptions): HTTPRequest {
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(options.headers?.get("range") ?? "") ?? [];
      let at = Number(first);
      const request: HTTPRequest = {
        read: (count = 0) => {
          const piece = Uint8Array.from({ length: count }, (_, i) => byteAt(at + i));
          at += count;
          return piece.buffer;
        },
        write: () => 0,
      };
      const next = () => {
        const count = Math.min(PIECE, Number(last) + 1 - at);
        if (count === 0) return options.onDone?.call(request, null);
        options.onReadable?.call(request, count);
        time.set(next, 10);
      };
      const range = new Map([["content-range", `bytes ${first}-${last}/${LENGTH}`]]);
      time.set(() => options.onHeaders?.call(request, 206, range));
      time.set(next, 10);
      return request;
    }

    close(): void {}
  };
}

function memory(): { slots: number; chunk: number } {
  host.gc();
  return { slots: host.counter("slots"), chunk: host.counter("chunkBytes") };
}

function digest(): string {
  const hash = new SHA256();
  const piece = new Uint8Array(1024);
  const before = host.counter("computrons");
  for (let offset = 0; offset < LENGTH; offset += piece.length) {
    for (let i = 0; i < piece.length; i++) piece[i] = byteAt(offset + i);
    hash.update(piece.subarray(0, LENGTH - offset));
  }
  const text = hash.hex();
  host.print(`SHA-256: ${Math.round(((host.counter("computrons") - before) * 1024) / LENGTH)} bytecodes a KB`);
  return text;
}

/** Fetches an image that is larger than the memory; prints what that takes. */
export default function main(): void {
  const time = new SimulatedTime();
  const keyValue = new MemoryKeyValue({ random: () => 0 });
  const settings = new Settings({ keyValue });
  const clock = new Clock({ ticks: () => time.now, keyValue });
  const spare = new Slot();
  let installs = 0;
  const slots: FirmwareSlots = {
    running: new Slot(),
    spare,
    probation: false,
    install: () => void installs++,
    confirm: () => true,
    rollBack: () => {},
  };
  const network = { connection: 500, TCP: class {} };
  // The update looks at these parts of a board only.
  const board = {
    network,
    keyValue,
    slots,
    timer: time,
    random: () => 1,
    HTTPClient: clientOn(time),
    restart: () => {},
  };
  const sha256 = digest();
  const device = {
    board: board as unknown as Board,
    ...{ settings, clock },
    session: { busy: false, lastSuccess: 0, problem: undefined, connect: () => {} },
    recorded: 1,
    log: (line: string) => host.print(line),
  };
  const before = memory();
  const update = new Update(device, slots);
  const idle = memory();
  host.print(`idle: ${idle.slots - before.slots} slots, ${idle.chunk - before.chunk} bytes of chunks`);
  settings.set("update", `http://updates.example/x ${LENGTH} ${sha256}`);
  update.changed();
  let [mostSlots, mostChunk] = [0, 0];
  for (let i = 0; i < 4000 && installs === 0; i++) {
    if (i % 10 === 0) update.keep();
    time.run(20);
    if (i % 10 !== 5) continue;
    const now = memory();
    mostSlots = Math.max(mostSlots, now.slots - before.slots);
    mostChunk = Math.max(mostChunk, now.chunk - before.chunk);
  }
  host.print(`under way: ${mostSlots} slots, ${mostChunk} bytes of chunks`);
  host.print(`installed ${installs}, ${update.description}`);
}
