import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { pathToFileURL } from "node:url";

/** A Moddable manifest, as far as this program looks at it. */
export interface Manifest {
  include?: string[];
  modules?: Record<string, string | string[]>;
  preload?: string[];
  creation?: { main?: string };
  /** `main` is what the entry of mcpack runs. */
  config?: { main?: string };
  platforms?: Record<string, Manifest>;
  [other: string]: unknown;
}

/** Which manifest brings which folders, with their subfolders. A module that no manifest brings aborts the device at run time. */
const PARTS = [
  {
    manifest: "manifests/base.json",
    folders: ["firmware", "hal"],
    without: ["firmware/main", "hal/esp32", "hal/host", "hal/lin", "hal/screen", "hal/sim"],
  },
  { manifest: "manifests/sim.json", folders: ["hal/sim"], without: [] },
  { manifest: "manifests/esp32.json", folders: ["hal/esp32"], without: [] },
  { manifest: "manifests/linux.json", folders: ["hal/lin"], without: [] },
  { manifest: "manifests/simulator.json", folders: ["hal/screen"], without: [] },
];
const MAINS = "firmware/main";
/** The entry point on Node, which no manifest builds. */
const HOST_MAIN = "firmware/main/host";

/**
 * Everything that is wrong with the manifests of the tree at `root`, one line each: sources that are not mapped or not
 * preloaded, mapped or preloaded modules that do not exist, mains, and what the top manifest includes.
 */
export function checkManifests(root: string): string[] {
  const errors = PARTS.flatMap((part) => checkPart(root, part.manifest, wanted(root, part)));
  return [...errors, ...checkMains(root), ...checkTop(root)];
}

/** Brings modules and preload of the manifests up to date with the tree, sorted; the rest of them stays. */
export function updateManifests(root: string): void {
  for (const part of PARTS) {
    const manifest = readManifest(root, part.manifest);
    const { folders, modules } = wanted(root, part);
    const others = Object.entries(manifest.modules ?? {}).filter(
      ([key, value]) => !ours(key, value) || key.startsWith(MAINS),
    );
    const preload = (manifest.preload ?? []).filter((name) => !isSource(name));
    manifest.modules = Object.fromEntries([
      ...others,
      ...folders.map((folder) => [`${folder}/*`, `../${folder}/*`] as const),
    ]);
    manifest.preload = [...preload, ...modules];
    writeFileSync(join(root, part.manifest), format(manifest));
  }
}

/** JSON as the project's formatter writes it: an array on one line when it fits. */
function format(manifest: Manifest): string {
  const text = JSON.stringify(manifest, undefined, 2);
  const fitted = text.replace(
    /^(.*)\[\n\s+([^[\]{}]*?)\n\s+\](,?)$/gm,
    (whole, head: string, items: string, comma: string) => {
      const line = `${head}[${items.replace(/\n\s+/g, " ")}]${comma}`;
      return line.length <= 120 ? line : whole;
    },
  );
  return `${fitted}\n`;
}

interface Wanted {
  /** Folders with modules in them, and these modules, both sorted and relative to the root. */
  readonly folders: string[];
  readonly modules: string[];
}

function wanted(root: string, part: (typeof PARTS)[number]): Wanted {
  const without = (folder: string) => (part.without as string[]).includes(folder);
  const folders = part.folders.flatMap((folder) => walk(root, folder, without));
  const modules = folders.flatMap((folder) => modulesIn(root, folder));
  return { folders: folders.filter((folder) => modulesIn(root, folder).length > 0).sort(), modules: modules.sort() };
}

function walk(root: string, folder: string, without: (folder: string) => boolean): string[] {
  if (without(folder) || !existsSync(join(root, folder))) return [];
  const inside = readdirSync(join(root, folder), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [folder, ...inside.flatMap(({ name }) => walk(root, `${folder}/${name}`, without))];
}

/** Specifiers of the TypeScript modules right in `folder`. */
function modulesIn(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => `${folder}/${name.slice(0, -3)}`);
}

function checkPart(root: string, path: string, { modules }: Wanted): string[] {
  const manifest = readManifest(root, path);
  const { mapped, errors } = resolveModules(root, path, manifest);
  const preload = new Set((manifest.preload ?? []).filter(isSource));
  for (const name of modules) {
    const place = `"${posix.dirname(name)}/*": "../${posix.dirname(name)}/*"`;
    if (!mapped.has(name)) errors.push(`${path}: ${name}.ts is not mapped; add ${place} to modules`);
    if (!preload.has(name)) errors.push(`${path}: ${name} is not preloaded; add it to preload`);
  }
  for (const name of mapped)
    if (!modules.includes(name) && !name.startsWith(`${MAINS}/`))
      errors.push(`${path}: ${name} does not belong into this manifest`);
  for (const name of preload)
    if (!modules.includes(name))
      errors.push(
        `${path}: preloads ${name}, which is ${existsSync(join(root, `${name}.ts`)) ? "none of its modules" : "not on disk"}`,
      );
  return errors;
}

