import { HostFlash, host } from "../board.js";

const RECORD = 64;

/** Writes records round a flash of two blocks or more and reads each back; proves NOR rules and limits. */
export default function main(): void {
  const flash = new HostFlash();
  const { size, blockLength } = flash.status();
  const record = new Uint8Array(RECORD);
  for (let n = 0; n < 3 * (size / RECORD); n++) {
    const offset = (n * RECORD) % size;
    if (offset % blockLength === 0) flash.eraseBlock(offset / blockLength);
    flash.write(record.fill(n), offset);
    flash.read(record.fill(0), offset);
    if (record.some((byte) => byte !== (n & 0xff))) throw new Error(`record ${n} reads ${record}`);
  }
  flash.eraseBlock(0);
  flash.write(record.fill(0xf3), 0);
  flash.write(record.fill(0x3f), 0);
  flash.read(record, 0);
  host.print(`programmed twice: 0x${record[0]!.toString(16)}`);
  for (const offset of [size - 32, -RECORD, 2]) {
    try {
      flash.write(record, offset);
      host.print(`wrote at ${offset}`);
    } catch (error) {
      host.print(String(error));
    }
  }
}
