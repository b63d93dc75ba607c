/** Prints what the outbox costs: `npx tsx tools/bench/outbox.ts`. Exit code 1 when a target is missed. */
import { decodeCode, isRow, PREFIX_LENGTH, payloadLength, SEGMENT_LENGTH } from "../../firmware/outbox/frame.js";
import { Outbox } from "../../firmware/outbox/outbox.js";
import type { Row } from "../../firmware/telemetry/row.js";
import { NorFlash } from "../../hal/sim/nor-flash.js";
import { seededRandom } from "../../hal/sim/random.js";
import { irradiance, SolarDay } from "./solar-day.js";

const SIZE = 1024 * 1024;
/** Enough for the figures per row; those for a megabyte follow from them. */
const SMALL = 128 * 1024;
const BLOCK = 4096;
const ROWS_PER_HOUR = 30;
const HOURS_PER_MONTH = (365.25 * 24) / 12;
/** The noise that the targets are measured with: sigma of a 10 s sample, in ADC counts. */
const NOISE = 2;
/** 2026-01-01T00:00:00Z. */
const START = 1767225600;

const { source, minutes } = irradiance();

class Run {
  readonly flash: NorFlash;
  readonly outbox: Outbox;
  readonly #day: SolarDay;
  readonly #row: Row = { format: 1, boot: 0, time: START, values: [] };

  constructor(size: number, noise: number, writeAlign = 1) {
    this.flash = new NorFlash({ size, blockLength: BLOCK, writeAlign, random: seededRandom(1) });
    this.outbox = new Outbox({ flash: this.flash });
    this.#day = new SolarDay(minutes, noise, seededRandom(2));
  }

  push(): void {
    this.#row.time += 120;
    this.#row.values = [undefined, ...this.#day.next()];
    if (!this.outbox.push(this.#row)) throw new Error(`push failed: ${this.outbox.problem}`);
  }

  commitAll(): void {
    const row: Row = { format: 0, boot: 0, time: 0, values: [] };
    const cursor = this.outbox.cursor();
    while (cursor.next(row));
    this.outbox.commit(cursor.position);
  }

  /** Bytes of the records (header and row) that lie in the flash. */
  recordBytes(): number {
    const { size, writeAlign } = this.flash.status();
    const align = (offset: number) => Math.ceil(offset / writeAlign) * writeAlign;
    let sum = 0;
    for (let segment = 0; segment < size; segment += SEGMENT_LENGTH) {
      let at = segment % BLOCK === 0 ? segment + align(24) : segment;
      for (;;) {
        const code = segment + SEGMENT_LENGTH - at > PREFIX_LENGTH ? decodeCode(this.flash.bytes[at]!) : -1;
        if (code < 0) break;
        const length = PREFIX_LENGTH + payloadLength(code);
        if (isRow(code)) sum += length;
        at = align(at + length);
      }
    }
    return sum;
  }
}

let missed = 0;

function report(what: string, value: number, digits: number, target?: { most?: number; least?: number }): void {
  const bad = target && (value > (target.most ?? Number.POSITIVE_INFINITY) || value < (target.least ?? 0));
  const aim = target
    ? ` (target: ${target.most === undefined ? "at least" : "at most"} ${target.most ?? target.least})`
    : "";
  if (bad) missed++;
  console.log(`${what.padEnd(62)} ${value.toFixed(digits)}${aim}${bad ? "  MISSED" : ""}`);
}

/** Pushes until the ring is full and the first block is given up; gives the bytes of flash per row. */
function fill(run: Run): number {
  while (run.outbox.evicted === 0) run.push();
  return run.flash.status().size / (run.outbox.length + run.outbox.evicted);
}

/** Months until a megabyte is full. */
function months(bytesPerRow: number): number {
  return SIZE / bytesPerRow / ROWS_PER_HOUR / HOURS_PER_MONTH;
}

function recovery(run: Run): number {
  const before = run.flash.bytesRead;
  const outbox = new Outbox({ flash: run.flash });
  if (outbox.length !== run.outbox.length) throw new Error("recovery found another number of rows");
  return (100 * (run.flash.bytesRead - before)) / SIZE;
}

console.log(
  `30 rows of 5 integers an hour in ${SIZE} bytes, from ${source}; noise is sigma per 10 s sample in ADC counts`,
);
console.log("(4 mV, 1 mA), averaged over 12 samples. Unless said otherwise: noise 2, writes aligned to 1 byte.\n");

const offline = new Run(SIZE, NOISE);
const bytesPerRow = fill(offline);
// After an eviction a full ring holds the fewest rows: one block less than the whole.
const held = offline.outbox.length;
report("rows held by a full ring, offline", held, 0);
report("  bytes of flash per row, with everything", bytesPerRow, 3);
report("  months of buffering", months(SIZE / held), 2, { least: 9 });
report("  % of the flash read by recovery of the full ring", recovery(offline), 2, { most: 3 });

const online = new Run(SIZE, NOISE);
const rowsAYear = ROWS_PER_HOUR * 24 * 365;
let ratio = 0;
for (let i = 1; i <= rowsAYear; i++) {
  online.push();
  if (i % ROWS_PER_HOUR === 0) online.commitAll();
  // Just before the ring comes round, all that was ever programmed still lies there.
  if (ratio === 0 && online.flash.erases[255] === 1) ratio = online.flash.bytesProgrammed / online.recordBytes();
}
report("bytes programmed per byte of record, commit every hour", ratio, 3, { most: 1.15 });
report("erases per block and year, commit every hour", online.flash.erases.reduce((sum, n) => sum + n, 0) / 256, 2);
report("  most of one block", Math.max(...online.flash.erases), 0);
report("  % of the flash read by recovery, all rows committed", recovery(online), 2, { most: 3 });

console.log("\nOther noise, and other write alignment (offline)");
for (const noise of [0, 1, 2, 4, 8]) {
  const bytes = fill(new Run(SMALL, noise));
  console.log(`  noise ${noise}: ${bytes.toFixed(2)} bytes per row, ${months(bytes).toFixed(2)} months`);
}
for (const align of [4, 16]) {
  const run = new Run(SMALL, NOISE, align);
  const bytes = fill(run);
  const ratio = (run.flash.bytesProgrammed / run.recordBytes()).toFixed(2);
  console.log(
    `  align ${align}: ${bytes.toFixed(2)} bytes per row, ${months(bytes).toFixed(2)} months, ${ratio} bytes programmed per byte`,
  );
}
process.exitCode = missed === 0 ? 0 : 1;
