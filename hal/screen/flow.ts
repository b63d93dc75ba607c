import { Outline } from "commodetto/outline";
import type { Container, Content } from "piu/MC";
import { daylight, moveTo, WIDTH } from "./landscape.js";
import type { Moment } from "./moment.js";
import { COLORS, figure, group, rounded } from "./parts.js";

/** Height of the wires, and where they begin and end. */
const WIRE = 190;
const PANEL_WIRE = Object.freeze([99, 214] as const);
const RELAY = Object.freeze([290, 322] as const);
const LOAD_WIRE = Object.freeze([258, 352] as const);
const DOTS = 4;
/** Pixels a frame at 1 A, and at most. */
const PACE = 1.6;
const FASTEST = 5;

/** Wires, the relay's lever and the current, as dots that run the faster the more flows. */
export function flow(left: number, top: number): Container {
  const dots = [0, 1].map(() => Array.from({ length: DOTS }, dot));
  const wires = [
    wire(PANEL_WIRE[0], PANEL_WIRE[1]),
    wire(LOAD_WIRE[0], RELAY[0]),
    wire(RELAY[1], LOAD_WIRE[1]),
    ...lever(),
  ];
  const scene = group([left, top, WIDTH, 216], [...wires, ...dots.flat()]);
  let shown: Moment | undefined;
  const at = [0, 0];
  scene.interval = 40;
  scene.behavior = {
    onDisplaying: (it: Container) => it.start(),
    onMoment(_it: Container, moment: Moment) {
      shown = moment;
    },
    onTimeChanged(it: Container) {
      if (!shown) return;
      const loadCurrent = shown.battery.voltage > 0 ? shown.load.watts / shown.battery.voltage : 0;
      at[0] = run(it, dots[0]!, PANEL_WIRE, at[0]!, shown.panel.current);
      at[1] = run(it, dots[1]!, LOAD_WIRE, at[1]!, loadCurrent);
    },
  };
  return scene;
}

/** Moves the dots of a wire on; gives where the first one is now. */
function run(
  scene: Container,
  dots: Content[],
  [from, to]: readonly [number, number],
  at: number,
  current: number,
): number {
  const gap = (to - from) / DOTS;
  const next = (at + Math.min(FASTEST, 0.4 + PACE * current)) % gap;
  dots.forEach((it, i) => {
    it.visible = current > 0.01;
    if (it.visible) moveTo(scene, it, from + next + i * gap - 4, WIRE - 4);
  });
  return next;
}

function dot(): Content {
  const path = new Outline.CanvasPath();
  path.arc(4, 4, 4, 0, 2 * Math.PI);
  const it = figure([0, 0, 8, 8], Outline.fill(path), COLORS.sun);
  it.visible = false;
  return it;
}

function wire(from: number, to: number): Content {
  return rounded([from, WIRE - 1, to - from, 3], 1, ["#8C98A2", "#33404A"], daylight);
}

/** The relay: a lever that lies on its contact, or stands up from it. */
function lever(): Content[] {
  const [from, to] = RELAY;
  const length = to - from;
  const path = (x: number, y: number) => {
    const line = new Outline.CanvasPath();
    line.moveTo(4, 28);
    line.lineTo(x, y);
    return Outline.stroke(line, 4, Outline.LINECAP_ROUND);
  };
  const closed = figure([from - 4, WIRE - 28, length + 8, 32], path(length + 4, 28), COLORS.good);
  const open = figure([from - 4, WIRE - 28, length + 8, 32], path(length - 2, 10), COLORS.bad);
  closed.behavior = { onMoment: (_it: Content, moment: Moment) => show(moment.relay) };
  const show = (relay: boolean) => {
    closed.visible = relay;
    open.visible = !relay;
  };
  return [
    rounded([from - 3, WIRE - 3, 7, 7], 3, ["#8C98A2", "#33404A"], daylight),
    rounded([to - 3, WIRE - 3, 7, 7], 3, ["#8C98A2", "#33404A"], daylight),
    closed,
    open,
  ];
}
