import assert from "node:assert/strict";
import { Outbox } from "../../firmware/outbox/outbox.js";
import { FileFlash } from "../../hal/host/flash.js";
import { seededRandom } from "../../hal/sim/random.js";
import { irradiance, SolarDay } from "../../tools/bench/solar-day.js";
import { START } from "./world.js";

const DAY = 86_400;
/** Seconds between rows: the firmware's default. */
export const INTERVAL = 120;

/** Writes what the firmware's outbox makes of the rows of the last days before START, with the noise of sensors, as the flash of a device; gives their times. */
export function fillFlash(path: string, days: number): number[] {
  const flash = new FileFlash({ path, size: 1 << 20, blockLength: 4096, writeAlign: 4, random: seededRandom(1) });
  const outbox = new Outbox({ flash });
  const solar = new SolarDay(irradiance().minutes, 2, seededRandom(2));
  const first = START - days * DAY + INTERVAL;
  const times = Array.from({ length: (days * DAY) / INTERVAL }, (_, index) => first + index * INTERVAL);
  for (const time of times) assert.ok(outbox.push({ format: 0, boot: 0, time, values: [...solar.next(), 250] }));
  flash.close();
  return times;
}
