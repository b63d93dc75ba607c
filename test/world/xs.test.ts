import assert from "node:assert/strict";
import { join } from "node:path";
import { hostOrSkip } from "../xs/build.js";
import { START, World } from "../xs/world.js";
import { Chance } from "./chance.js";

const HOUR = 3_600_000;
const DAY = 24;
const INTERVAL = 120;
/** Seconds from a start until the modem has told the time, and until a sample has closed an interval. */
const UNTIL_DATED = 100;
const UNTIL_CLOSED = 15;
/** The power is not cut between two events from this hour on. */
const CALM = 20;
/** Rows of the last hour wait for the next report. */
const REPORTED = DAY - 1.1;

/** Hours of the day in which there was power. */
interface Powered {
  readonly from: number;
  readonly to: number;
}

/** Times of the rows that the server must have: one for each interval that ended with the power on and the time known. */
function expected(periods: readonly Powered[]): number[] {
  return periods.flatMap(({ from, to }) => {
    const first = Math.ceil((START + from * 3600 + UNTIL_DATED) / INTERVAL);
    const last = Math.floor((START + Math.min(to, REPORTED) * 3600 - UNTIL_CLOSED) / INTERVAL);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * INTERVAL);
  });
}

/** Lets the device live for a day, with its power going and coming; gives when there was power. */
async function live(world: World, between: (chance: Chance) => number): Promise<Powered[]> {
  const chance = new Chance(1, "XS");
  const periods: Powered[] = [];
  const hour = () => world.time.now / HOUR;
  while (hour() < DAY) {
    const from = hour();
    world.device.start();
    if (world.device.pid) await world.live(Math.min(DAY - from, from < CALM ? between(chance) : DAY));
    periods.push({ from, to: hour() });
    world.device.cut();
    await world.live(chance.span(1, 600) / 3600);
  }
  return periods;
}

function times(world: World): number[] {
  return world.rows.slice(1).map((row) => Number(row.split(",")[0]));
}

describe("the world on XS", function () {
  this.timeout(120_000);

  before(async function () {
    await hostOrSkip(this);
  });

  it("loses no row and sends none under two times when the power is cut between two events", async () => {
    const world = await World.open();
    const periods = await live(world, (chance) => chance.span(20, 7200) / 3600);
    const found = times(world);
    world.close();
    const missing = expected(periods).filter((time) => !found.includes(time));
    assert.ok(periods.length > 20, `${periods.length} starts`);
    assert.deepEqual(missing, [], world.log.join("\n"));
    assert.equal(new Set(found).size, found.length, "no time twice");
    console.log(`      world on XS: ${periods.length} starts, ${found.length} rows`);
  });

  it("loses no row when the power is cut in the middle of flash writes", async () => {
    const world = await World.open({}, "SIM7600", join(import.meta.dirname, "firmware-with-cuts.ts"));
    const periods = await live(world, () => DAY);
    const cuts = periods.length - 1;
    const found = times(world);
    world.close();
    // The row whose write is cut is not recorded yet, so the last interval of each start may be missing.
    const wanted = expected(periods.map(({ from, to }) => ({ from, to: to - INTERVAL / 3600 })));
    const missing = wanted.filter((time) => !found.includes(time));
    assert.ok(cuts > 10, `${cuts} cuts`);
    assert.deepEqual(missing, [], world.log.join("\n"));
    assert.equal(new Set(found).size, found.length, "no time twice");
    console.log(`      world on XS: ${cuts} cuts in flash writes, ${found.length} rows`);
  });
});
