import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { basename, delimiter, join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const OUTPUT = join(ROOT, "build");
/** In the manifest. */
const NAME = "heliograph";
const TOOLS = "build/bin/lin/release";

export interface BuildOptions {
  /** "lin", or the JavaScript half of "esp32/nodemcu" and the like: types, bytecode, linking to flash; no ESP-IDF is needed. */
  readonly target: string;
  /** Relative to the root of this project; default the one at the top. Another one is built into a folder of its own. */
  readonly manifest?: string | undefined;
}

export interface Built {
  /** The linked modules as C source. */
  readonly source: string;
  /** What the simulator and `headless` load; there for "lin" only. */
  readonly library: string;
  /** Complaints of the linker: what cannot stay in flash as it is, imports that lead nowhere. Not those of the SDK's own TLS, which has two. */
  readonly warnings: readonly string[];
}

/** A Moddable SDK with its tools built. */
export class SDK {
  readonly folder: string;

  /** `folder` as `findSDK` gives it. */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** Throws with what the tool said when it fails. Warnings are there after a build from scratch only, so each is one. */
  build({ target, manifest }: BuildOptions): Built {
    const platform = target.includes("/") ? target : `${target}/mc`;
    const output = manifest ? join(OUTPUT, basename(manifest, ".json")) : OUTPUT;
    const folder = join(output, "tmp", platform, "release", NAME);
    const source = join(folder, "mc.xs.c");
    mkdirSync(output, { recursive: true });
    // C that was compiled for other symbols would be linked as it is. The compiled engine is elsewhere, and stays.
    rmSync(folder, { recursive: true, force: true });
    const steps = target === "lin" ? ["-m", "-t", "build"] : [];
    let said = this.run("mcconfig", ["-p", target, "-o", output, ...steps, join(ROOT, manifest ?? "manifest.json")]);
    // The makefile asks for ESP-IDF before it does anything; the linked bytecode does not need it.
    const without = ["SDKCONFIG_H=", "IDF_PATH=/", "IDF_VERSION=none"];
    if (target !== "lin") said += this.run("make", ["-f", join(folder, "makefile"), ...without, source]);
    return {
      source,
      library: join(output, "bin", platform, "release", NAME, "mc.so"),
      warnings: said.split("\n").filter((line) => /^### warning: (?!ssl\/)/.test(line)),
    };
  }

  /** Compiles the program that runs a library without a screen; gives its path. */
  buildHeadless(): string {
    const program = join(OUTPUT, "headless");
    mkdirSync(OUTPUT, { recursive: true });
    const glib = this.run("pkg-config", ["--cflags", "--libs", "gio-2.0"]).trim().split(/\s+/);
    const includes = ["xs/includes", "xs/platforms", "xs/sources", "build/simulators/modules"];
    this.run("cc", [
      ...["-O1", "-DXS_ARCHIVE=1", "-DINCLUDE_XSPLATFORM=1", '-DXSPLATFORM="lin_xs.h"', "-o", program],
      ...includes.map((path) => `-I${join(this.folder, path)}`),
      ...[join(import.meta.dirname, "headless.c"), ...glib, "-ldl"],
    ]);
    return program;
  }

  /** Bytes of flash that linked modules take on a 32-bit device: code, and objects that were made at build time. */
  flashBytes({ source }: Built): number {
    const object = `${source}.32.o`;
    const glib = this.run("pkg-config", ["--cflags", "gio-2.0"]).trim().split(/\s+/);
    const includes = ["xs/includes", "xs/platforms", "xs/sources"].map((path) => `-I${join(this.folder, path)}`);
    this.run("cc", [
      ...["-m32", "-Os", "-w", "-c", "-DINCLUDE_XSPLATFORM=1", '-DXSPLATFORM="lin_xs.h"', "-o", object],
      ...[...includes, `-I${join(source, "..")}`, ...glib, source],
    ]);
    const sections = this.run("size", ["-A", "-d", object]).matchAll(/^\.(?:text|rodata|data\.rel\.ro)\S*\s+(\d+)/gm);
    return [...sections].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  }

  /** Runs one step; gives what it said. */
  run(command: string, args: readonly string[]): string {
    const tools = [join(this.folder, TOOLS), join(ROOT, "node_modules/.bin"), process.env.PATH];
    const env = { ...process.env, MODDABLE: this.folder, PATH: tools.join(delimiter) };
    const options = { cwd: ROOT, env, encoding: "utf8", maxBuffer: 64 << 20 } as const;
    const { stdout, stderr, status, error } = spawnSync(command, args, options);
    const said = `${stdout ?? ""}${stderr ?? ""}`;
    if (status === 0) return said;
    throw new Error(`${said.trimEnd()}\n${command} failed${error ? `: ${error.message}` : ""}`);
  }
}

/** The SDK at MODDABLE, or at the place xs-dev puts it at; why there is none, in one line. */
export function findSDK(): SDK | string {
  const folder = process.env.MODDABLE ?? join(homedir(), ".local/share/moddable");
  const where = process.env.MODDABLE ? "MODDABLE" : "the default of xs-dev";
  if (existsSync(join(folder, TOOLS, "mcconfig"))) return new SDK(folder);
  return `no Moddable SDK with built tools at ${folder} (${where}); get it with: npx xs-dev setup`;
}
