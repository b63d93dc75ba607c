import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** A tree of sources: path from the root, and text. */
type Tree = ReadonlyMap<string, string>;

const SDK = "sdk:";
const NODE = "node:";
const CONTRACTS = "hal/*.ts";
/** Small modules that every stage may use: all right in firmware/ but the two that put the stages together. */
const COMMON = "firmware/*.ts";
const APP = "firmware/app.ts";
const SERVICE = "firmware/service.ts";
const ROW = "firmware/telemetry/row.ts";
const DATA_FORMAT = "firmware/openpaygo/data-format.ts";
const MAINS = "firmware/main/";

/**
 * Who may import whom (DESIGN.md, "Imports allowed"). Places: a file, a folder with all in it ("hal/modem/"), CONTRACTS,
 * COMMON, Node's modules, the SDK's. The first rule that fits a file counts; what it names is open to itself as well.
 */
const RULES: readonly [from: string, ...to: string[]][] = [
  ["firmware/main/host.ts", APP, CONTRACTS, "hal/host/", "hal/sim/", "hal/modem/", NODE],
  ["firmware/main/lin.ts", APP, CONTRACTS, "hal/lin/", SDK],
  ["firmware/main/simulator.ts", APP, "firmware/display.ts", CONTRACTS, "hal/lin/", "hal/screen/", "hal/sim/", SDK],
  [MAINS, APP, CONTRACTS, "hal/esp32/", "hal/modem/", SDK],
  [APP, "firmware/", CONTRACTS],
  [SERVICE, "firmware/", CONTRACTS],
  ["firmware/telemetry/", COMMON, DATA_FORMAT, CONTRACTS],
  ["firmware/outbox/", "firmware/crc.ts", "firmware/telemetry/record.ts", ROW, CONTRACTS],
  ["firmware/openpaygo/", ROW, CONTRACTS],
  ["firmware/paygo/", COMMON, "firmware/openpaygo/token.ts", CONTRACTS],
  [
    "firmware/uplink/",
    COMMON,
    "firmware/telemetry/",
    "firmware/openpaygo/",
    "firmware/outbox/outbox.ts",
    "firmware/paygo/credit.ts",
    CONTRACTS,
  ],
  [
    "firmware/update/",
    COMMON,
    "firmware/uplink/backoff.ts",
    "firmware/uplink/exchange.ts",
    "firmware/uplink/socket.ts",
    CONTRACTS,
  ],
  ["firmware/console/", "firmware/openpaygo/text.ts", CONTRACTS],
  [COMMON, ROW, DATA_FORMAT, CONTRACTS],
  ["hal/modem/", CONTRACTS],
  ["hal/sim/", CONTRACTS, "hal/modem/"],
  ["hal/lin/", CONTRACTS, "hal/modem/", "hal/sim/", SDK],
  ["hal/screen/", CONTRACTS, "hal/sim/", SDK],
  ["hal/esp32/", CONTRACTS, "hal/modem/", SDK],
  ["hal/host/", CONTRACTS, "hal/sim/", NODE, "sdk:mqtt-packet"],
  [CONTRACTS],
];

/** One line for each import that breaks a rule or leads nowhere. */
function checkImports(tree: Tree): string[] {
  return [...tree].flatMap(([path, text]) => imports(text).flatMap((specifier) => checkImport(tree, path, specifier)));
}

function checkImport(tree: Tree, path: string, specifier: string): string[] {
  const target = resolve(path, specifier);
  if (specifier.startsWith(".") && !tree.has(target)) return [`${path}: imports ${specifier}, which is not there`];
  const [from, ...allowed] = RULES.find(([place]) => isIn(path, place)) ?? [];
  if (from === undefined) return [`${path}: no rule says what it may import`];
  const open = from === MAINS ? allowed : [from, ...allowed];
  if (open.some((place) => isIn(target, place))) return [];
  return [`${path}: must not import ${target}; allowed: ${open.join(", ")}`];
}

function isIn(path: string, place: string): boolean {
  if (place === COMMON && (path === APP || path === SERVICE)) return false;
  if (place.endsWith("/*.ts")) return posix.dirname(path) === posix.dirname(place) && path.endsWith(".ts");
  return place.endsWith("/") || place.endsWith(":") ? path.startsWith(place) : path === place;
}

/** Path of a source of this tree, or "node:..." or "sdk:...". */
function resolve(path: string, specifier: string): string {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(path), specifier.replace(/\.js$/, ".ts"));
  return specifier.startsWith(NODE) ? specifier : `${SDK}${specifier}`;
}

