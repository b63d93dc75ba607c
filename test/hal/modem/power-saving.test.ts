import assert from "node:assert/strict";
import fc from "fast-check";
import { activeTimer, askPowerSaving, EXTENDED_CYCLES, periodicTimer } from "../../../hal/modem/power-saving.js";

const MINUTE = 60;
const HOUR = 3600;

/** The time and its unit in seconds, as TS 24.008 tables 10.5.163a (periodic) and 10.5.163 (active) read the bits. */
function decode(text: string, periodic: boolean): { time: number; unit: number } {
  const units: Record<string, number> = periodic
    ? { "000": 600, "001": HOUR, "010": 10 * HOUR, "011": 2, "100": 30, "101": MINUTE, "110": 320 * HOUR }
    : { "000": 2, "001": MINUTE, "010": 6 * MINUTE };
  const unit = units[text.slice(0, 3)]!;
  return { time: unit * Number.parseInt(text.slice(3), 2), unit };
}

describe("timers of the power saving mode", () => {
  it("has the examples of TS 27.007, 7.38: 70 hours, and 4 minutes", () => {
    assert.equal(periodicTimer(70 * HOUR), "01000111");
    assert.equal(activeTimer(4 * MINUTE), "00100100");
  });

  it("uses every unit of the periodic timer, from 2 seconds to 320 hours", () => {
    const times = [2, 62, 90, 930, 16 * MINUTE, 31 * MINUTE, 40 * MINUTE, 310 * MINUTE, 6 * HOUR, 31 * HOUR, 40 * HOUR];
    const expected = ["01100001", "01111111", "10000011", "10011111", "10110000", "10111111", "00000100", "00011111"];
    assert.deepEqual(times.map(periodicTimer), [...expected, "00100110", "00111111", "01000100"]);
    assert.equal(periodicTimer(320 * HOUR), "11000001");
  });

  it("gives the longest time there is for what is longer", () => {
    assert.equal(periodicTimer(1e9), "11011111");
    assert.equal(activeTimer(1e9), "01011111");
  });

  it("is never shorter than asked, and longer by less than a unit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 31 * 320 * HOUR }), (seconds) => {
        const { time, unit } = decode(periodicTimer(seconds), true);
        assert.ok(time >= seconds && time < seconds + unit, `${seconds}: ${time}`);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 31 * 6 * MINUTE }), (seconds) => {
        const { time, unit } = decode(activeTimer(seconds), false);
        assert.ok(time >= seconds && time < seconds + unit, `${seconds}: ${time}`);
      }),
    );
  });

  it("asks for both at once, and for eDRX on LTE-M and on NB-IoT", () => {
    assert.equal(askPowerSaving(2 * HOUR, 10).text, 'AT+CPSMS=1,,,"00001100","00000101"');
    assert.deepEqual(
      EXTENDED_CYCLES.map(({ text }) => text),
      ['AT+CEDRXS=1,4,"0010"', 'AT+CEDRXS=1,5,"0010"'],
    );
  });
});
