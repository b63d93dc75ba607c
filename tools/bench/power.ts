/** How long a modem takes to wake, to attach and to switch off: `npx tsx tools/bench/power.ts [TRIALS]`. On the emulated SIM7600. */
import { gsmLink, type Knobs } from "../../hal/sim/modem/knobs.js";
import { APN, world } from "./modem-world.js";

const [trials = 50] = process.argv.slice(2).map(Number);

interface Times {
  /** Milliseconds from `connect` to the first answer, to the address; from `disconnect` to the supply's end. */
  readonly wake: number;
  readonly attach: number;
  readonly off: number;
}

/** The first start is left out: nothing is known of the modem then. */
function measure(knobs: Partial<Knobs>, seed: number): Times {
  const w = world(knobs, seed);
  w.until(() => w.modem.connection === 500);
  w.modem.disconnect();
  const off = w.until(() => !w.supplied);
  w.time.run(3_600_000);
  w.modem.connect(APN);
  w.log.length = 0;
  const wake = w.until(() => w.log.some((line) => line.endsWith("< OK")));
  return { wake, attach: wake + w.until(() => w.modem.connection === 500), off };
}

function show(name: string, knobs: Partial<Knobs>): void {
  const times = Array.from({ length: trials }, (_, i) => measure(knobs, 1 + i));
  const cells = (["wake", "attach", "off"] as const).map((key) => {
    const sorted = times.map((each) => each[key]).sort((a, b) => a - b);
    return [sorted[sorted.length >> 1]!, sorted.at(-1)!].map((ms) => (ms / 1000).toFixed(1).padStart(8)).join("");
  });
  console.log(name.padEnd(12) + cells.join(" "));
}

console.log("seconds     first answer     address          off");
console.log("              median   worst   median   worst   median   worst");
show("LTE", {});
show("2G", gsmLink);
