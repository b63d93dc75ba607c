import assert from "node:assert/strict";
import { RowTime, type RowTimeOptions } from "../../firmware/openpaygo/row-time.js";

const NOW = 1700000000;
type Row = [boot: number, time: number];

/** What rows carry: "t" and seconds since 1970, "r" and relative seconds, or "-" for nothing. */
function carried(rows: readonly Row[], options: Partial<RowTimeOptions> = {}): string[] {
  const time = new RowTime({ interval: 60, explicit: false, now: NOW, ...options });
  return rows.map(([boot, seconds]) => {
    time.next({ format: 0, boot, time: seconds, values: [] });
    if (time.timestamp !== undefined) return `t${time.timestamp}`;
    return time.relativeTime === undefined ? "-" : `r${time.relativeTime}`;
  });
}

function presentBoot(boot: number, time: number): number | undefined {
  return boot === 4 ? time : undefined;
}

describe("time of a row", () => {
  it("is carried by the first row and after every gap, not by rows that follow at the interval", () => {
    const rows: Row[] = [
      [0, 1000],
      [0, 1060],
      [0, 1120],
      [0, 1121],
      [0, 1180],
      [0, 1240],
    ];
    assert.deepEqual(carried(rows), ["t1000", "-", "-", "t1121", "t1180", "-"]);
  });

  it("is carried by every row without an interval, and where every row says its time", () => {
    assert.deepEqual(
      carried(
        [
          [0, 1000],
          [0, 1000],
        ],
        { interval: 0 },
      ),
      ["t1000", "t1000"],
    );
    assert.deepEqual(
      carried(
        [
          [0, 1000],
          [0, 1060],
        ],
        { explicit: true },
      ),
      ["t1000", "t1060"],
    );
  });

  it("is reckoned from the start of a boot that is known", () => {
    const resolveTime = (boot: number, time: number) => (boot === 2 ? 5000 + time : undefined);
    assert.deepEqual(
      carried(
        [
          [2, 10],
          [2, 70],
          [0, 5130],
        ],
        { resolveTime },
      ),
      ["t5010", "-", "-"],
    );
  });

  it("follows the row before in its own boot when it is unknown, at the true step", () => {
    assert.deepEqual(
      carried([
        [0, NOW - 9000],
        [3, 100],
        [3, 160],
        [3, 400],
      ]),
      [`t${NOW - 9000}`, "-", "-", "r240"],
    );
  });

  it("never lies after the request when it is unknown", () => {
    assert.deepEqual(
      carried([
        [0, NOW - 90],
        [3, 100],
        [3, 160],
        [3, 220],
      ]),
      [`t${NOW - 90}`, "-", "r30", "r0"],
    );
    assert.deepEqual(
      carried([
        [3, 100],
        [3, 160],
      ]),
      ["r0", "r0"],
    );
  });

  it("is exact without any clock in the present boot, counted back from the request", () => {
    const options = { now: undefined, uptime: 1000, resolveUptime: presentBoot };
    assert.deepEqual(
      carried(
        [
          [4, 100],
          [4, 160],
          [4, 161],
          [4, 1000],
        ],
        options,
      ),
      ["r-900", "-", "r1", "r839"],
    );
  });

  it("lies before the present boot in an earlier one that is known to have lasted so long", () => {
    const resolveUptime = (boot: number, time: number) => (boot === 3 ? time - 401 : time);
    const options = { now: undefined, uptime: 1000, resolveUptime };
    assert.deepEqual(
      carried(
        [
          [3, 340],
          [3, 400],
          [4, 59],
          [4, 100],
        ],
        options,
      ),
      ["r-1061", "-", "-", "r41"],
    );
  });

  it("lies at the start of the present boot in an earlier one of which nothing else is known", () => {
    const options = { now: undefined, uptime: 1000, resolveUptime: presentBoot };
    assert.deepEqual(
      carried(
        [
          [3, 100],
          [3, 160],
          [4, 100],
        ],
        options,
      ),
      ["r-1000", "r0", "r100"],
    );
  });

  it("ends the request where a row counts from the request and those before from 1970, and nothing relates the two", () => {
    const options = { interval: 60, explicit: false, uptime: 1000, resolveUptime: presentBoot };
    const time = new RowTime(options);
    const row = (boot: number, seconds: number) => ({ format: 0, boot, time: seconds, values: [] });
    assert.equal(time.next(row(0, NOW - 9000)), true);
    assert.equal(time.next(row(4, 100)), false);
    assert.equal(new RowTime(options).next(row(4, 100)), true, "the next request begins with it");
    const withClock = new RowTime({ ...options, now: NOW });
    assert.equal(withClock.next(row(0, NOW - 9000)) && withClock.next(row(4, 100)), true);
    assert.equal(withClock.relativeTime, 9000 - 900);
  });

  it("goes on from a known row when nothing else is known", () => {
    assert.deepEqual(
      carried(
        [
          [0, 5000],
          [3, 0],
          [3, 60],
        ],
        { now: undefined },
      ),
      ["t5000", "-", "-"],
    );
  });
});
