import type { KeyValue } from "../hal/key-value.js";
import { StateCell } from "./state.js";

export type SettingKind = "text" | "integer" | "choice" | "hex";
export type SettingValue = string | number;

/** One thing that can be configured: its default, its limits, and who may change it. */
export interface SettingDefinition {
  readonly name: string;
  readonly kind: SettingKind;
  readonly default: SettingValue;
  /** Of an integer: the value. Of a text: its length. Of hex: its length in digits. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly choices?: readonly string[];
  readonly unit?: string;
  readonly description: string;
  /** Shown as asterisks. */
  readonly secret?: boolean;
  /** A verified answer of the server may change it. */
  readonly byServer?: boolean;
}

const MONTH = 31 * 86400;

export const DEFINITIONS: readonly SettingDefinition[] = [
  {
    name: "serial_number",
    kind: "text",
    default: "",
    minimum: 1,
    maximum: 32,
    description: "PAYGO serial number of this device",
  },
  {
    name: "secret_key",
    kind: "hex",
    default: "",
    minimum: 32,
    maximum: 32,
    secret: true,
    description: "device key, 32 hex digits (OpenPAYGO Token and Metrics)",
  },
  {
    name: "starting_code",
    kind: "integer",
    default: 0,
    minimum: 0,
    maximum: 999_999_999,
    secret: true,
    description: "OpenPAYGO Token starting code; 0 derives it from the key",
  },
  {
    name: "token_digits",
    kind: "choice",
    default: "0-9",
    choices: ["0-9", "1-4"],
    description: "digits that tokens are made of; 1-4 for keypads with few keys",
  },
  {
    name: "value_divider",
    kind: "integer",
    default: 1,
    minimum: 1,
    maximum: 255,
    description: "token value units per day of credit",
  },
  {
    name: "maximum_credit",
    kind: "integer",
    default: 1000 * 86400,
    minimum: 86400,
    maximum: 0x7fffffff,
    unit: "s",
    description: "most credit that an answer or a token can give",
  },
  {
    name: "activation",
    kind: "choice",
    default: "token",
    choices: ["token", "active_until", "seconds_left"],
    description: "what is asked of the server: tokens, an active-until time or seconds left",
  },
  {
    name: "base_url",
    kind: "text",
    default: "",
    minimum: 0,
    maximum: 128,
    byServer: true,
    description: "base URL of the metrics server, http:// or https://",
  },
  {
    name: "data_format_id",
    kind: "integer",
    default: 0,
    minimum: 0,
    maximum: 0x7fffffff,
    byServer: true,
    description: "data format registered at the server; 0 registers it",
  },
  {
    name: "jwt_key",
    kind: "text",
    default: "",
    minimum: 0,
    maximum: 512,
    secret: true,
    byServer: true,
    description: "JWT sent as bearer token when the data format is registered",
  },
  {
    name: "auth",
    kind: "choice",
    default: "ra",
    choices: ["sa", "ta", "ca", "da", "ra"],
    description: "how requests are signed (Metrics spec, Device Request)",
  },
  {
    name: "encoding",
    kind: "choice",
    default: "json",
    choices: ["json", "cbor"],
    byServer: true,
    description: "encoding of requests",
  },
  {
    name: "form",
    kind: "choice",
    default: "condensed",
    choices: ["simple", "condensed"],
    byServer: true,
    description: "form of requests",
  },
  {
    name: "sample_interval",
    kind: "integer",
    default: 10,
    minimum: 1,
    maximum: 3600,
    unit: "s",
    byServer: true,
    description: "time between readings of the sensors",
  },
  {
    name: "record_interval",
    kind: "integer",
    default: 120,
    minimum: 10,
    maximum: 86400,
    unit: "s",
    description: "time between recorded rows",
  },
  {
    name: "report_interval",
    kind: "integer",
    default: 3600,
    minimum: 60,
    maximum: MONTH,
    unit: "s",
    byServer: true,
    description: "time between reports",
  },
  {
    name: "request_bytes",
    kind: "integer",
    default: 4096,
    minimum: 512,
    maximum: 65535,
    unit: "B",
    description: "most bytes in one request; more rows go into further requests",
  },
  {
    name: "apn",
    kind: "text",
    default: "internet",
    minimum: 0,
    maximum: 63,
    description: "access point name of the mobile operator",
  },
  { name: "apn_user", kind: "text", default: "", minimum: 0, maximum: 32, description: "user at the access point" },
  {
    name: "apn_password",
    kind: "text",
    default: "",
    minimum: 0,
    maximum: 32,
    secret: true,
    description: "password at the access point",
  },
  {
    name: "sim_pin",
    kind: "text",
    default: "",
    minimum: 0,
    maximum: 8,
    secret: true,
    description: "PIN of the SIM; never tried twice once refused",
  },
];

