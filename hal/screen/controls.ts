import { Outline } from "commodetto/outline";
import type { Container, Content, Label, Port } from "piu/MC";
import type { Moment } from "./moment.js";
import { type Box, COLORS, change, figure, group, place, rounded, text } from "./parts.js";

const THUMB = 20;

export interface SliderOptions {
  most: number;
  step: number;
  color: string;
  label: (value: number) => string;
  value: (moment: Moment) => number;
  onChanged: (value: number) => void;
}

/** A label and, below it, a line with a thumb: 56 pixels high. */
export function slider([left, top, width]: readonly [number, number, number], options: SliderOptions): Container {
  const { most, step, color, label, value, onChanged } = options;
  const track = new Port(null, { ...place([0, 26, width, 30]) }) as Port;
  const range = width - THUMB;
  let share = 0;
  track.behavior = {
    onDraw(port: Port) {
      const middle = THUMB / 2 + Math.round(range * share);
      port.fillColor(COLORS.line, THUMB / 2, 13, range, 4);
      port.fillColor(color, THUMB / 2, 13, middle - THUMB / 2, 4);
    },
  };
  const thumb = disc([0, 31, THUMB, THUMB], color);
  const slide = group(
    [left, top, width, 56],
    [text([0, 0, width, 22], (moment) => label(value(moment))), track, thumb],
  );
  const touch = new Content(null, { ...place([0, 22, width, 34]), active: true });
  const follow = (_content: Content, _id: number, x: number) => {
    const wanted = Math.min(1, Math.max(0, (x - slide.x - THUMB / 2) / range));
    onChanged(Math.round((wanted * most) / step) * step);
  };
  touch.behavior = { onTouchBegan: follow, onTouchMoved: follow };
  slide.add(touch);
  slide.behavior = {
    onMoment(_slide: Container, moment: Moment) {
      share = value(moment) / most;
      const wanted = slide.x + Math.round(range * share);
      if (thumb.x === wanted) return;
      thumb.moveBy(wanted - thumb.x, 0);
      track.invalidate();
    },
  };
  return slide;
}

function disc(box: Box, color: string): Content {
  const path = new Outline.CanvasPath();
  path.arc(box[2] / 2, box[3] / 2, box[2] / 2, 0, 2 * Math.PI);
  return figure(box, Outline.fill(path), color);
}

export interface ButtonOptions {
  label: string;
  /** While `on` holds. */
  onLabel?: string;
  onColor?: string;
  on?: (moment: Moment) => boolean;
  onTap: () => void;
}

/** A button that may be lit; pressed, it is darker. */
export function button(box: Box, options: ButtonOptions): Container {
  const { label, onLabel = label, onColor = COLORS.ink, on = () => false, onTap } = options;
  const [, , width, height] = box;
  const face = rounded([0, 0, width, height], 6, ["#E0DDD0", onColor, "#C8C5B8"]);
  const colors = [COLORS.ink, COLORS.card, COLORS.ink];
  const title = text([0, 0, width, height], label, { font: "strong", horizontal: "center", color: colors });
  const press = new Content(null, { ...place([0, 0, width, height]), active: true });
  let lit = false;
  const show = (state: number) => {
    face.state = title.state = state;
  };
  const rest = () => show(lit ? 1 : 0);
  press.behavior = {
    onTouchBegan: () => show(2),
    onTouchCancelled: rest,
    onTouchEnded() {
      rest();
      onTap();
    },
  };
  const whole = group(box, [face, title, press]);
  whole.behavior = {
    onMoment(_whole: Container, moment: Moment) {
      if (on(moment) === lit) return;
      lit = on(moment);
      change(title as Label, lit ? onLabel : label);
      rest();
    },
  };
  return whole;
}
