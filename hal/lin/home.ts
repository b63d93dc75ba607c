import Resource from "Resource";
import SDKHTTPClient from "embedded:network/http/client";
import SDKMQTTClient from "embedded:network/mqtt/client";
import type { HTTPClientConstructor } from "../http.js";
import { toBytes, toText } from "../modem/ascii.js";
import type { MQTTClientConstructor } from "../mqtt.js";
import { Home, type HomeOptions, type HomeState } from "../sim/home.js";
import { OUTBOX_FLASH } from "../sim/nor-flash.js";
import { seededRandom } from "../sim/random.js";
import { SimulatedTime } from "../sim/time.js";
import { SocketInternet } from "./internet.js";
import { keepPace, type PaceOptions } from "./pace.js";
import { FileFlash, FileKeyValue, Folder, readFile } from "./storage.js";

/** The simulated world's own state, beside the device's flash. */
const WORLD = "world.json";
const AUTHORITY = "authority.pem";
const SEED = 1;

/* The SDK's own declarations do not fit its classes. */
const HTTPClient = SDKHTTPClient as unknown as HTTPClientConstructor;
const MQTTClient = SDKMQTTClient as unknown as MQTTClientConstructor;

export interface LinHomeOptions<Firmware extends { close(): void }>
  extends Pick<HomeOptions<Firmware>, "console" | "log" | "boot"> {
  /** A variable of the process's environment; empty when it is not set. */
  environment: (name: string) => string;
  /** Times as fast as real time, where the environment does not say. */
  speed: number;
}

export interface RunningHome<Firmware extends { close(): void }> extends PaceOptions {
  readonly home: Home<Firmware>;
  /** Times as fast as real time. */
  speed: number;
}

/**
 * A simulated home on the real internet that runs from now on. It is told by the environment: HELIOGRAPH_DATA, folder of its state
 * (heliograph-data); HELIOGRAPH_SPEED, times as fast as real time; HELIOGRAPH_START, seconds since 1970 at which a new folder begins
 * (the machine's clock); HELIOGRAPH_AUTHORITY, path of the certificate that servers are trusted by (the build's own).
 */
export function openHome<Firmware extends { close(): void }>(options: LinHomeOptions<Firmware>): RunningHome<Firmware> {
  const { environment, speed, ...parts } = options;
  const data = new Folder(environment("HELIOGRAPH_DATA") || "heliograph-data");
  const time = new SimulatedTime();
  const internet = new SocketInternet();
  const state = readState(data);
  const home = new Home<Firmware>({
    ...{ ...parts, time, seed: SEED, internet, HTTPClient, MQTTClient: () => MQTTClient },
    start: state?.time ?? (Number(environment("HELIOGRAPH_START")) || Math.floor(Date.now() / 1000)),
    ...storage(data),
    authority: authorityAt(environment("HELIOGRAPH_AUTHORITY")),
    ...(state && { state }),
    save: (saved) => data.write(WORLD, toBytes(JSON.stringify(saved))),
  });
  const running = { home, time, connected: () => internet.open > 0, speed: speedOf(environment, speed) };
  keepPace(running);
  return running;
}

function speedOf(environment: (name: string) => string, standard: number): number {
  const speed = Number(environment("HELIOGRAPH_SPEED") || standard);
  if (speed >= 0.1 && speed <= 1e6) return speed;
  throw new RangeError(`HELIOGRAPH_SPEED is from 0.1 to 1e6, got ${speed}`);
}

function storage(data: Folder): Pick<HomeOptions<{ close(): void }>, "flash" | "keyValue"> {
  const faults = { random: seededRandom(SEED) };
  return {
    flash: new FileFlash({ path: data.path("outbox.bin"), ...OUTBOX_FLASH, ...faults }),
    keyValue: new FileKeyValue({ path: data.path("key-value"), ...faults }),
  };
}

function readState(data: Folder): HomeState | undefined {
  const bytes = data.read(WORLD);
  return bytes && (JSON.parse(toText(bytes)) as HomeState);
}

/** From a file, or from the image as on a device. */
function authorityAt(path: string): Uint8Array {
  if (path === "") return new Uint8Array(new Resource(AUTHORITY) as unknown as ArrayBuffer);
  const bytes = readFile(path);
  if (bytes && bytes.length > 0) return bytes;
  throw new Error(`HELIOGRAPH_AUTHORITY: a certificate expected at ${path}, PEM or DER`);
}
