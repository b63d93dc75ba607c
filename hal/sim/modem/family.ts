import { frozen } from "../../frozen.js";
import type { Commands } from "./answer.js";
import type { Knobs } from "./knobs.js";
import type { PowerSaving } from "./power-saving.js";
import type { RunningModem } from "./running-modem.js";

/** What makes one family of modems different from another; adding a family is a file that exports one of these. */
export interface Family {
  readonly manufacturer: string;
  readonly model: string;
  readonly revision: string;
  /** What ATI says, line by line. */
  readonly identification: readonly string[];
  /** What stands before the revision in the answer to CGMR. */
  readonly revisionPrefix: string;
  /** The command that tells the card's number, and what stands before the number. */
  readonly cardCommand: string;
  readonly cardPrefix: string;
  readonly pins: PinTimes;
  /** Unsolicited codes of the boot: when the UART answers, and when SMS and phonebook are read. */
  readonly bootCodes: readonly string[];
  readonly readyCodes: readonly string[];
  /** Says +CPIN by itself when the card was read. */
  readonly announcesCard: boolean;
  /** The last word when it goes off or restarts. */
  readonly farewell?: string;
  /** <fun> of CFUN that can be entered, and those that restart the module. */
  readonly functionalities: readonly number[];
  readonly restarts: readonly number[];
  /** +CME ERROR while the card is read: 14, or 13 which elsewhere means a dead card. */
  readonly cardBusy: 13 | 14;
  /** Knows LTE, so has CEREG. */
  readonly lte: boolean;
  /** CGDCONT is refused while the radio is on. */
  readonly contextsNeedRadioOff?: boolean;
  readonly prompt: string;
  readonly capitalErrors: boolean;
  /** How its knobs and its factory settings differ from the usual. */
  readonly knobs: Readonly<Partial<Knobs>>;
  readonly factory: Readonly<Partial<Settings>>;
  /** The family's own commands and state, new at every run. */
  start(modem: RunningModem): FamilyRun;
}

/** What most families have in common, to be spread into theirs. */
export const usual = frozen({
  announcesCard: true,
  functionalities: [0, 1, 4],
  restarts: [],
  cardBusy: 14,
  lte: true,
  prompt: ">",
  capitalErrors: false,
  knobs: {},
  factory: {},
} as const);

/** How long pins must be held to have an effect, milliseconds. */
export interface PinTimes {
  readonly keyOn: number;
  readonly keyOff: number;
  /** How long a modem that went off takes no key. */
  readonly gap: number;
  readonly reset: number;
  /** The reset pin switches off for good, and the key must follow. */
  readonly resetSwitchesOff?: boolean;
}

export interface FamilyRun {
  readonly commands: Commands;
  /** The packet bearer is gone, and all connections with it. */
  onDetached(): void;
  /** The boot codes were said. */
  onBooted?(): void;
  /** A knob was turned. */
  update?(): void;
}

/** Settings kept by AT&W, or at once. */
export interface Settings {
  echo: boolean;
  errors: number;
  /** UART rate at boot, bits per second; 0 is autobaud. */
  baud: number;
  /** NITZ sets the clock. */
  automaticTime: boolean;
}

/** What survives a reset and a power cut. */
export interface Memory extends Settings {
  powerSaving: PowerSaving;
  /** SIM70xx: AT+CSCLK=1. */
  slowClock: boolean;
  /** APN by context number (AT+CGDCONT). */
  readonly contexts: Map<number, string>;
  /** Certificates and other files by name. */
  readonly files: Map<string, string>;
  /** TLS sessions by the id and secret that the host was told; these are all that resuming takes. */
  readonly sessions: Map<string, Uint8Array>;
  /** Byte counts that the host had saved. */
  counted: { sent: number; received: number };
}

/** A new module: operators' contexts are there before anybody defines one. */
export function newMemory(factory: Readonly<Partial<Settings>>): Memory {
  return {
    echo: true,
    errors: 0,
    baud: 115200,
    automaticTime: true,
    ...factory,
    powerSaving: { enabled: false, periodic: "", active: "", reported: false },
    slowClock: false,
    contexts: new Map([
      [1, ""],
      [2, "ims"],
      [3, "sos"],
    ]),
    files: new Map(),
    sessions: new Map(),
    counted: { sent: 0, received: 0 },
  };
}
