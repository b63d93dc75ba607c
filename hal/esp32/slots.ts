import type { FirmwareSlots } from "../firmware-slots.js";
import { Partition, type PartitionIO, type PartitionOptions } from "./storage.js";

/** An update of one partition as the SDK gives it (ECMA-419 Update). */
export interface UpdateIO {
  write(bytes: Uint8Array, byteOffset: number): void;
  /** Throws when the partition then holds no image for this chip; else that is started next. */
  complete(): void;
  close(): void;
}

export interface UpdateClass {
  /** Mode "w" erases `byteLength` bytes from the start of the partition on, to be written in any order. */
  open(options: { partition: PartitionIO; mode: "w"; byteLength: number }): UpdateIO;
}

/** Functions of ESP-IDF, and of `probation.c`; errors are not 0. */
export interface BootloaderFunctions {
  esp_ota_mark_app_valid_cancel_rollback(): number;
  /** Comes back only with an error. */
  esp_ota_mark_app_invalid_rollback_and_reboot(): number;
  firmware_on_probation(): number;
}

export interface SlotsOptions {
  readonly flash: PartitionOptions["io"];
  readonly update: UpdateClass;
  readonly system: BootloaderFunctions;
}

/** With flash encryption, ESP-IDF writes whole blocks of the cipher to a partition for firmware. */
const WRITE_ALIGN = 16;

/**
 * The partitions ota_0 and ota_1. The image is written to the raw partition, as the SDK's Update can't go on after a restart; at the
 * end its first block goes through the Update, which has the whole image checked and sets it up for the bootloader.
 */
export class Slots implements FirmwareSlots {
  readonly running: Partition;
  readonly spare: Partition;
  readonly #update: UpdateClass;
  readonly #system: BootloaderFunctions;
  #probation: boolean;

  /** Throws when the partition table has no second slot. */
  constructor({ flash, update, system }: SlotsOptions) {
    this.running = new Partition({ io: flash, path: "running" });
    this.spare = new Partition({ io: flash, path: "nextota", writeAlign: WRITE_ALIGN });
    this.#update = update;
    this.#system = system;
    this.#probation = system.firmware_on_probation() !== 0;
  }

  get probation(): boolean {
    return this.#probation;
  }

  install(): void {
    const first = new Uint8Array(this.spare.status().blockLength);
    this.spare.read(first, 0);
    const update = this.#update.open({ partition: this.spare.io, mode: "w", byteLength: first.length });
    try {
      update.write(first, 0);
      update.complete();
    } catch (error) {
      throw new Error(`the chip does not take the image: ${(error as Error).message}`);
    } finally {
      update.close();
    }
  }

  confirm(): boolean {
    this.#probation = this.#system.esp_ota_mark_app_valid_cancel_rollback() !== 0;
    return !this.#probation;
  }

  rollBack(): void {
    const error = this.#system.esp_ota_mark_app_invalid_rollback_and_reboot();
    throw new Error(`there is no other firmware (error ${error})`);
  }
}