/** Specifiers of all imports and re-exports, of types as well; comments do not count. */
function imports(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const patterns = [
    /^\s*(?:import|export|\})[^"'`;]*?\bfrom\s*["']([^"']+)["']/gm,
    /^\s*import\s*["']([^"']+)["']/gm,
    /\bimport\s*\(\s*["']([^"']+)["']/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1]!));
}

function readTree(root: string, folders: string[]): Tree {
  const names = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`),
  );
  const sources = names.filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
  return new Map(sources.map((name) => [name, readFileSync(join(root, name), "utf8")]));
}

describe("import rules", () => {
  const files = {
    "hal/flash.ts": "export interface Flash {}",
    "hal/modem/modem.ts": "",
    "hal/sim/modem/emulator.ts": "",
    "hal/esp32/board.ts": "",
    "firmware/app.ts": "",
    "firmware/outbox/outbox.ts": "",
    "firmware/uplink/session.ts": "",
    "firmware/telemetry/record.ts": "",
    "firmware/telemetry/sampler.ts": "",
  };
  const check = (path: string, text: string) => checkImports(new Map(Object.entries({ ...files, [path]: text })));

  it("hold in this tree", () => {
    const tree = readTree(join(import.meta.dirname, ".."), ["firmware", "hal"]);
    assert.ok(tree.size > 50, `${tree.size} sources found`);
    assert.deepEqual(checkImports(tree), []);
  });

  it("allow what DESIGN.md allows", () => {
    assert.deepEqual(
      check("firmware/outbox/a.ts", 'import type { Flash } from "../../hal/flash.js";\nimport "./outbox.js";'),
      [],
    );
    assert.deepEqual(
      check("hal/esp32/a.ts", 'import Serial from "embedded:io/serial";\nimport { Modem } from "../modem/modem.js";'),
      [],
    );
    assert.deepEqual(
      check("firmware/main/esp32.ts", 'import { start } from "../app.js";\nimport Timer from "timer";'),
      [],
    );
    assert.deepEqual(check("hal/host/a.ts", 'import {\n  readFileSync,\n  type Stats,\n} from "node:fs";'), []);
  });

  for (const [path, text, message] of [
    ["firmware/outbox/a.ts", 'import { Session } from "../uplink/session.js";', "firmware/uplink/session.ts"],
    [
      "firmware/outbox/a.ts",
      'import type { Sampler } from "../telemetry/sampler.js";',
      "firmware/telemetry/sampler.ts",
    ],
    ["firmware/openpaygo/a.ts", 'export * from "../uplink/session.js";', "firmware/uplink/session.ts"],
    ["firmware/uplink/a.ts", 'import { readFileSync } from "node:fs";', "node:fs"],
    ["firmware/uplink/a.ts", 'import Timer from "timer";', "sdk:timer"],
    ["firmware/uplink/a.ts", 'const later = import("../../hal/modem/modem.js");', "hal/modem/modem.ts"],
    ["firmware/app.ts", 'import {\n  Board,\n} from "../hal/esp32/board.js";', "hal/esp32/board.ts"],
    ["firmware/main/esp32.ts", 'import "../../hal/sim/modem/emulator.js";', "hal/sim/modem/emulator.ts"],
    ["firmware/main/lin.ts", 'import "../uplink/session.js";', "firmware/uplink/session.ts"],
    ["hal/modem/a.ts", 'import Serial from "embedded:io/serial";', "sdk:embedded:io/serial"],
    ["hal/modem/a.ts", 'import { Emulator } from "../sim/modem/emulator.js";', "hal/sim/modem/emulator.ts"],
    ["hal/flash.ts", 'import { Modem } from "./modem/modem.js";', "hal/modem/modem.ts"],
    ["hal/sim/a.ts", 'import { connect } from "node:net";', "node:net"],
  ] as const) {
    it(`refuse that ${path} imports ${message}`, () => {
      const [error, ...others] = check(path, text);
      assert.match(error!, new RegExp(`^${path}: must not import ${message};`));
      assert.deepEqual(others, []);
    });
  }

  it("name an import that leads nowhere and a file without a rule", () => {
    assert.deepEqual(check("hal/sim/a.ts", 'import "./gone.js";'), [
      "hal/sim/a.ts: imports ./gone.js, which is not there",
    ]);
    assert.deepEqual(check("drivers/a.ts", 'import "../hal/flash.js";'), [
      "drivers/a.ts: no rule says what it may import",
    ]);
  });

  it("do not mind comments and strings", () => {
    assert.deepEqual(
      check("hal/modem/a.ts", '// import "node:fs";\n/* import x from "timer" */\nconst from = "AT from \\"x\\"";'),
      [],
    );
  });
});
