import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { checkManifests, type Manifest, updateManifests } from "../tools/manifest-check.js";

const ROOT = join(import.meta.dirname, "..");

describe("Moddable manifests", () => {
  let root: string;

  const put = (path: string, content = "") => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const edit = (path: string, change: (manifest: Manifest) => void) => {
    const manifest = JSON.parse(readFileSync(join(root, path), "utf8")) as Manifest;
    change(manifest);
    put(path, JSON.stringify(manifest));
  };
  const remove = (path: string) => rmSync(join(root, path), { recursive: true });

  /** A small tree with the real manifests, brought up to date with it. */
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "heliograph-manifests-"));
    cpSync(join(ROOT, "manifest.json"), join(root, "manifest.json"));
    cpSync(join(ROOT, "manifests"), join(root, "manifests"), { recursive: true });
    for (const name of ["app", "outbox/outbox", "outbox/frame"]) put(`firmware/${name}.ts`);
    for (const name of ["host", "lin", "esp32", "simulator"]) put(`firmware/main/${name}.ts`);
    put("test/sdk/app/main.ts");
    for (const name of ["flash", "modem/modem", "modem/dialects/sim7600", "sim/time", "esp32/board", "host/files"])
      put(`hal/${name}.ts`);
    put("hal/esp32/typings.d.ts");
    updateManifests(root);
    assert.deepEqual(checkManifests(root), []);
  });

  afterEach(() => remove("."));

  it("map and preload every module of this tree", () => {
    assert.deepEqual(checkManifests(ROOT), []);
  });

  it("bring the ADC's driver to the boards that have dividers, and to no other", () => {
    for (const name of readdirSync(join(ROOT, "manifests/boards"))) {
      const { include, config } = JSON.parse(readFileSync(join(ROOT, "manifests/boards", name), "utf8"));
      assert.equal(include.includes("../analog.json"), config.board.analog !== undefined, name);
    }
  });

  it("are checked by a program that ends with 1 and says what is wrong", () => {
    const program = ["--import", "tsx", join(ROOT, "tools/manifest-check.ts"), root];
    const { status, stderr } = spawnSync(process.execPath, program, { cwd: ROOT, encoding: "utf8" });
    assert.deepEqual([status, stderr], [0, ""]);
    put("hal/modem/chat.ts");
    const broken = spawnSync(process.execPath, program, { cwd: ROOT, encoding: "utf8" });
    assert.equal(broken.status, 1);
    assert.match(
      broken.stderr,
      /^manifests\/base\.json: hal\/modem\/chat is not preloaded; add it to preload\n.*--write/,
    );
  });

  for (const [what, act, ...errors] of [
    [
      "a new file in a mapped folder is not preloaded",
      () => put("firmware/outbox/flash-log.ts"),
      "manifests/base.json: firmware/outbox/flash-log is not preloaded; add it to preload",
    ],
    [
      "a new folder is neither mapped nor preloaded",
      () => put("hal/modem/tls/session.ts"),
      'manifests/base.json: hal/modem/tls/session.ts is not mapped; add "hal/modem/tls/*": "../hal/modem/tls/*" to modules',
      "manifests/base.json: hal/modem/tls/session is not preloaded; add it to preload",
    ],
    [
      "a preload is missing",
      () => edit("manifests/sim.json", (manifest) => manifest.preload!.pop()),
      "manifests/sim.json: hal/sim/time is not preloaded; add it to preload",
    ],
    [
      "a preloaded module is not on disk",
      () => remove("firmware/outbox/frame.ts"),
      "manifests/base.json: preloads firmware/outbox/frame, which is not on disk",
    ],
    [
      "a mapped folder is empty",
      () => remove("hal/esp32/board.ts"),
      'manifests/esp32.json: maps "hal/esp32/*", where no module is on disk',
      "manifests/esp32.json: preloads hal/esp32/board, which is not on disk",
    ],
    [
      "a key does not mirror the tree",
      () =>
        edit("manifests/sim.json", (manifest) => {
          manifest.modules = { "hal/sim/*": "../sim/*" };
        }),
      'manifests/sim.json: "hal/sim/*" must map to the same path, not to sim/*',
    ],
    [
      "a manifest takes what belongs to another platform",
      () => edit("manifests/base.json", (manifest) => manifest.preload!.push("hal/sim/time")),
      "manifests/base.json: preloads hal/sim/time, which is none of its modules",
    ],
    [
      "a main is preloaded, so that it would run at build time",
      () => edit("manifests/lin.json", (manifest) => Object.assign(manifest, { preload: ["firmware/main/lin"] })),
      "manifests/lin.json: preloads its main firmware/main/lin, which would run at build time",
    ],
    [
      "mcpack would run another main",
      () =>
        edit("manifests/lin.json", (manifest) => Object.assign(manifest, { config: { main: "firmware/main/host" } })),
      "manifests/lin.json: config.main is firmware/main/host, creation.main is firmware/main/lin; mcpack would run the former",
    ],
    [
      "a main is not on disk",
      () => remove("firmware/main/esp32.ts"),
      "manifests/esp32.json: creation.main is firmware/main/esp32, which is not on disk",
    ],
    ["a main has no manifest", () => put("firmware/main/pico.ts"), "firmware/main/pico.ts is the main of no manifest"],
    [
      "the top manifest includes something from elsewhere, or does more than include",
      () =>
        edit("manifest.json", (manifest) => Object.assign(manifest, { include: ["./hal/manifest.json"], modules: {} })),
      'manifest.json: "modules" belongs into manifests/',
      "manifest.json: includes ./hal/manifest.json, which is not in manifests/",
      "manifest.json: does not include ./manifests/base.json",
    ],
  ] as const) {
    it(`are refused when ${what}`, () => {
      act();
      assert.deepEqual(checkManifests(root), errors);
    });
  }

  it("are brought up to date without a change to anything else", () => {
    const before = readFileSync(join(root, "manifests/base.json"), "utf8");
    put("hal/modem/tls/session.ts");
    updateManifests(root);
    assert.deepEqual(checkManifests(root), []);
    remove("hal/modem/tls");
    updateManifests(root);
    assert.equal(readFileSync(join(root, "manifests/base.json"), "utf8"), before);
  });

  it("must be JSON", () => {
    put("manifests/sim.json", "{ modules: }");
    assert.throws(() => checkManifests(root), /^Error: manifests\/sim\.json: expected a manifest in JSON: /);
  });
});
