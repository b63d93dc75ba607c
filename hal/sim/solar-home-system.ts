import type { DigitalInput, DigitalOutput } from "../digital.js";
import type { Sensor } from "../sensor.js";
import { seededRandom } from "./random.js";
import { Battery } from "./solar/battery.js";
import { Charger, type ChargerState, type ChargeStage, isChargerState } from "./solar/charger.js";
import { converter } from "./solar/converter.js";
import { Family } from "./solar/family.js";
import { type PanelPoint, panelAt } from "./solar/panel.js";
import { clearSky, recordedDay, type TracePoint, type Weather } from "./solar/weather.js";

/** Seconds between states; they lie on multiples of it, so that readings do not change what happens. */
const STEP = 5;
/** A system that was not looked at for longer has rested: only this many seconds are made up for. */
const LONGEST_GAP = 7 * 86400;
/** Ampere hours. */
const CAPACITY = 9;
/** Watts that controller and modem take, even while the load is off. */
const OWN_POWER = 0.5;
/** Battery volts below which the load is cut off, and above which it comes back. */
const DISCONNECT = 11.8;
const RECONNECT = 12.9;
/** Amperes; the output switches off while more is wanted. */
const LOAD_LIMIT = 4;

/** What a second run needs to continue; plain JSON. */
export interface SolarHomeSystemState extends ChargerState {
  /** Seconds since 1970. */
  readonly time: number;
  /** 0 to 1. */
  readonly stateOfCharge: number;
  /** False while the low-voltage disconnect holds the load off. */
  readonly loadConnected: boolean;
}

export interface SolarHomeSystemOptions {
  /** 32 random bits; called once, for the seed of family and noise. */
  random: () => number;
  /** Seconds since 1970. */
  time: () => number;
  /** A recorded day; without one the sky is clear. */
  trace?: readonly TracePoint[];
  /** Degrees north, default -0.1 (Kisumu, Kenya). Not used with a trace. */
  latitude?: number;
  /** Degrees east, default 34.8. Not used with a trace. */
  longitude?: number;
  /** From `save` of an earlier run; else the battery is 60 % full. */
  state?: SolarHomeSystemState;
}

/** A moment of the system, for a screen. */
export interface SolarHomeSystemView {
  /** W/m2. */
  readonly irradiance: number;
  /** Degrees Celsius. */
  readonly airTemperature: number;
  /** 0 to 1. */
  readonly stateOfCharge: number;
  readonly stage: ChargeStage;
  /** False while the low-voltage disconnect holds the load off. */
  readonly loadConnected: boolean;
  /** What is switched on, lit or not. */
  readonly appliances: readonly string[];
}

/**
 * A 20 W panel, an MPPT charge controller, a 12.8 V LiFePO4 battery and a family. Its state follows `time` in steps of 5 s whenever it is
 * read; `advance` does that too and reports changed inputs. Variables: battery_voltage, panel_voltage (mV), panel_current, load_current,
 * battery_current (mA; out of the battery, negative while charging, as in the OpenPAYGO Metrics examples) and temperature (air, 0.1 degrees Celsius).
 */
