import { HostFlash, HostSerial } from "../board.js";
import main from "../firmware.js";
import { CONSOLE_PORT } from "../provision.js";

/** The firmware with a console at its first port, as an ESP32 has it. */
export default function program(): void {
  main(new HostFlash(), { io: HostSerial, port: CONSOLE_PORT, baud: 115_200 });
}
