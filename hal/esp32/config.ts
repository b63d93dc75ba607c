import { type Check, choice, integer, list, object, optional, positive, refuse, text } from "./check.js";

/* How a board is wired: the object `config.board` of its manifest. Pins are GPIO numbers. */

export interface UARTConfig {
  readonly port: number;
  readonly transmit: number;
  readonly receive: number;
  /** Bits per second. */
  readonly baud: number;
}

/** A pin that is driven; `active` is the level that presses, holds, switches on. */
export interface OutputConfig {
  readonly pin: number;
  readonly active: "high" | "low";
}

/** Bits of a register that switch a supply. */
export interface SwitchConfig {
  readonly address: number;
  readonly register: number;
  readonly mask: number;
}

export interface ModemConfig extends UARTConfig {
  readonly key: OutputConfig | undefined;
  readonly reset: OutputConfig | undefined;
  readonly supply: OutputConfig | undefined;
  /** A supply that a chip on the I2C bus switches. */
  readonly supplySwitch: SwitchConfig | undefined;
  /** DTR: keeps the modem awake. */
  readonly ready: OutputConfig | undefined;
}

/** A pin that is held at one level for good. */
export interface HoldConfig {
  readonly pin: number;
  readonly level: "low" | "high";
}

export interface InputConfig {
  readonly variable: string;
  readonly pin: number;
  readonly active: "high" | "low";
  readonly pull: "none" | "up" | "down";
}

export interface AnalogConfig {
  readonly variable: string;
  readonly pin: number;
  /** Ohms. */
  readonly upper: number;
  readonly lower: number;
}

/** Written at every start. */
export interface RegisterConfig extends SwitchConfig {
  readonly value: number;
}

export interface BusConfig {
  readonly data: number;
  readonly clock: number;
  readonly registers: readonly RegisterConfig[];
}

export interface ChannelConfig {
  /** Milliohms. */
  readonly shunt: number | undefined;
  readonly current: string | undefined;
  readonly voltage: string | undefined;
}

export type SensorDriver = "INA219" | "INA226" | "INA3221" | "TMP102";

export interface SensorConfig {
  readonly driver: SensorDriver;
  /** 7 bits. */
  readonly address: number;
  /** Of an INA: see `Channel` in sensors/ina.ts. */
  readonly channels: readonly ChannelConfig[];
  /** Of a TMP102. */
  readonly variable: string | undefined;
}

export interface BoardConfig {
  readonly name: string;
  readonly console: UARTConfig;
  readonly modem: ModemConfig;
  readonly hold: readonly HoldConfig[];
  readonly relay: OutputConfig;
  readonly inputs: readonly InputConfig[];
  readonly analog: readonly AnalogConfig[];
  readonly i2c: BusConfig | undefined;
  readonly sensors: readonly SensorConfig[];
}

/*
 * The shapes are made when they are needed: a check with its limits inside cannot move to flash.
 */

const pin = (): Check<number> => integer(0, 48);
const byte = (): Check<number> => integer(0, 0xff);
const address = (): Check<number> => integer(0x08, 0x77);
const active = (): Check<"high" | "low"> => choice("high", "low");
const uart = () => ({ port: integer(0, 2), transmit: pin(), receive: pin(), baud: integer(1200, 921_600) });
const bits = () => ({ address: address(), register: byte(), mask: byte() });
const output = () => object<OutputConfig>({ pin: pin(), active: active() });

function modem(): Check<ModemConfig> {
  return object<ModemConfig>({
    ...uart(),
    key: optional(output()),
    reset: optional(output()),
    supply: optional(output()),
    supplySwitch: optional(object<SwitchConfig>(bits())),
    ready: optional(output()),
  });
}

function input(): Check<InputConfig> {
  return object<InputConfig>({ variable: text, pin: pin(), active: active(), pull: choice("none", "up", "down") });
}

function bus(): Check<BusConfig> {
  const registers = list(object<RegisterConfig>({ ...bits(), value: byte() }));
  return object<BusConfig>({ data: pin(), clock: pin(), registers });
}

