import { writeSync } from "node:fs";
import { FileFlash } from "../../../hal/host/flash.js";
import { seededRandom } from "../../../hal/sim/random.js";

/** Writes four bytes at a time to the flash in the file given, and says so each time, until it is killed. */
const flash = new FileFlash({ path: process.argv[2]!, size: 64 * 1024, random: seededRandom(1) });
for (let i = 0; 4 * i < 64 * 1024; i++) {
  flash.write(Uint8Array.of(i & 127, 1, 2, 3), 4 * i);
  say(`${i}\n`);
}
setInterval(() => undefined, 1000);

/** Waits while the pipe is full: its reader may be slower. */
function say(text: string): void {
  for (;;) {
    try {
      writeSync(1, text);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}
