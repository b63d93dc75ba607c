/** A line chart over time as inline SVG: one axis, readable on a phone, colours by the page's style sheet. */
import { escapeHTML } from "./html.js";

/** Time in seconds since 1970, and the value. */
export type Point = readonly [time: number, value: number];

export interface Series {
  readonly label: string;
  /** In order of time. */
  readonly points: readonly Point[];
}

export interface ChartOptions {
  readonly title: string;
  readonly unit: string;
  /** Seconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly series: readonly Series[];
  /** The axis starts at 0. */
  readonly fromZero?: boolean;
}

interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  /** Digits after the point that tell the ticks apart. */
  readonly decimals: number;
}

const WIDTH = 460;
const HEIGHT = 200;
const LEFT = 42;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 26;
const HOUR = 3600;
const HOURS_PER_TICK = 4;
/** A hole of this many usual intervals breaks the line. */
const HOLE = 3;

export function lineChart(options: ChartOptions): string {
  const series = options.series.filter(({ points }) => points.length > 0);
  if (series.length === 0) return "";
  const axis = valueAxis(options, series);
  const x = (time: number) => LEFT + ((WIDTH - LEFT - RIGHT) * (time - options.from)) / (options.to - options.from);
  const y = (value: number) =>
    HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * (value - axis.low)) / (axis.high - axis.low);
  return `<figure>
<figcaption>${escapeHTML(options.title)} <small>${escapeHTML(options.unit)}</small>${legend(series)}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHTML(options.title)} over one day">
${axis.ticks.map((tick) => valueTick(tick.toFixed(axis.decimals), y(tick))).join("\n")}
${timeTicks(options)
  .map((tick) => timeTick(tick, x(tick)))
  .join("\n")}
${series.map(({ points }, i) => `<path class="line s${i + 1}" d="${linePath(points, x, y)}"/>`).join("\n")}
</svg></figure>`;
}

/** About five round ticks that hold all values. */
function valueAxis(options: ChartOptions, series: readonly Series[]): Axis {
  const values = series.flatMap(({ points }) => points.map(([, value]) => value));
  const least = values.reduce((a, b) => Math.min(a, b), options.fromZero ? 0 : Number.POSITIVE_INFINITY);
  const most = values.reduce((a, b) => Math.max(a, b), options.fromZero ? 0 : Number.NEGATIVE_INFINITY);
  const step = roundStep((most - least || Math.abs(most) || 1) / 4);
  const first = Math.floor(least / step);
  const last = Math.max(first + 1, Math.ceil(most / step));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  return { low: first * step, high: last * step, ticks, decimals: Math.max(0, -Math.floor(Math.log10(step))) };
}

/** The next higher of 1, 2 or 5 times a power of ten. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
}

function timeTicks({ from, to }: ChartOptions): number[] {
  const step = HOURS_PER_TICK * HOUR;
  const ticks: number[] = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) ticks.push(tick);
  return ticks;
}

function valueTick(label: string, y: number): string {
  const line = `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}"/>`;
  return `${line}<text x="${LEFT - 6}" y="${(y + 4).toFixed(1)}" text-anchor="end">${label}</text>`;
}

function timeTick(time: number, x: number): string {
  const clock = new Date(time * 1000).toISOString().slice(11, 16);
  const line = `<line class="tick" x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM + 4}"/>`;
  return `${line}<text x="${x.toFixed(1)}" y="${HEIGHT - 7}" text-anchor="middle">${clock}</text>`;
}

function linePath(points: readonly Point[], x: (time: number) => number, y: (value: number) => number): string {
  const hole = HOLE * usualInterval(points);
  return points
    .map(([time, value], i) => {
      const isJoined = i > 0 && time - points[i - 1]![0] <= hole;
      const place = `${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
      // A line of no length shows a lonely point as a dot.
      return isJoined ? `L${place}` : `M${place}h0`;
    })
    .join("");
}

/** The median. */
function usualInterval(points: readonly Point[]): number {
  const intervals = points.slice(1).map(([time], i) => time - points[i]![0]);
  return intervals.sort((a, b) => a - b)[intervals.length >> 1] ?? 0;
}

function legend(series: readonly Series[]): string {
  if (series.length < 2) return "";
  return series.map(({ label }, i) => `<span class="key s${i + 1}">${escapeHTML(label)}</span>`).join("");
}
