import { Outline } from "commodetto/outline";
import type { Container, Content } from "piu/MC";
import { button, slider } from "./controls.js";
import { flow } from "./flow.js";
import { keypad } from "./keypad.js";
import { daylight, HEIGHT, landscape, WIDTH } from "./landscape.js";
import type { Actions, Moment } from "./moment.js";
import { type Box, COLORS, canvas, card, figure, group, rounded, text } from "./parts.js";

/** Times real time. */
const SPEEDS: readonly (readonly [label: string, speed: number])[] = Object.freeze([
  Object.freeze(["1x", 1] as const),
  Object.freeze(["60x", 60] as const),
  Object.freeze(["600x", 600] as const),
  Object.freeze(["3600x", 3600] as const),
]);
/** The strongest appliance, watts: more than the output takes. */
const STRONGEST = 80;
const quiet = Object.freeze({ color: COLORS.quiet });

/** Opens the screen, 800 by 480 pixels; the function it gives shows a moment. */
export function openScreen(actions: Actions): (moment: Moment) => void {
  const application = new Application(null, {
    skin: new Skin({ fill: COLORS.paper }),
    displayListLength: 65536,
    commandListLength: 32768,
    touchCount: 1,
    contents: [...header(actions), home(), controls(actions), log(), credit(), keypad(540, 158, actions), report()],
  });
  return (moment) => application.distribute("onMoment", moment);
}

function header(actions: Actions): Content[] {
  const speeds = SPEEDS.map(([label, speed], i) =>
    button([540 + i * 62, 10, 58, 32], {
      label,
      on: (moment) => moment.speed === speed,
      onTap: () => actions.setSpeed(speed),
    }),
  );
  return [
    text([20, 8, 120, 36], "heliograph", { font: "title" }),
    text([134, 10, 110, 36], (moment) => moment.serialNumber, quiet),
    text([248, 10, 280, 36], (moment) => moment.place, { horizontal: "right" }),
    ...speeds,
  ];
}

/** The landscape, and under it what is measured. */
function home(): Container {
  const facts = (left: number, title: (moment: Moment) => string, detail: (moment: Moment) => string) => [
    text([left, HEIGHT + 6, 158, 22], title, { font: "strong" }),
    text([left, HEIGHT + 28, 158, 22], detail, quiet),
  ];
  return card(
    [16, 52, WIDTH, 270],
    [
      landscape([0, 0, WIDTH, HEIGHT]),
      flow(0, 0),
      mast([466, 84, 46, 120]),
      ...facts(14, (moment) => `Panel  ${watts(moment.panel.voltage * moment.panel.current)}`, panelDetail),
      ...facts(182, (moment) => `Battery  ${Math.round(moment.battery.stateOfCharge * 100)} %`, batteryDetail),
      ...facts(348, (moment) => `Loads  ${watts(moment.load.watts)}`, loadDetail),
    ],
  );
}

function watts(value: number): string {
  return `${value.toFixed(1)} W`;
}

function panelDetail({ panel }: Moment): string {
  return `${panel.voltage.toFixed(1)} V, ${panel.current.toFixed(2)} A`;
}

function batteryDetail({ battery }: Moment): string {
  const state = battery.current > 0.02 ? "charging" : battery.current < -0.02 ? "in use" : "resting";
  return `${battery.voltage.toFixed(1)} V, ${state}`;
}

function loadDetail(moment: Moment): string {
  if (!moment.relay) return "switched off";
  return moment.loadProblem ?? (moment.load.appliances.join(", ") || "nothing is on");
}

/** The antenna: it has as many waves as the signal has bars. */
function mast(box: Box): Container {
  const waves = [1, 2, 3].flatMap((i) => [wave(i, 0), wave(i, Math.PI)]);
  return group(box, [
    rounded([22, 23, 3, 97], 1, ["#66737E", "#4B565F"], daylight),
    rounded([20, 20, 7, 7], 3, COLORS.radio),
    ...waves,
  ]);
}

