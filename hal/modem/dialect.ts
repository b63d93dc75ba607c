import type { Command, Procedure } from "./command.js";
import { sim7600 } from "./dialects/sim7600.js";

/**
 * How a step over a link went: `done`; `failed`, the link is of no use any more; `later`, the modem took it and its
 * word comes as a URC.
 */
export type Outcome = "done" | "failed" | "later";

/** Whom to trust over TLS. */
export interface Security {
  /** Certificate of the authority that must have signed the server's, DER or PEM. */
  readonly ca: Uint8Array;
}

export interface Target {
  readonly host: string;
  readonly port: number;
  /** Absent: plain TCP. */
  readonly tls?: Security | undefined;
}

/** How the sockets of one kind are driven. Every procedure keeps to the times of the manual. */
export interface Transport {
  /** What the modem calls its links. Unique among the transports of a dialect. */
  readonly ids: readonly number[];
  /** Bytes in one send, bytes in one read. */
  readonly sendMaximum: number;
  readonly receiveMaximum: number;
  /** Milliseconds within which the word of a `later` must have come. */
  readonly openTimeout: number;
  readonly sendTimeout: number;
  open(id: number, target: Target): Procedure<Outcome>;
  /** `data` has 1 to `sendMaximum` bytes and stays as it is until the procedure ends. */
  send(id: number, data: Uint8Array): Procedure<Outcome>;
  /** Hands up to `maximum` bytes to `onData`. Gives the bytes that are left in the modem, undefined when the link is dead. */
  receive(id: number, maximum: number, onData: (bytes: Uint8Array) => void): Procedure<number | undefined>;
  close(id: number): Procedure;
}

/** What a URC can mean for a link. */
export interface LinkEvents {
  opened(id: number, ok: boolean): void;
  sent(id: number, ok: boolean): void;
  /** The modem holds data for this link. */
  readable(id: number): void;
  /** The peer, or the network, closed this link; received data may still be in the modem. */
  closed(id: number): void;
}

/** What a URC can mean. */
export interface Events {
  readonly links: LinkEvents;
  /** The data connection is gone, and every link with it. */
  networkLost(): void;
  /** The modem started anew: all of its state is gone. */
  restarted(): void;
  simChanged(state: string): void;
  registrationChanged(line: string): void;
}

/** Lines that begin with `prefix`, and what they mean. */
export interface URC {
  readonly prefix: string;
  readonly handle: (events: Events, line: string) => void;
}

/** Hardware times of a module in milliseconds. */
export interface PowerTiming {
  /** How long PWRKEY is held to switch on, to switch off. */
  readonly keyOn: number;
  readonly keyOff: number;
  /** From the off pulse to really off. */
  readonly off: number;
  /** How long the reset line is held. */
  readonly reset: number;
  /** From power or reset to the first answer, at the most. */
  readonly boot: number;
}

/** The transports of a dialect; `tls` is absent where the modem has none that checks whom it talks to. */
export interface Transports {
  readonly tcp: Transport;
  readonly tls?: Transport;
}

/** All that differs between modem families. To add one: write its file, put it into `DIALECTS`. */
export interface Dialect extends Transports {
  readonly name: string;
  /** What the model's name (ATI, AT+CGMM) contains. */
  readonly models: readonly string[];
  readonly power: PowerTiming;
  readonly urcs: readonly URC[];
  /** Sent after every start of the modem, after what all families need. A refusal is logged, no more. */
  readonly init: readonly Command[];
  readonly restart: Command;
  /** Reads the SIM's serial number. */
  readonly iccid: Command;
  /** User name and password of the data connection. */
  authenticate(user: string, password: string): Command;
  /** Opens the data connection of context 1; gives the IP address, undefined when it failed. */
  openNetwork(): Procedure<string | undefined>;
  isNetworkOpen(): Procedure<boolean>;
  closeNetwork(): Procedure;
}

const DIALECTS: readonly Dialect[] = Object.freeze([sim7600]);

/** The dialect of this name; throws a RangeError that lists the known ones. */
export function dialectNamed(name: string): Dialect {
  const found = DIALECTS.find((dialect) => dialect.name === name);
  if (found) return found;
  const names = DIALECTS.map((dialect) => dialect.name).join(", ");
  throw new RangeError(`unknown modem dialect "${name}": one of ${names} expected`);
}

/** The dialect that a modem of this name speaks. */
export function dialectOf(model: string): Dialect | undefined {
  return DIALECTS.find((dialect) => dialect.models.some((part) => model.includes(part)));
}
