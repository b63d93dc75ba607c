/*
 * Checks for values out of JSON: each gives the value with its type, or throws an Error with the place, what was expected and
 * what came.
 */

export type Check<T> = (value: unknown, place: string) => T;

/** Always throws. */
export function refuse(place: string, expected: string, value: unknown): never {
  const came = value === undefined ? "nothing" : typeof value === "string" ? `"${value}"` : String(value);
  throw new Error(`${place}: expected ${expected}, not ${came}`);
}

export function integer(minimum: number, maximum: number): Check<number> {
  return (value, place) => {
    if (Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum) return Number(value);
    return refuse(place, `a whole number from ${minimum} to ${maximum}`, value);
  };
}

export function positive(value: unknown, place: string): number {
  return typeof value === "number" && value > 0 ? value : refuse(place, "a number above 0", value);
}

/** Text of at least one character. */
export function text(value: unknown, place: string): string {
  return typeof value === "string" && value !== "" ? value : refuse(place, "text", value);
}

/** One of the names, the first one when there is nothing. */
export function choice<const T extends string>(...names: readonly T[]): Check<T> {
  return (value, place) => {
    const found = value === undefined ? names[0] : names.find((name) => name === value);
    return found ?? refuse(place, `one of ${names.join(", ")}`, value);
  };
}

export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value, place) => (value === undefined ? undefined : check(value, place));
}

/** An array, empty when there is nothing. */
export function list<T>(check: Check<T>): Check<readonly T[]> {
  return (value = [], place) => {
    if (!Array.isArray(value)) return refuse(place, "an array", value);
    return value.map((item: unknown, index) => check(item, `${place}[${index}]`));
  };
}

/** An object with these fields and no others. */
export function object<T extends object>(fields: { readonly [K in keyof T]: Check<T[K]> }): Check<T> {
  return (value, place) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse(place, "an object", value);
    for (const name of Object.keys(value))
      if (!(name in fields))
        throw new Error(`${place}.${name}: is unknown; known are ${Object.keys(fields).join(", ")}`);
    const given = value as Readonly<Record<string, unknown>>;
    const result: Partial<T> = {};
    for (const name in fields) result[name] = fields[name](given[name], `${place}.${name}`);
    return result as T;
  };
}
