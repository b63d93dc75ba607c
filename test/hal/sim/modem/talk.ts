import { toBytes, toText } from "../../../../hal/sim/bytes.js";
import type { ConnectionOptions, Internet } from "../../../../hal/sim/internet.js";
import { modemNamed } from "../../../../hal/sim/modem/modems.js";
import { seededRandom } from "../../../../hal/sim/random.js";
import { SimulatedTime } from "../../../../hal/sim/time.js";

/** Accepts every connection and says nothing. */
export class QuietInternet implements Internet {
  readonly #time: SimulatedTime;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  connect({ onConnected }: ConnectionOptions) {
    this.#time.set(() => onConnected());
    return { write() {}, close() {} };
  }

  resolve(_: string, onResolved: (address: string | undefined) => void): void {
    this.#time.set(() => onResolved("198.51.100.1"));
  }
}

/** Everything a modem says in a minute to a few commands, its radio taken away on the way. */
export function talk(name: string): string {
  const time = new SimulatedTime();
  const modem = new (modemNamed(name))({
    timer: time,
    ticks: () => time.now,
    random: seededRandom(3),
    time: () => 1_700_000_000 + Math.floor(time.now / 1000),
    internet: new QuietInternet(time),
    knobs: { interleave: 100 },
    keyTied: true,
  });
  let said = "";
  const serial = new modem.serial.io({
    ...modem.serial,
    baud: 115200,
    onReadable() {
      said += toText(new Uint8Array(serial.read() ?? new ArrayBuffer(0)));
    },
  });
  time.run(25_000);
  for (const command of ["ATE0", "AT+CREG=2;+CSQ;+CCLK?", "AT+CGATT?;I"]) {
    serial.write(toBytes(`${command}\r`));
    time.run(2000);
  }
  modem.knobs.coverage = false;
  time.run(30_000);
  return said;
}
