import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Chance } from "../world/chance.js";
import { hostOrSkip } from "./build.js";
import { type End, ESP32 } from "./frames.js";
import { fillFlash, INTERVAL } from "./full-flash.js";
import { START, World } from "./world.js";

/** The device as an ESP32 has it, with a console. */
const PROGRAM = join(import.meta.dirname, "programs/console.ts");
/** `MONTH=1` lets the month without network pass on XS too; without it the month's rows are put into the flash beforehand. */
const WHOLE = process.env.MONTH !== undefined;

const HOUR = 3600;
const DAY = 24 * HOUR;
const DAYS_AWAY = 30;
const WEEK = 7 * DAY;
/** Rows of the last hour and a bit wait for the next report. */
const UNREPORTED = 1.2 * HOUR;
/** Seconds from a start until the modem has told the time, and until a sample has closed an interval. */
const UNTIL_DATED = 100;
const UNTIL_CLOSED = 15;
/** Rows that were recorded while the time was unknown keep their distances, and are dated to so many seconds by the next start. */
const INACCURACY = 2;

/** A time with power, in seconds since 1970, when the power was back after it, and whether the device knew the time of day. */
interface Powered {
  readonly from: number;
  readonly to: number;
  readonly back: number;
  readonly dated: boolean;
}

/** The world with a power supply that fails now and then. */
class Life {
  readonly world: World;
  readonly periods: Powered[] = [];
  readonly ends: End[] = [];
  readonly #chance = new Chance(Number(process.env.SEED ?? 1), "backlog");

  constructor(world: World) {
    this.world = world;
    // 2G at the edge of a cell.
    Object.assign(world.modem.knobs, { uplink: 20_000, downlink: 40_000, latency: 600 });
  }

  get now(): number {
    return START + this.world.time.now / 1000;
  }

  /** Power for so many seconds, then none for `off`. */
  async power(seconds: number, off: number): Promise<void> {
    const { now: from, world } = this;
    const dated = world.modem.knobs.coverage;
    world.device.start();
    await world.live(seconds / HOUR);
    this.periods.push({ from, to: this.now, back: this.now + off, dated });
    this.ends.push(world.device.stop());
    await world.live(off / HOUR);
  }

  /** So many seconds with a power cut after each `least` to `most`. */
  async pass(seconds: number, least: number, most: number): Promise<void> {
    const end = this.now + seconds;
    while (this.now < end) await this.power(Math.min(end - this.now, this.#chance.whole(least, most)), 60);
  }

  /** The server's rows, by time. */
  get found(): number[] {
    return this.world.rows.slice(1).map((row) => Number(row.split(",")[0]));
  }
}

/**
 * Rows that have to be there: one for each interval that ended under power, on the grid of the day; or when that was not
 * known, up to one second before the power was back.
 */
function expected({ from, to, back, dated }: Powered): number[] {
  const first = dated ? Math.ceil((from + UNTIL_DATED) / INTERVAL) * INTERVAL : from + INTERVAL;
  const count = Math.max(0, Math.floor((to - UNTIL_CLOSED - first) / INTERVAL) + 1);
  const start = dated ? first : back - 1 - (count - 1) * INTERVAL;
  return Array.from({ length: count }, (_, index) => start + index * INTERVAL);
}

/** The times of `wanted`, in order, that `found`, in order too, does not have. */
function missing(wanted: readonly number[], found: readonly number[]): number[] {
  let at = 0;
  return wanted.filter((time) => {
    while (at < found.length && found[at]! < time - INACCURACY) at++;
    return !(found[at]! <= time + INACCURACY);
  });
}

function report(life: Life, rows: number): void {
  const chunks = Math.max(...life.ends.map((end) => end.neededChunkBytes));
  const slots = Math.max(...life.ends.map((end) => end.neededSlots));
  const of = (used: number, size: number, unit: string) =>
    `${used} of ${size} ${unit} (${Math.floor(100 - (100 * used) / size)} % free)`;
  console.log(
    `      a month's backlog and a week on XS 32-bit: ${rows} rows, ${life.ends.length} starts\n` +
      `      peak: ${of(chunks, ESP32.chunk, "bytes of chunks")}, ${of(slots, ESP32.heap, "slots")}`,
  );
  assert.ok(chunks < ESP32.chunk * 0.6 && slots < ESP32.heap * 0.6, "at least 40 % must stay free");
}

describe("a month without network on XS", () => {
  let folder: string;
  let world: World;
  let life: Life;

  before(async function () {
    await hostOrSkip(this);
  });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "heliograph-backlog-"));
    world = await World.open({ flashFile: join(folder, "flash"), measure: true }, "SIM7600", PROGRAM);
    life = new Life(world);
  });

  afterEach(() => {
    world?.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  /** Up to a start with network; gives the times of rows that lie in the flash from before. */
  async function goAway(): Promise<number[]> {
    const { time, modem } = world;
    const rows = WHOLE ? [] : fillFlash(join(folder, "flash"), DAYS_AWAY);
    // A device that was never told the time could only guess when its rows were: the whole month needs a first hour.
    modem.knobs.coverage = WHOLE;
    time.set(() => Object.assign(modem.knobs, { coverage: false }), HOUR * 1000);
    await life.power(WHOLE ? DAYS_AWAY * DAY : 2 * HOUR, 60);
    modem.knobs.coverage = true;
    return rows;
  }

  /** Until the backlog has arrived, with power for a few minutes at a time; gives the number of starts that it took. */
  async function catchUp(rows: number): Promise<number> {
    for (let starts = 1; starts < 100; starts++) {
      await life.power(200, 20);
      if (life.found.length >= rows) return starts;
    }
    throw new Error(`${life.found.length} of ${rows} rows have arrived`);
  }

  it("is caught up with in the memory of an ESP32, and a week follows: each row arrives once", async function () {
    this.timeout(WHOLE ? 1_200_000 : 300_000);
    const stored = await goAway();
    const away = [...stored, ...life.periods.flatMap(expected)];
    const starts = await catchUp(away.length);
    assert.ok(starts > 2, `${starts} starts: the power was to be cut in the middle of it`);
    await life.pass(WEEK, 4 * HOUR, 40 * HOUR);
    await life.power(2 * HOUR, 0);

    const before = life.now - UNREPORTED;
    const found = life.found.filter((time) => time < before).sort((one, other) => one - other);
    const wanted = [...stored, ...life.periods.flatMap(expected)].filter((time) => time < before);
    assert.deepEqual(missing(wanted, found), []);
    assert.equal(new Set(found).size, found.length, "no time twice");
    assert.ok(found.length <= wanted.length + 2 * life.periods.length, `${found.length} rows for ${wanted.length}`);
    for (const end of life.ends) {
      assert.deepEqual([end.exitCode, end.reason], [0, "done"], world.terminal.above.slice(-30).join("\n"));
      // The first slot of the heap is the block's own.
      assert.deepEqual([end.chunkSize, end.heapSize], [ESP32.chunk, ESP32.heap - 1], "the memory does not grow");
    }
    report(life, found.length);
  });
});
