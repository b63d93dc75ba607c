import assert from "node:assert/strict";
import type { DataFormat } from "../firmware/openpaygo/data-format.js";
import { FORMATS } from "../firmware/telemetry/format.js";
import { parseJSON } from "../tools/server/json.js";
import { readRequest } from "../tools/server/request.js";
import { decodeRows } from "../tools/server/rows.js";
import { BenchBoard, NOON } from "./bench-board.js";

const HOUR = 3600;
const FORMAT: DataFormat = { ...FORMATS[0]!, historical_data_interval: 120 };

/**
 * A day in the dark: a device that has the time loses network and power, runs for 24 hours without a time, loses power
 * for `off` seconds, and then has the network again.
 */
class Dark {
  readonly bench = new BenchBoard();
  /** Rows of each request, as times at the server. */
  readonly requests: number[][] = [];
  #network = true;
  lastBefore = 0;
  endOfDark = 0;
  startOfLast = 0;

  constructor(off: number, date: boolean) {
    const { bench } = this;
    bench.respond = ({ body }) => {
      if (!this.#network) return "lost";
      const rows = decodeRows(readRequest(parseJSON(Buffer.from(body).toString())), FORMAT, this.now);
      this.requests.push(rows.map(({ timestamp }) => timestamp));
      return { status: 201, body: "{}", ...(date && { date: new Date(this.now * 1000).toUTCString() }) };
    };
    bench.run(HOUR + 30);
    this.lastBefore = this.now;
    this.#restart(60, false);
    bench.run(24 * HOUR + 30);
    this.endOfDark = this.now;
    this.#restart(off, !date);
    this.startOfLast = this.now;
    this.#network = true;
    bench.run(20 * 60);
  }

  get now(): number {
    return NOON + Math.floor(this.bench.time.now / 1000);
  }

  /** Without power for so many seconds, then without network; `told`: it learns the time at once all the same. */
  #restart(off: number, told: boolean): void {
    const { bench } = this;
    this.#network = false;
    bench.device.close();
    bench.run(off);
    bench.clock = told ? NOON : undefined;
    bench.restart();
  }
}

describe("a day without a time, between two losses of power", () => {
  for (const date of [false, true]) {
    const source = date ? "an answer" : "the network";
    it(`arrives at its true distances, right before the next start, when ${source} tells the time`, () => {
      const off = 600;
      const { requests, lastBefore, startOfLast, now } = new Dark(off, date);
      const times = requests.flat();
      const dark = times.filter((time) => time > lastBefore && time < startOfLast);
      assert.ok(requests.length > 4, `${requests.length} requests`);
      assert.ok(dark.length >= 719, `${dark.length} rows in the day of ${times.length}`);
      const steps = new Set(dark.map((time, i) => time - (dark[i - 1] ?? time - 120)));
      assert.deepEqual([...steps], [120], "distances in the day");
      assert.ok(startOfLast - dark.at(-1)! <= 120 && dark.at(-1)! < startOfLast);
      assert.ok(
        times.every((time, i) => i === 0 || time > times[i - 1]!),
        "in order, none twice",
      );
      assert.ok(times.at(-1)! <= now);
    });
  }

  it("takes no more bytes than a day whose time is known", () => {
    const { requests } = new Dark(600, false);
    const sizes = requests.map((rows) => rows.length).filter((rows) => rows > 30);
    assert.ok(sizes.length >= 4 && sizes.slice(0, -1).every((rows) => rows > 150), `${sizes} rows in requests of 4 KB`);
  });
});
