import FFI from "mc/ffi";
import { TerminalSerial } from "../../hal/lin/console.js";
import { openHome } from "../../hal/lin/home.js";
import { Device } from "../app.js";

const { environment } = new FFI();

/**
 * The real build without a screen: the firmware in a simulated home, its modem on the real internet. It is told by the
 * environment: HELIOGRAPH_CONSOLE, path of its terminal; the others are those of `openHome`.
 */
export default function main(): void {
  const device = environment("HELIOGRAPH_CONSOLE");
  openHome<Device>({
    environment,
    speed: 1,
    ...(device ? { console: { io: TerminalSerial, device, baud: 115200 } } : { log: (line) => trace(`${line}\n`) }),
    boot: (board) => new Device(board),
  });
}
