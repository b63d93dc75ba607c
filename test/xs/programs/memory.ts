import { host } from "../board.js";

/** Keeps allocating chunks: ends with "memory full". */
export default function fillMemory(): void {
  const kept: Uint8Array[] = [];
  for (;;) {
    kept.push(new Uint8Array(1000));
    host.print(`${kept.length} kB`);
  }
}
