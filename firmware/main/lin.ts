import HTTPClient from "embedded:network/http/client";
import FFI from "mc/ffi";
import type { HTTPClientConstructor } from "../../hal/http.js";
import { TerminalSerial } from "../../hal/lin/console.js";
import { SocketInternet } from "../../hal/lin/internet.js";
import { keepPace } from "../../hal/lin/pace.js";
import { FileFlash, FileKeyValue, Folder } from "../../hal/lin/storage.js";
import { toBytes, toText } from "../../hal/modem/ascii.js";
import { Home, type HomeState } from "../../hal/sim/home.js";
import { seededRandom } from "../../hal/sim/random.js";
import { SimulatedTime } from "../../hal/sim/time.js";
import { Device } from "../app.js";

/** Outbox of 1 MB in blocks of 4 KB, as on the ESP32. */
const FLASH = Object.freeze({ size: 1 << 20, blockLength: 4096, writeAlign: 1 });
const WORLD = "world.json";

const { environment } = new FFI();

/**
 * The real build without a screen: the firmware in a simulated home, its modem on the real internet. It is told by the
 * environment: HELIOGRAPH_DATA, folder of its state (heliograph-data); HELIOGRAPH_CONSOLE, path of its terminal; HELIOGRAPH_SPEED,
 * times as fast as real time (1); HELIOGRAPH_START, seconds since 1970 at which a new folder begins (the machine's clock).
 */
export default function main(): void {
  const data = new Folder(environment("HELIOGRAPH_DATA") || "heliograph-data");
  const device = environment("HELIOGRAPH_CONSOLE");
  const speed = Number(environment("HELIOGRAPH_SPEED") || 1);
  if (!(speed >= 0.1 && speed <= 1e6)) throw new RangeError(`HELIOGRAPH_SPEED is from 0.1 to 1e6, got ${speed}`);
  const time = new SimulatedTime();
  const internet = new SocketInternet();
  const state = readState(data);
  const faults = { random: seededRandom(1) };
  new Home<Device>({
    time,
    start: startTime(state),
    seed: 1,
    internet,
    flash: new FileFlash({ path: data.path("outbox.bin"), ...FLASH, ...faults }),
    keyValue: new FileKeyValue({ path: data.path("key-value"), ...faults }),
    // The SDK's declaration lacks what `write` of a request gives.
    HTTPClient: HTTPClient as unknown as HTTPClientConstructor,
    ...(device ? { console: { io: TerminalSerial, device, baud: 115200 } } : { log: (line) => trace(`${line}\n`) }),
    ...(state && { state }),
    save: (saved) => data.write(WORLD, toBytes(JSON.stringify(saved))),
    boot: (board) => new Device(board),
  });
  keepPace({ time, speed, connected: () => internet.open > 0 });
}

/** Seconds since 1970. */
function startTime(state: HomeState | undefined): number {
  const start = Number(environment("HELIOGRAPH_START"));
  return start ? (state?.time ?? start) : Math.floor(Date.now() / 1000);
}

function readState(data: Folder): HomeState | undefined {
  const bytes = data.read(WORLD);
  return bytes && (JSON.parse(toText(bytes)) as HomeState);
}
