import { frozen } from "../../frozen.js";
import type { ConnectOptions } from "../../network.js";
import { fields, integer } from "../ascii.js";
import type { Command, Procedure } from "../command.js";
import type { Dialect, OpenOutcome, PowerTiming, SendOutcome, Sleep, Target, Transport, URC } from "../dialect.js";
import { FIN, QUICK, receiveBy, sendBy } from "./quectel-link.js";
import { tls, tlsURCs } from "./quectel-tls.js";

/*
 * Quectel BG95/BG96 (LTE-M, NB-IoT, 2G; BG96 TCP/IP note V1.2) and EC21/EC25/EG91/EG95 (LTE Cat 1 and 4; EC2x AT manual
 * V2.0, TCP/IP note V1.1): sockets by QIOPEN with buffered access, on context 1.
 */

const ACTIVATE: Command = frozen({ text: "AT+QIACT=1", timeout: 150_000 });
const DEACTIVATE: Command = frozen({ text: "AT+QIDEACT=1", timeout: 40_000 });

const tcp: Transport = frozen({
  ids: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  sendMaximum: 1460,
  receiveMaximum: 1500,
  openTimeout: 155_000,
  sendTimeout: 90_000,

  *open(id: number, { host, port }: Target): Procedure<OpenOutcome> {
    const reply = yield { text: `AT+QIOPEN=1,${id},"TCP","${host}",${port},0,0`, timeout: QUICK };
    return reply.ok ? "later" : "failed";
  },

  send: (id: number, data: Uint8Array): Procedure<SendOutcome> => sendBy("AT+QISEND", id, data),

  receive: (id: number, maximum: number, onData: (bytes: Uint8Array) => void): Procedure<number | undefined> =>
    receiveBy("+QIRD", id, maximum, onData),

  *close(id: number): Procedure {
    // Also frees the id of a connection that the peer has closed.
    yield { text: `AT+QICLOSE=${id},${FIN}`, timeout: FIN * 1000 + QUICK };
  },
});

const urcs: readonly URC[] = frozen([
  { prefix: "+QIOPEN:", handle: ({ links }, line) => links.opened(integer(line, 0), integer(line, 1) === 0) },
  { prefix: '+QIURC: "recv",', handle: ({ links }, line) => links.readable(integer(line, 1)) },
  { prefix: '+QIURC: "closed",', handle: ({ links }, line) => links.closed(integer(line, 1)) },
  { prefix: '+QIURC: "pdpdeact",', handle: (events) => events.networkLost() },
  ...tlsURCs,
  // "APP RDY" comes seconds later and says nothing new.
  { prefix: "RDY", handle: (events) => events.restarted() },
  { prefix: "POWERED DOWN", handle: (events) => events.restarted() },
  { prefix: "NORMAL POWER DOWN", handle: (events) => events.restarted() },
] satisfies URC[]);

const init: readonly Command[] = frozen([
  { text: 'AT+QURCCFG="urcport","uart1"', timeout: QUICK }, // EC2x sends its URCs to USB from the factory
  { text: "AT+QISDE=0", timeout: QUICK }, // or the payload is echoed
  { text: "AT+CTZU=1", timeout: QUICK },
]);

/** While DTR is high; forgotten by a restart. */
const sleep: Sleep = frozen({
  byPin: { text: "AT+QSCLK=1", timeout: QUICK },
  never: { text: "AT+QSCLK=0", timeout: QUICK },
});

function quectel(name: string, models: readonly string[], saving: Dialect["powerSaving"], power: PowerTiming): Dialect {
  return frozen({
    name,
    models: models,
    power: power,
    urcs,
    init,
    restart: { text: "AT+CFUN=1,1", timeout: 15_000 },
    powerOff: { text: "AT+QPOWD=1", timeout: 65_000, success: "POWERED DOWN" },
    sleep,
    powerSaving: saving,
    iccid: { text: "AT+QCCID", timeout: QUICK, info: "+QCCID:" },
    // Whether AT+CCLK? is local time or GMT depends on CTZU, and is documented in two ways. This is local time.
    clock: { text: "AT+QLTS=2", timeout: QUICK, info: "+QLTS:" },
    attachesWithContext: true,
    tcp,
    tls,
    openNetwork,
    isNetworkOpen,
    closeNetwork,
  });
}

// Compatible Design BG95&BG96, 4.3; reset as on BG77, which has the same chip.
export const bg9x = quectel("BG9x", ["BG95", "BG96", "BG77"], "at once", {
  keyOn: 800,
  keyOff: 1_200,
  off: 10_000,
  reset: 2_500,
  boot: 15_000,
});

export const ec2x = quectel("EC2x", ["EC2", "EG9", "EG2"], "none", {
  keyOn: 800,
  keyOff: 1_200,
  off: 10_000,
  reset: 400,
  boot: 16_000,
});

/** From any state: what the network has closed is to be closed here, too, before it opens again. */
function* openNetwork({ apn, user = "", password = "" }: ConnectOptions): Procedure<string | undefined> {
  yield DEACTIVATE;
  // 0 = none, 1 = PAP.
  const method = user === "" ? 0 : 1;
  yield { text: `AT+QICSGP=1,1,"${apn}","${user}","${password}",${method}`, timeout: QUICK, secret: true };
  yield ACTIVATE;
  return yield* address();
}

function* isNetworkOpen(): Procedure<boolean> {
  return (yield* address()) !== undefined;
}

function* closeNetwork(): Procedure {
  yield DEACTIVATE;
}

/** From `+QIACT: <context>,<active>,<type>,"<address>"`; contexts that are not active have no line. */
function* address(): Procedure<string | undefined> {
  const reply = yield { text: "AT+QIACT?", timeout: QUICK, info: "+QIACT:" };
  const line = reply.lines.find((each) => each.startsWith("+QIACT: 1,1,"));
  return line === undefined ? undefined : fields(line)[3];
}

frozen([openNetwork, isNetworkOpen, closeNetwork, address]);
