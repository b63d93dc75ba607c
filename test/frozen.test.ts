import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { frozen } from "../hal/frozen.js";

/** What Moddable's linker would move to RAM, or worse; the sources are formatted, so that the module level is column 0. */
const RULES: readonly (readonly [pattern: RegExp, advice: (name: string) => string])[] = [
  [/^(?:export )?(?:let|var) (\w+)/gm, (name) => `${name} is a variable of the module: keep it in an object`],
  [
    /^(?:export )?const (\w+)[^=\n]*(?:=> [^=\n]*)?=\s+[[{]/gm,
    (name) => `${name} is not frozen: wrap it in frozen(...)`,
  ],
  [
    /^(?:export )?const (\w+)[^=\n]*=\s+\/[^/*]/gm,
    (name) =>
      `${name} is a regular expression in flash, which the SDK's engine leaks memory for: write it where it is used`,
  ],
  [
    /^ {2}(?:static )?\*#(\w+)/gm,
    (name) => `#${name} is a generator that nothing can freeze: declare it as private *${name}`,
  ],
];
const GENERATOR = /^(?:export )?function\* ?(\w+)/gm;
const CLASS = /^(?:export )?(?:abstract )?class (\w+)[\s\S]*?^}/gm;
const GENERATOR_METHOD = /^ {2}(?:private |static |override )*\*/m;

/** One line for each thing of a preloaded module that would not stay in flash as it is. */
function unfrozen(text: string): string[] {
  const found = RULES.flatMap(([pattern, advice]) => [...text.matchAll(pattern)].map(([, name]) => advice(name!)));
  const classes = [...text.matchAll(CLASS)].filter(([body]) => GENERATOR_METHOD.test(body));
  const generators = [...text.matchAll(GENERATOR), ...classes].map((match) => match[1]!);
  const open = generators.filter(
    (name) => !new RegExp(`^frozen\\(\\[?(?:.*, )?${name}(?:, .*)?\\]?\\);`, "m").test(text),
  );
  return [...found, ...open.map((name) => `${name} has a generator: add frozen(${name}) below it`)];
}

describe("preloaded modules", () => {
  const root = join(import.meta.dirname, "..");
  const paths = ["firmware", "hal"]
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`),
    )
    .filter((path) => path.endsWith(".ts") && !/^firmware\/main\/|^hal\/host\/|\.d\.ts$/.test(path));

  it("have nothing at their level that Moddable's linker could not leave in flash", () => {
    assert.ok(paths.length > 50, `${paths.length} modules found`);
    const problems = paths.flatMap((path) =>
      unfrozen(readFileSync(join(root, path), "utf8")).map((problem) => `${path}: ${problem}`),
    );
    assert.deepEqual(problems, []);
  });

  it("are told what is wrong with a table, a variable, a regular expression, a generator and a class with one", () => {
    const of = (text: string) => unfrozen(text).map((problem) => problem.split(" ")[0]);
    assert.deepEqual(of("const A = [1];\nexport const B: readonly number[] = [\n  1,\n];\nconst C = frozen([1]);"), [
      "A",
      "B",
    ]);
    assert.deepEqual(
      of("const A: Record<string, (a: number) => void> = {};\nconst B = 1;\nconst C = (a: number) => [a];"),
      ["A"],
    );
    assert.deepEqual(of("let a = 1;\nexport let b;\nfunction f() {\n  let c = 1;\n}"), ["a", "b"]);
    assert.deepEqual(of("const A = /a/;\nconst B = 1 / 2;\n/** const */"), ["A"]);
    assert.deepEqual(
      of("function* a() {}\nexport function* b() {}\nfrozen(b);\nfunction* c() {}\nfunction* d() {}\nfrozen([c, d]);"),
      ["a"],
    );
    assert.deepEqual(
      of("class A {\n  *b() {}\n}\nexport class C {\n  d() {}\n}\nclass E {\n  *#f() {}\n}\nfrozen(E);"),
      ["#f", "A"],
    );
  });
});

describe("frozen", () => {
  it("freezes a value with all that hangs from it, and gives it back", () => {
    const table = [
      { name: "a", *run() {} },
      { name: "b", list: [1, { c: 2 }] },
    ];
    assert.equal(frozen(table), table);
    assert.ok(Object.isFrozen(table) && table.every(Object.isFrozen));
    assert.ok(Object.isFrozen(table[0]!.run!.prototype));
    assert.ok(Object.isFrozen(table[1]!.list) && Object.isFrozen(table[1]!.list![1]));
  });

  it("freezes the generator methods of a class, and leaves its objects as they are", () => {
    class Counter {
      count = 0;
      get next(): number {
        return ++this.count;
      }
      *values() {
        yield this.next;
      }
    }
    frozen(Counter);
    assert.ok(Object.isFrozen(Counter.prototype) && Object.isFrozen(Counter.prototype.values.prototype));
    const counter = new Counter();
    assert.deepEqual([...counter.values(), counter.count], [1, 1]);
  });
});
