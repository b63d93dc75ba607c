import { frozen } from "../../frozen.js";
import type { Dialect, URC } from "../dialect.js";
import { ANY_SLEEP, ICCID, keepNetworkTime, POWER_OFF, RESTART, RUN_URCS } from "./simcom.js";
import { cipTransport, cipURCs, closeCIP, isCIPOpen, openCIP } from "./simcom-cip.js";

/*
 * SIMCom SIM800 (AT Command Manual V1.09) and its kin SIM808 and SIM868: 2G. It has TLS (AT+CIPSSL), but none that tells
 * whom one talks to: no host name is sent or compared, and checking the chain is not there before firmware R14.18. So
 * there is no `tls` here; a TLS client on our side works over its TCP.
 */

const LINKS: readonly number[] = frozen([0, 1, 2, 3, 4, 5]);

export const sim800: Dialect = frozen({
  name: "SIM800",
  models: ["SIM800", "SIM808", "SIM868"],
  // Hardware design V1.02, 3.2: on after more than 1 s, off after 1.5 s; more than 33 s would switch it on again.
  power: { keyOn: 1_200, keyOff: 2_000, off: 5_000, reset: 500, boot: 12_000 },
  urcs: [
    ...cipURCs(LINKS),
    { prefix: "+SAPBR 1: DEACT", handle: (events) => events.networkLost() },
    ...RUN_URCS,
  ] satisfies URC[],
  init: [],
  restart: RESTART,
  powerOff: POWER_OFF,
  sleep: ANY_SLEEP,
  powerSaving: "none",
  iccid: ICCID,
  attachesWithContext: false,
  prepare: keepNetworkTime,
  tcp: cipTransport(LINKS),
  openNetwork: openCIP,
  isNetworkOpen: isCIPOpen,
  closeNetwork: closeCIP,
});
