/** A setting as the console shows it; all in words. */
export interface ConsoleSetting {
  readonly name: string;
  /** "" when it was never given. */
  readonly value: string;
  readonly unit?: string | undefined;
  readonly description: string;
  /** What it takes: "a whole number from 60 to 86400". */
  readonly limits: string;
  /** Its value before it is set; "" when it has none. */
  readonly default: string;
  /** The value is never shown: asterisks stand for it. */
  readonly secret?: boolean | undefined;
}

/** What the commands work on: the narrow side of the application. All texts in plain words, for a technician. */
export interface ConsoleTarget {
  /** The state of the device, most important first. */
  status(): readonly (readonly [name: string, value: string])[];
  /** The last readings, with their units. */
  samples(): readonly (readonly [variable: string, value: string])[];
  /** At most `limit` of the rows that wait, oldest first. Read as the port takes them: rows may be committed meanwhile. */
  rows(limit: number): Iterable<string>;
  /** Asks for a report now; why not, when it can't be. */
  send(): string | undefined;
  /** The request that another carrier takes to a server, as text; the same until its answer came. */
  request(): { readonly text: string } | { readonly problem: string };
  /** Takes in the answer that a carrier brought; why not, when it was refused. */
  answer(text: string): string | undefined;
  /** Takes a token, digits only; what came of it. */
  enterToken(digits: string): { readonly accepted: boolean; readonly message: string };
  /** Orders firmware, as `URL LENGTH SHA256`, once more when it was given up; why not, when it can't be. */
  update(order: string): string | undefined;
  settings(): readonly ConsoleSetting[];
  /** Changes a setting; why not, when it was refused. The reason must not repeat a secret. */
  set(name: string, value: string): string | undefined;
  /** Called when the answer was handed to the port: its last bytes need some 20 ms to get out. */
  restart(): void;
}
