import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileFlash } from "../../../hal/host/flash.js";
import { seededRandom } from "../../../hal/sim/random.js";

const SIZE = 64 * 1024;

describe("flash in a file", () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "heliograph-"));
    path = join(directory, "flash.bin");
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  function open(size = SIZE): FileFlash {
    return new FileFlash({ path, size, random: seededRandom(1) });
  }

  it("keeps what was written and erased, as a raw image that is no longer than needed", () => {
    const flash = open();
    flash.write(Uint8Array.of(1, 2, 3), 5000);
    flash.write(Uint8Array.of(0), 100);
    flash.eraseBlock(1);
    flash.write(Uint8Array.of(7), 5001);
    const length = statSync(path).size;
    assert.equal(length, 8192);
    flash.close();
    flash.close();
    const image = new Uint8Array(SIZE).fill(255);
    image[100] = 0;
    image[5001] = 7;
    assert.deepEqual(Uint8Array.from(readFileSync(path)), image.subarray(0, length));
    const again = open();
    const bytes = new Uint8Array(SIZE);
    again.read(bytes, 0);
    assert.deepEqual(bytes, image);
    again.close();
  });

  it("keeps what a power cut left half done", () => {
    const flash = open();
    flash.cutAfter(3);
    assert.throws(() => flash.write(new Uint8Array(8), 0), /power cut/);
    const left = flash.bytes.slice();
    flash.close();
    const again = open();
    assert.deepEqual(again.bytes, left);
    again.close();
  });

  it("refuses a file that is longer than the flash", () => {
    writeFileSync(path, new Uint8Array(SIZE + 1));
    assert.throws(() => open(), /flash\.bin has 65537 bytes, the flash only 65536: move the file away/);
  });

  it("loses no completed write when its process is killed", async () => {
    const child = spawn(
      process.execPath,
      ["--import", "tsx", new URL("flash-writer.ts", import.meta.url).pathname, path],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    let output = "";
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (data) => {
        output += data;
        if (output.length > 2000) child.kill("SIGKILL");
      });
      child.on("close", () => resolve());
    });
    assert.equal(child.signalCode, "SIGKILL");
    const written = output.split("\n").length - 1;
    assert.ok(written > 100);
    const flash = open();
    for (let i = 0; i < written; i++) assert.deepEqual([...flash.bytes.subarray(4 * i, 4 * i + 4)], [i & 127, 1, 2, 3]);
    flash.close();
  });
});
