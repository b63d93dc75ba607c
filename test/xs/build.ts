import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";

/** The npm package that carries the C sources of XS 13.3.0; its own build, a 64-bit worker, is not used. */
const PACKAGE = "@agoric/xsnap@0.15.0";
const INTEGRITY = "sha512-ZBm4DZxbtfacxMHVVdJjZi0Y8zOxN77vpu1WwI5RWfPkaRh0aHkz/dVdTGKXalDNzWfz183lljKxlxl3/h0n+A==";
const ROOT = join(import.meta.dirname, "../..");
const CACHE = join(ROOT, ".cache/xs");
const HOST_SOURCES = join(import.meta.dirname, "host");

const FLAGS = [
  ...["-m32", "-O1", "-fno-common", "-DINCLUDE_XSPLATFORM", '-DXSPLATFORM="platform.h"'],
  ...["-DmxMetering=1", "-DmxParse=1", "-DmxRun=1", "-DmxSloppy=1", "-DmxBoundsCheck=1", "-DmxTableMinLength=1"],
];
/** Functions of XS that machine.c replaces, by the source that calls them. */
const REPLACED: Readonly<Record<string, readonly string[]>> = {
  // Functions get no name and no length, as with "strip" on the device.
  "xsDefaults.c": ["-DfxNewFunctionLength=hostNewFunctionLength", "-DfxNewFunctionName=hostNewFunctionName"],
  // Regular expressions hold places in memory that a collection moves.
  "xsre.c": ["-DfxCheckMetering=hostKeepMemory"],
};

/** What the machine lacks for building the host; the message is one line and says how to get it. */
export class MissingTool extends Error {}

/** Builds the C host, once for each state of its sources, and gives its path. Throws MissingTool. */
export async function buildHost(): Promise<string> {
  const host = join(CACHE, `host-${fingerprint()}`);
  if (existsSync(host)) return host;
  checkCompiler();
  const xs = await unpackSources();
  const folder = mkdtempSync(join(CACHE, "build-"));
  try {
    await compile(xs, folder);
    await run("gcc", ["-m32", ...objects(folder), "-lm", "-lpthread", "-o", join(folder, "host")]);
    renameSync(join(folder, "host"), host);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return host;
}

/** For `before` of a suite: the host, or the suite is skipped with one line. In CI nothing may be missing. */
export async function hostOrSkip(context: Mocha.Context): Promise<string> {
  context.timeout(180_000);
  try {
    return await buildHost();
  } catch (error) {
    if (!(error instanceof MissingTool) || process.env.CI) throw error;
    console.log(`    left out, the XS engine cannot be built: ${error.message}`);
    return context.skip();
  }
}

const run = promisify(execFile);

function hostFiles(): string[] {
  return readdirSync(HOST_SOURCES)
    .sort()
    .map((name) => join(HOST_SOURCES, name));
}

function fingerprint(): string {
  const hash = createHash("sha256").update(JSON.stringify([INTEGRITY, FLAGS, REPLACED]));
  for (const file of hostFiles()) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

function checkCompiler(): void {
  mkdirSync(CACHE, { recursive: true });
  const output = join(CACHE, `probe-${process.pid}`);
  const input = '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n';
  try {
    execFileSync("gcc", ["-m32", "-x", "c", "-", "-o", output], { input, stdio: ["pipe", "ignore", "ignore"] });
    execFileSync(output, { stdio: "ignore" });
  } catch {
    throw new MissingTool("no gcc with a 32-bit C library; on Debian: apt-get install gcc-multilib");
  } finally {
    rmSync(output, { force: true });
  }
}

/** Path of the unpacked `moddable/xs`; the archive comes by npm and is checked against the hash above. */
async function unpackSources(): Promise<string> {
  const folder = join(CACHE, "xsnap-0.15.0");
  const xs = join(folder, "package/moddable/xs");
  if (existsSync(xs)) return xs;
  const download = mkdtempSync(join(CACHE, "download-"));
  try {
    await pack(download);
    const archive = join(download, readdirSync(download)[0]!);
    const integrity = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
    if (integrity !== INTEGRITY) throw new Error(`${PACKAGE}: expected ${INTEGRITY}, got ${integrity}; not used`);
    await run("tar", ["-xzf", archive, "-C", download]);
    mkdirSync(folder, { recursive: true });
    renameSync(join(download, "package"), join(folder, "package"));
  } finally {
    rmSync(download, { recursive: true });
  }
  return xs;
}

async function pack(destination: string): Promise<void> {
  try {
    const patience = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--loglevel=error"];
    await run("npm", ["pack", PACKAGE, ...patience, "--pack-destination", destination], { cwd: ROOT });
  } catch (error) {
    const reason = String((error as { stderr?: string }).stderr ?? error)
      .trim()
      .split("\n")[0];
    throw new MissingTool(
      `cannot get ${PACKAGE} from the npm registry; connect to the network and try again (${reason})`,
    );
  }
}

async function compile(xs: string, folder: string): Promise<void> {
  const include = [HOST_SOURCES, join(xs, "includes"), join(xs, "platforms"), join(xs, "sources")].map(
    (path) => `-I${path}`,
  );
  const sources = readdirSync(join(xs, "sources"))
    .filter((name) => name.endsWith(".c") && name !== "xsmc.c")
    .map((name) => join(xs, "sources", name));
  const queue = [...sources, ...hostFiles().filter((name) => name.endsWith(".c"))];
  const worker = async () => {
    for (let source = queue.shift(); source; source = queue.shift()) {
      const extra = REPLACED[basename(source)] ?? [];
      const warnings = source.startsWith(HOST_SOURCES) ? ["-Wall", "-Werror"] : ["-w"];
      const object = join(folder, source.replace(/.*\/(.*)\.c$/, "$1.o"));
      await run("gcc", [...FLAGS, ...extra, ...warnings, ...include, "-c", source, "-o", object]);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

function objects(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".o"))
    .map((name) => join(folder, name));
}
