/** Geometry of a flash partition, as in ECMA-419 `storage/flash`; all lengths in bytes. */
export interface FlashStatus {
  readonly size: number;
  readonly blockLength: number;
  readonly blocks: number;
  /** Offsets and lengths of writes must be multiples of this. */
  readonly writeAlign: number;
}

/**
 * A raw NOR flash partition (ECMA-419 Flash Partition class pattern). Erasing sets a block to ones (0xFF),
 * writing can only clear bits. Each call throws on a bad offset or a hardware failure; a cut of power can leave the
 * unit in progress half done.
 */
export interface Flash {
  /** Fills `buffer` from `byteOffset`; gives the bytes read. */
  read(buffer: Uint8Array, byteOffset: number): number;
  write(buffer: Uint8Array, byteOffset: number): void;
  /** Erases blocks `start` to `end` - 1 (default: the one block `start`). */
  eraseBlock(start: number, end?: number): void;
  status(): FlashStatus;
}
