export type SettingKind = "text" | "integer" | "choice" | "hex" | "digits";
export type SettingValue = string | number;

/** One thing that can be configured: its default, its limits, and who may change it. */
export interface SettingDefinition {
  readonly name: string;
  readonly kind: SettingKind;
  readonly default: SettingValue;
  /** Of an integer: the value. Of a text: its length. Of hex and digits: how many; digits may be none as well. */
  readonly minimum: number;
  readonly maximum: number;
  readonly choices?: readonly string[];
  /** A text without quotation marks, as it stands between them in the modem's commands. */
  readonly quoted?: boolean;
  readonly unit?: string;
  readonly description: string;
  /** Shown as asterisks. */
  readonly secret?: boolean;
  /** A verified answer of the server may change it. */
  readonly byServer?: boolean;
}

type Extra = Partial<Pick<SettingDefinition, "secret" | "byServer" | "unit" | "quoted">>;

const secret: Extra = Object.freeze({ secret: true });
const byServer: Extra = Object.freeze({ byServer: true });
const quoted: Extra = Object.freeze({ quoted: true });
const seconds: Extra = Object.freeze({ unit: "s" });
const secondsByServer: Extra = Object.freeze({ unit: "s", byServer: true });

const DAY = 86400;

/** Everything that can be configured, in the order it is listed. */
export const DEFINITIONS: readonly SettingDefinition[] = Object.freeze([
  text("serial_number", "", 1, 32, "PAYGO serial number of this device"),
  hex("secret_key", 32, "device key, 32 hex digits (OpenPAYGO Token and Metrics)"),
  integer("starting_code", 0, 0, 999_999_999, "OpenPAYGO Token starting code; 0 derives it from the key", secret),
  choice("token_digits", ["0-9", "1-4"], "digits that tokens are made of; 1-4 for keypads with few keys"),
  integer("value_divider", 1, 1, 255, "token value units per day of credit"),
  integer("maximum_credit", 1000 * DAY, DAY, 0x7fffffff, "most credit that an answer or a token can give", seconds),
  integer("low_credit", 2 * DAY, 0, 365 * DAY, "credit below this is reported and shown as low", seconds),
  integer("grace_period", 0, 0, 30 * DAY, "how long the load stays on after the credit has run out", seconds),
  choice(
    "activation",
    ["token", "active_until", "seconds_left"],
    "what is asked of the server: tokens, an end in time, or seconds left",
  ),
  text("base_url", "", 0, 128, "base URL of the metrics server, http:// or https://", byServer),
  integer("data_format_id", 0, 0, 0x7fffffff, "data format registered at the server; 0 registers it", byServer),
  text("jwt_key", "", 0, 512, "JWT sent as bearer token when the data format is registered", {
    secret: true,
    byServer: true,
  }),
  integer(
    "probation_tries",
    5,
    1,
    100,
    "reports that may fail at a new base_url from the server before the old one comes back",
  ),
  text("update", "", 0, 240, "firmware to install: URL LENGTH SHA256", byServer),
  choice("auth", ["ra", "sa", "ta", "ca", "da"], "how requests are signed (Metrics spec, Device Request)"),
  choice("encoding", ["json", "cbor"], "encoding of requests", byServer),
  choice("form", ["condensed", "simple"], "form of requests", byServer),
  integer("sample_interval", 10, 1, 3600, "time between readings of the sensors", secondsByServer),
  integer("record_interval", 120, 10, DAY, "time between recorded rows", secondsByServer),
  integer("report_interval", 3600, 60, 31 * DAY, "time between reports", secondsByServer),
  integer("request_bytes", 4096, 512, 16384, "most bytes in one request; more rows go into further requests", {
    unit: "B",
  }),
  integer("monthly_bytes", 0, 0, 0x7fffffff, "most bytes on the air in a month, updates not counted; 0: any number", {
    unit: "B",
    byServer: true,
  }),
  text("apn", "internet", 1, 63, "access point name of the mobile operator", quoted),
  text("apn_user", "", 0, 32, "user at the access point", quoted),
  text("apn_password", "", 0, 32, "password at the access point", { secret: true, quoted: true }),
  digits("sim_pin", 4, 8, "PIN of the SIM; never tried twice once refused"),
  choice("roaming", ["yes", "no"], "whether data may go through foreign networks"),
  choice("transport", ["http", "mqtt"], "how reports go to the server: base_url belongs to http, mqtt_... to mqtt"),
  text("mqtt_broker", "", 0, 128, "broker, mqtt://host[:port] or mqtts://host[:port]"),
  text("mqtt_user", "", 0, 64, "user at the broker"),
  text("mqtt_password", "", 0, 64, "password at the broker", secret),
  text("mqtt_topic_up", "openpaygo/%s/up", 1, 64, "topic of requests; %s stands for the serial number"),
  text("mqtt_topic_down", "openpaygo/%s/down", 0, 64, "topic of answers; empty: the broker's word is enough"),
  choice("power_mode", ["always", "between"], "modem always connected, or at rest between reports as modem_rest says"),
  choice(
    "modem_rest",
    ["off", "sleep", "psm"],
    "off; asleep in the network; or 3GPP power saving mode. off and psm when reports are 10 minutes or more apart",
  ),
]);

function text(name: string, value: string, minimum: number, maximum: number, description: string, extra?: Extra) {
  return Object.freeze({ name, kind: "text", default: value, minimum, maximum, description, ...extra } as const);
}

function hex(name: string, digits: number, description: string) {
  return Object.freeze({
    name,
    kind: "hex",
    default: "",
    minimum: digits,
    maximum: digits,
    description,
    secret: true,
  } as const);
}

function digits(name: string, minimum: number, maximum: number, description: string) {
  return Object.freeze({ name, kind: "digits", default: "", minimum, maximum, description, secret: true } as const);
}

function integer(name: string, value: number, minimum: number, maximum: number, description: string, extra?: Extra) {
  return Object.freeze({ name, kind: "integer", default: value, minimum, maximum, description, ...extra } as const);
}

/** The first of the choices is the default. */
function choice(name: string, choices: readonly string[], description: string, extra?: Extra) {
  const [first = ""] = choices;
  Object.freeze(choices);
  return Object.freeze({
    name,
    kind: "choice",
    default: first,
    minimum: 0,
    maximum: 0,
    choices,
    description,
    ...extra,
  } as const);
}
