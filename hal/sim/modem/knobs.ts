/** What it takes to wake a modem that hangs, from the mildest to the hardest. */
export type Cure = "reset" | "key" | "supply";

/** Everything about an emulated modem and its surroundings that a test may turn, at any time. Times in milliseconds. */
export interface Knobs {
  // The UART.
  /** Largest piece on the wire, bytes; 0 leaves it to the wire. */
  fragment: number;
  /** Bytes garbled per million, both ways. */
  noise: number;

  // Times; each one varies by 25 %.
  /** From the end of a command line to its answer. */
  answerTime: number;
  /** From power up to the first URC; the UART is mute. */
  bootTime: number;
  /** From boot, or CFUN=1, to a SIM that answers; again until SMS and phonebook are read. */
  simTime: number;
  /** From the power-off command or key to silence. */
  stopTime: number;
  searchTime: number;
  attachTime: number;
  /** Opening the IP service (NETOPEN, CCHSTART). */
  contextTime: number;
  /** How long a bearer survives without coverage. */
  contextHold: number;

  // Unsolicited result codes of no importance.
  unsolicited: readonly string[];
  /** One every so many milliseconds; 0 none. */
  storm: number;
  /** Per mille of output lines that one is put before. */
  interleave: number;

  /** Mute until this is done; sets itself back when it was. */
  hang: "no" | Cure;

  // The SIM.
  sim: "READY" | "SIM PIN" | "SIM PUK" | "NOT INSERTED";
  pin: string;
  puk: string;

  // The network.
  technology: "LTE" | "GSM";
  coverage: boolean;
  /** The network refuses the subscriber; asked again only after the radio was off. */
  denied: boolean;
  roaming: boolean;
  /** RSSI, dBm. */
  signal: number;
  /** Tells the time after registration. */
  nitz: boolean;
  /** Quarter hours east of UTC. */
  zone: number;

  // The link.
  /** Round trip. */
  latency: number;
  /** Bits per second; 0 is without limit. */
  uplink: number;
  downlink: number;
  /** Per mille of segments lost; each costs a retransmission timeout and its bytes again. */
  loss: number;
  /** From now on nothing arrives on any connection, and nobody is told. */
  halfOpen: boolean;
  /** The peer closes after so many payload bytes of one connection; undefined never. */
  closeAfterSent: number | undefined;
  closeAfterReceived: number | undefined;

  // Quirks seen in the field or allowed by the manuals.
  /** The late result of an asynchronous command comes before its OK. */
  resultFirst: boolean;
  /** Bare ERROR where the manual has +CME ERROR. */
  plainErrors: boolean;
  /** NETOPEN answers a bare ERROR although registered. */
  networkOpenError: boolean;
  /** NETOPEN? says 1 after the network was lost. */
  networkStaysOpen: boolean;
  /** CIPOPEN of a link in use: OK, then silence. */
  silentReopen: boolean;
  /** Unread data is gone when the peer closes. */
  closeDropsData: boolean;
  /** ESC as the first byte of a counted payload ends it. */
  escapeAborts: boolean;
}

export const defaultKnobs: Readonly<Knobs> = {
  fragment: 0,
  noise: 0,
  answerTime: 8,
  bootTime: 11_000,
  simTime: 1500,
  stopTime: 3000,
  searchTime: 4000,
  attachTime: 800,
  contextTime: 1200,
  contextHold: 20_000,
  unsolicited: ["+CGEV: ME PDN ACT 1", '*PSUTTZ: 24/02/29,12:34:56","+08",0', "DST: 1", "+UMWI: 0,1", "+CSQ: 17,99"],
  storm: 0,
  interleave: 0,
  hang: "no",
  sim: "READY",
  pin: "1234",
  puk: "12345678",
  technology: "LTE",
  coverage: true,
  denied: false,
  roaming: false,
  signal: -71,
  nitz: true,
  zone: 0,
  latency: 70,
  uplink: 5_000_000,
  downlink: 10_000_000,
  loss: 0,
  halfOpen: false,
  closeAfterSent: undefined,
  closeAfterReceived: undefined,
  resultFirst: false,
  plainErrors: false,
  networkOpenError: false,
  networkStaysOpen: false,
  silentReopen: false,
  closeDropsData: false,
  escapeAborts: false,
};

/** The link of a 2G network: GPRS class 10 at a usual coding scheme. */
export const gsmLink: Readonly<Partial<Knobs>> = {
  technology: "GSM",
  latency: 600,
  uplink: 20_000,
  downlink: 40_000,
};

/** The knobs as an object that tells of every change. */
export function makeKnobs(changes: Readonly<Partial<Knobs>>, onChanged: () => void): Knobs {
  return new Proxy(
    { ...defaultKnobs, ...changes },
    {
      set(target, name, value) {
        if (!(name in target)) throw new Error(`knob ${String(name)} does not exist`);
        Reflect.set(target, name, value);
        onChanged();
        return true;
      },
    },
  );
}
