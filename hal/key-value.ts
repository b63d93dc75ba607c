/**
 * Small named values that survive power loss (ECMA-419 `storage/key-value`, format "buffer"). A write is atomic:
 * after a cut, a read gives the old value or the new one. Keys: 1 to 15 ASCII characters (the limit of NVS).
 */
export interface KeyValue {
  read(key: string): ArrayBuffer | undefined;
  write(key: string, value: Uint8Array): void;
  delete(key: string): void;
}
