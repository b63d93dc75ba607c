import type { Flash, FlashStatus } from "../flash.js";
import type { KeyValue } from "../key-value.js";

/** A raw partition as the SDK gives it (ECMA-419 Flash Partition). */
export interface PartitionIO {
  read(buffer: Uint8Array, byteOffset: number): number;
  write(buffer: Uint8Array, byteOffset: number): void;
  /** The SDK's class takes an `end` that is left out for 0. */
  eraseBlock(start: number, end: number): void;
  /** Without `writeAlign` in the SDK's class. */
  status(): Omit<FlashStatus, "writeAlign">;
}

export interface PartitionOptions {
  readonly io: { open(options: { path: string }): PartitionIO };
  /** Name in the partition table; "running" and "nextota" are the slots for firmware. */
  readonly path: string;
  /** Offsets and lengths of writes are multiples of this; default 1. */
  readonly writeAlign?: number;
}

/** A partition. ESP-IDF writes any number of bytes anywhere in one that is not encrypted. */
export class Partition implements Flash {
  /** As the SDK has it. */
  readonly io: PartitionIO;
  readonly #status: FlashStatus;

  /** Throws when there is no such partition. */
  constructor({ io, path, writeAlign = 1 }: PartitionOptions) {
    this.io = io.open({ path });
    const { size, blockLength, blocks } = this.io.status();
    this.#status = { size, blockLength, blocks, writeAlign };
  }

  read(buffer: Uint8Array, byteOffset: number): number {
    return this.io.read(buffer, byteOffset);
  }

  write(buffer: Uint8Array, byteOffset: number): void {
    this.io.write(buffer, byteOffset);
  }

  eraseBlock(start: number, end = start + 1): void {
    this.io.eraseBlock(start, end);
  }

  status(): FlashStatus {
    return this.#status;
  }
}

/** A key-value domain as the SDK gives it: a namespace of NVS. */
export interface DomainIO {
  /** In the domain's format: here an ArrayBuffer, or undefined. */
  read(key: string): unknown;
  write(key: string, value: Uint8Array): void;
  delete(key: string): void;
}

export interface DomainOptions {
  readonly io: { open(options: { path: string; format: "buffer" }): DomainIO };
  /** At most 15 characters. */
  readonly path: string;
}

/** Values in NVS; each write is atomic there. */
export class Domain implements KeyValue {
  readonly #io: DomainIO;

  constructor({ io, path }: DomainOptions) {
    this.#io = io.open({ path, format: "buffer" });
  }

  read(key: string): ArrayBuffer | undefined {
    const value = this.#io.read(key);
    return value instanceof ArrayBuffer ? value : undefined;
  }

  write(key: string, value: Uint8Array): void {
    this.#io.write(key, value);
  }

  delete(key: string): void {
    this.#io.delete(key);
  }
}
