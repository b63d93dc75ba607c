import { Outline } from "commodetto/outline";
import type { Color, Container, Content, Port } from "piu/MC";
import type { Shape } from "piu/shape";
import type { Moment } from "./moment.js";
import { type Box, COLORS, canvas, figure, group, rounded } from "./parts.js";

/** Where things stand, in pixels of the landscape. */
export const WIDTH = 512;
export const HEIGHT = 216;
const HORIZON = 170;
const GROUND = 204;
/** Sun and moon go round on an arc. */
const ARC = Object.freeze({ x: 256, y: 188, width: 216, height: 134 });
const SUN = 96;
const FULL_SUN = 900;

type Shade = readonly [red: number, green: number, blue: number];
const NIGHT: readonly [Shade, Shade] = Object.freeze([shade(14, 24, 48), shade(44, 62, 100)] as const);
const DAY: readonly [Shade, Shade] = Object.freeze([shade(84, 158, 218), shade(206, 232, 246)] as const);
const DUSK = shade(240, 170, 110);
const CLOUDED: readonly [Shade, Shade] = Object.freeze([shade(140, 156, 168), shade(196, 204, 208)] as const);
const STARS = Object.freeze([
  24, 30, 70, 62, 118, 22, 160, 84, 206, 40, 250, 18, 296, 70, 340, 30, 388, 88, 420, 24, 470, 58,
]);

function shade(red: number, green: number, blue: number): Shade {
  return Object.freeze([red, green, blue] as const);
}

/** Height of the sun, -1 to 1. */
function sunHeight(hour: number): number {
  return Math.sin(((hour - 6) / 12) * Math.PI);
}

/** 0 in the night, 1 by day. */
export function daylight(moment: Moment): number {
  return Math.min(1, Math.max(0, (sunHeight(moment.hour) + 0.15) / 0.4));
}

/** Sky, sun and moon, hills, panel, battery, house and mast; what moves is moved by `turn`. */
export function landscape(box: Box): Container {
  const sky = skyOf();
  const sun = [rays(), disc(SUN / 2, 19, ["#F6B73C"])];
  const moon = disc(24, 13, ["#00000000", "#E8ECF4"]);
  const cloud = figure([0, 0, 110, 50], cloudOutline(), ["#F5F7F900", "#F5F7F9"], (moment) => 1 - moment.sunshine);
  const scene = group(box, [sky, ...sun, moon, cloud, ...hills(), ...buildings()]);
  // The sun sets behind the hills, not over what is below the picture.
  scene.clip = true;
  let angle = 0;
  let shown: Moment | undefined;
  scene.interval = 60;
  scene.behavior = {
    onDisplaying: (it: Container) => it.start(),
    onMoment(it: Container, moment: Moment) {
      shown = moment;
      const night = (moment.hour + 12) % 24;
      for (const part of sun) moveToSky(it, part, moment.hour, SUN / 2);
      moveToSky(it, moon, night, 24);
      moon.state = 1 - daylight(moment);
      const [x, y] = skyAt(moment.hour);
      moveTo(it, cloud, x - 30, y - 14);
      cloud.visible = moment.sunshine < 1 && sunHeight(moment.hour) > -0.1;
    },
    onTimeChanged() {
      if (!shown || shown.irradiance < 5) return;
      angle = (angle + 1.5) % 360;
      turnRays(sun[0] as Shape, angle, shown.irradiance / FULL_SUN);
    },
  };
  return scene;
}

function skyAt(hour: number): [x: number, y: number] {
  const angle = ((hour - 6) / 12) * Math.PI;
  return [ARC.x - ARC.width * Math.cos(angle), ARC.y - ARC.height * Math.sin(angle)];
}

function moveToSky(scene: Container, part: Content, hour: number, half: number): void {
  const [x, y] = skyAt(hour);
  part.visible = sunHeight(hour) > -0.25;
  moveTo(scene, part, x - half, y - half);
}

/** To a place in the scene. */
export function moveTo(scene: Container, part: Content, x: number, y: number): void {
  part.moveBy(scene.x + Math.round(x) - part.x, scene.y + Math.round(y) - part.y);
}

function skyOf(): Content {
  const key = (moment: Moment) =>
    Math.round(daylight(moment) * 30) * 1000 +
    Math.round(duskiness(moment) * 20) * 30 +
    Math.round(moment.sunshine * 20);
  return canvas([0, 0, WIDTH, HEIGHT], key, drawSky);
}

function duskiness(moment: Moment): number {
  return Math.max(0, 1 - Math.abs(sunHeight(moment.hour)) / 0.3);
}

function drawSky(port: Port, moment: Moment): void {
  const light = daylight(moment);
  const dusk = duskiness(moment);
  const clouded = (1 - moment.sunshine) * 0.7 * light;
  for (let y = 0; y < HEIGHT; y += 4) {
    const low = Math.min(1, y / HORIZON);
    const night = mix(NIGHT[0], NIGHT[1], low);
    const day = mix(mix(DAY[0], DAY[1], low), mix(CLOUDED[0], CLOUDED[1], low), clouded);
    const [red, green, blue] = mix(mix(night, day, light), DUSK, dusk * low * low * 0.8);
    port.fillColor(rgb(red, green, blue), 0, y, WIDTH, 4);
  }
  if (light > 0.3) return;
  for (let i = 0; i < STARS.length; i += 2) port.fillColor("#DDE6F5", STARS[i]!, STARS[i + 1]!, 2, 2);
}

function mix(a: Shade, b: Shade, share: number): Shade {
  const part = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * share);
  return [part(0), part(1), part(2)];
}

