import FFI from "mc/ffi";
import Timer from "timer";
import { openHome, type RunningHome } from "../../hal/lin/home.js";
import type { Actions, Moment } from "../../hal/screen/moment.js";
import { openScreen } from "../../hal/screen/screen.js";
import type { Home } from "../../hal/sim/home.js";
import { Device } from "../app.js";
import { showDuration } from "../display.js";

/** Milliseconds between two moments on the screen. */
const FRAME = 200;
const LOG_LINES = 2;
/** Times as fast as real time, at first. */
const SPEED = 60;
/** The home stands in Kisumu, Kenya: degrees east, and hours of its time zone. */
const LONGITUDE = 34.8;
const ZONE = 3;
/** What is set when the environment does not say otherwise. */
const SERVER = "http://127.0.0.1:8180";
const SERIAL_NUMBER = "HG0000001";
const KEY = "dac86b1a29ab82edc5fbbc41ec9530f6";

const { environment } = new FFI();

/** A home that a person turns, and what was logged. */
interface World {
  readonly running: RunningHome<Device>;
  readonly log: string[];
}

/**
 * The firmware in the SDK's simulator, with a screen. It is told by the environment: HELIOGRAPH_SERVER, base URL; HELIOGRAPH_SERIAL
 * and HELIOGRAPH_KEY of the device; the others are those of `openHome`.
 */
export default function main(): void {
  const world = openWorld();
  const show = openScreen(actionsOn(world));
  show(momentOf(world));
  Timer.repeat(() => show(momentOf(world)), FRAME);
}

function openWorld(): World {
  const log: string[] = [];
  const running = openHome<Device>({
    environment,
    speed: SPEED,
    log: (line) => keepLine(log, line),
    boot: (board) => new Device(board),
  });
  provision(running.home.device);
  return { running, log };
}

function keepLine(log: string[], line: string): void {
  trace(`${line}\n`);
  // The date is shown elsewhere on the screen, and the time there is local.
  log.push(
    line.replace(/^\d+-\d\d-\d\d (\d\d):(\d\d):\d\d/, (_all, hour: string, minute: string) => localTime(hour, minute)),
  );
  if (log.length > LOG_LINES) log.shift();
}

/** Of an hour and a minute in UTC. */
function localTime(hour: string, minute: string): string {
  return `${String((Number(hour) + ZONE) % 24).padStart(2, "0")}:${minute}`;
}

function provision({ settings }: Device): void {
  const wanted = [
    ["serial_number", environment("HELIOGRAPH_SERIAL") || SERIAL_NUMBER],
    ["secret_key", environment("HELIOGRAPH_KEY") || KEY],
    ["base_url", environment("HELIOGRAPH_SERVER") || SERVER],
  ] as const;
  for (const [name, value] of wanted) if (settings.text(name) !== value) settings.set(name, value);
}

function actionsOn(world: World): Actions {
  const { running } = world;
  const { home } = running;
  return {
    setSunshine(share) {
      home.system.sunshine = share;
    },
    setAppliance(watts) {
      home.system.appliance = watts;
    },
    setSpeed(times) {
      running.speed = times;
    },
    cutNetwork(cut) {
      home.modem.knobs.coverage = !cut;
    },
    cutPower(cut) {
      home.powered = !cut;
      if (cut) keepLine(world.log, "power cut: the rows are in flash, the credit too");
    },
    enterToken(digits) {
      if (!home.powered) return { accepted: false, message: "no power" };
      const entry = home.device.door.enter(digits);
      home.device.log(entry.message);
      return entry;
    },
  };
}

function momentOf({ running: { home, speed }, log }: World): Moment {
  const { device, system, powered, now } = home;
  const { credit, settings } = device;
  const { irradiance, stateOfCharge } = system.view;
  const reading = read(system);
  const relay = powered && credit.active;
  return {
    ...reading,
    place: placeAt(now),
    serialNumber: settings.text("serial_number"),
    hour: (now / 3600 + LONGITUDE / 15) % 24,
    irradiance,
    sunshine: system.sunshine,
    battery: { ...reading.battery, stateOfCharge },
    appliance: system.appliance,
    relay,
    credit: credit.unlocked ? "Unlocked for good" : credit.left > 0 ? showDuration(credit.left) : "Used up",
    hasCredit: credit.active,
    modem: modemOf(home),
    queue: queueOf(home),
    lastReport: lastReportOf(device),
    networkCut: !home.modem.knobs.coverage,
    powerCut: !powered,
    speed,
    log,
  };
}

/** Of the sensors, in volts and amperes. */
function read(system: Home<Device>["system"]): Pick<Moment, "panel" | "load" | "loadProblem"> & {
  battery: { voltage: number; current: number };
} {
  const sample = system.sensors[0]!.sample();
  const units = (name: string) => Number(sample?.[name] ?? 0) / 1000;
  const voltage = units("battery_voltage");
  const { appliances, loadConnected } = system.view;
  const overload = system.inputs.some((input) => input.variable === "overload_alert" && input.read() === 1);
  return {
    panel: { voltage: units("panel_voltage"), current: units("panel_current") },
    battery: { voltage, current: -units("battery_current") },
    load: { watts: voltage * units("load_current"), appliances },
    loadProblem: overload ? "too much: cut off" : loadConnected ? undefined : "battery too low",
  };
}

function placeAt(now: number): string {
  const local = new Date((now + ZONE * 3600) * 1000).toUTCString();
  return `${local.slice(0, 3)} ${local.slice(5, 11)}, ${local.slice(17, 22)} in Kisumu`;
}

function modemOf({ device, modem, powered }: Home<Device>): Moment["modem"] {
  const { connection, information, problem } = device.board.network;
  const { signal, cell } = information;
  if (!powered) return { state: "modem off", trouble: true, bars: 0 };
  if (!modem.knobs.coverage) return { state: "no coverage", trouble: true, bars: 0 };
  if (connection < 500) return { state: describe(connection), trouble: problem !== undefined, bars: 0 };
  const bars = signal === undefined ? 1 : Math.min(4, Math.max(1, Math.ceil((signal + 113) / 15)));
  const parts = [signal === undefined ? "connected" : `${signal} dBm`, cell?.technology].filter(Boolean);
  return { state: parts.join(", "), trouble: false, bars };
}

/** ECMA-419 table 46 in words. */
function describe(connection: number): string {
  if (connection >= 400) return "registered";
  if (connection >= 300) return "looking for a network";
  return connection >= 200 ? "modem rests" : "modem starts";
}

function queueOf({ device, powered }: Home<Device>): string {
  const { length } = device.outbox;
  const rows = length === 1 ? "1 row waits" : `${length} rows wait`;
  const next = /^in \d+ \w+/.exec(device.session.next);
  return powered && next ? `${rows}, next ${next[0]}` : rows;
}

function lastReportOf({ session, clock }: Device): string {
  if (session.busy) return session.next === "under way" ? "reporting now" : session.next;
  if (session.lastSuccess === undefined) return "no report since it started";
  const minutes = Math.floor((clock.uptime - session.lastSuccess) / 60);
  return `reported ${minutes === 0 ? "just now" : `${showDuration(minutes * 60)} ago`}`;
}
