import type { TimerHandle } from "../../timer.js";
import type { Agenda } from "./agenda.js";
import type { AirSocket } from "./air-socket.js";
import type { Answer } from "./answer.js";
import type { RunningModem } from "./running-modem.js";

/** Silence before and after the escape sequence, milliseconds (V.250 and the makers' manuals: 1 s). */
const GUARD = 1000;
const PLUS = 0x2b;
const PLUSES = 3;
/** Data that is not acknowledged closes the connection after this, milliseconds. */
const SEND_TIMEOUT = 120_000;

/** Where what the host writes goes to one connection, as it is, until three plus signs stand alone between silences. */
export class DataMode {
  readonly socket: AirSocket;
  /** False: the host went back to commands, and may return by ATO. */
  online = true;
  readonly #agenda: Agenda;
  readonly #onEscape: () => void;
  #silence: TimerHandle | undefined;
  #silent = false;
  /** Plus signs that may yet be an escape. */
  #held = 0;

  constructor(agenda: Agenda, socket: AirSocket, onEscape: () => void) {
    this.#agenda = agenda;
    this.socket = socket;
    this.#onEscape = onEscape;
    this.#watch();
  }

  input(bytes: Uint8Array): void {
    const possible = (this.#silent || this.#held > 0) && bytes.every((byte) => byte === PLUS);
    this.#silent = false;
    this.#watch();
    if (possible && this.#held + bytes.length <= PLUSES) {
      this.#held += bytes.length;
      return;
    }
    this.#release();
    this.#send(bytes);
  }

  resume(): void {
    this.online = true;
    this.#watch();
  }

  #watch(): void {
    this.#agenda.cancel(this.#silence);
    this.#silence = this.#agenda.after(GUARD, () => this.#fallSilent());
  }

  #fallSilent(): void {
    this.#silent = true;
    if (this.#held === PLUSES) this.#escape();
    else this.#release();
  }

  #escape(): void {
    this.#held = 0;
    this.online = false;
    this.#onEscape();
  }

  #release(): void {
    if (this.#held > 0) this.#send(new Uint8Array(this.#held).fill(PLUS));
    this.#held = 0;
  }

  #send(bytes: Uint8Array): void {
    this.socket.send(bytes.slice(), "buffered", () => {});
  }
}

/** Opens a connection in data mode; `failure` is what is said when that fails. */
export function connectData(
  modem: RunningModem,
  answer: Answer,
  { host, port, failure }: { host: string; port: number; failure: string },
): AirSocket {
  const { air, knobs, terminal } = modem;
  const socket = air.open({
    ...{ host, port, connectTimeout: knobs.connectTimeout, sendTimeout: SEND_TIMEOUT },
    onConnected: () => answer.connect(socket),
    onFailed: () => answer.result(failure),
    onReceived: () => terminal.pass(socket),
    onClosed: () => terminal.hangUp(socket),
  });
  return socket;
}
