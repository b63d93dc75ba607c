import type { Outbox } from "../../firmware/outbox/outbox.js";
import type { Row } from "../../firmware/telemetry/row.js";

/** Row `i` of five integers at 120 s, as from a controller. */
export function solarRow(i: number): Row {
  const values = [12600 + ((i * 7) % 50), -150 - (i % 9), 17000 + ((i * 13) % 70), 800 + (i % 31), 40 + (i % 3)];
  return { format: 1, boot: 0, time: 1_700_000_000 + 120 * i, values };
}

/** Row `i` of a mix of all kinds of values, lengths, times and boots. */
export function mixedRow(i: number): Row {
  const texts = ["", "ok", "é😀", "long ".repeat(16), `alarm ${i}`];
  const values = [i % 5 === 0 ? undefined : i, texts[i % 7], i % 2 === 0, 1.5 * i, 0.1 * i, i * 1e6];
  if (i % 3 === 0) values.push([(i % 180) + 0.123456, 45.5] as unknown as undefined);
  const boot = i % 10 < 3 ? 1 + Math.floor(i / 10) : 0;
  return { format: i % 11 === 0 ? 2 : 1, boot, time: boot === 0 ? 1_700_000_000 + 60 * i + (i % 4) : i, values };
}

export function emptyRow(): Row {
  return { format: 0, boot: 0, time: 0, values: [] };
}

/** Every row that waits. */
export function readAll(outbox: Outbox): Row[] {
  const rows: Row[] = [];
  const cursor = outbox.cursor();
  for (let row = emptyRow(); cursor.next(row); row = emptyRow()) rows.push(row);
  return rows;
}

/** Reads `count` rows and commits them. */
export function commitRows(outbox: Outbox, count: number): void {
  const cursor = outbox.cursor();
  const row = emptyRow();
  for (let i = 0; i < count; i++) if (!cursor.next(row)) throw new Error(`only ${i} rows of ${count}`);
  outbox.commit(cursor.position);
}
