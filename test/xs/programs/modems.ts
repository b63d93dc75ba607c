import { modemNamed, modemNames } from "../../../hal/sim/modem/modems.js";
import { seededRandom } from "../../../hal/sim/random.js";
import { SimulatedTime } from "../../../hal/sim/time.js";
import { QuietInternet, talk } from "../../hal/sim/modem/talk.js";
import { host } from "../board.js";

/** Lets every emulated modem talk, and turns a knob that does not exist. */
export default function main(): void {
  for (const name of modemNames) {
    for (const line of talk(name).split("\r\n")) if (line !== "") host.print(`${name} ${line}`);
    host.gc();
  }
  const time = new SimulatedTime();
  const modem = new (modemNamed("SIM800"))({
    ...{ timer: time, ticks: () => time.now, random: seededRandom(3), time: () => 0 },
    internet: new QuietInternet(time),
  });
  try {
    Object.assign(modem.knobs, { latencey: 5 });
  } catch (error) {
    host.print(String(error));
  }
}
