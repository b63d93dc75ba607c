import type { Knobs } from "../../hal/sim/modem/knobs.js";
import { gsmLink } from "../../hal/sim/modem/knobs.js";
import { modemNames } from "../../hal/sim/modem/modems.js";
import { Chance } from "./chance.js";

export const SERIAL_NUMBER = "WORLD-1";
export const KEY = "dac86b1a29ab82edc5fbbc41ec9530f6";
export const HOSTS = ["metrics.example", "new.example"] as const;

/** What stays the same in one world: the device's make and its settings, the modem's habits, the servers' kind. */
export interface Profile {
  readonly flash: { size: number; blockLength: number; writeAlign: number; atOnce: boolean };
  /** A cut in a write of the key-value store leaves half of it. */
  readonly tears: boolean;
  /** The board has a battery-backed clock. */
  readonly rtc: boolean;
  readonly modem: string;
  readonly transport: "http" | "mqtt";
  /** The servers keep data formats; by MQTT nobody registers them. */
  readonly registry: boolean;
  /** The servers tell the time; where the network tells it, that would change nothing. */
  readonly dates: boolean;
  readonly activation: "token" | "active_until" | "seconds_left";
  readonly auth: string;
  /** Seconds. */
  readonly sampleInterval: number;
  readonly recordInterval: number;
  readonly reportInterval: number;
  /** 0: any number. */
  readonly monthlyBytes: number;
  readonly knobs: Readonly<Partial<Knobs>>;
  readonly settings: readonly (readonly [name: string, value: string])[];
}

export function profileOf(seed: number): Profile {
  const chance = new Chance(seed, "profile");
  const blockLength = chance.of([1024, 2048, 4096]);
  const flash = {
    blockLength,
    size: blockLength * chance.whole(2, chance.oneIn(2) ? 3 : 12),
    writeAlign: chance.of([1, 1, 4, 16]),
    atOnce: chance.oneIn(2),
  };
  const transport = new Chance(seed, "transport").oneIn(5) ? ("mqtt" as const) : ("http" as const);
  const auth = chance.of(["ra", "ra", "da", "ca", "ta"]);
  const profile = {
    flash,
    auth,
    transport,
    tears: chance.oneIn(2),
    rtc: chance.oneIn(3),
    modem: chance.oneIn(2) ? "SIM7600" : chance.of(modemNames),
    registry: !chance.oneIn(4) && transport === "http",
    activation: chance.of(["token", "token", "active_until", "seconds_left"] as const),
    sampleInterval: chance.of([10, 30, 60, 60]),
    recordInterval: chance.of([120, 120, 300, 600, 900]),
    reportInterval: chance.of([900, 3600, 3600, 7200]),
    monthlyBytes: monthlyBytes(new Chance(seed, "budget")),
    knobs: modemHabits(chance, auth),
  };
  return { ...profile, dates: profile.knobs.nitz === false, settings: settingsOf(profile, chance) };
}

/** In some worlds more than the device needs, in some less. */
function monthlyBytes(chance: Chance): number {
  return chance.oneIn(4) ? chance.whole(500_000, 5_000_000) : 0;
}

/** Timestamp auth needs a clock. */
function modemHabits(chance: Chance, auth: string): Partial<Knobs> {
  return {
    ...(chance.oneIn(4) && gsmLink),
    nitz: auth === "ta" || !chance.oneIn(8),
    zone: chance.of([0, 0, 4, 12, -20]),
    resultFirst: chance.oneIn(6),
    plainErrors: chance.oneIn(6),
    networkStaysOpen: chance.oneIn(6),
    silentReopen: chance.oneIn(6),
    closeDropsData: chance.oneIn(6),
    escapeAborts: chance.oneIn(6),
    roaming: chance.oneIn(6),
  };
}

const BROKER_SETTINGS: readonly [string, string][] = [
  ["transport", "mqtt"],
  ["mqtt_broker", `mqtt://${HOSTS[0]}`],
];

function settingsOf(profile: Omit<Profile, "dates" | "settings">, chance: Chance): [string, string][] {
  return [
    ["serial_number", SERIAL_NUMBER],
    ["secret_key", KEY],
    ["base_url", `http://${HOSTS[0]}`],
    ...(profile.transport === "mqtt" ? BROKER_SETTINGS : []),
    ["activation", profile.activation],
    ["auth", profile.auth],
    ["encoding", chance.of(["json", "json", "cbor"])],
    ["probation_tries", "2"],
    ["form", chance.of(["condensed", "condensed", "simple"])],
    ["sample_interval", String(profile.sampleInterval)],
    ["record_interval", String(profile.recordInterval)],
    ["report_interval", String(profile.reportInterval)],
    ["monthly_bytes", String(profile.monthlyBytes)],
    ["request_bytes", chance.of([profile.registry ? "1024" : "4096", "4096", "8192"])],
  ];
}
