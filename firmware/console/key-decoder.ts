import { frozen } from "../../hal/frozen.js";

/** Keys beyond the printable ASCII characters; those (0x20 to 0x7E) stand for themselves. */
export const Key = frozen({
  /** Nothing to act on: part of a sequence, or one that means nothing here. */
  none: 0,
  enter: 0x100,
  cancel: 0x101,
  left: 0x102,
  right: 0x103,
  home: 0x104,
  end: 0x105,
  up: 0x106,
  down: 0x107,
  backspace: 0x108,
  delete: 0x109,
  killLeft: 0x10a,
  killRight: 0x10b,
  killWord: 0x10c,
  /** A character outside ASCII; told once, at its first byte. */
  foreign: 0x10d,
} as const);

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const ESCAPE = 0x1b;
const DELETE = 0x7f;

/** Where in a sequence the next byte stands. */
const State = frozen({
  ground: 0,
  /** After ESC. */
  escape: 1,
  /** After ESC [ : parameters until a final byte (CSI, ECMA-48 section 5.4). */
  control: 2,
  /** After ESC O : one more byte (cursor keys of a VT100 in application mode). */
  shift: 3,
  /** After ESC [ [ : one more byte (function keys of the Linux console). */
  functionKey: 4,
} as const);

/** Turns the bytes of a terminal (xterm, VT220, rxvt, Linux, tmux) into keys. CR, LF and CR LF are one `Key.enter`. */
export class KeyDecoder {
  #state: number = State.ground;
  /** The digits of the control sequence under way, as one number. */
  #parameter = 0;
  #afterReturn = false;

  /** The key that this byte completes: one of `Key` or an ASCII character. */
  receive(byte: number): number {
    const endsReturn = byte === LINE_FEED && this.#afterReturn;
    this.#afterReturn = byte === CARRIAGE_RETURN;
    if (endsReturn) return Key.none;
    if (byte < 0x20) return this.#control(byte);
    if (this.#state !== State.ground) return this.#sequence(byte);
    if (byte < DELETE) return byte;
    if (byte === DELETE) return Key.backspace;
    // UTF-8: the first byte of a character is 0xC0 or more, the others are less.
    return byte >= 0xc0 ? Key.foreign : Key.none;
  }

  /** A control character ends any sequence: a stray ESC can swallow one character, but never an Enter. */
  #control(byte: number): number {
    this.#state = byte === ESCAPE ? State.escape : State.ground;
    return controlKey(byte);
  }

  #sequence(byte: number): number {
    const state = this.#state;
    this.#state = this.#following(byte);
    if (state === State.shift) return cursorKey(byte);
    if (state !== State.control) return Key.none;
    if (byte >= 0x30 && byte <= 0x39) this.#parameter = Math.min(this.#parameter * 10 + byte - 0x30, 999);
    return byte === 0x7e ? editingKey(this.#parameter) : cursorKey(byte);
  }

  #following(byte: number): number {
    if (this.#state === State.escape) {
      this.#parameter = 0;
      if (byte === 0x5b) return State.control;
      if (byte === 0x4f) return State.shift;
    } else if (this.#state === State.control) {
      if (byte < 0x40) return State.control;
      if (byte === 0x5b) return State.functionKey;
    }
    return State.ground;
  }
}

/** Ctrl with a letter, as in Emacs and every shell. */
function controlKey(byte: number): number {
  switch (byte) {
    case 0x01:
      return Key.home;
    case 0x03:
      return Key.cancel;
    case 0x05:
      return Key.end;
    case 0x08:
      return Key.backspace;
    case 0x09:
      return 0x20; // a tab between words of a pasted line
    case LINE_FEED:
    case CARRIAGE_RETURN:
      return Key.enter;
    case 0x0b:
      return Key.killRight;
    case 0x15:
      return Key.killLeft;
    case 0x17:
      return Key.killWord;
    default:
      return Key.none;
  }
}

/** The final byte of a cursor key; with Shift or Ctrl held it has parameters, and is the same key here. */
function cursorKey(byte: number): number {
  switch (byte) {
    case 0x41:
      return Key.up;
    case 0x42:
      return Key.down;
    case 0x43:
      return Key.right;
    case 0x44:
      return Key.left;
    case 0x46:
      return Key.end;
    case 0x48:
      return Key.home;
    default:
      return Key.none;
  }
}

/** ESC [ number ~ : the keys above the arrows. */
function editingKey(number: number): number {
  switch (number) {
    case 1: // VT220, Linux
    case 7: // rxvt
      return Key.home;
    case 3:
      return Key.delete;
    case 4:
    case 8:
      return Key.end;
    default:
      return Key.none;
  }
}
