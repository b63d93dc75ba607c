import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { constants, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ReadStream } from "node:tty";
import { Port, PortError } from "../../tools/modem-pty/port.js";

const ROOT = join(import.meta.dirname, "../..");
/** Knobs that shorten the boot, which is in real time here. */
const QUICK = ["bootTime=300", "simTime=50", "searchTime=100", "contextTime=100"].flatMap((knob) => ["--knob", knob]);
const READ_WRITE = constants.O_RDWR | constants.O_NOCTTY;

describe("modem on a pty", function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), "heliograph-pty-"));
  const link = join(folder, "modem");
  let tools: ChildProcess[] = [];

  before(async function () {
    try {
      (await Port.open()).close();
    } catch (error) {
      if (!(error instanceof PortError) || process.env.CI) throw error;
      console.log(`    left out: ${error.message}`);
      this.skip();
    }
  });

  afterEach(async () => {
    for (const tool of tools) {
      if (tool.exitCode === null && tool.kill()) await once(tool, "exit");
    }
    tools = [];
  });

  after(() => rmSync(folder, { recursive: true }));

  /** Starts the tool and waits for its first line. */
  async function start(...parameters: string[]): Promise<{ tool: ChildProcess; line: string }> {
    const tool = spawn(process.execPath, ["--import", "tsx", "tools/modem-pty.ts", ...parameters], { cwd: ROOT });
    tools.push(tool);
    const lines = [tool.stdout, tool.stderr].map((stream) => once(createInterface(stream), "line"));
    const [line] = (await Promise.race(lines)) as [string];
    return { tool, line };
  }

  /** Waits until `text()` fits; gives it. */
  async function until(text: () => string, pattern: RegExp): Promise<string> {
    for (const end = Date.now() + 10_000; Date.now() < end; ) {
      if (pattern.test(text())) return text();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`expected ${pattern}, got ${JSON.stringify(text())}`);
  }

  it("answers a program that opens its link, connects it to a real server, and is told what to do while it runs", async () => {
    const server = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { tool, line } = await start("--modem", "SIM7600", "--port-link", link, ...QUICK);
    assert.equal(line, `SIM7600 on ${link}`);
    const terminal = new ReadStream(openSync(link, READ_WRITE));
    terminal.setRawMode(true);
    let said = "";
    terminal.on("data", (bytes: Buffer) => {
      said += bytes.toString("latin1");
    });
    const ask = async (command: string, answer: RegExp) => {
      said = "";
      terminal.write(command);
      await until(() => said, answer);
    };
    await until(() => said, /PB DONE\r\n/);
    await ask("ATE0\r", /OK\r\n/);
    await ask("AT+NETOPEN\r", /\+NETOPEN: 0\r\n/);
    await ask(`AT+CIPOPEN=0,"TCP","127.0.0.1",${port}\r`, /\+CIPOPEN: 0,0\r\n/);
    await ask("AT+CIPSEND=0,5\r", />/);
    await ask("hello", /RECV FROM:127\.0\.0\.1:\d+\r\n\r\n\+IPD5\r\nhello/);
    tool.stdin!.write("coverage=false\n");
    await ask("AT+CSQ\r", /\+CSQ: 99,99\r\n/);
    tool.stdin!.write("supply\n");
    said = "";
    await until(() => said, /RDY\r\n/);
    terminal.destroy();
    server.close();
    tool.kill("SIGINT");
    assert.deepEqual(await once(tool, "exit"), [0, null]);
    assert.equal(existsSync(link), false);
  });

  it("sits on a serial device as well, and follows the modem's rate", async () => {
    const wire = await Port.open();
    let said = "";
    wire.onData((bytes) => {
      said += Buffer.from(bytes).toString("latin1");
    });
    await start("--modem", "SARA-R4", "--device", wire.name, ...QUICK);
    const rate = () => execFileSync("stty", ["-F", wire.name, "speed"]).toString().trim();
    assert.equal(rate(), "115200");
    // The modem is mute until it has booted.
    const asking = setInterval(() => wire.write(Buffer.from("ATE0\r")), 100);
    await until(() => said, /OK\r\n/);
    clearInterval(asking);
    wire.write(Buffer.from("AT+IPR=9600\r"));
    await until(rate, /^9600$/);
    wire.write(Buffer.from("AT+IPR?\r"));
    await until(() => said, /\+IPR: 9600\r\n/);
    wire.close();
  });

  it("refuses what cannot be in one line, with code 2", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "precious");
    const cases: [parameters: string[], expected: RegExp][] = [
      [["--modem", "SIM9"], /^modem-pty: .*'SIM9' is invalid\. Allowed choices are SIM7600, /],
      [["--knob", "latency=fast"], /^modem-pty: .*latency: expected a number like 70, got "fast"\.$/],
      [["--port-link", file], /^modem-pty: .*file is there already, and is no link/],
      [["--device", join(folder, "none")], /^modem-pty: .*none 115200: .*No such file/],
    ];
    const refuse = async ([parameters, expected]: (typeof cases)[number]) => {
      const { tool, line } = await start(...parameters);
      assert.match(line, expected);
      if (tool.exitCode === null) await once(tool, "exit");
      assert.equal(tool.exitCode, 2, line);
    };
    await Promise.all(cases.map(refuse));
  });
});
