import { frozen } from "../frozen.js";
import type { ConnectOptions } from "../network.js";
import type { Command, Procedure } from "./command.js";
import { a76xx } from "./dialects/a76xx.js";
import { bg9x, ec2x } from "./dialects/quectel.js";
import { sim800 } from "./dialects/sim800.js";
import { sim7000 } from "./dialects/sim7000.js";
import { sim7070 } from "./dialects/sim7070.js";
import { sim7600 } from "./dialects/sim7600.js";
import { saraR4, saraR4Early, saraR5, saraU2 } from "./dialects/ublox.js";

/** How opening a link went: `later`, the modem is at it and its word comes as a URC. */
export type OpenOutcome = "done" | "failed" | "later";

/** How a send went: likewise, or the bytes that the modem took; the rest is offered to it again a little later. */
export type SendOutcome = "failed" | "later" | number;

/** Whom to trust over TLS. */
export interface Security {
  /** Certificate of the authority that must have signed the server's, DER. */
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
  /** What the modem calls its links. Transports of a dialect that share ids have the same `close`. */
  readonly ids: readonly number[];
  /** Where the modem chooses the id itself: gives it, undefined when there is none. */
  allocate?(): Procedure<number | undefined>;
  /** Bytes in one send, bytes in one read. */
  readonly sendMaximum: number;
  readonly receiveMaximum: number;
  /** Milliseconds within which the word of a `later` must have come. */
  readonly openTimeout: number;
  readonly sendTimeout: number;
  /** `session`: what `LinkEvents.session` brought the last time, for this target. */
  open(id: number, target: Target, session?: string): Procedure<OpenOutcome>;
  /** `data` has 1 to `sendMaximum` bytes and stays as it is until the procedure ends. */
  send(id: number, data: Uint8Array): Procedure<SendOutcome>;
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
  /** What a later connection to the same place can resume the TLS session with. */
  session(id: number, session: string): void;
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

/** How a modem sleeps while it stays in the network: its UART hears nothing then. */
export interface Sleep {
  /** Sleeps while DTR is released. */
  readonly byPin?: Command;
  /** Sleeps by itself, seconds after the last byte; what wakes it is lost. */
  readonly byItself?: Command;
  /** Ends either. */
  readonly never: Command;
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
  /** Switches the modem off cleanly, within `power.off`. */
  readonly powerOff?: Command;
  readonly sleep: Sleep;
  /**
   * Whether it has PSM and eDRX (3GPP TS 27.007, 7.38 and 7.40), and when a change of them takes effect. PSM is left by the power
   * key; a rest uses it only where it can be had at once.
   */
  readonly powerSaving: "none" | "at once" | "after a restart";
  /** Reads the SIM's serial number. */
  readonly iccid: Command;
  /** Reads the time, where AT+CCLK? is not to be relied on; the answer has the form that `parseClock` takes. */
  readonly clock?: Command;
  /** LTE opens context 1 with the attach, so that it is to be defined before; on others it is a matter of `openNetwork`. */
  readonly attachesWithContext: boolean;
  /** What is set once and kept by the modem, after `init`. */
  prepare?(): Procedure;
  /** User name and password for the attach, where `openNetwork` does not see to them. */
  authenticate?(user: string, password: string): Command;
  /** Opens the data connection of context 1; gives the IP address, undefined when it failed. */
  openNetwork(access: ConnectOptions): Procedure<string | undefined>;
  isNetworkOpen(): Procedure<boolean>;
  closeNetwork(): Procedure;
}

/** The first that fits is taken. */
const DIALECTS: readonly Dialect[] = frozen([
  ...[sim7600, a76xx, sim800, sim7000, sim7070],
  ...[bg9x, ec2x],
  ...[saraR4Early, saraR4, saraR5, saraU2],
]);

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
