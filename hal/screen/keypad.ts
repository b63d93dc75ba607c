import type { Container } from "piu/MC";
import { button } from "./controls.js";
import type { Actions } from "./moment.js";
import { COLORS, card, change, rounded, text } from "./parts.js";

const KEYS = Object.freeze(["1", "2", "3", "4", "5", "6", "7", "8", "9", "Clear", "0", "Enter"]);
/** The longest token. */
const LONGEST = 20;
const HINT = "Enter a token";
/** Moments that an answer stays, some 5 s. */
const STAYS = 25;

/** Where the customer types a token: 244 by 220 pixels. */
export function keypad(left: number, top: number, actions: Actions): Container {
  let digits = "";
  /** Moments until the answer to a token goes. */
  let staying = 0;
  const colors = [COLORS.ink, COLORS.quiet, COLORS.good, COLORS.bad];
  const display = text([16, 13, 212, 30], HINT, { horizontal: "center", color: colors });
  display.state = 1;
  const show = (string: string, state: number) => {
    change(display, string);
    display.state = state;
  };
  const enter = () => {
    if (digits === "") return;
    const { accepted, message } = actions.enterToken(digits);
    digits = "";
    staying = STAYS;
    show(accepted ? "accepted" : message, accepted ? 2 : 3);
  };
  const press = (key: string) => {
    if (key === "Enter") return enter();
    staying = 0;
    digits = key === "Clear" ? "" : `${digits}${key}`.slice(0, LONGEST);
    show(digits === "" ? HINT : digits.replace(/(\d{3})(?=\d)/g, "$1 "), digits === "" ? 1 : 0);
  };
  const keys = KEYS.map((key, i) =>
    button([10 + (i % 3) * 76, 52 + Math.floor(i / 3) * 40, 72, 36], { label: key, onTap: () => press(key) }),
  );
  const pad = card([left, top, 244, 220], [rounded([10, 10, 224, 34], 6, "#F0EFEC"), display, ...keys]);
  pad.behavior = {
    onMoment() {
      if (staying === 0) return;
      staying--;
      if (staying === 0) show(HINT, 1);
    },
  };
  return pad;
}
