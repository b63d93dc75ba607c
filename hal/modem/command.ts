/** A line matches when it begins with the text (or one of them), or when the function says so. */
export type Pattern = string | readonly string[] | ((line: string) => boolean);

/** An AT command as data: what is sent, what may come back, and how long that may take. */
export interface Command {
  /** The whole command, without the carriage return. */
  readonly text: string;
  /** Milliseconds from sending (or from the payload's sending) to the final reply, as the manual says. */
  readonly timeout: number;
  /** Lines that belong to this command; every other line is a URC. Commands without a prefix give a shape. */
  readonly info?: Pattern;
  /** What ends the command well, instead of `OK`. */
  readonly success?: Pattern;
  /** What ends it badly, besides `ERROR`, `+CME ERROR:` and `+CMS ERROR:`. */
  readonly failure?: Pattern;
  /** A line that must come besides `OK`, before it or after: the second half of an asynchronous answer. */
  readonly result?: Pattern;
  /** What asks for `data`: a character, or a whole line. */
  readonly prompt?: ">" | "@" | "DOWNLOAD" | "CONNECT";
  /** Milliseconds between that and the data. */
  readonly promptPause?: number;
  readonly data?: Uint8Array;
  /** Header of a counted payload, up to the byte count: `+CIPRXGET: 2,0,`. */
  readonly payload?: string;
  /** What comes between count and payload, where the line does not end there. */
  readonly payloadStart?: "," | '"';
  /** Takes the payload piece by piece; the piece is valid during the call only. */
  readonly onData?: (bytes: Uint8Array) => void;
  /** Keeps the arguments out of the log. */
  readonly secret?: boolean;
  /** How many `AT` may stay without an answer, after the timeout, before the modem counts as mute; default 3. */
  readonly probes?: number;
}

/** How a command ended. */
export interface Reply {
  readonly ok: boolean;
  /** The final line; `TIMEOUT` when none came in time, `MUTE` when the modem then answered to nothing at all. */
  readonly final: string;
  /** Information lines, in order. */
  readonly lines: readonly string[];
  /** True: the modem asked for the payload and got it. */
  readonly prompted?: boolean;
}

export const TIMEOUT = "timeout";
export const MUTE = "mute";

/** Whether the modem said no before it got anything of the payload, so that it can be offered again. */
export function wasRefused({ ok, prompted, final }: Reply): boolean {
  return !ok && !prompted && final !== TIMEOUT && final !== MUTE;
}

/** Stops the procedure for a time, or until something is the case. */
export interface Wait {
  readonly until?: () => boolean;
  /** Opens the line anew at this rate first, bits per second. */
  readonly baud?: number;
  /** Sends this first, as it is: no command, and no answer is expected. */
  readonly write?: Uint8Array;
  /** Milliseconds. */
  readonly timeout: number;
}

/**
 * What the driver does, written top to bottom: a generator that yields commands and waits and gets a reply for each
 * (`ok` of a wait: `until` came true).
 */
export type Procedure<T = void> = Generator<Command | Wait, T, Reply>;

export function pause(milliseconds: number): Wait {
  return { timeout: milliseconds };
}

export function matches(line: string, pattern: Pattern | undefined): boolean {
  if (pattern === undefined) return false;
  if (typeof pattern === "string") return line.startsWith(pattern);
  if (typeof pattern === "function") return pattern(line);
  return pattern.some((prefix) => line.startsWith(prefix));
}