function sensor(): Check<SensorConfig> {
  const channel = object<ChannelConfig>({
    shunt: optional(positive),
    current: optional(text),
    voltage: optional(text),
  });
  return object<SensorConfig>({
    driver: choice("INA219", "INA226", "INA3221", "TMP102"),
    address: address(),
    channels: list(channel),
    variable: optional(text),
  });
}

function board(): Check<BoardConfig> {
  return object<BoardConfig>({
    name: text,
    console: object<UARTConfig>(uart()),
    modem: modem(),
    hold: list(object<HoldConfig>({ pin: pin(), level: choice("low", "high") })),
    relay: output(),
    inputs: list(input()),
    analog: list(object<AnalogConfig>({ variable: text, pin: pin(), upper: positive, lower: positive })),
    i2c: optional(bus()),
    sensors: list(sensor()),
  });
}

/** One port alone, for a start that failed. Throws as `checkBoard`. */
export function checkUART(value: unknown, place: string): UARTConfig {
  return object<UARTConfig>(uart())(value, place);
}

/** `config.board` of the manifest, with defaults filled in. Throws an Error that names the first wrong place. */
export function checkBoard(value: unknown): BoardConfig {
  const config = board()(value, "board");
  checkOnce(pinsOf(config), "GPIO");
  checkOnce(portsOf(config), "UART");
  checkOnce(variablesOf(config), "variable");
  checkOnce(addressesOf(config), "I2C address");
  checkBus(config);
  return config;
}

type Use = readonly [place: string, value: number | string | undefined];

function checkOnce(uses: readonly Use[], what: string): void {
  const places = new Map<number | string, string>();
  for (const [place, value] of uses) {
    if (value === undefined) continue;
    const other = places.get(value);
    if (other !== undefined) throw new Error(`board.${place}: ${what} ${value} is taken by board.${other}`);
    places.set(value, place);
  }
}

function pinsOf({ console, modem, hold, relay, inputs, analog, i2c }: BoardConfig): Use[] {
  return [
    ["console.transmit", console.transmit],
    ["console.receive", console.receive],
    ["modem.transmit", modem.transmit],
    ["modem.receive", modem.receive],
    ["modem.key", modem.key?.pin],
    ["modem.reset", modem.reset?.pin],
    ["modem.supply", modem.supply?.pin],
    ["modem.ready", modem.ready?.pin],
    ...hold.map((each, i): Use => [`hold[${i}]`, each.pin]),
    ["relay", relay.pin],
    ...inputs.map((each, i): Use => [`inputs[${i}]`, each.pin]),
    ...analog.map((each, i): Use => [`analog[${i}]`, each.pin]),
    ["i2c.data", i2c?.data],
    ["i2c.clock", i2c?.clock],
  ];
}

function portsOf({ console, modem }: BoardConfig): Use[] {
  return [
    ["console.port", console.port],
    ["modem.port", modem.port],
  ];
}

function variablesOf({ inputs, analog, sensors }: BoardConfig): Use[] {
  const named =
    (place: string) =>
    (each: { readonly variable: string | undefined }, i: number): Use => [`${place}[${i}]`, each.variable];
  const ofChannels = sensors.flatMap((sensor, i) =>
    sensorVariables(sensor).map((variable): Use => [`sensors[${i}]`, variable]),
  );
  return [...inputs.map(named("inputs")), ...analog.map(named("analog")), ...ofChannels];
}

/** The variables that a sensor gives. */
export function sensorVariables({ channels, variable }: SensorConfig): string[] {
  const names = channels.flatMap(({ current, voltage }) => [current, voltage]);
  return [...names, variable].filter((name) => name !== undefined);
}

function addressesOf({ sensors }: BoardConfig): Use[] {
  return sensors.map((sensor, i) => [`sensors[${i}].address`, sensor.address]);
}

function checkBus({ i2c, sensors, modem }: BoardConfig): void {
  if (!i2c && (sensors.length > 0 || modem.supplySwitch))
    refuse("board.i2c", "data and clock for what is on the bus", i2c);
  sensors.forEach((sensor, i) => {
    if (sensorVariables(sensor).length > 0 && (sensor.driver === "TMP102") === (sensor.variable !== undefined)) return;
    refuse(`board.sensors[${i}]`, "variable for a TMP102, channels with current or voltage for an INA", sensor.driver);
  });
}
