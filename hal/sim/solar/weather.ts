/** Sun and air over one place. Times in seconds since 1970. */
export interface Weather {
  /** Global horizontal irradiance in W/m2. */
  irradiance(time: number): number;
  /** Air temperature in degrees Celsius. */
  airTemperature(time: number): number;
  /** When the sun stands highest, in seconds of the UTC day: people live by it. */
  readonly noon: number;
}

/** One minute of a recorded day. */
export interface TracePoint {
  /** Minute of the UTC day, 0 to 1439. */
  readonly minute: number;
  /** Global horizontal irradiance in W/m2. */
  readonly irradiance: number;
  /** Degrees Celsius. */
  readonly airTemperature: number;
}

export const DAY = 86400;
const MINUTES = 1440;
const RADIAN = Math.PI / 180;

/**
 * Weather without clouds, in degrees north and east. Irradiance by Haurwitz (1945), declination by Cooper (1969); air as a daily wave
 * around a mean that falls towards the poles.
 */
export function clearSky(latitude: number, longitude: number): Weather {
  const sine = Math.sin(latitude * RADIAN);
  const cosine = Math.cos(latitude * RADIAN);
  const noon = ((((0.5 - longitude / 360) * DAY) % DAY) + DAY) % DAY;
  return {
    noon,
    irradiance(time) {
      const declination = declinationOf(time);
      const hourAngle = ((time - noon) / DAY) * 2 * Math.PI;
      const height = sine * Math.sin(declination) + cosine * Math.cos(declination) * Math.cos(hourAngle);
      return height <= 0 ? 0 : 1098 * height * Math.exp(-0.059 / height);
    },
    airTemperature(time) {
      const mean = 26 - 0.35 * Math.abs(latitude) + 0.4 * latitude * (declinationOf(time) / (23.45 * RADIAN));
      // The air is warmest three hours after noon.
      return mean + 5 * Math.cos(((time - noon) / DAY - 0.125) * 2 * Math.PI);
    },
  };
}

/** Angle of the sun over the equator in radians. */
function declinationOf(time: number): number {
  const dayOfYear = ((time / DAY) % 365.2425) + 1;
  return 23.45 * RADIAN * Math.sin(((284 + dayOfYear) / 365) * 2 * Math.PI);
}

/**
 * A recorded day, every day again; straight lines between its points, across midnight too. Throws a RangeError for no points, or for
 * minutes that are outside the day or do not rise.
 */
export function recordedDay(points: readonly TracePoint[]): Weather {
  checkMinutes(points);
  const irradiance = byMinute(points, (point) => point.irradiance);
  const airTemperature = byMinute(points, (point) => point.airTemperature);
  return {
    noon: noonOf(irradiance),
    irradiance: (time) => interpolate(irradiance, time),
    airTemperature: (time) => interpolate(airTemperature, time),
  };
}

function checkMinutes(points: readonly TracePoint[]): void {
  if (points.length === 0) throw new RangeError("a recorded day needs at least one point, got none");
  let last = -1;
  for (const { minute } of points) {
    if (!Number.isInteger(minute) || minute <= last || minute >= MINUTES)
      throw new RangeError(`minutes of a recorded day must rise from 0 to ${MINUTES - 1}, got ${minute} after ${last}`);
    last = minute;
  }
}

function byMinute(points: readonly TracePoint[], value: (point: TracePoint) => number): Float64Array {
  const values = new Float64Array(MINUTES);
  for (let i = 0; i < points.length; i++) {
    const from = points[i]!;
    const to = points[(i + 1) % points.length]!;
    const length = (to.minute - from.minute + MINUTES) % MINUTES || MINUTES;
    for (let j = 0; j < length; j++)
      values[(from.minute + j) % MINUTES] = value(from) + ((value(to) - value(from)) * j) / length;
  }
  return values;
}

function interpolate(values: Float64Array, time: number): number {
  const minute = (time % DAY) / 60;
  const index = Math.floor(minute);
  const from = values[index]!;
  return from + (values[(index + 1) % MINUTES]! - from) * (minute - index);
}

/** Centre of the light, taken around the clock because the UTC day may begin at any hour of the local one. */
function noonOf(irradiance: Float64Array): number {
  let x = 0;
  let y = 0;
  for (let minute = 0; minute < MINUTES; minute++) {
    const angle = (minute / MINUTES) * 2 * Math.PI;
    x += irradiance[minute]! * Math.cos(angle);
    y += irradiance[minute]! * Math.sin(angle);
  }
  if (x === 0 && y === 0) return DAY / 2;
  return (Math.atan2(y, x) / (2 * Math.PI)) * DAY + (y < 0 ? DAY : 0);
}
