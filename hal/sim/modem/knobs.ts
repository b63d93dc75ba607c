import { frozen } from "../../frozen.js";
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
  /** Opening the IP service (NETOPEN, CCHSTART, CIICR, QIACT ...). */
  contextTime: number;
  /** How long a bearer survives without coverage. */
  contextHold: number;
  /** After so long the network takes a bearer away; 0 never. */
  contextLifetime: number;
  /** When the modem gives up on a connection that nobody answers, where the host cannot set it; exact. */
  connectTimeout: number;
  /** How long names cannot be resolved after an attach (SARA-R422: 500). */
  dnsTime: number;

  // Unsolicited result codes of no importance.
  unsolicited: readonly string[];
  /** One every so many milliseconds; 0 none. */
  storm: number;
  /** Per mille of output lines that one is put before. */
  interleave: number;

  /** Mute until this is done; sets itself back when it was. */
  hang: "no" | Cure;
  /** At the module's supply pin, millivolts; SIM800 and SIM70xx complain up to 3500 and from 4300. */
  supplyVoltage: number;

  // The SIM.
  sim: "READY" | "SIM PIN" | "SIM PUK" | "NOT INSERTED";
  pin: string;
  puk: string;

  // The network.
  technology: "LTE" | "UMTS" | "GSM";
  /** CREG shows the registration; LTE-M without voice leaves it at 0. */
  circuitSwitched: boolean;
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

  // Quirks seen in the field or allowed by the manuals, of every family.
  /** The late result of an asynchronous command comes before its OK. */
  resultFirst: boolean;
  /** Late results have no line end, so that the next echo is glued to them. */
  gluedResults: boolean;
  /** Bare ERROR where the manual has +CME ERROR. */
  plainErrors: boolean;
  /** Only one line end between an information line and OK (SIM7000 B05). */
  singleLineEnds: boolean;
  /** Test commands end without OK. */
  testsWithoutOK: boolean;
  /** The echo comes so much later than it should, so that it may follow the answer (SIM800 after a reset). */
  echoDelay: number;
  /** "> " instead of ">". */
  promptSpace: boolean;
  /** Payload that comes sooner after the prompt is lost (u-blox: 50). */
  promptGuard: number;
  /** ESC as the first byte of a counted payload ends it. */
  escapeAborts: boolean;
  /** Unread data is gone when the peer closes. */
  closeDropsData: boolean;
  /** The next read delivers half of the bytes that it announces; sets itself back. */
  shortRead: boolean;
  /** Per mille of sends that end in SEND FAIL although the link is fine (SIM800, SIM7000, Quectel). */
  sendFails: number;
  /** Every TLS handshake fails (A7670 B01V01, SIM7000 B08). */
  handshakesFail: boolean;
  /** Registration codes have further arguments after <AcT>, and come twice (SARA-U2, SARA-R5). */
  talkativeRegistration: boolean;
  /** A reset by command is refused with ERROR: too many in an hour (SARA-R4). */
  resetsRefused: boolean;

  // SIM7600 and A76xx.
  /** NETOPEN answers a bare ERROR although registered. */
  networkOpenError: boolean;
  /** NETOPEN? says 1 after the network was lost. */
  networkStaysOpen: boolean;
  /** CIPOPEN of a link in use: OK, then silence. */
  silentReopen: boolean;

  // SIM800 and SIM70xx.
  /** "1,CONNECT OK" and "DATA ACCEPT: 1,5" as the manual has them, not as modems write them. */
  manualSpaces: boolean;
  /** +CIPRXGET: 1 comes again before the answer of every CIPRXGET. */
  announcesAgain: boolean;
  /** SIM7000: CASEND ends with OK alone (1529B10). */
  sendWithoutResult: boolean;
  /** SIM7000: CARECV in the manual's form, with the data on a line of its own. */
  manualReceive: boolean;
  /** CASSLCFG refuses "CRINDEX" and knows "ctxindex" instead. */
  contextIndexRenamed: boolean;
  /** +APP PDP: DEACTIVE without its index. */
  indexMissing: boolean;
  /** SIM7000: CAOPEN fails with 11, which no manual has. */
  undocumentedFailure: boolean;

  // Quectel.
  /** <state> of a connected socket in QISTATE; 3 and 4 were seen on BG96. */
  connectedState: 2 | 3 | 4;
  /** CGACT is never answered (BG96). */
  contextCommandHangs: boolean;

  // u-blox.
  /** USOWR ends with OK alone. */
  writeWithoutResult: boolean;
  /** USOCO answers OK twice (G450). */
  connectTwiceOK: boolean;
  /** A +USORD nobody asked for follows one that asked for more than there was (G450). */
  extraRead: boolean;
  /** A connect that is not asynchronous locks the modem up (SARA-R410M-02B before L0.0.00.00.05.08). */
  syncConnectHangs: boolean;
}

export const defaultKnobs: Readonly<Knobs> = frozen({
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
  contextLifetime: 0,
  connectTimeout: 120_000,
  dnsTime: 0,
  unsolicited: ["+CGEV: ME PDN ACT 1", '*PSUTTZ: 24/02/29,12:34:56","+08",0', "DST: 1", "+UMWI: 0,1", "+CSQ: 17,99"],
  storm: 0,
  interleave: 0,
  hang: "no",
  supplyVoltage: 3800,
  sim: "READY",
  pin: "1234",
  puk: "12345678",
  technology: "LTE",
  circuitSwitched: true,
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
  gluedResults: false,
  plainErrors: false,
  singleLineEnds: false,
  testsWithoutOK: false,
  echoDelay: 0,
  promptSpace: false,
  promptGuard: 0,
  escapeAborts: false,
  closeDropsData: false,
  shortRead: false,
  sendFails: 0,
  handshakesFail: false,
  talkativeRegistration: false,
  resetsRefused: false,
  networkOpenError: false,
  networkStaysOpen: false,
  silentReopen: false,
  manualSpaces: false,
  announcesAgain: false,
  sendWithoutResult: false,
  manualReceive: false,
  contextIndexRenamed: false,
  indexMissing: false,
  undocumentedFailure: false,
  connectedState: 2,
  contextCommandHangs: false,
  writeWithoutResult: false,
  connectTwiceOK: false,
  extraRead: false,
  syncConnectHangs: false,
});

/** The link of a 2G network: GPRS class 10 at a usual coding scheme. */
export const gsmLink: Readonly<Partial<Knobs>> = frozen({
  technology: "GSM",
  latency: 600,
  uplink: 20_000,
  downlink: 40_000,
});

/** LTE-M, category M1 in half duplex; no voice. */
export const lteMLink: Readonly<Partial<Knobs>> = frozen({
  circuitSwitched: false,
  latency: 120,
  uplink: 375_000,
  downlink: 300_000,
});

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
