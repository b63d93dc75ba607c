import type { KeyValue } from "./key-value.js";
import type { TCPConstructor } from "./tcp.js";

export interface ConnectOptions {
  apn: string;
  user?: string;
  password?: string;
  /** SIM PIN; never tried a second time once refused. */
  pin?: string;
  /**
   * Remembers under the key "pin" whether the SIM took the PIN, so that a restart does not try a refused one again, and under
   * "starts" how often the controller started in vain.
   */
  keyValue?: KeyValue;
  /** False: only the home network. Default true. */
  roaming?: boolean;
}

/** What a modem does until the next `connect`. */
export interface Rest {
  /**
   * off: it is switched off; its radio only, where nothing could switch it on again. sleep: it stays in the network and its serial
   * line sleeps. psm: it sleeps as deep as off, and the network still knows it (3GPP TS 23.401, 4.3.22). Where modem,
   * board or network cannot do that, it is off instead; or awake in the network, instead of a sleep of less than ten minutes.
   */
  mode: "off" | "sleep" | "psm";
  /** How long, as far as known: seconds. */
  seconds: number;
}

/** The cell that serves. */
export interface Cell {
  /** Location or tracking area code. */
  readonly area: number;
  readonly id: number;
  /** "GSM", "UMTS", "LTE", "LTE-M", "NB-IoT"; undefined when the modem does not tell. */
  readonly technology?: string | undefined;
}

/** What is known of the radio link; undefined while unknown. */
export interface LinkInformation {
  readonly operator?: string | undefined;
  /** Signal strength in dBm. */
  readonly signal?: number | undefined;
  readonly imei?: string | undefined;
  readonly imsi?: string | undefined;
  readonly iccid?: string | undefined;
  /** Modem model as it names itself. */
  readonly model?: string | undefined;
  readonly cell?: Cell | undefined;
}

/**
 * A cellular network interface (ECMA-419 Network Interface class pattern, 17) that is also the IO provider of its
 * sockets. Recovers by itself: after `connect` it keeps trying until `disconnect`.
 */
export interface Network {
  /** Starts attaching and keeps at it. Throws when already connecting or connected. */
  connect(options: ConnectOptions): void;
  /** Closes all sockets and lets the modem rest, switched off by default; does nothing when disconnected. */
  disconnect(rest?: Rest): void;
  /** ECMA-419 table 46: 0 unavailable, 100 initializing, 200 disconnected, 300 connecting, 400 registered, 500 IP address. */
  readonly connection: number;
  readonly address: string | undefined;
  readonly information: LinkInformation;
  /** Seconds since 1970 from the network (NITZ), valid at the moment of asking; undefined when not known. */
  readonly time: number | undefined;
  /** Why there is no connection, in plain words; undefined when nothing is wrong. */
  readonly problem: string | undefined;
  /** Payload bytes through sockets since start. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly TCP: TCPConstructor;
  readonly TLS: TCPConstructor;
  /** Set by the firmware; name of the property that changed: "connection", "address", "time", "problem". */
  onChanged?: ((name: string) => void) | undefined;
}
