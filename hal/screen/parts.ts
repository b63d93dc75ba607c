import { Outline } from "commodetto/outline";
import type { Color, Container, Content, Label, Port, Style } from "piu/MC";
import type { Shape } from "piu/shape";
import type { Moment } from "./moment.js";

/** The colours of the screen. It has 5 bits of red and blue and 6 of green: a white that is not greenish has a bit less green. */
export const COLORS = Object.freeze({
  paper: "#F0EDE8",
  card: "#FFFBFF",
  line: "#D8D3C7",
  ink: "#22303C",
  quiet: "#66737E",
  sun: "#F0A11E",
  good: "#2C8A57",
  bad: "#C23B2E",
  radio: "#2F6DB5",
});

/** Position and size in pixels, inside the container around. */
export type Box = readonly [left: number, top: number, width: number, height: number];

export type FontName = "text" | "strong" | "title" | "large";

const FONTS = Object.freeze({
  text: "16px Open Sans",
  strong: "600 16px Open Sans",
  title: "600 20px Open Sans",
  large: "600 28px Open Sans",
});

export interface TextOptions {
  font?: FontName;
  color?: Color | Color[];
  horizontal?: "left" | "center" | "right";
  /** Which of the colours. */
  state?: (moment: Moment) => number;
}

/** A line of text that follows the moment. Too long a line ends in dots. */
export function text(box: Box, show: string | ((moment: Moment) => string), options: TextOptions = {}): Label {
  const { font = "text", color = COLORS.ink, horizontal = "left", state } = options;
  const style = new Style({ font: FONTS[font], color, horizontal });
  const label = new Label(null, { ...place(box), style, string: typeof show === "string" ? show : "" });
  label.behavior = {
    onMoment(it: Label, moment: Moment) {
      if (typeof show === "function") change(it, shorten(show(moment), style, box[2]));
      if (state) it.state = state(moment);
    },
  };
  return label;
}

/** A filled figure; `state` picks from or blends the colours. */
export function figure(box: Box, outline: Outline, fill: Color | Color[], state?: (moment: Moment) => number): Shape {
  const shape = new Shape(null, { ...place(box), skin: new Skin({ fill }) });
  shape.fillOutline = outline;
  if (state)
    shape.behavior = {
      onMoment(it: Shape, moment: Moment) {
        it.state = state(moment);
      },
    };
  return shape;
}

/** A rectangle with round corners. */
export function rounded(box: Box, radius: number, fill: Color | Color[], state?: (moment: Moment) => number): Shape {
  const [, , width, height] = box;
  return figure(box, Outline.fill(Outline.RoundRectPath(0, 0, width, height, radius)), fill, state);
}

/** A white card with things on it, placed from its own corner. */
export function card(box: Box, contents: Content[]): Container {
  const [, , width, height] = box;
  return group(box, [rounded([0, 0, width, height], 8, COLORS.card), ...contents]);
}

export function group(box: Box, contents: Content[]): Container {
  return new Container(null, { ...place(box), contents });
}

/** A surface to draw on; it is drawn anew when `key` of the moment changes. */
export function canvas(box: Box, key: (moment: Moment) => number, draw: (port: Port, moment: Moment) => void): Port {
  const port = new Port(null, place(box)) as Port;
  let drawn: number | undefined;
  let shown: Moment | undefined;
  port.behavior = {
    onMoment(it: Port, moment: Moment) {
      const now = key(moment);
      shown = moment;
      if (now !== drawn) it.invalidate();
      drawn = now;
    },
    onDraw: (it: Port) => shown && draw(it, shown),
  };
  return port;
}

export function place([left, top, width, height]: Box): { left: number; top: number; width: number; height: number } {
  return { left, top, width, height };
}

/** Setting a string lays out anew, so only what changed is set. */
export function change(label: Label, string: string): void {
  if (label.string !== string) label.string = string;
}

function shorten(string: string, style: Style, width: number): string {
  const fits = (it: string) => (style.measure(it).width ?? 0) <= width;
  if (fits(string)) return string;
  let end = string.length;
  while (end > 0 && !fits(`${string.slice(0, end)}...`)) end--;
  return `${string.slice(0, end).trimEnd()}...`;
}
