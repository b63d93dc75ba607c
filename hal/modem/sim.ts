import { frozen } from "../frozen.js";
import type { KeyValue } from "../key-value.js";
import { fields, toBytes, toText } from "./ascii.js";
import { type Command, type Procedure, pause } from "./command.js";

/** A SIM that is not ready yet is asked again: it may take its time after a start. Milliseconds. */
const RETRY = 2_000;
const TRIES = 10;

const STATE: Command = frozen({ text: "AT+CPIN?", timeout: 9_000, info: "+CPIN:" });

/** Key of what is remembered: `1` taken or `0` not (yet) taken by the SIM, then the PIN; ASCII. */
const KEY = "pin";

/**
 * The SIM and its PIN. Three wrong PINs lock a SIM, so a PIN is sent only when the last time it was sent it was accepted; after a
 * refusal, and for anything that wants a PUK, only a human can go on. A refusal is remembered over a restart; connecting
 * without a PIN forgets it.
 */
export class SIM {
  /** The PIN that was sent last, and whether the SIM took it. */
  #last: { readonly pin: string; readonly taken: boolean } | undefined;
  #keyValue: KeyValue | undefined;
  /** Only a human can help. */
  stuck = false;
  /** There is none, or none that works. */
  missing = false;

  /** Makes the SIM ready; gives what is wrong, undefined when nothing is. */
  *unlock(pin: string | undefined, keyValue?: KeyValue): Procedure<string | undefined> {
    this.stuck = false;
    this.missing = false;
    this.#recall(pin, keyValue);
    let state = "";
    for (let i = 0; i < TRIES; i++) {
      state = yield* this.state();
      if (state === "READY") {
        if (this.#last) this.#remember(this.#last.pin, true);
        return undefined;
      }
      if (state === "SIM PIN" && this.#maySend(pin)) yield* this.send(pin);
      else if (isLocked(state)) break;
      else yield pause(RETRY);
    }
    return this.#explain(state, pin);
  }

  private *state(): Procedure<string> {
    const reply = yield STATE;
    const line = reply.lines[0];
    if (line !== undefined) return fields(line)[0]!;
    // 27.007, 9.2: errors 10 to 12 say the same as states.
    const error = reply.final.startsWith("+CME ERROR:") ? fields(reply.final)[0] : "";
    return { "10": "NOT INSERTED", "11": "SIM PIN", "12": "SIM PUK" }[error ?? ""] ?? "";
  }

  #maySend(pin: string | undefined): pin is string {
    return pin !== undefined && (this.#last?.pin !== pin || this.#last.taken);
  }

  /** A PIN that was never taken counts as refused from before it leaves: a restart in between must not send it again. */
  private *send(pin: string): Procedure {
    const proven = this.#last?.pin === pin;
    if (!proven) this.#remember(pin, false);
    const reply = yield { text: `AT+CPIN="${pin}"`, timeout: 9_000, secret: true };
    if (!reply.ok) this.#remember(pin, false);
    yield pause(RETRY);
    if (proven && reply.ok && (yield* this.state()) === "SIM PIN") this.#remember(pin, false);
  }

  #recall(pin: string | undefined, keyValue: KeyValue | undefined): void {
    this.#keyValue = keyValue;
    const stored = keyValue?.read(KEY);
    if (pin === undefined) {
      this.#last = undefined;
      if (stored) keyValue?.delete(KEY);
    } else if (stored && stored.byteLength > 1) {
      const text = toText(new Uint8Array(stored));
      this.#last = { pin: text.slice(1), taken: text[0] === "1" };
    }
  }

  #remember(pin: string, taken: boolean): void {
    if (this.#last?.pin === pin && this.#last.taken === taken) return;
    this.#last = { pin, taken };
    this.#keyValue?.write(KEY, toBytes(`${taken ? 1 : 0}${pin}`));
  }

  #explain(state: string, pin: string | undefined): string {
    this.stuck = isLocked(state);
    this.missing = !this.stuck;
    if (state === "SIM PIN" && pin === undefined) return "the SIM wants a PIN and none is set";
    if (state === "SIM PIN") return "the SIM refused the PIN: it is not tried again, set the right one";
    if (state === "SIM PUK") return "the SIM is locked and wants its PUK: unlock it in a telephone";
    if (state === "NOT INSERTED" || state === "NOT READY") return "there is no SIM";
    return state === "" ? "the SIM does not answer" : `the SIM cannot be used: ${state}`;
  }
}
frozen(SIM);

/** States that no waiting changes. */
function isLocked(state: string): boolean {
  return state.includes("PIN") || state.includes("PUK");
}
