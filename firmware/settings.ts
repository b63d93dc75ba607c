import type { KeyValue } from "../hal/key-value.js";
import { DEFINITIONS, type SettingDefinition, type SettingValue } from "./setting-definitions.js";
import { StateCell } from "./state.js";
import { parseOrder } from "./update-order.js";
import { parseBaseURL } from "./url.js";

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
    this.setAll([[name, text]]);
  }

  /** Several settings in one write. Throws SettingError and changes nothing when one does not fit. */
  setAll(changes: readonly (readonly [name: string, text: string])[]): void {
    const parsed = changes.map(([name, text]) => [name, parseSetting(name, text)] as const);
    const changed = parsed.filter(([name, value]) => value !== this.#get(name));
    if (changed.length === 0) return;
    for (const [name, value] of changed) this.#values.set(name, value);
    this.#save();
    for (const [name] of changed) this.onChanged?.(name);
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
      if (at > 0 && isSetting(name, line.slice(at + 1))) this.#values.set(name, parseSetting(name, line.slice(at + 1)));
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
  if (setting.name === "update") return "URL LENGTH SHA256 (http or https, bytes, 64 hex digits)";
  if (kind === "hex") return `${minimum} hex digits`;
  if (kind === "digits") return `${minimum} to ${maximum} digits, or nothing`;
  return `${minimum} to ${maximum} printable ASCII characters${setting.quoted ? ", no quotation mark" : ""}`;
}

/** Whether there is such a setting and it takes the text. */
export function isSetting(name: string, text: string): boolean {
  const setting = DEFINITIONS.find((each) => each.name === name);
  return setting !== undefined && fits(setting, text);
}

/** The value of a setting from its text. Throws SettingError. */
export function parseSetting(name: string, text: string): SettingValue {
  const setting = definition(name);
  if (!fits(setting, text)) {
    throw new SettingError(`${name} takes ${limits(setting)}, not "${setting.secret ? "****" : text}"`);
  }
  if (setting.kind === "integer") return Number(text);
  return setting.kind === "hex" ? text.toLowerCase() : text;
}

function fits(setting: SettingDefinition, text: string): boolean {
  const { kind, minimum, maximum } = setting;
  if (kind === "choice") return setting.choices!.includes(text);
  if (kind === "integer") return /^\d{1,10}$/.test(text) && Number(text) >= minimum && Number(text) <= maximum;
  if (kind === "digits" && text === "") return true;
  if (text.length < minimum || text.length > maximum) return false;
  if (kind === "digits") return /^\d*$/.test(text);
  if (kind === "hex") return /^[0-9a-fA-F]*$/.test(text);
  if (setting.name === "base_url" && text !== "") return parseBaseURL(text) !== undefined;
  if (setting.name === "update" && text !== "") return parseOrder(text) !== undefined;
  return setting.quoted ? /^[ !#-~]*$/.test(text) : /^[ -~]*$/.test(text);
}
