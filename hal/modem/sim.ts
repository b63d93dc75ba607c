import { fields } from "./ascii.js";
import { type Command, type Procedure, pause } from "./command.js";

/** A SIM that is not ready yet is asked again: it may take its time after a start. Milliseconds. */
const RETRY = 2_000;
const TRIES = 10;

const STATE: Command = Object.freeze({ text: "AT+CPIN?", timeout: 9_000, info: "+CPIN:" });

/**
 * The SIM and its PIN. Three wrong PINs lock a SIM, so a PIN is sent only when the last time it was sent it was accepted; after a
 * refusal, and for anything that wants a PUK, only a human can go on.
 */
export class SIM {
  /** The PIN that was sent last, until the SIM has shown that it took it. */
  #doubtful: string | undefined;
  /** Only a human can help. */
  stuck = false;

  /** Makes the SIM ready; gives what is wrong, undefined when nothing is. */
  *unlock(pin: string | undefined): Procedure<string | undefined> {
    this.stuck = false;
    let state = "";
    for (let i = 0; i < TRIES; i++) {
      state = yield* this.#state();
      if (state === "READY") {
        this.#doubtful = undefined;
        return undefined;
      }
      if (state === "SIM PIN" && this.#maySend(pin)) yield* this.#send(pin);
      else if (isLocked(state)) break;
      else yield pause(RETRY);
    }
    return this.#explain(state, pin);
  }

  *#state(): Procedure<string> {
    const reply = yield STATE;
    const line = reply.lines[0];
    if (line !== undefined) return fields(line)[0]!;
    // 27.007, 9.2: errors 10 to 12 say the same as states.
    const error = reply.final.startsWith("+CME ERROR:") ? fields(reply.final)[0] : "";
    return { "10": "NOT INSERTED", "11": "SIM PIN", "12": "SIM PUK" }[error ?? ""] ?? "";
  }

  #maySend(pin: string | undefined): pin is string {
    return pin !== undefined && pin !== this.#doubtful;
  }

  *#send(pin: string): Procedure {
    this.#doubtful = pin;
    yield { text: `AT+CPIN="${pin}"`, timeout: 9_000, secret: true };
    yield pause(RETRY);
  }

  #explain(state: string, pin: string | undefined): string {
    this.stuck = isLocked(state);
    if (state === "SIM PIN" && pin === undefined) return "the SIM wants a PIN and none is set";
    if (state === "SIM PIN") return "the SIM refused the PIN: it is not tried again, set the right one";
    if (state === "SIM PUK") return "the SIM is locked and wants its PUK: unlock it in a telephone";
    if (state === "NOT INSERTED" || state === "NOT READY") return "there is no SIM";
    return state === "" ? "the SIM does not answer" : `the SIM cannot be used: ${state}`;
  }
}

/** States that no waiting changes. */
function isLocked(state: string): boolean {
  return state.includes("PIN") || state.includes("PUK");
}
