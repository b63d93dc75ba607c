import type { Clock } from "../clock.js";
import { showDuration } from "../display.js";
import { hexBytes } from "../hex.js";
import { TokenDecoder, type ValidToken } from "../openpaygo/token.js";
import type { Settings } from "../settings.js";
import type { Credit } from "./credit.js";

const DAY = 86400;
/** Wrong tokens in a row that are taken for typing errors; each further one doubles the pause. */
const FREE_TRIES = 3;
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 3600;

export interface Entry {
  readonly accepted: boolean;
  /** What came of it, for the person who typed it. */
  readonly message: string;
}

/**
 * The one door for tokens, from the console, a keypad or an answer. After three wrong ones it stays shut for 10 s, doubling
 * up to an hour; the count of wrong ones survives restarts, and each restart begins the pause anew. Some 65 of a million
 * guesses would hit; a million guesses take more than 110 years.
 */
export class TokenDoor {
  readonly #credit: Credit;
  readonly #clock: Clock;
  readonly #settings: Settings;
  /** Uptime, in seconds, at which the door opens. */
  #opens: number;

  constructor(options: { credit: Credit; clock: Clock; settings: Settings }) {
    this.#credit = options.credit;
    this.#clock = options.clock;
    this.#settings = options.settings;
    this.#opens = this.#clock.uptime + this.#pause();
  }

  /** Seconds until the next token is looked at. */
  get wait(): number {
    return Math.max(0, this.#opens - this.#clock.uptime);
  }

  /** Takes a token, digits only. */
  enter(digits: string): Entry {
    if (this.wait > 0) return refusal(`too many wrong tokens: wait ${showDuration(this.wait)}`);
    if (this.#settings.text("secret_key") === "") return refusal("the device has no key yet (set secret_key)");
    const { tokens } = this.#credit;
    const token = this.#decoder().decode(digits, tokens);
    if (token.valid) return this.#accept(token);
    if (token.reason === "malformed") return refusal(`a token has ${this.#lengths()}`);
    if (token.reason === "already used") return refusal("this token was used before");
    tokens.wrong = Math.min(tokens.wrong + 1, 0xffff);
    this.#credit.save();
    const pause = this.#pause();
    this.#opens = this.#clock.uptime + pause;
    return refusal(`wrong token${pause > 0 ? `: the next can be entered in ${showDuration(pause)}` : ""}`);
  }

  #accept(token: ValidToken): Entry {
    const credit = this.#credit;
    credit.tokens.count = token.counts.count;
    credit.tokens.used = token.counts.used;
    credit.tokens.wrong = 0;
    this.#apply(token);
    const state = credit.unlocked
      ? "unlocked for good"
      : credit.left > 0
        ? `credit ${showDuration(credit.left)}`
        : "no credit";
    return { accepted: true, message: `token ${token.count} accepted, ${token.type}: ${state}` };
  }

  /** Saves the counts with the credit, in one write. */
  #apply({ type, value = 0 }: ValidToken): void {
    const credit = this.#credit;
    const seconds = Math.round(value * DAY);
    const most = this.#settings.integer("maximum_credit");
    if (type === "DISABLE_PAYG") credit.setUnlocked(true);
    else if (type === "SET_TIME") credit.setLeft(Math.min(seconds, most), true);
    else if (type === "ADD_TIME" && !credit.unlocked) credit.add(seconds, most);
    else credit.save();
  }

  #decoder(): TokenDecoder {
    const settings = this.#settings;
    return new TokenDecoder({
      key: hexBytes(settings.text("secret_key")),
      startingCode: settings.integer("starting_code"),
      restrictedDigitSet: settings.text("token_digits") === "1-4",
      valueDivider: settings.integer("value_divider"),
    });
  }

  #lengths(): string {
    return this.#settings.text("token_digits") === "1-4" ? "15 or 20 digits from 1 to 4" : "9 or 12 digits";
  }

  /** Seconds to wait after so many wrong tokens. */
  #pause(): number {
    const beyond = this.#credit.tokens.wrong - FREE_TRIES;
    return beyond < 0 ? 0 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(beyond, 16));
  }
}

function refusal(message: string): Entry {
  return { accepted: false, message };
}
