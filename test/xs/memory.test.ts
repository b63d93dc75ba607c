import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostOrSkip } from "./build.js";
import { ESP32 } from "./frames.js";
import { fillFlash } from "./full-flash.js";
import { World } from "./world.js";

/** The device as an ESP32 has it, with a console. */
const PROGRAM = join(import.meta.dirname, "programs/console.ts");
/** Bytes of the longest answer that is read. */
const LONGEST = 4096;
/** Hours from the start until a line can be typed, and until two reports were made. */
const BOOT = 0.005;
const TWO_REPORTS = 1.2;
const HOUR = 3600;
/** That wait in the flash, those of a day. */
const ROWS = 720;

/** As many items as fit between `open` and `close` in the longest answer. */
function longest(open: string, item: (index: number) => string, close: string): string {
  let text = open + item(0);
  for (let i = 1; ; i++) {
    const longer = `${text},${item(i)}`;
    if (longer.length + close.length > LONGEST) return text + close;
    text = longer;
  }
}

/** Answers everything with `body`. */
function serverOf(body: string): Server {
  return createServer((request, response) => {
    const done = () => response.writeHead(200, { "content-length": body.length }).end(body);
    request.resume().on("end", done);
  });
}

describe("memory of an ESP32 at its tightest, on XS", () => {
  let folder: string;

  before(async function () {
    await hostOrSkip(this);
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "heliograph-memory-"));
  });

  afterEach(() => {
    if (folder) rmSync(folder, { recursive: true });
  });

  /** Prints what a device needs to live through this; gives what its console showed. */
  async function need(what: string, live: (world: World) => Promise<void>): Promise<string> {
    const flashFile = join(folder, "flash");
    rmSync(flashFile, { force: true });
    fillFlash(flashFile, 1);
    const world = await World.open({ flashFile, measure: true }, "SIM7600", PROGRAM);
    world.device.start();
    await world.live(BOOT);
    await live(world);
    const shown = world.terminal.above.join("\n");
    const { exitCode, reason, neededChunkBytes, neededSlots } = world.close();
    console.log(`      ${what.padEnd(40)} ${neededChunkBytes} bytes of chunks, ${neededSlots} slots`);
    assert.deepEqual([exitCode, reason], [0, "done"], shown);
    assert.ok(neededChunkBytes < ESP32.chunk * 0.6, "40 % of the chunks must stay free");
    assert.ok(neededSlots < ESP32.heap * 0.6, "40 % of the slots must stay free");
    return shown;
  }

  const REQUESTS = [
    "encoding=json form=condensed",
    "encoding=cbor form=condensed",
    "encoding=json form=simple",
    "encoding=cbor form=simple",
    "request_bytes=16384",
  ];
  for (const settings of REQUESTS) {
    it(`is enough for requests with ${settings}`, async () => {
      const shown = await need(settings, async (world) => {
        world.type(`set ${settings}`);
        await world.live(TWO_REPORTS);
        assert.ok(world.rows.length > ROWS);
      });
      assert.match(shown, /^ok$/m);
    });
  }

  const ANSWERS: readonly (readonly [holding: string, body: string, outcome: RegExp])[] = [
    ["one long text", `{"x":"${"y".repeat(LONGEST - 8)}"}`, /report accepted/],
    ["members", longest("{", (i) => `"${i.toString(36)}":0`, "}"), /answer refused: malformed \(expected one JSON/],
    ["settings", longest('{"st":{', (i) => `"${i.toString(36)}":0`, "}}"), /answer refused: malformed \(settings/],
    ["extra data", longest('{"a":"da12","ed":{', (i) => `"${i.toString(36)}":0`, "}}"), /refused: wrong signature/],
    ["tokens", longest('{"tkl":[', (i) => `"${100_000_000 + i}"`, "]}"), /token from the server: wrong token/],
    ["nothing in arrays", longest('{"x":[', () => "[]", "]}"), /report accepted/],
  ];
  for (const [holding, body, outcome] of ANSWERS) {
    it(`is enough for an answer of 4 KB that holds ${holding}`, async () => {
      const shown = await need(`4 KB of ${holding}`, async (world) => {
        world.internet.listen("long.example", 80, serverOf(body));
        world.type("set base_url=http://long.example data_format_id=1");
        await world.live(TWO_REPORTS);
      });
      assert.match(shown, outcome);
    });
  }

  it("is enough for every console command in the middle of a report", async () => {
    const commands = ["help", "data", "status", "settings", "settings base_url", "queue 1000", "request"];
    const shown = await need("console", async (world) => {
      Object.assign(world.modem.knobs, { uplink: 20_000, latency: 600 });
      while (!world.terminal.above.some((line) => line.includes("more to come"))) await world.live(1 / HOUR);
      for (let i = 0; i < 4 * commands.length; i++) {
        world.type(commands[i % commands.length]!);
        await world.live(1 / HOUR);
      }
      await world.live(0.2);
      assert.ok(world.rows.length > ROWS);
    });
    assert.equal(shown.match(/^ok$/gm)?.length, 4 * commands.length);
  });
});
