/**
 * Makes the files of the conformance kit: `HELIOGRAPH_PYTHON=... npx tsx test/vectors/generate.ts`. The Python reference
 * makes the tokens and signs the good answers; requests are ours, and the reference has to accept every one.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runPython } from "../interop/python.js";
import { answerVectors } from "./answers.js";
import { requestCases } from "./cases.js";
import { FORMATS } from "./formats.js";
import { type RequestVector, writeVector } from "./kit.js";
import { tokenVectors } from "./tokens.js";

const PROGRAM = readFileSync(new URL("../interop/reference.py", import.meta.url), "utf8");

/** Asks the reference, one object per line. */
export type Reference = (lines: readonly object[]) => object[];

function requestVectors(): RequestVector[] {
  return requestCases().map((vector) => {
    const bytes = writeVector(vector);
    return vector.encoding === "json"
      ? { ...vector, body: bytes.toString("latin1") }
      : { ...vector, body_hex: bytes.toString("hex") };
  });
}

/** The content of every file of the kit, by its name. */
export function makeVectors(python: string): Record<string, readonly object[]> {
  const reference: Reference = (lines) => {
    const output = runPython(python, PROGRAM, lines.map((line) => JSON.stringify(line)).join("\n"));
    return output
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  };
  return {
    "requests.json": requestVectors(),
    "answers.json": answerVectors(reference),
    "tokens.json": tokenVectors(reference),
    "data-formats.json": FORMATS,
  };
}

/** In ASCII, so that no editor changes what looks the same. */
function write(name: string, vectors: readonly object[]): void {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const text = JSON.stringify(vectors, null, 2).replace(/[\u007f-\uffff]/g, escaped);
  writeFileSync(new URL(name, import.meta.url), `${text}\n`);
  console.log(`${name}: ${vectors.length} vectors`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const vectors = makeVectors(process.env.HELIOGRAPH_PYTHON ?? "python3");
  for (const [name, content] of Object.entries(vectors)) write(name, content);
  const folder = fileURLToPath(new URL(".", import.meta.url));
  execFileSync("npx", ["biome", "format", "--write", folder], { stdio: "inherit" });
}