/** The first, second or third one to the side that `angle` says. */
function wave(number: number, angle: number): Content {
  const path = new Outline.CanvasPath();
  path.arc(23, 23, 6 * number, angle - 0.8, angle + 0.8);
  const it = figure([0, 0, 46, 46], Outline.stroke(path, 2, Outline.LINECAP_ROUND), COLORS.radio);
  it.behavior = {
    onMoment(_it: Content, moment: Moment) {
      it.visible = moment.modem.bars >= number;
    },
  };
  return it;
}

function controls(actions: Actions): Container {
  return card(
    [16, 330, WIDTH, 76],
    [
      slider([14, 10, 148], {
        most: 1,
        step: 0.05,
        color: COLORS.sun,
        label: (value) => `Sun  ${Math.round(value * 100)} %`,
        value: (moment) => moment.sunshine,
        onChanged: (value) => actions.setSunshine(value),
      }),
      slider([182, 10, 172], {
        most: STRONGEST,
        step: 5,
        color: COLORS.good,
        label: (value) => `Extra load  ${value} W`,
        value: (moment) => moment.appliance,
        onChanged: (value) => actions.setAppliance(value),
      }),
      ...cuts(actions),
    ],
  );
}

function cuts(actions: Actions): Content[] {
  let now: Moment | undefined;
  const network = button([380, 8, 120, 28], {
    ...{ label: "Cut network", onLabel: "Network cut", onColor: COLORS.bad },
    on: (moment) => {
      now = moment;
      return moment.networkCut;
    },
    onTap: () => actions.cutNetwork(!now?.networkCut),
  });
  const power = button([380, 40, 120, 28], {
    ...{ label: "Cut power", onLabel: "Power cut", onColor: COLORS.bad },
    on: (moment) => moment.powerCut,
    onTap: () => actions.cutPower(!now?.powerCut),
  });
  return [network, power];
}

function log(): Container {
  const line = (top: number, fromEnd: number) =>
    text([14, top, 484, 22], (moment) => moment.log[moment.log.length - fromEnd] ?? "", quiet);
  return card([16, 414, WIDTH, 56], [line(6, 2), line(28, 1)]);
}

function credit(): Container {
  const state = (moment: Moment) => (moment.hasCredit ? 0 : 1);
  return card(
    [540, 52, 244, 98],
    [
      text([16, 8, 212, 22], "Credit", quiet),
      text([16, 28, 212, 40], (moment) => moment.credit, { font: "large", color: [COLORS.ink, COLORS.bad], state }),
      text([16, 68, 212, 22], (moment) => relayText(moment), {
        color: [COLORS.good, COLORS.bad],
        state: (m) => (m.relay ? 0 : 1),
      }),
    ],
  );
}

function relayText({ powerCut, relay }: Moment): string {
  if (powerCut) return "no power: load off";
  return relay ? "load on" : "load off until a token";
}

function report(): Container {
  const colors = { color: [COLORS.ink, COLORS.bad], state: (moment: Moment) => (moment.modem.trouble ? 1 : 0) };
  return card(
    [540, 386, 244, 84],
    [
      bars([16, 12, 30, 18]),
      text([54, 10, 176, 22], (moment) => moment.modem.state, colors),
      text([16, 32, 214, 22], (moment) => moment.queue),
      text([16, 54, 214, 22], (moment) => moment.lastReport, quiet),
    ],
  );
}

function bars(box: Box): Content {
  let lit = 0;
  return canvas(
    box,
    (moment) => {
      lit = moment.modem.bars;
      return lit;
    },
    (port) => {
      for (let i = 0; i < 4; i++) {
        const height = 6 + i * 4;
        port.fillColor(i < lit ? COLORS.radio : COLORS.line, i * 8, 18 - height, 6, height);
      }
    },
  );
}