function disc(half: number, radius: number, fill: Color[]): Shape {
  const path = new Outline.CanvasPath();
  path.arc(half, half, radius, 0, 2 * Math.PI);
  return figure([0, 0, 2 * half, 2 * half], Outline.fill(path), fill);
}

function rays(): Shape {
  return figure([0, 0, SUN, SUN], raysOutline(0), "#F6B73C");
}

/** Twelve rays, the longer the more sun arrives. */
function raysOutline(strength: number): Outline {
  const path = new Outline.CanvasPath();
  const middle = SUN / 2;
  const length = 26 + 18 * Math.min(1, strength);
  for (let i = 0; i < 12; i++) {
    const angle = (i * Math.PI) / 6;
    const side = 0.09;
    path.moveTo(middle + 25 * Math.cos(angle - side), middle + 25 * Math.sin(angle - side));
    path.lineTo(middle + length * Math.cos(angle), middle + length * Math.sin(angle));
    path.lineTo(middle + 25 * Math.cos(angle + side), middle + 25 * Math.sin(angle + side));
    path.closePath();
  }
  return Outline.fill(path);
}

function turnRays(shape: Shape, angle: number, strength: number): void {
  shape.fillOutline = raysOutline(strength).rotate((angle * Math.PI) / 180, SUN / 2, SUN / 2);
}

function cloudOutline(): Outline {
  const path = new Outline.CanvasPath();
  path.moveTo(18, 46);
  path.bezierCurveTo(0, 46, 0, 24, 20, 24);
  path.bezierCurveTo(22, 4, 54, 0, 60, 18);
  path.bezierCurveTo(80, 8, 96, 22, 90, 30);
  path.bezierCurveTo(110, 32, 106, 46, 92, 46);
  path.closePath();
  return Outline.fill(path);
}

function hills(): Content[] {
  const far = new Outline.CanvasPath();
  far.moveTo(0, 40);
  far.bezierCurveTo(90, -10, 170, 10, 240, 34);
  far.bezierCurveTo(320, 0, 430, 4, 512, 30);
  far.lineTo(512, 80);
  far.lineTo(0, 80);
  far.closePath();
  const near = new Outline.CanvasPath();
  near.moveTo(0, 16);
  near.bezierCurveTo(150, 0, 350, 0, 512, 14);
  near.lineTo(512, 46);
  near.lineTo(0, 46);
  near.closePath();
  return [
    figure([0, 136, WIDTH, 80], Outline.fill(far), ["#22344A", "#9DBB8B"], daylight),
    figure([0, HORIZON, WIDTH, HEIGHT - HORIZON], Outline.fill(near), ["#1B2B33", "#7FA368"], daylight),
  ];
}

function polygon(box: Box, points: number[], fill: Color | Color[], state?: (moment: Moment) => number): Shape {
  return figure(box, Outline.fill(Outline.PolygonPath(...points)), fill, state);
}

function buildings(): Content[] {
  return [...panel(), ...battery(), ...house()];
}

function panel(): Content[] {
  const lines = new Outline.CanvasPath();
  for (const [x1, y1, x2, y2] of [
    [43, 2, 33, 58],
    [72, 2, 62, 58],
    [7, 21, 109, 21],
    [4, 40, 106, 40],
  ] as const) {
    lines.moveTo(x1, y1);
    lines.lineTo(x2, y2);
  }
  return [
    rounded([92, 176, 7, GROUND - 176], 1, ["#3A4650", "#6B757D"], daylight),
    polygon([40, 124, 112, 60], [12, 0, 112, 0, 100, 60, 0, 60], ["#5C6A78", "#DCE3E8"], daylight),
    polygon([40, 124, 112, 60], [15, 3, 108, 3, 97, 57, 4, 57], ["#16263F", "#234B8C"], daylight),
    figure([40, 124, 112, 60], Outline.stroke(lines, 1.2), ["#2C405E", "#6F94CC"], daylight),
  ];
}

function battery(): Content[] {
  const level = canvas(
    [219, 157, 34, 42],
    (moment) => Math.round(moment.battery.stateOfCharge * 42) + (moment.battery.stateOfCharge < 0.2 ? 100 : 0),
    drawLevel,
  );
  return [
    rounded([222, 146, 8, 8], 1, "#4B565F"),
    rounded([242, 146, 8, 8], 1, "#4B565F"),
    rounded([214, 152, 44, GROUND - 152], 4, "#4B565F"),
    rounded([219, 157, 34, 42], 1, "#E4E8EA"),
    level,
  ];
}

function drawLevel(port: Port, { battery: { stateOfCharge } }: Moment): void {
  const height = Math.round(stateOfCharge * 42);
  port.fillColor(stateOfCharge < 0.2 ? COLORS.bad : "#58B377", 0, 42 - height, 34, height);
}

function house(): Content[] {
  const lit = ({ load, loadProblem }: Moment) => (load.watts > 0.05 && loadProblem === undefined ? 1 : 0);
  return [
    rounded([352, 142, 108, GROUND - 142], 1, ["#6C6459", "#EBDCC3"], daylight),
    polygon([338, 102, 136, 42], [0, 42, 68, 0, 136, 42], ["#4E322B", "#B4583C"], daylight),
    rounded([370, 158, 30, 24], 2, ["#39434C", "#FFD867"], lit),
    polygon([370, 158, 30, 24], [14, 0, 16, 0, 16, 24, 14, 24], ["#6C6459", "#C9A94A"], lit),
    rounded([422, 160, 24, GROUND - 160], 2, ["#3F2E22", "#8A5A3A"], daylight),
  ];
}