/** Specifiers of this tree that `modules` maps; keys must mirror the tree, because relative imports resolve against them. */
function resolveModules(root: string, path: string, manifest: Manifest): { mapped: Set<string>; errors: string[] } {
  const mapped = new Set<string>();
  const errors: string[] = [];
  for (const [key, value] of Object.entries(manifest.modules ?? {})) {
    if (!ours(key, value) || key.startsWith(`${MAINS}/`)) continue;
    const source = posix.join(dirname(path), value as string);
    if (source !== key) errors.push(`${path}: "${key}" must map to the same path, not to ${source}`);
    const names = key.endsWith("/*")
      ? modulesIn(root, key.slice(0, -2))
      : existsSync(join(root, `${key}.ts`))
        ? [key]
        : [];
    if (names.length === 0) errors.push(`${path}: maps "${key}", where no module is on disk`);
    for (const name of names) mapped.add(name);
  }
  return { mapped, errors };
}

/** Each main is mapped once and on disk, is not preloaded (it runs at start), and each file in its folder is one. */
function checkMains(root: string): string[] {
  const errors: string[] = [];
  const found = new Set<string>();
  for (const path of listManifests(root)) {
    const manifest = readManifest(root, path);
    const main = manifest.creation?.main;
    if (main === undefined) continue;
    found.add(main);
    const packed = manifest.config?.main ?? main;
    if (packed !== main)
      errors.push(`${path}: config.main is ${packed}, creation.main is ${main}; mcpack would run the former`);
    if (!existsSync(join(root, `${main}.ts`))) errors.push(`${path}: creation.main is ${main}, which is not on disk`);
    if (manifest.modules?.[main] === undefined) errors.push(`${path}: creation.main ${main} is not in its modules`);
    if (manifest.preload?.includes(main))
      errors.push(`${path}: preloads its main ${main}, which would run at build time`);
  }
  for (const name of modulesIn(root, MAINS))
    if (!found.has(name) && name !== HOST_MAIN) errors.push(`${name}.ts is the main of no manifest`);
  return errors;
}

function checkTop(root: string): string[] {
  const top = readManifest(root, "manifest.json");
  const { include = [], platforms = {}, ...rest } = top;
  const errors = Object.keys(rest).map((key) => `manifest.json: "${key}" belongs into manifests/`);
  const all = [...include, ...Object.values(platforms).flatMap((platform) => platform.include ?? [])];
  for (const path of all) {
    if (!path.startsWith("./manifests/")) errors.push(`manifest.json: includes ${path}, which is not in manifests/`);
    else if (!existsSync(join(root, path))) errors.push(`manifest.json: includes ${path}, which is not on disk`);
  }
  if (!include.includes("./manifests/base.json")) errors.push("manifest.json: does not include ./manifests/base.json");
  return errors;
}

function listManifests(root: string): string[] {
  return readdirSync(join(root, "manifests"))
    .filter((name) => name.endsWith(".json"))
    .map((name) => `manifests/${name}`);
}

function readManifest(root: string, path: string): Manifest {
  try {
    return JSON.parse(readFileSync(join(root, path), "utf8")) as Manifest;
  } catch (error) {
    throw new Error(`${path}: expected a manifest in JSON: ${(error as Error).message}`);
  }
}

/** True for a source of this tree, false for one of the SDK and for "~", the list of files to leave out. */
function ours(key: string, value: string | string[]): boolean {
  return key !== "~" && typeof value === "string" && value.startsWith("../");
}

function isSource(specifier: string): boolean {
  return specifier.startsWith("firmware/") || specifier.startsWith("hal/");
}

function main(args: string[]): void {
  const root = args.find((arg) => !arg.startsWith("-")) ?? join(import.meta.dirname, "..");
  if (args.includes("--write")) updateManifests(root);
  const errors = checkManifests(root);
  for (const error of errors) console.error(error);
  if (errors.length > 0) console.error("to map and preload what is on disk: npx tsx tools/manifest-check.ts --write");
  process.exitCode = errors.length > 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main(process.argv.slice(2));
