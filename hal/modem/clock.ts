import { fields } from "./ascii.js";

/**
 * Seconds since 1970 from `+CCLK: "yy/MM/dd,hh:mm:ss+zz"` (27.007, 8.15): local time, zz in quarters of an hour east of
 * Greenwich; the year may have four digits, and daylight saving may follow the zone (Quectel's +QLTS). Undefined before
 * the network told the time: modems then count from 1970, 1980, 2000 or 2004.
 */
export function parseClock(line: string): number | undefined {
  const whole = (fields(line)[0] ?? "").split(",", 2).join(",");
  const text = whole.startsWith("20") && whole[4] === "/" ? whole.slice(2) : whole;
  const number = (index: number) => Number(text.slice(index, index + 2));
  const zone = Number(text.slice(17));
  if (text.length < 19 || text.length > 20 || number(0) < 16 || number(0) > 69) return undefined;
  const days = daysSince1970(2000 + number(0), number(3), number(6));
  const seconds = days * 86_400 + number(9) * 3600 + number(12) * 60 + number(15) - zone * 900;
  return Number.isNaN(seconds) ? undefined : seconds;
}

/** Days of the Gregorian calendar, for the years that `parseClock` lets through (no century without leap year). */
function daysSince1970(year: number, month: number, day: number): number {
  const before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
  const leap = year % 4 === 0 && month > 2 ? 1 : 0;
  return (year - 1970) * 365 + Math.floor((year - 1969) / 4) + (before[month - 1] ?? Number.NaN) + day - 1 + leap;
}
