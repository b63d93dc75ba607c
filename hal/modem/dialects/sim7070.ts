import { frozen } from "../../frozen.js";
import type { ConnectOptions } from "../../network.js";
import { fields } from "../ascii.js";
import type { Command, Procedure } from "../command.js";
import type { Dialect, URC } from "../dialect.js";
import { ICCID, keepNetworkTime, PIN_SLEEP, POWER_OFF, QUICK, RESTART, RUN_URCS } from "./simcom.js";
import { caTransport, caURCs, closeStrays } from "./simcom-ca.js";

/*
 * SIMCom SIM7070, SIM7080, SIM7090 (AT Command Manual V1.05): LTE-M and NB-IoT, 2G on SIM7070. Sockets by the CA
 * commands on the application network (CNACT) of index 0, which is context 1.
 */

/** How long the network may take to open the connection or to close it. */
const NETWORK = 90_000;

/** One number space for all connections: the first ones speak TCP, the others TLS. */
const PLAIN: readonly number[] = frozen([0, 1, 2, 3, 4, 5, 6]);
const SECURE: readonly number[] = frozen([7, 8, 9, 10, 11, 12]);

const CLOSE: Command = frozen({ text: "AT+CNACT=0,0", timeout: NETWORK, result: "+APP PDP:" });

const link = frozen({
  first: 0,
  asynchronous: true,
  open: (cid: number, { host, port }: { host: string; port: number }) => [`AT+CAOPEN=${cid},0,"TCP","${host}",${port}`],
});

export const sim7070: Dialect = frozen({
  name: "SIM7070",
  models: ["SIM7070", "SIM7080", "SIM7090"],
  // No hardware manual at hand: the times that LilyGO's boards use.
  power: { keyOn: 1_100, keyOff: 1_500, off: 6_000, reset: 500, boot: 12_000 },
  urcs: [
    ...caURCs(0),
    { prefix: "+APP PDP: 0,DEACTIVE", handle: (events) => events.networkLost() },
    { prefix: "+APP PDP: DEACTIVE", handle: (events) => events.networkLost() },
    ...RUN_URCS,
  ] satisfies URC[],
  init: [],
  restart: RESTART,
  powerOff: POWER_OFF,
  sleep: PIN_SLEEP,
  powerSaving: "at once",
  iccid: ICCID,
  attachesWithContext: true,
  prepare: keepNetworkTime,
  tcp: caTransport({ ...link, ids: PLAIN, secure: false }),
  tls: caTransport({ ...link, ids: SECURE, secure: true }),

  /** From any state; what was open before is closed, as nobody knows it any more. */
  *openNetwork({ apn, user, password = "" }: ConnectOptions): Procedure<string | undefined> {
    if ((yield* address()) !== undefined) {
      yield* closeStrays();
      yield CLOSE;
    }
    // 3 = PAP or CHAP.
    const login = user === undefined ? "" : `,"${user}","${password}",3`;
    yield { text: `AT+CNCFG=0,1,"${apn}"${login}`, timeout: QUICK, secret: true };
    yield { text: "AT+CNACT=0,1", timeout: NETWORK, result: "+APP PDP:" };
    return yield* address();
  },

  *isNetworkOpen(): Procedure<boolean> {
    return (yield* address()) !== undefined;
  },

  *closeNetwork(): Procedure {
    yield CLOSE;
  },
});

/** From one of the four lines `+CNACT: <index>,<active>,"<address>"`. */
function* address(): Procedure<string | undefined> {
  const reply = yield { text: "AT+CNACT?", timeout: QUICK, info: "+CNACT:" };
  const line = reply.lines.find((each) => each.startsWith("+CNACT: 0,1,"));
  return line === undefined ? undefined : fields(line)[2];
}

frozen(address);
