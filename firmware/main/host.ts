import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FileFlash } from "../../hal/host/flash.js";
import { HostHTTPClient } from "../../hal/host/http-client.js";
import { FileKeyValue } from "../../hal/host/key-value.js";
import { hostMQTTClient } from "../../hal/host/mqtt-client.js";
import type { SerialPort } from "../../hal/serial.js";
import { SimulatedSlots } from "../../hal/sim/firmware-slots.js";
import { Home, type HomeOptions, type HomeState } from "../../hal/sim/home.js";
import type { Internet } from "../../hal/sim/internet.js";
import { MemoryKeyValue } from "../../hal/sim/key-value.js";
import { NorFlash, OUTBOX_FLASH } from "../../hal/sim/nor-flash.js";
import { seededRandom } from "../../hal/sim/random.js";
import type { TracePoint } from "../../hal/sim/solar/weather.js";
import type { SimulatedTime } from "../../hal/sim/time.js";
import { Device } from "../app.js";

/** A slot for firmware, as on the ESP32. */
const SLOT = { size: 0x170000, blockLength: 4096, writeAlign: 16 };

export interface HostOptions {
  time: SimulatedTime;
  /** Seconds since 1970 at tick 0, when the data folder does not say better. */
  start: number | undefined;
  defaultStart: number;
  seed: number;
  internet: Internet;
  /** One of the emulated modems; default SIM7600. */
  modem?: string;
  trace?: readonly TracePoint[];
  /** State is kept here. */
  data?: string;
  /** Certificate of the authority that servers are trusted by, PEM. */
  authority?: Uint8Array;
  console?: SerialPort;
  log?: (line: string) => void;
  /** Settings that the distributor would make: name and value. */
  provision: readonly (readonly [name: string, value: string])[];
}

/** The firmware on a simulated solar home system, with everything around it but the server. */
export class Host extends Home<Device> {
  /** Throws SettingError for settings that do not fit, and file errors as they come. */
  constructor(options: HostOptions) {
    super(homeOptions(options));
    for (const [name, value] of options.provision) this.device.settings.set(name, value);
  }
}

function homeOptions({ start, defaultStart, data, provision, ...options }: HostOptions): HomeOptions<Device> {
  if (data) mkdirSync(data, { recursive: true });
  const state = data ? loadHome(data) : undefined;
  return {
    ...options,
    ...storage(options.seed, data),
    start: start ?? state?.time ?? defaultStart,
    HTTPClient: HostHTTPClient,
    MQTTClient: hostMQTTClient,
    ...(state && { state }),
    ...(data && { save: (saved: HomeState) => saveHome(data, saved) }),
    boot: (board) => new Device(board),
  };
}

function storage(seed: number, data: string | undefined): Pick<HomeOptions<Device>, "flash" | "keyValue" | "slots"> {
  const faults = { random: seededRandom(seed + 2) };
  if (!data) return { flash: new NorFlash({ ...OUTBOX_FLASH, ...faults }), keyValue: new MemoryKeyValue(faults) };
  const keyValue = new FileKeyValue({ directory: join(data, "key-value"), ...faults });
  const slot = (name: string) => new FileFlash({ path: join(data, name), ...SLOT, ...faults });
  return {
    flash: new FileFlash({ path: join(data, "outbox.bin"), ...OUTBOX_FLASH, ...faults }),
    keyValue,
    slots: new SimulatedSlots({ slots: [slot("ota_0.bin"), slot("ota_1.bin")], keyValue }),
  };
}

function saveHome(data: string, state: HomeState): void {
  const path = join(data, "world.json");
  writeFileSync(`${path}.new`, JSON.stringify(state));
  renameSync(`${path}.new`, path);
}

function loadHome(data: string): HomeState | undefined {
  try {
    return JSON.parse(readFileSync(join(data, "world.json"), "utf8")) as HomeState;
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
}