/** Thrown for a value that a setting does not take; the message says what was expected and what came. */
export class SettingError extends Error {}

/** The configuration: defaults overlaid with what was set, kept in one atomic value. */
export class Settings {
  readonly #cell: StateCell;
  readonly #values = new Map<string, SettingValue>();
  /** Called after a change took effect. */
  onChanged?: (name: string) => void;

  constructor(options: { keyValue: KeyValue }) {
    this.#cell = new StateCell({ keyValue: options.keyValue, key: "settings", version: 1 });
    this.#load();
  }

  text(name: string): string {
    return String(this.#get(name));
  }

  integer(name: string): number {
    return Number(this.#get(name));
  }

  /** Checks and stores one setting given as text. Throws SettingError and changes nothing when it does not fit. */
  set(name: string, text: string): void {
    const value = parseSetting(name, text);
    if (value === this.#get(name)) return;
    this.#values.set(name, value);
    this.#save();
    this.onChanged?.(name);
  }

  #get(name: string): SettingValue {
    return this.#values.get(name) ?? definition(name).default;
  }

  /** One "name=value" line each, ASCII; a line that no longer fits a definition is left out. */
  #load(): void {
    const bytes = this.#cell.read();
    if (!bytes) return;
    for (const line of asciiText(bytes).split("\n")) {
      const at = line.indexOf("=");
      const name = line.slice(0, at);
      if (at > 0 && DEFINITIONS.some((each) => each.name === name)) {
        this.#values.set(name, parseSetting(name, line.slice(at + 1)));
      }
    }
  }

  #save(): void {
    let text = "";
    for (const [name, value] of this.#values) text += `${name}=${value}\n`;
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    this.#cell.write(bytes);
  }
}

function asciiText(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

/** The definition of a setting; throws SettingError for an unknown name. */
export function definition(name: string): SettingDefinition {
  const found = DEFINITIONS.find((each) => each.name === name);
  if (!found) throw new SettingError(`there is no setting "${name}"`);
  return found;
}

/** What a setting takes, in words, for messages and help. */
export function limits(setting: SettingDefinition): string {
  const { kind, minimum, maximum, unit } = setting;
  if (kind === "choice") return `one of ${setting.choices!.join(", ")}`;
  if (kind === "integer") return `a whole number from ${minimum} to ${maximum}${unit ? ` ${unit}` : ""}`;
  if (kind === "hex") return `${minimum} hex digits`;
  return `${minimum} to ${maximum} printable ASCII characters`;
}

/** The value of a setting from its text. Throws SettingError. */
export function parseSetting(name: string, text: string): SettingValue {
  const setting = definition(name);
  if (setting.kind === "integer") {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= setting.minimum! && value <= setting.maximum!) return value;
  } else if (fitsText(setting, text)) {
    return setting.kind === "hex" ? text.toLowerCase() : text;
  }
  throw new SettingError(`${name} takes ${limits(setting)}, not "${setting.secret ? "****" : text}"`);
}

function fitsText(setting: SettingDefinition, text: string): boolean {
  if (setting.kind === "choice") return setting.choices!.includes(text);
  if (text.length < setting.minimum! || text.length > setting.maximum!) return false;
  if (setting.kind === "hex") return /^[0-9a-fA-F]*$/.test(text);
  if (setting.name === "base_url" && text !== "") return /^https?:\/\/[!-~]+$/.test(text);
  return /^[ -~]*$/.test(text);
}
