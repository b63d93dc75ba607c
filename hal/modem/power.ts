import type { DigitalOutput } from "../digital.js";
import { frozen } from "../frozen.js";
import { type Command, MUTE, type Procedure, pause } from "./command.js";
import type { PowerTiming } from "./dialect.js";

/**
 * The wires to a modem, as far as a board has them. 1 presses the key, holds the reset, switches the supply on, and pulls DTR
 * (`ready`) low, which keeps the UART awake.
 */
export interface PowerPins {
  readonly key?: DigitalOutput | undefined;
  readonly reset?: DigitalOutput | undefined;
  readonly supply?: DigitalOutput | undefined;
  readonly ready?: DigitalOutput | undefined;
}

/**
 * For a modem that has not yet said what it is: an on pulse that is long enough for all families and too short to
 * switch any but SARA-R4 and BG96 off.
 */
export const ANY_MODEM: PowerTiming = frozen({
  keyOn: 1_100,
  keyOff: 3_300,
  off: 8_000,
  reset: 2_600,
  boot: 20_000,
});

/** How long the supply stays off, milliseconds. */
const CUT = 2_000;

/** A line end wakes a UART that sleeps, and is nothing to one that does not. */
const LINE_END = Uint8Array.of(0x0d);
/** How long it takes to wake, by that or by DTR, milliseconds (SIM868 hardware design V1.00, 4.3.3: 50; SARA-R5: 15). */
const WAKING = 60;

/** An `AT` that is not answered is sent three times more, a second apart, by the chat: 4 s in all. */
const PROBE_TIME = 4_000;
const AT: Command = frozen({ text: "AT", timeout: 1_000 });
/** Half a second, and once more a second. */
const QUICK_AT: Command = frozen({ text: "AT", timeout: 500, probes: 1 });
/** One that is not repeated. */
const SWIFT_AT: Command = frozen({ text: "AT", timeout: 300, probes: 0 });

/** Rates that modems are found at, most likely first; bits per second. */
const RATES: readonly number[] = frozen([115_200, 9_600, 57_600, 38_400, 19_200, 230_400, 460_800, 921_600]);
/** A changed rate holds after so many milliseconds. */
const RATE_CHANGE = 100;

/** Silence before and after the three plus signs that end data mode (V.250: 1 s). */
const GUARD = 1_100;
const PLUS_SIGNS = Uint8Array.of(0x2b, 0x2b, 0x2b);
const ESCAPE = Uint8Array.of(0x1b);
/** Line ends are nothing to a modem that listens to commands, and fill up the payload that one may wait for. */
const FILLING = new Uint8Array(2048).fill(0x0d);
/** How long those take at 115200 bits per second, milliseconds. */
const FILLING_TIME = 250;

/** Switches a modem on, off and over, in procedures that end with whether it answers. */
export class Power {
  readonly #pins: PowerPins;
  readonly #baud: number;
  timing = ANY_MODEM;
  /** It was looked for at other rates before its key was pressed first. */
  #sought = false;
  /** The line may have another rate than its own. */
  #astray = false;
  /** leaving: it was told to switch itself off; off: it is, or in PSM; asleep: its UART may be. Else it may run. */
  #state: "unknown" | "leaving" | "off" | "asleep" = "unknown";

  /** `baud`: the rate that the line has, bits per second. */
  constructor(pins: PowerPins, baud: number) {
    this.#pins = pins;
    this.#baud = baud;
    this.letGo();
    pins.ready?.write(1);
  }

