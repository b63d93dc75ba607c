import { host } from "../board.js";

class Base {
  static readonly registry = new Map<string, number>();
  #secret = 1;
  static has(value: object): boolean {
    return #secret in value;
  }
  get secret(): number {
    return this.#secret;
  }
}

class Derived extends Base {
  static {
    Derived.registry.set("derived", 2);
  }
  label = `secret ${this.secret}`;
}

function* count(limit: number): Generator<number> {
  for (let i = 0; i < limit; i++) yield i;
}

async function sum(values: Iterable<number>): Promise<number> {
  let total = 0;
  for await (const value of values) total += value;
  return total;
}

/** ES2022 as the firmware uses it, under a heap small enough that the collector runs many times. */
export default async function main(): Promise<void> {
  const derived = new Derived();
  host.print(`${derived.label} ${Base.has(derived)} ${Base.has({})} ${[...Base.registry]}`);
  host.print(`${await sum(count(100))} ${[1, 2, 3].at(-1)} ${Object.hasOwn({ a: 1 }, "a")} ${{ a: null }.a ?? "none"}`);
  host.print(`${new Error("outer", { cause: "inner" }).cause} ${/(?<year>\d{4})-/.exec("2026-11")?.groups?.year}`);
  let text = "";
  for (let i = 0; i < 2000; i++) {
    const parsed = JSON.parse(`{"key${i % 50}":[${i},"text ${i}",{"deep":${i / 8}}]}`) as Record<
      string,
      [number, string, { deep: number }]
    >;
    const [number, string, { deep }] = parsed[`key${i % 50}`]!;
    if (number !== i || string !== `text ${i}` || deep !== i / 8) throw new Error(`wrong at ${i}`);
    text = JSON.stringify(parsed);
  }
  host.print(text);
}
