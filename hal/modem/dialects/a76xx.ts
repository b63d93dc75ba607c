import { frozen } from "../../frozen.js";
import type { Dialect } from "../dialect.js";
import { sim7600 } from "./sim7600.js";
import { ANY_SLEEP } from "./simcom.js";

/*
 * SIMCom A76xx (AT Command Manual V1.09) and SIM767x (V1.06): the commands of SIM7600, on another chip with other times.
 * What the two do differently is within what the SIM7600 dialect takes: CTZU is off from the factory, NETCLOSE reports
 * every link that it closes, "no data" has another number, and the SIM "fails" until it has been read.
 */

export const a76xx: Dialect = frozen({
  ...sim7600,
  name: "A76xx",
  models: ["A76", "SIM767"],
  // A7670 hardware design V1.06, 3.2: 50 ms and 2.5 s; the UART answers after 11.1 s; 2 s to be off, and 2 s of rest.
  power: { keyOn: 100, keyOff: 3_000, off: 5_000, reset: 2_600, boot: 16_000 },
  // Some firmware refuses CSCLK=2 (A7670 on chip 1802S): then it sleeps by the pin only. SIM767x has eDRX besides PSM.
  sleep: ANY_SLEEP,
  powerSaving: "at once",
});
