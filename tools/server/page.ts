/** The page at /: every device with its state, its warnings and its last day. No script; it reloads by itself. */
import type { DeviceSummary } from "./api.js";
import { lineChart, type Point, type Series } from "./chart.js";
import { escapeHTML } from "./html.js";
import { type DecodedRow, variableOf } from "./rows.js";
import type { Store } from "./state.js";
import { STYLE } from "./style.js";

const DAY = 86400;
const MINUTE = 60;
const CLOCK_TOLERANCE = 5 * MINUTE;

export function page(devices: readonly DeviceSummary[], store: Store, now: number): string {
  const cards = devices.map((device) => card(device, store.table(device.serialNumber).rows, now));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="60">
<link rel="icon" href="data:,">
<title>heliograph: devices</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>Devices</h1><p>${isoTime(now)}</p></header>
<main>
${cards.length > 0 ? cards.join("\n") : "<p>No device yet. Start the server with <code>--device SERIAL:KEYHEX</code>.</p>"}
</main>
</body>
</html>
`;
}

function card(device: DeviceSummary, rows: readonly DecodedRow[], now: number): string {
  const day = lastDay(rows);
  return `<article>
<h2>${escapeHTML(device.serialNumber)}</h2>
${warnings(device, rows, now)
  .map((text) => `<p class="warning">${escapeHTML(text)}</p>`)
  .join("\n")}
<dl>${facts(device, day, now)
    .map(([name, text]) => `<div><dt>${name}</dt><dd>${escapeHTML(text)}</dd></div>`)
    .join("")}</dl>
<div class="charts">${charts(device, day)}</div>
</article>`;
}

function facts(device: DeviceSummary, day: readonly DecodedRow[], now: number): [name: string, text: string][] {
  const count = device.data.token_count;
  return [
    ["Last contact", device.lastContact === null ? "never" : ago(now - device.lastContact)],
    ["Battery", latest(device, day, "battery_voltage")],
    ["Credit", credit(device, now)],
    ["Token count", count === undefined ? "unknown" : String(count)],
    ["Tokens waiting", String(device.tokens.length)],
    ["Rows", `${device.rows}${device.repeatedRows > 0 ? `, ${device.repeatedRows} came again` : ""}`],
    ["Requests", String(device.requests)],
  ];
}

function warnings(device: DeviceSummary, rows: readonly DecodedRow[], now: number): string[] {
  const found: string[] = [];
  if (device.lastContact !== null && now - device.lastContact > DAY)
    found.push(`Silent for ${span(now - device.lastContact)}.`);
  if (device.refused) found.push(`Requests refused: ${device.refused.count}. The last: ${device.refused.last}`);
  const newest = newestTime(rows);
  if (newest > now + CLOCK_TOLERANCE) found.push(`Its newest row lies ${span(newest - now)} in the future.`);
  if (device.data.tampered === true || device.data.tampered === 1) found.push("It reports tampering.");
  return found;
}

function credit(device: DeviceSummary, now: number): string {
  if (device.activeUntil === null) return "by tokens";
  return device.activeUntil > now
    ? `${span(device.activeUntil - now)} left`
    : `ran out ${ago(now - device.activeUntil)}`;
}

function charts(device: DeviceSummary, day: readonly DecodedRow[]): string {
  const to = newestTime(day);
  const series = (name: string, label: string): Series => ({ label, points: pointsOf(day, name) });
  const frame = { from: to - DAY, to };
  const battery = lineChart({
    ...frame,
    title: "Battery voltage",
    unit: unitOf(device, "battery_voltage", "V"),
    series: [series("battery_voltage", "Battery")],
  });
  const current = lineChart({
    ...frame,
    title: "Current",
    unit: unitOf(device, "panel_current", "A"),
    series: [series("panel_current", "Panel"), series("load_current", "Load")],
    fromZero: true,
  });
  const note =
    day.length > 0
      ? `<p class="note">24 hours up to ${isoTime(to)}, times in UTC</p>`
      : `<p class="note">No rows yet</p>`;
  return battery + current + note;
}

/** The rows of the 24 hours up to the newest one, in order of time. */
function lastDay(rows: readonly DecodedRow[]): DecodedRow[] {
  const from = newestTime(rows) - DAY;
  return rows.filter(({ timestamp }) => timestamp >= from).sort((a, b) => a.timestamp - b.timestamp);
}

function newestTime(rows: readonly DecodedRow[]): number {
  return rows.reduce((newest, { timestamp }) => Math.max(newest, timestamp), 0);
}

function pointsOf(rows: readonly DecodedRow[], name: string): Point[] {
  const points = rows.map(({ timestamp, cells }): Point => [timestamp, Number(cells.get(name) ?? Number.NaN)]);
  return points.filter(([, value]) => Number.isFinite(value));
}

function latest(device: DeviceSummary, day: readonly DecodedRow[], name: string): string {
  const point = pointsOf(day, name).at(-1);
  return point ? `${point[1]} ${unitOf(device, name, "V")}` : "unknown";
}

function unitOf(device: DeviceSummary, name: string, usual: string): string {
  return variableOf(device, name)?.unit ?? usual;
}

function ago(seconds: number): string {
  return seconds < MINUTE ? "just now" : `${span(seconds)} ago`;
}

/** In the largest unit that gives at least two. */
function span(seconds: number): string {
  if (seconds >= 2 * DAY) return `${Math.floor(seconds / DAY)} days`;
  if (seconds >= 2 * 3600) return `${Math.floor(seconds / 3600)} hours`;
  return `${Math.floor(seconds / MINUTE)} min`;
}

function isoTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
