import { frozen } from "../../frozen.js";
import { fields, integer } from "../ascii.js";
import type { Command, Procedure } from "../command.js";
import type { Dialect, Events, OpenOutcome, SendOutcome, Target, Transport, URC } from "../dialect.js";
import { stopTLS, tls, tlsURCs } from "./sim7600-tls.js";
import { PIN_SLEEP } from "./simcom.js";

/*
 * SIMCom SIM7500/SIM7600 (AT Command Manual V3.00, chapter 11) and A76xx/SIM767x (V1.09, chapter 15): TCP by CIPOPEN,
 * with manual read. What those two call the same and do differently is noted where it is met.
 */

/** The manuals give 9 s (A76xx) or 120 s (SIM7600) for nearly all; those that only touch the modem's memory get this. */
const QUICK = 9_000;
/** CIPTIMEOUT's bound on a connection and a little more: some firmware says OK only when it stands. */
const OPEN = 35_000;
/** NETOPEN and NETCLOSE talk to the network. CIPTIMEOUT below bounds them inside the modem. */
const NETWORK = 80_000;

const tcp: Transport = frozen({
  ids: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  sendMaximum: 1500,
  receiveMaximum: 1500,
  openTimeout: OPEN,
  // As with OPEN.
  sendTimeout: 20_000,

  *open(id: number, { host, port }: Target): Procedure<OpenOutcome> {
    const reply = yield { text: `AT+CIPOPEN=${id},"TCP","${host}",${port}`, timeout: OPEN };
    return reply.ok ? "later" : "failed";
  },

  *send(id: number, data: Uint8Array): Procedure<SendOutcome> {
    // Always with a length: without, some bytes would end the data.
    const reply = yield {
      text: `AT+CIPSEND=${id},${data.length}`,
      timeout: QUICK,
      prompt: ">",
      data,
      failure: "+CIPERROR:",
    };
    return reply.ok ? "later" : "failed";
  },

  *receive(id: number, maximum: number, onData: (bytes: Uint8Array) => void): Procedure<number | undefined> {
    const payload = `+CIPRXGET: 2,${id},`;
    const reply = yield {
      text: `AT+CIPRXGET=2,${id},${maximum}`,
      timeout: QUICK,
      info: [payload, "+IP ERROR:"],
      payload,
      onData,
    };
    const line = reply.lines[0] ?? "";
    // An empty buffer is an error to the modem, but none to us.
    if (line.includes("No data")) return 0;
    // Without its header, data was lost: an OK alone is not enough.
    const left = integer(line, 3);
    return reply.ok && left >= 0 ? left : undefined;
  },

  *close(id: number): Procedure {
    // The result is a URC, or an error when the link is closed already: either way it is.
    yield { text: `AT+CIPCLOSE=${id}`, timeout: QUICK };
  },
});

/** `+CIPOPEN: <link>,<error>` and `+CIPSEND: <link>,<requested>,<confirmed>`, the second halves of those commands. */
function opened({ links }: Events, line: string): void {
  links.opened(integer(line, 0), integer(line, 1) === 0);
}

function sent({ links }: Events, line: string): void {
  // A link that did not take all of it is unusable, says the manual.
  links.sent(integer(line, 0), integer(line, 1) === integer(line, 2));
}

const urcs: readonly URC[] = frozen([
  { prefix: "+CIPRXGET: 1,", handle: (events, line) => events.links.readable(integer(line, 1)) },
  { prefix: "+CIPOPEN:", handle: opened },
  { prefix: "+CIPSEND:", handle: sent },
  { prefix: "+IPCLOSE:", handle: (events, line) => events.links.closed(integer(line, 0)) },
  { prefix: "+CIPEVENT: NETWORK CLOSED", handle: (events) => events.networkLost() },
  // Data comes by itself: the modem does not know (any more) that it is to wait until it is asked.
  { prefix: "RECV FROM:", handle: (events) => events.restarted() },
  { prefix: "RDY", handle: (events) => events.restarted() },
  { prefix: "*ATREADY:", handle: (events) => events.restarted() },
  ...tlsURCs,
] satisfies URC[]);

const init: readonly Command[] = frozen([
  { text: "AT+CTZU=1", timeout: QUICK }, // A76xx: off from the factory
  { text: "AT+CIPRXGET=1", timeout: QUICK }, // received data waits until it is asked for
  { text: "AT+CIPTIMEOUT=75000,30000,15000", timeout: QUICK },
  { text: "AT+CIPCCFG=10,0,0,1,1,0,75000", timeout: QUICK }, // errors as text: their numbers differ
]);

export const sim7600: Dialect = frozen({
  name: "SIM7600",
  models: ["SIM750", "SIM760"],
  power: { keyOn: 1_000, keyOff: 3_000, off: 6_000, reset: 2_600, boot: 15_000 },
  urcs,
  init,
  restart: { text: "AT+CRESET", timeout: QUICK },
  powerOff: { text: "AT+CPOF", timeout: QUICK },
  sleep: PIN_SLEEP,
  powerSaving: "none",
  iccid: { text: "AT+CICCID", timeout: QUICK, info: "+ICCID:" },
  attachesWithContext: true,
  tcp,
  tls,

  authenticate(user: string, password: string): Command {
    // 1 = PAP. The password stands first, unlike in 3GPP 27.007.
    return { text: `AT+CGAUTH=1,1,"${password}","${user}"`, timeout: QUICK, secret: true };
  },

  *openNetwork(): Procedure<string | undefined> {
    // What was open before is closed, as nobody knows its links any more.
    if (yield* isNetworkOpen()) yield* closeNetwork();
    // Refused while it is open. What another firmware set would put the next connection into data mode.
    yield { text: "AT+CIPMODE=0", timeout: QUICK };
    yield { text: "AT+NETOPEN", timeout: NETWORK, result: "+NETOPEN:" };
    // Whatever NETOPEN said ("already opened" is an error, too), only an address counts.
    const reply = yield { text: "AT+IPADDR", timeout: QUICK, info: "+IPADDR:" };
    return reply.ok && reply.lines[0] ? fields(reply.lines[0])[0] : undefined;
  },

  isNetworkOpen,
  closeNetwork,
});

function* isNetworkOpen(): Procedure<boolean> {
  const reply = yield { text: "AT+NETOPEN?", timeout: QUICK, info: "+NETOPEN:" };
  return reply.lines.some((line) => integer(line, 0) === 1);
}

function* closeNetwork(): Procedure {
  yield* stopTLS();
  yield { text: "AT+NETCLOSE", timeout: NETWORK, result: "+NETCLOSE:" };
}

frozen([isNetworkOpen, closeNetwork]);
