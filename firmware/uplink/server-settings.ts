import { frozen } from "../../hal/frozen.js";
import type { KeyValue } from "../../hal/key-value.js";
import type { Setting } from "../openpaygo/response.js";
import { definition, isSetting, type Settings } from "../settings.js";
import { StateCell } from "../state.js";

/** What belongs to a server (spec "Data to be stored for each server"). */
const SERVER_SETTINGS = frozen(["base_url", "data_format_id", "jwt_key"] as const);

/**
 * Settings from a verified answer, and the way back from a server that does not answer. A new `base_url` is on
 * probation: the old server's settings are kept until the new one has answered, and come back after too many failures.
 *
 *     u8 failures left | the old server's settings, one line each, ASCII; empty when no server is on probation
 */
export class ServerSettings {
  readonly #settings: Settings;
  readonly #cell: StateCell;
  readonly #log: (line: string) => void;
  /** Servers that were given up since start. */
  returns = 0;
  /** Settings of answers that were not taken, since start. */
  refused = 0;

  constructor(options: { settings: Settings; keyValue: KeyValue; log: (line: string) => void }) {
    this.#settings = options.settings;
    this.#log = options.log;
    this.#cell = new StateCell({ keyValue: options.keyValue, key: "probation", version: 1 });
  }

  /** Takes what is on the list and fits; the rest is counted. */
  apply(settings: readonly Setting[]): void {
    const changes: [name: string, text: string][] = [];
    for (const { name, value } of settings) {
      const text = name === "base_url" ? withScheme(String(value)) : String(value);
      if (value !== undefined && isSetting(name, text) && definition(name).byServer) changes.push([name, text]);
      else this.#refuse(name);
    }
    const base = changes.find(([name]) => name === "base_url");
    if (base && base[1] !== this.#settings.text("base_url")) this.#move(changes);
    this.#settings.setAll(changes);
  }

  /** A report got through: the server stays. */
  succeeded(): void {
    if (this.#failuresLeft() > 0) this.#cell.write(new Uint8Array(0));
  }

  /** A report failed: after too many, back to the server before. */
  failed(): void {
    const left = this.#failuresLeft();
    if (left > 1) this.#save(left - 1, this.#before());
    else if (left === 1) this.#moveBack();
  }

  #moveBack(): void {
    const lines = this.#before().split("\n");
    this.#log(`${this.#settings.text("base_url")} does not answer: back to the server before`);
    this.returns++;
    this.#settings.setAll(SERVER_SETTINGS.map((name, i) => [name, lines[i] ?? ""]));
    this.#cell.write(new Uint8Array(0));
  }

  /** Keeps the present server's settings; what the new server does not bring with it starts empty. */
  #move(changes: [name: string, text: string][]): void {
    const settings = this.#settings;
    for (const name of SERVER_SETTINGS) {
      if (!changes.some((change) => change[0] === name)) changes.push([name, String(definition(name).default)]);
    }
    // Still on probation: the server before the present one was the last that answered.
    const before =
      this.#failuresLeft() > 0 ? this.#before() : SERVER_SETTINGS.map((name) => settings.text(name)).join("\n");
    this.#save(settings.integer("probation_tries"), before);
    this.#log(`moving to ${changes.find(([name]) => name === "base_url")![1]}, on probation`);
  }

  #refuse(name: string): void {
    this.refused++;
    this.#log(`setting "${name.slice(0, 32)}" from the server was refused`);
  }

  #failuresLeft(): number {
    return this.#cell.read()?.[0] ?? 0;
  }

  #before(): string {
    let text = "";
    const bytes = this.#cell.read() ?? [];
    for (let i = 1; i < bytes.length; i++) text += String.fromCharCode(bytes[i]!);
    return text;
  }

  #save(failuresLeft: number, before: string): void {
    const bytes = new Uint8Array(1 + before.length);
    bytes[0] = failuresLeft;
    for (let i = 0; i < before.length; i++) bytes[i + 1] = before.charCodeAt(i);
    this.#cell.write(bytes);
  }
}

/** The spec's own example has none; it wants HTTPS. */
function withScheme(url: string): string {
  return /^[a-z]+:\/\//.test(url) ? url : `https://${url}`;
}
