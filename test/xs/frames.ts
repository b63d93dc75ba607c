/**
 * What the C host and its parent tell each other: type (1 byte), port (1), payload length (4, little-endian), payload.
 *
 *   to the device     T  time in milliseconds (float64)      S  bytes received on a serial port
 *                     W  bytes a port can take (uint32)      P  level of an input pin (uint32)
 *   from the device   O  port opened at bits per second, 0: closed (int32)      S  bytes sent on a port
 *                     P  level of an output pin (1 byte)     L  line of the log (text)
 *                     N  all done, next call wanted at milliseconds (float64)   X  ended, port = exit code (JSON)
 */
export type FrameType = "T" | "S" | "W" | "P" | "O" | "L" | "N" | "X";

export interface Frame {
  readonly type: FrameType;
  readonly port: number;
  readonly payload: Buffer;
}

/** How a run ended. Slots are 16 bytes; the peaks include garbage that was not collected yet. */
export interface End {
  /** 0, or 10 + XS's status: 11 memory full, 12 stack overflow, 15 exception, 18 rejection; 3 the program restarts. */
  readonly exitCode: number;
  readonly reason: string;
  readonly chunkBytes: number;
  readonly peakChunkBytes: number;
  /** The most that was in use at once, without garbage; 0 unless `measure` was asked for. */
  readonly neededChunkBytes: number;
  /** What the machine had at the end: it does not grow. */
  readonly chunkSize: number;
  readonly slots: number;
  readonly peakSlots: number;
  readonly neededSlots: number;
  readonly heapSize: number;
  /** Bytecodes run. */
  readonly computrons: number;
}

/** Memory of the emulated microcontroller; what is left out is that of an ESP32 without PSRAM. */
export interface Arena {
  /** Bytes for strings, buffers and arrays. */
  readonly chunk: number;
  /** Slots of 16 bytes for objects. */
  readonly heap: number;
}

export interface MachineOptions extends Partial<Arena> {
  /** Slots of the stack (512). */
  readonly stack?: number;
  /** Bytes of one block that stack, chunks and slots share, as on an ESP32-C3; `chunk` and `heap` then only start it. */
  readonly static?: number;
  /** Bytes of the flash partition (65,536). */
  readonly flash?: number;
  /** Finds out how much memory the program needs; runs at half the speed. */
  readonly measure?: true;
  /** Files that keep flash and key-value store between runs. */
  readonly flashFile?: string;
  readonly keyValueFile?: string;
}

export const ESP32: Arena = { chunk: 78_848, heap: 4_928 };

const HEADER = 6;

export function encodeFrame(type: FrameType, port: number, payload: Uint8Array): Buffer {
  const frame = Buffer.alloc(HEADER + payload.length);
  frame.write(type, 0, "latin1");
  frame[1] = port;
  frame.writeUInt32LE(payload.length, 2);
  frame.set(payload, HEADER);
  return frame;
}

/** Collects bytes and gives whole frames. */
export class FrameReader {
  #bytes = Buffer.alloc(0);

  push(bytes: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
  }

  next(): Frame | undefined {
    if (this.#bytes.length < HEADER) return undefined;
    const end = HEADER + this.#bytes.readUInt32LE(2);
    if (this.#bytes.length < end) return undefined;
    const type = String.fromCharCode(this.#bytes[0]!) as FrameType;
    const frame = { type, port: this.#bytes[1]!, payload: this.#bytes.subarray(HEADER, end) };
    this.#bytes = this.#bytes.subarray(end);
    return frame;
  }
}

export function parseEnd(frame: Frame): End {
  return { exitCode: frame.port, ...(JSON.parse(frame.payload.toString()) as Omit<End, "exitCode">) };
}

/** For a host that died without a word: a defect of the host or a hang that was cut short. */
export function crash(reason: string): End {
  const chunks = { chunkBytes: 0, peakChunkBytes: 0, neededChunkBytes: 0, chunkSize: 0 };
  const slots = { slots: 0, peakSlots: 0, neededSlots: 0, heapSize: 0 };
  return { exitCode: 1, reason, ...chunks, ...slots, computrons: 0 };
}

/** Command line of the host. */
export function hostArguments(script: string, options: MachineOptions): string[] {
  const names = { flashFile: "flash-file", keyValueFile: "key-value-file" } as Record<string, string>;
  return [script, ...Object.entries(options).map(([name, value]) => `${names[name] ?? name}=${value}`)];
}
