import type { RunningModem } from "./running-modem.js";
import type { Commands } from "./terminal.js";

/** What makes one family of modems different from another; adding a family is a file that exports one of these. */
export interface Family {
  readonly manufacturer: string;
  readonly model: string;
  readonly revision: string;
  /** How long pins must be held to have an effect, milliseconds. */
  readonly keyOn: number;
  readonly keyOff: number;
  readonly resetPulse: number;
  /** Unsolicited codes of the boot: when the UART answers, and when SMS and phonebook are read. */
  readonly bootCodes: readonly string[];
  readonly readyCodes: readonly string[];
  /** The family's own commands and state, new at every run. */
  start(modem: RunningModem): FamilyRun;
}

export interface FamilyRun {
  readonly commands: Commands;
  /** The packet bearer is gone, and all connections with it. */
  onDetached(): void;
}

/** What survives a reset and a power cut. */
export interface Memory {
  /** Settings kept by AT&W. */
  echo: boolean;
  errors: number;
  /** UART rate at boot, bits per second; 0 is autobaud. */
  baud: number;
  automaticTime: boolean;
  /** APN by context number (AT+CGDCONT). */
  readonly contexts: Map<number, string>;
  /** Certificates and other files by name. */
  readonly files: Map<string, string>;
}

/** A new SIM7600 or A76xx: operators' contexts are there before anybody defines one. */
export function newMemory(): Memory {
  return {
    echo: true,
    errors: 0,
    baud: 115200,
    automaticTime: true,
    contexts: new Map([
      [1, ""],
      [2, "ims"],
      [3, "sos"],
    ]),
    files: new Map(),
  };
}
