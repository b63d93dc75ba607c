/*
 * What the screen uses of Piu, so that the tree type-checks without the SDK; see `hal/esp32/typings.d.ts`. Contract: the
 * SDK's documentation of Piu. Coordinates in pixels, colours as "#RRGGBB" or from `rgb`.
 */

declare module "piu/MC" {
  export type Color = string | number;

  export interface Content {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    behavior: object;
    /** Picks from the colours of skin and style; fractions blend. 0 to 3. */
    state: number;
    visible: boolean;
    /** Milliseconds between calls of `onTimeChanged` once started. */
    interval: number;
    start(): void;
    moveBy(x: number, y: number): void;
    captureTouch(id: number, x: number, y: number, ticks: number): void;
  }

  export interface Container extends Content {
    /** Nothing is drawn outside. */
    clip: boolean;
    add(content: Content): void;
    /** Calls `id` of the behavior of all contents inside. */
    distribute(id: string, ...values: unknown[]): void;
  }

  export interface Label extends Content {
    string: string;
  }

  export interface Port extends Content {
    fillColor(color: Color, x: number, y: number, width: number, height: number): void;
    invalidate(): void;
  }

  export interface Style {
    measure(string: string): { readonly width?: number; readonly height?: number };
  }

  export type Skin = object;

  /** What happens to a content: Piu calls what it finds. */
  export interface Behavior {
    onDisplaying?(content: Content): void;
    onTimeChanged?(content: Content): void;
    onTouchBegan?(content: Content, id: number, x: number, y: number, ticks: number): void;
    onTouchMoved?(content: Content, id: number, x: number, y: number, ticks: number): void;
  }

  interface ContentDictionary {
    left?: number;
    top?: number;
    right?: number;
    bottom?: number;
    width?: number;
    height?: number;
    active?: boolean;
    visible?: boolean;
    behavior?: Behavior;
    skin?: Skin;
    style?: Style;
    string?: string;
    contents?: Content[];
    interval?: number;
  }

  interface ContentConstructor<T extends Content> {
    new (data: unknown, dictionary: ContentDictionary): T;
  }

  interface ApplicationDictionary extends ContentDictionary {
    displayListLength?: number;
    commandListLength?: number;
    touchCount?: number;
  }

  global {
    const Skin: new (dictionary: { fill?: Color | Color[]; stroke?: Color | Color[] }) => Skin;
    const Style: new (dictionary: { font: string; color: Color | Color[]; horizontal: string }) => Style;
    const Behavior: new () => Behavior;
    const Content: ContentConstructor<Content>;
    const Container: ContentConstructor<Container>;
    const Label: ContentConstructor<Label>;
    /** The SDK declares a plain Content. */
    const Port: ContentConstructor<Content>;
    const Application: new (data: unknown, dictionary: ApplicationDictionary) => Container;
    function rgb(red: number, green: number, blue: number): number;
    function rgba(red: number, green: number, blue: number, alpha: number): number;
  }
}

declare module "commodetto/outline" {
  type Path = ArrayBuffer[];

  export class Outline {
    /** In place. */
    rotate(angle: number, x: number, y: number): Outline;
    clone(): Outline;
    static PolygonPath(...points: number[]): Path;
    static RoundRectPath(x: number, y: number, width: number, height: number, radius: number): Path;
    static CanvasPath: new () => Path & {
      moveTo(x: number, y: number): void;
      lineTo(x: number, y: number): void;
      arc(x: number, y: number, radius: number, start: number, end: number): void;
      bezierCurveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void;
      closePath(): void;
    };
    static fill(path: Path): Outline;
    static stroke(path: Path, weight: number, cap?: number, join?: number): Outline;
    static readonly LINECAP_ROUND: number;
    static readonly LINEJOIN_ROUND: number;
  }
}

declare module "piu/shape" {
  import type { Outline } from "commodetto/outline";
  import type { Content } from "piu/MC";

  export interface Shape extends Content {
    fillOutline: Outline;
    strokeOutline: Outline;
  }

  global {
    const Shape: new (data: unknown, dictionary: import("piu/MC").ContentDictionary) => Shape;
  }
}
