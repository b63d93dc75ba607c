import { spawnSync } from "node:child_process";

/** `npm test`: types, lint and format, then every test. Arguments go to mocha. */
const steps: [name: string, command: string, ...args: string[]][] = [
  ["types", "tsc", "-p", "tsconfig.json", "--noEmit"],
  ["types of the portable code", "tsc", "-p", "firmware/tsconfig.json", "--noEmit"],
  ["lint and format", "biome", "check", "--error-on-warnings", "."],
  ["tests", "mocha", "test/**/*.test.ts", ...process.argv.slice(2)],
];

for (const [name, command, ...args] of steps) {
  const { status, error } = spawnSync("npx", ["--no-install", command, ...args], { stdio: "inherit" });
  if (status !== 0) {
    console.error(`npm test: ${name} failed${error ? `: ${error.message}` : ""}`);
    process.exit(1);
  }
}
