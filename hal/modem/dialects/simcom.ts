import { frozen } from "../../frozen.js";
import { integer } from "../ascii.js";
import type { Command, Procedure } from "../command.js";
import type { Sleep, URC } from "../dialect.js";

/* What SIM800, SIM7000 and SIM7070/7080/7090 have in common. Times in milliseconds. */

/** For commands that only touch the modem's memory; the manuals give none, or 5 to 10 s. */
export const QUICK = 10_000;

/** `CFUN=1,1` is the reset that all of them know. */
export const RESTART: Command = frozen({ text: "AT+CFUN=1,1", timeout: QUICK });

/** It says goodbye to the network first. */
export const POWER_OFF: Command = frozen({ text: "AT+CPOWD=1", timeout: QUICK, success: "NORMAL POWER DOWN" });

export const ICCID: Command = frozen({ text: "AT+CCID", timeout: QUICK, info: isICCID });

const AWAKE: Command = frozen({ text: "AT+CSCLK=0", timeout: QUICK });
const BY_PIN: Command = frozen({ text: "AT+CSCLK=1", timeout: QUICK });

/** While DTR is high. */
export const PIN_SLEEP: Sleep = frozen({ byPin: BY_PIN, never: AWAKE });
/** Without the wire as well, 5 s after the last byte (SIM800). */
export const ANY_SLEEP: Sleep = frozen({
  byPin: BY_PIN,
  byItself: { text: "AT+CSCLK=2", timeout: QUICK },
  never: AWAKE,
});

/** Starting, and switching itself off: the state of the modem is gone. `RDY` comes with a fixed baud rate only. */
export const RUN_URCS: readonly URC[] = frozen(
  ["RDY", "NORMAL POWER DOWN", "UNDER-VOLTAGE POWER DOWN", "OVER-VOLTAGE POWER DOWN"].map(
    (prefix): URC => ({ prefix, handle: (events) => events.restarted() }),
  ),
);

/** The network's time is off from the factory; on is kept by AT&W, and is written once only to spare the flash. */
export function* keepNetworkTime(): Procedure {
  const reply = yield { text: "AT+CLTS?", timeout: QUICK, info: "+CLTS:" };
  if (integer(reply.lines[0] ?? "", 0) === 1) return;
  yield { text: "AT+CLTS=1", timeout: QUICK };
  yield { text: "AT&W", timeout: QUICK };
}

/** The serial number comes without a prefix: 18 to 22 characters, digits but for a last letter. */
function isICCID(line: string): boolean {
  if (line.length < 18 || line.length > 22) return false;
  for (let i = 0; i < line.length - 1; i++) if (line[i]! < "0" || line[i]! > "9") return false;
  return true;
}

frozen(keepNetworkTime);
