import { register } from "node:module";

/*
 * Piu as far as the screen uses it, without pixels: a tree of contents whose strings, states and visibility can be read, and which
 * can be touched. `installPiu` makes its globals; after that `hal/screen` can be imported.
 */

type Dictionary = {
  left?: number;
  top?: number;
  width?: number;
  height?: number;
  string?: string;
  contents?: Content[];
};
type Handler = (...values: unknown[]) => void;

export class Content {
  x: number;
  y: number;
  readonly width: number;
  readonly height: number;
  readonly contents: Content[];
  behavior: object = {};
  state = 0;
  visible = true;
  interval = 0;
  string: string;

  constructor(_data: unknown, dictionary: Dictionary) {
    const { left = 0, top = 0, width = 0, height = 0, string = "", contents = [] } = dictionary;
    this.x = left;
    this.y = top;
    this.width = width;
    this.height = height;
    this.string = string;
    this.contents = contents;
  }

  start(): void {}
  invalidate(): void {}
  fillColor(): void {}

  moveBy(x: number, y: number): void {
    this.x += x;
    this.y += y;
  }

  add(content: Content): void {
    this.contents.push(content);
  }

  /** Calls `id` of the behavior of all contents inside, as Piu does. */
  distribute(id: string, ...values: unknown[]): void {
    for (const content of this.contents) content.distribute(id, ...values);
    this.call(id, this, ...values);
  }

  call(id: string, ...values: unknown[]): void {
    (this.behavior as Record<string, Handler | undefined>)[id]?.(...values);
  }
}

/** What the screen opened last. */
export let application: Content;

class Application extends Content {
  constructor(data: unknown, dictionary: Dictionary) {
    super(data, dictionary);
    application = this;
  }
}

/** Each letter is 7 pixels wide. */
class Style {
  measure(string: string): { width: number } {
    return { width: string.length * 7 };
  }
}

const OUTLINE = `
  class Path { arc() {} moveTo() {} lineTo() {} bezierCurveTo() {} closePath() {} }
  const outline = { rotate: () => outline };
  export const Outline = {
    CanvasPath: Path, RoundRectPath: () => new Path(), PolygonPath: () => new Path(), fill: () => outline, stroke: () => outline,
  };`;
const HOOKS = `
  export const resolve = (name, context, next) =>
    name === "commodetto/outline" ? { url: ${JSON.stringify(`data:text/javascript,${encodeURIComponent(OUTLINE)}`)}, shortCircuit: true } : next(name, context);`;

export function installPiu(): void {
  register(`data:text/javascript,${encodeURIComponent(HOOKS)}`);
  const shared = { Application, Container: Content, Content, Label: Content, Port: Content, Shape: Content, Style };
  Object.assign(globalThis, { ...shared, Skin: class {}, rgb: () => 0, rgba: () => 0 });
}

/** All contents in the order they are drawn. */
export function all(content: Content = application): Content[] {
  return [content, ...content.contents.flatMap((each) => all(each))];
}

/** The strings on the screen. */
export function strings(): string[] {
  return all()
    .map(({ string }) => string)
    .filter((string) => string !== "");
}

/** The label that shows what `string` says. */
export function label(string: string | RegExp): Content {
  const found = all().find((each) => says(each, string));
  if (!found) throw new Error(`nothing says ${string}: ${strings().join(" | ")}`);
  return found;
}

function says(content: Content, string: string | RegExp): boolean {
  return typeof string === "string" ? content.string === string : string.test(content.string);
}

/** The group with such a label in which something can be touched, and that. */
function touchable(string: string | RegExp): { group: Content; touch: Content } {
  for (const group of all()) {
    const touch = group.contents.find(({ behavior }) => "onTouchBegan" in behavior);
    if (touch && group.contents.some((each) => says(each, string))) return { group, touch };
  }
  throw new Error(`nothing that says ${string} can be touched: ${strings().join(" | ")}`);
}

/** Presses a button and lets it go. */
export function tap(string: string): void {
  const { touch } = touchable(string);
  touch.call("onTouchBegan", touch, 0, 0, 0);
  touch.call("onTouchEnded", touch, 0, 0, 0);
}

/** Touches a slider at `from` pixels from its left end and moves on to `to`. */
export function drag(string: string | RegExp, from: number, to: number): void {
  const { group, touch } = touchable(string);
  touch.call("onTouchBegan", touch, 0, group.x + from, 0);
  touch.call("onTouchMoved", touch, 0, group.x + to, 0);
}
