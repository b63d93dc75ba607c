import { frozen } from "../../frozen.js";
import type { ConnectOptions } from "../../network.js";
import { integer } from "../ascii.js";
import type { Command, Procedure } from "../command.js";
import type { Dialect, URC } from "../dialect.js";
import { ICCID, keepNetworkTime, PIN_SLEEP, POWER_OFF, QUICK, RESTART, RUN_URCS } from "./simcom.js";
import { caTransport, caURCs, closeStrays } from "./simcom-ca.js";
import { cipTransport, cipURCs, closeCIP, isCIPOpen, openCIP } from "./simcom-cip.js";

/*
 * SIMCom SIM7000 (AT Command Manual V1.06): LTE-M, NB-IoT, 2G. TCP as on SIM800 with two links more; TLS only by the CA
 * commands, on an application network (CNACT) of its own.
 */

const NETWORK = 90_000;
const LINKS: readonly number[] = frozen([0, 1, 2, 3, 4, 5, 6, 7]);
/** The CA connections' ids here, as 0 and 1 are links of plain TCP. */
const FIRST = 16;

const CLOSE_TLS: Command = frozen({ text: "AT+CNACT=0", timeout: NETWORK });

export const sim7000: Dialect = frozen({
  name: "SIM7000",
  models: ["SIM7000"],
  // Hardware design V1.07, 3.2: on after 1 s, off after 1.2 s; 1.8 to 6.9 s to be off, and 2 s of rest.
  power: { keyOn: 1_100, keyOff: 1_500, off: 9_000, reset: 500, boot: 12_000 },
  urcs: [
    ...cipURCs(LINKS),
    ...caURCs(FIRST),
    { prefix: "+APP PDP: DEACTIVE", handle: (events) => events.networkLost() },
    ...RUN_URCS,
  ] satisfies URC[],
  init: [],
  restart: RESTART,
  powerOff: POWER_OFF,
  sleep: PIN_SLEEP,
  powerSaving: "after a restart", // hardware design V1.07, 5.3.4
  iccid: ICCID,
  attachesWithContext: true,
  prepare: keepNetworkTime,
  tcp: cipTransport(LINKS),
  tls: caTransport({
    // Only number 0 can be told from a count, where the firmware gives both.
    ids: [FIRST],
    first: FIRST,
    secure: true,
    open: (cid, { host, port }) => [`AT+CACID=${cid}`, `AT+CAOPEN=${cid},"${host}",${port}`],
    unread,
  }),

  /** Where the second network fails there is no TLS, which its sockets report. */
  *openNetwork(access: ConnectOptions): Procedure<string | undefined> {
    yield* closeStrays();
    yield CLOSE_TLS;
    const address = yield* openCIP(access);
    if (address === undefined) return undefined;
    const { apn, user, password = "" } = access;
    // 3 = PAP or CHAP.
    if (user !== undefined)
      yield { text: `AT+CNCFG=1,"${apn}","${user}","${password}",3`, timeout: QUICK, secret: true };
    yield { text: `AT+CNACT=1,"${apn}"`, timeout: NETWORK, result: "+APP PDP:" };
    return address;
  },

  isNetworkOpen: isCIPOpen,

  *closeNetwork(): Procedure {
    yield CLOSE_TLS;
    yield* closeCIP();
  },
});

/** SIM7000 hangs when it is asked for more than it holds, so it is asked for the count before: `+CARECV: <cid>,<count>`. */
function* unread(cid: number): Procedure<number | undefined> {
  const reply = yield { text: "AT+CARECV?", timeout: QUICK, info: "+CARECV:" };
  if (!reply.ok) return undefined;
  const line = reply.lines.find((each) => integer(each, 0) === cid);
  return line === undefined ? 0 : integer(line, 1) || 0;
}

frozen(unread);
