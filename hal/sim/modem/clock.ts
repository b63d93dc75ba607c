/** The modem's real-time clock. It starts in 1980 (GPS epoch) and knows better once it was set. */
export class ModemClock {
  /** Quarter hours east of UTC. */
  zone = 0;
  isSet = false;
  readonly #ticks: () => number;
  /** UTC seconds since 1970 at tick 0. */
  #origin = 0;

  constructor(ticks: () => number) {
    this.#ticks = ticks;
    this.lose();
  }

  /** UTC, seconds since 1970. */
  get time(): number {
    return this.#origin + Math.floor(this.#ticks() / 1000);
  }

  set(time: number, zone: number): void {
    this.#origin = Math.floor(time) - Math.floor(this.#ticks() / 1000);
    this.zone = zone;
    this.isSet = true;
  }

  /** The supply was cut. */
  lose(): void {
    this.set(GPS_EPOCH, 0);
    this.isSet = false;
  }
}

/** 1980-01-06, seconds since 1970. */
const GPS_EPOCH = 315964800;
const DAY = 86400;
const QUARTER_HOUR = 900;

/** Local time as AT+CCLK? tells it: "yy/MM/dd,hh:mm:ss±zz" (27.007 8.15), zone in quarter hours. */
export function clockText(time: number, zone: number): string {
  const local = time + zone * QUARTER_HOUR;
  const { year, month, day } = civil(Math.floor(local / DAY));
  const second = local % DAY;
  const hours = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60].map(two).join(":");
  return `${two(year % 100)}/${two(month)}/${two(day)},${hours}${zoneText(zone)}`;
}

/** A time zone with its sign and two digits, quarter hours. */
export function zoneText(zone: number): string {
  return `${zone < 0 ? "-" : "+"}${two(Math.abs(zone))}`;
}

/** The opposite of `clockText`; undefined when the text has another form. Years count from 2000. */
export function parseClock(text: string): { time: number; zone: number } | undefined {
  const match = /^(\d\d)\/(\d\d)\/(\d\d),(\d\d):(\d\d):(\d\d)([+-]\d\d)$/.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, zone = 0] = match.slice(1).map(Number);
  const local = daysSince1970(2000 + year, month, day) * DAY + hour * 3600 + minute * 60 + second;
  return { time: local - zone * QUARTER_HOUR, zone };
}

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

/** Days count from March, so that the leap day is the last of its year. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719468;
}

function civil(days: number): { year: number; month: number; day: number } {
  let year = 1970 + Math.floor(days / 366);
  while (daysSince1970(year + 1, 1, 1) <= days) year++;
  let month = 1;
  while (month < 12 && daysSince1970(year, month + 1, 1) <= days) month++;
  return { year, month, day: days - daysSince1970(year, month, 1) + 1 };
}