export class SolarHomeSystem {
  readonly sensors: readonly Sensor[];
  /** Off until written. */
  readonly relay: DigitalOutput = { write: (value) => this.#switchRelay(value) };
  readonly inputs: readonly DigitalInput[];
  /** Watts of one more thing plugged in by hand; too many raise the overload alert. */
  appliance = 0;
  /** Share of the sunlight that arrives, 0 to 1: a cloud or a cloth. */
  sunshine = 1;
  /** The tamper switch. */
  caseOpen = false;

  readonly #time: () => number;
  readonly #weather: Weather;
  readonly #family: Family;
  readonly #battery: Battery;
  readonly #charger: Charger;
  readonly #reported: (0 | 1)[] = [0, 0];
  /** Seconds since 1970 of the present state. */
  #now: number;
  #relayOn = false;
  #loadConnected: boolean;
  #overload = false;
  #loadCurrent = 0;
  #panel: PanelPoint = { voltage: 0, current: 0, openVoltage: 0 };

  constructor(options: SolarHomeSystemOptions) {
    const { trace, latitude = -0.1, longitude = 34.8, state } = options;
    check(latitude, -90, 90, "latitude");
    check(longitude, -180, 180, "longitude");
    if (state) checkState(state);
    const seed = options.random();
    this.#time = options.time;
    this.#weather = trace ? recordedDay(trace) : clearSky(latitude, longitude);
    this.#family = new Family(seed, this.#weather.noon);
    this.#battery = new Battery(CAPACITY, state?.stateOfCharge ?? 0.6);
    this.#charger = new Charger(state ?? { stage: "night", absorbed: 0 });
    this.#loadConnected = state?.loadConnected ?? true;
    this.#now = state?.time ?? onGrid(options.time());
    this.#live(0);
    this.sensors = this.#makeSensors(seededRandom(~seed));
    this.inputs = [
      { variable: "tampered", read: () => (this.caseOpen ? 1 : 0) },
      { variable: "overload_alert", read: () => this.#readOverload() },
    ];
  }

  get view(): SolarHomeSystemView {
    this.#catchUp();
    const irradiance = this.#irradiance();
    const airTemperature = this.#weather.airTemperature(this.#now);
    const appliances = this.#family.appliances(this.#now, irradiance, airTemperature);
    if (this.appliance > 0) appliances.push("appliance");
    const { stateOfCharge } = this.#battery;
    const { stage } = this.#charger.state;
    return { irradiance, airTemperature, stateOfCharge, stage, loadConnected: this.#loadConnected, appliances };
  }

  /** Brings the state up to `time` and calls `onChanged` of the inputs that changed since the last call. */
  advance(): void {
    this.#catchUp();
    this.inputs.forEach((input, i) => {
      const value = input.read();
      if (value === this.#reported[i]) return;
      this.#reported[i] = value;
      input.onChanged?.();
    });
  }

  save(): SolarHomeSystemState {
    this.#catchUp();
    const { stateOfCharge } = this.#battery;
    return { time: this.#now, stateOfCharge, loadConnected: this.#loadConnected, ...this.#charger.state };
  }

  #makeSensors(random: () => number): Sensor[] {
    const batteryVoltage = converter(random, 2, 0, 16380);
    const panelVoltage = converter(random, 2, 0, 32760);
    const batteryCurrent = converter(random, 2, -8190, 8190);
    const panelCurrent = converter(random, 2, 0, 4095);
    const loadCurrent = converter(random, 2, 0, 8190);
    const temperature = converter(random, 1, -1280, 1279);
    const power = () => {
      this.#catchUp();
      return {
        battery_voltage: batteryVoltage(this.#battery.voltage * 1000),
        battery_current: batteryCurrent(-this.#battery.current * 1000),
        panel_voltage: panelVoltage(this.#panel.voltage * 1000),
        panel_current: panelCurrent(this.#panel.current * 1000),
        load_current: loadCurrent(this.#loadCurrent * 1000),
      };
    };
    const air = () => {
      this.#catchUp();
      return { temperature: temperature(this.#weather.airTemperature(this.#now) * 10) };
    };
    return [{ sample: power }, { sample: air }];
  }

  #switchRelay(value: 0 | 1): void {
    this.#catchUp();
    this.#relayOn = value === 1;
  }

  #readOverload(): 0 | 1 {
    this.#catchUp();
    return this.#overload ? 1 : 0;
  }

  #irradiance(): number {
    return this.#weather.irradiance(this.#now) * this.sunshine;
  }

  #catchUp(): void {
    const until = onGrid(this.#time());
    if (until - this.#now > LONGEST_GAP) this.#now = until - LONGEST_GAP;
    // A clock that was set back: life goes on from there.
    if (until < this.#now) this.#now = until;
    while (this.#now < until) {
      this.#now += STEP;
      this.#live(STEP);
    }
  }

  #live(seconds: number): void {
    const irradiance = this.#irradiance();
    const airTemperature = this.#weather.airTemperature(this.#now);
    const volts = this.#battery.voltage;
    this.#connectLoad(volts);
    const wanted = (this.#family.watts(this.#now, irradiance, airTemperature) + this.appliance) / volts;
    const connected = this.#relayOn && this.#loadConnected;
    this.#overload = connected && wanted > LOAD_LIMIT;
    this.#loadCurrent = connected && !this.#overload ? wanted : 0;
    this.#panel = this.#charger.step(
      panelAt(irradiance, airTemperature),
      this.#battery,
      this.#loadCurrent + OWN_POWER / volts,
      seconds,
    );
  }

  #connectLoad(volts: number): void {
    if (volts < DISCONNECT) this.#loadConnected = false;
    else if (volts > RECONNECT) this.#loadConnected = true;
  }
}

function onGrid(time: number): number {
  return Math.floor(time / STEP) * STEP;
}

function check(value: number, least: number, most: number, name: string): void {
  if (!(value >= least && value <= most))
    throw new RangeError(`${name} must be from ${least} to ${most}, got ${value}`);
}

function checkState(state: SolarHomeSystemState): void {
  check(state.time, 0, Number.MAX_SAFE_INTEGER, "state.time");
  check(state.stateOfCharge, 0, 1, "state.stateOfCharge");
  if (typeof state.loadConnected !== "boolean" || !isChargerState(state))
    throw new RangeError("state must be what save() gave: time, stateOfCharge, loadConnected, stage, absorbed");
}
