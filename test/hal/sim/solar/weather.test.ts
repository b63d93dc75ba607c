import assert from "node:assert/strict";
import { clearSky, recordedDay } from "../../../../hal/sim/solar/weather.js";

const HOUR = 3600;
/** 2016-03-20, 2016-06-21 and 2016-12-21, midnight UTC. */
const MARCH = 1458432000;
const JUNE = 1466467200;
const DECEMBER = 1482278400;

describe("a clear sky", () => {
  it("is brightest at solar noon, which comes four minutes earlier per degree east", () => {
    assert.equal(clearSky(0, 0).noon, 12 * HOUR);
    assert.equal(clearSky(0, 90).noon, 6 * HOUR);
    assert.equal(clearSky(0, -105).noon, 19 * HOUR);
    const sky = clearSky(0, 90);
    const noon = sky.irradiance(MARCH + 6 * HOUR);
    assert.ok(noon > 1000 && noon < 1060, `${noon} W/m2`);
    assert.ok(sky.irradiance(MARCH + 5 * HOUR) < noon && sky.irradiance(MARCH + 7 * HOUR) < noon);
  });

  it("has twelve hours of day at the equinox, and seasons by hemisphere", () => {
    const daylight = (latitude: number, day: number) => {
      const sky = clearSky(latitude, 0);
      let minutes = 0;
      for (let minute = 0; minute < 1440; minute++) if (sky.irradiance(day + minute * 60) > 0) minutes++;
      return minutes / 60;
    };
    assert.ok(Math.abs(daylight(45, MARCH) - 12) < 0.3);
    assert.ok(Math.abs(daylight(45, JUNE) - 15.4) < 0.3, `${daylight(45, JUNE)} h`);
    assert.ok(Math.abs(daylight(45, DECEMBER) - 8.6) < 0.3);
    assert.ok(Math.abs(daylight(-45, DECEMBER) - 15.4) < 0.3);
    assert.equal(daylight(80, DECEMBER), 0);
  });

  it("has its warmest air in the afternoon and colder winters", () => {
    const sky = clearSky(45, 0);
    const at = (day: number, hour: number) => sky.airTemperature(day + hour * HOUR);
    assert.ok(at(JUNE, 15) > at(JUNE, 12) && at(JUNE, 12) > at(JUNE, 3));
    assert.ok(at(JUNE, 15) - at(DECEMBER, 15) > 20);
    const south = clearSky(-45, 0);
    assert.ok(south.airTemperature(DECEMBER) > south.airTemperature(JUNE));
  });
});

describe("a recorded day", () => {
  it("runs in straight lines between its points, across midnight, every day again", () => {
    const day = recordedDay([
      { minute: 10, irradiance: 100, airTemperature: 0 },
      { minute: 20, irradiance: 200, airTemperature: 10 },
      { minute: 1430, irradiance: 0, airTemperature: -10 },
    ]);
    for (const start of [MARCH, JUNE]) {
      assert.equal(day.irradiance(start + 600), 100);
      assert.equal(day.irradiance(start + 900), 150);
      assert.ok(Math.abs(day.irradiance(start + 930) - 155) < 1e-9, "between minutes too");
      assert.ok(Math.abs(day.irradiance(start) - 50) < 1e-9, "half way from 23:50 to 00:10");
      assert.equal(day.airTemperature(start), -5);
    }
  });

  it("takes a single point for the whole day", () => {
    const day = recordedDay([{ minute: 700, irradiance: 5, airTemperature: 20 }]);
    assert.deepEqual(
      [day.irradiance(MARCH), day.airTemperature(MARCH + 80000), day.irradiance(MARCH + 42000)],
      [5, 20, 5],
    );
  });

  it("finds noon in the light, wherever in the UTC day it lies, and 12:00 in the dark", () => {
    const noonOf = (middle: number) => {
      const points = Array.from({ length: 1440 }, (_, minute) => {
        const away = Math.abs(((minute - middle + 2160) % 1440) - 720);
        return { minute, irradiance: Math.max(0, 500 - 2 * away), airTemperature: 0 };
      });
      return recordedDay(points).noon / 60;
    };
    for (const middle of [30, 700, 1140, 1430])
      assert.ok(Math.abs(noonOf(middle) - middle) < 1, `${noonOf(middle)}, ${middle}`);
    assert.equal(recordedDay([{ minute: 0, irradiance: 0, airTemperature: 0 }]).noon, 12 * HOUR);
  });

  it("refuses no points, and minutes that do not rise within the day", () => {
    const at = (...minutes: number[]) =>
      recordedDay(minutes.map((minute) => ({ minute, irradiance: 0, airTemperature: 0 })));
    assert.throws(() => at(), { name: "RangeError", message: /at least one point, got none/ });
    assert.throws(() => at(5, 5), { message: /must rise from 0 to 1439, got 5 after 5/ });
    assert.throws(() => at(1440), { message: /got 1440/ });
    assert.throws(() => at(0.5), { message: /got 0.5/ });
  });
});