  /** Ends a press of the key or the reset whose procedure goes on no more. */
  letGo(): void {
    for (const pin of [this.#pins.key, this.#pins.reset]) pin?.write(0);
  }

  get hasKey(): boolean {
    return this.#pins.key !== undefined;
  }

  get hasReset(): boolean {
    return this.#pins.reset !== undefined;
  }

  get hasSupply(): boolean {
    return this.#pins.supply !== undefined;
  }

  get hasReady(): boolean {
    return this.#pins.ready !== undefined;
  }

  /** The modem may sleep, by its pin or by itself. */
  release(byPin: boolean): void {
    this.#state = "asleep";
    if (byPin) this.#pins.ready?.write(0);
  }

  /** The modem went into PSM: only the key brings it back, and its supply must stay. */
  wentOff(): void {
    this.#state = "off";
  }

  /** Makes sure that the modem runs. The key toggles: it is pressed only when the modem does not answer. */
  *on(): Procedure<boolean> {
    if (this.#astray) yield* this.comeBack();
    if (this.#state === "leaving") yield* this.leave();
    if (this.#state === "asleep") yield* this.wake();
    const wasOff = this.#state === "off";
    this.#state = "unknown";
    this.#pins.supply?.write(1);
    // Some start as soon as they have their supply.
    if (yield* wasOff ? this.answers(QUICK_AT) : this.listens()) return true;
    if (!this.#pins.key) return wasOff && (yield* this.booted());
    // One that runs at another rate would be switched off by the key: looked for once, as it takes its time.
    const sought = wasOff || this.#sought;
    this.#sought = true;
    if (!sought && (yield* this.findRate(SWIFT_AT))) return true;
    yield* this.pulse(this.#pins.key, this.timing.keyOn);
    return yield* this.booted();
  }

  /** Switches the modem off, by `command` when it answers, and then its supply. Gives whether it is off. */
  *off(command: Command | undefined): Procedure<boolean> {
    if (command && (yield* this.answers())) {
      this.#state = "leaving";
      yield command;
    } else if (this.#pins.key) {
      this.#state = "leaving";
      yield* this.pulse(this.#pins.key, this.timing.keyOff);
    } else return false;
    return yield* this.leave();
  }

  /** Waits until the modem answers, as long as it may take to start. */
  *booted(): Procedure<boolean> {
    for (let waited = 0; waited < this.timing.boot; waited += PROBE_TIME) if (yield* this.answers()) return true;
    return false;
  }

  /** Whether the modem answers now. */
  *answers(command = AT): Procedure<boolean> {
    const reply = yield command;
    return reply.final !== MUTE;
  }

  /** Looks for the modem at other rates, and brings it back to the line's own; gives whether it is there. 14 s, with SWIFT_AT 5 s. */
  *findRate(at = QUICK_AT): Procedure<boolean> {
    this.#astray = true;
    for (const baud of RATES) {
      yield { baud, timeout: RATE_CHANGE };
      if (!(yield* this.answers(at))) continue;
      yield { text: `AT+IPR=${this.#baud}`, timeout: 1_000 };
      break;
    }
    yield* this.comeBack();
    const found = yield* this.answers(QUICK_AT);
    // Kept, or the next start would be at the old rate again; but not the numbers of errors, by which a restart is noticed.
    if (found) for (const text of ["AT+CMEE=0", "AT&W"]) yield { text, timeout: 9_000 };
    return found;
  }

  *reset(): Procedure {
    yield* this.pulse(this.#pins.reset, this.timing.reset);
    yield* this.booted();
  }

  *cycleKey(): Procedure {
    yield* this.pulse(this.#pins.key, this.timing.keyOff);
    yield pause(this.timing.off);
    yield* this.on();
  }

  /** The supply of a modem that runs is never cut as long as it can be switched off otherwise: that may damage its flash. */
  *cycleSupply(command: Command | undefined): Procedure {
    if (yield* this.answers()) yield* this.off(command);
    this.#pins.supply?.write(0);
    yield pause(CUT);
    this.#state = "off";
    yield* this.on();
  }

  private *comeBack(): Procedure {
    yield { baud: this.#baud, timeout: RATE_CHANGE };
    this.#astray = false;
  }

  /** Whether the modem answers, after it was got out of whatever is not listening to commands. */
  private *listens(): Procedure<boolean> {
    if (yield* this.answers(QUICK_AT)) return true;
    yield pause(GUARD);
    yield { write: PLUS_SIGNS, timeout: GUARD };
    yield { write: ESCAPE, timeout: 0 };
    yield { write: FILLING, timeout: FILLING_TIME };
    return yield* this.answers();
  }

  private *wake(): Procedure {
    this.#pins.ready?.write(1);
    yield { write: LINE_END, timeout: WAKING };
  }

  /** Gives the modem the time it takes, and looks whether it is off. */
  private *leave(): Procedure<boolean> {
    yield pause(this.timing.off);
    const runs = yield* this.answers(QUICK_AT);
    this.#state = runs ? "unknown" : "off";
    if (!runs) this.#pins.supply?.write(0);
    return !runs;
  }

  private *pulse(pin: DigitalOutput | undefined, milliseconds: number): Procedure {
    pin?.write(1);
    yield pause(milliseconds);
    pin?.write(0);
  }
}
frozen(Power);
