import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SimulatedTime } from "../../hal/sim/time.js";
import { hostOrSkip } from "./build.js";
import { XSDevice } from "./device.js";
import { Peer } from "./peer.js";
import { bundle } from "./run.js";

describe("device on XS in lockstep with a world on virtual time", () => {
  let host: string;
  let folder: string;
  let script: string;
  let time: SimulatedTime;
  let peer: Peer;
  let log: string[];
  let pins: string[];
  let device: XSDevice;

  before(async function () {
    host = await hostOrSkip(this);
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "heliograph-test-"));
    script = bundle(join(import.meta.dirname, "programs/echo.ts"), folder);
    time = new SimulatedTime(5000);
    peer = new Peer(time);
    log = [];
    pins = [];
    device = new XSDevice({
      host,
      script,
      time,
      flashFile: join(folder, "flash"),
      keyValueFile: join(folder, "keys"),
      ports: { 1: { io: peer.io } },
      onLog: (line) => log.push(line),
      onPin: (pin, value) => pins.push(`${pin}=${value}`),
      onEnd: (end) => {
        log.push(`${end.exitCode} ${end.reason}`);
        if (end.reason === "restart") device.start();
      },
    });
    device.start();
  });

  afterEach(() => {
    device?.cut();
    if (folder) rmSync(folder, { recursive: true });
  });

  it("runs its timers at the world's time, counted from its own start", () => {
    time.run(2500);
    assert.deepEqual(log, ["beat 0 at 1000", "beat 1 at 2000"]);
  });

  it("answers over the serial port after the time it takes", () => {
    time.run(300);
    peer.say("hel");
    peer.say("lo\n");
    time.run(249);
    assert.equal(peer.received, "");
    time.run(1);
    assert.equal(peer.received, "hello 1 550\n");
    assert.deepEqual(peer.bauds, [115_200]);
  });

  it("is held to what the port can take", () => {
    time.run(10);
    for (let i = 0; i < 8; i++) peer.say(`line ${i}\n`);
    time.run(260);
    assert.equal(peer.received, [0, 1, 2, 3].map((n) => `line ${n} 1 260\n`).join(""));
    assert.match(log.join("\n"), /Error: room for 12 bytes, not for 13/);
    assert.equal(device.end?.exitCode, 15);
  });

  it("sees its input pins and drives its output pins", () => {
    time.run(10);
    peer.say("on\n");
    time.run(90);
    device.setInput(5, 1);
    device.setInput(5, 1);
    device.setInput(5, 0);
    assert.deepEqual(pins, ["4=1"]);
    assert.deepEqual(log, ["tamper 1 at 100", "tamper 0 at 100"]);
  });

  it("keeps flash and key-value store over a power cut and a restart", () => {
    time.run(3500);
    device.cut();
    time.run(10_000);
    assert.equal(log.length, 3, "nothing runs without power");
    device.start();
    time.run(1200);
    assert.equal(log.at(-1), "beat 3 at 1000");
    peer.say("reset\n");
    time.run(10);
    peer.say("again\n");
    time.run(300);
    assert.equal(log.at(-1), "3 restart");
    assert.match(peer.received, /^again 3 /);
  });

  it("reports the error that ended it, with its stack", () => {
    time.run(10);
    peer.say("throw\n");
    time.run(1);
    assert.match(log[0]!, /^Error: asked to\n at answer/);
    assert.equal(log[1], "15 unhandled exception");
    assert.equal(device.end?.exitCode, 15);
    assert.equal(peer.closed, 1);
  });

  it("reports that the host was killed from outside", () => {
    time.run(10);
    process.kill(device.pid!, "SIGKILL");
    time.run(2000);
    assert.equal(device.end?.reason, "the host crashed");
  });

  it("gives the same run for the same inputs, and its figures at the end", () => {
    const figures = () => {
      time.run(10);
      for (let i = 0; i < 20; i++) {
        peer.say(`${i}\n`);
        time.run(777);
        peer.drain();
      }
      return device.stop();
    };
    const first = figures();
    assert.equal(first.exitCode, 0);
    assert.ok(first.slots > 28 && first.slots < 300, `${first.slots} slots`);
    rmSync(join(folder, "flash"));
    rmSync(join(folder, "keys"));
    device.start();
    assert.deepEqual(figures(), first);
  });
});
