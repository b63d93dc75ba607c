import assert from "node:assert/strict";
import type { Serial } from "../../../hal/serial.js";
import { modemNames } from "../../../hal/sim/modem/modems.js";
import { exchange, type World, world } from "../../../tools/bench/modem-world.js";

/** What another firmware does with a modem that is in the network, up to data mode. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  SIM7600: ["AT+NETCLOSE", "AT+CIPMODE=1", "AT+NETOPEN", 'AT+CIPOPEN=0,"TCP","echo",7'],
  A7670: ["AT+NETCLOSE", "AT+CIPMODE=1", "AT+NETOPEN", 'AT+CIPOPEN=0,"TCP","echo",7'],
  SIM800: [
    ...["AT+CIPSHUT", "AT+CIPMUX=0", "AT+CIPMODE=1", 'AT+CSTT="internet"', "AT+CIICR", "AT+CIFSR"],
    'AT+CIPSTART="TCP","echo",7',
  ],
  SIM7000: [
    ...["AT+CIPSHUT", "AT+CIPMUX=0", "AT+CIPMODE=1", 'AT+CSTT="internet"', "AT+CIICR", "AT+CIFSR"],
    'AT+CIPSTART="TCP","echo",7',
  ],
  BG95: ['AT+QIOPEN=1,5,"TCP","echo",7,0,2'],
  BG96: ['AT+QIOPEN=1,5,"TCP","echo",7,0,2'],
  EC21: ['AT+QIOPEN=1,5,"TCP","echo",7,0,2'],
  EC25: ['AT+QIOPEN=1,5,"TCP","echo",7,0,2'],
  EG91: ['AT+QIOPEN=1,5,"TCP","echo",7,0,2'],
};

/** Speaks to the modem in the driver's place; gives what it said last. */
function meddle({ emulator, time }: World, commands: readonly string[], baud = 115_200): string {
  let said = "";
  const port: Serial = new emulator.serial.io({
    ...emulator.serial,
    baud,
    onReadable: () => {
      said += Buffer.from(port.read() as ArrayBuffer).toString("latin1");
    },
  });
  for (const command of commands) {
    said = "";
    time.run(100);
    port.write(Buffer.from(`${command}\r`));
    time.run(10_000);
  }
  port.close();
  return said;
}

function connected(name: string): World {
  const w = world({}, 1, { name });
  w.until(() => w.modem.connection === 500);
  w.modem.close();
  return w;
}

/** The driver starts anew and reports; gives how long that took. */
function reports(w: World): number {
  const { presses } = w;
  const before = w.log.length;
  w.restart();
  const took = w.until(() => w.modem.connection === 500 && exchange(w, 300) !== undefined, 120_000);
  assert.equal(w.presses, presses, "the key was not touched");
  assert.ok(!w.log.slice(before).some((line) => line.includes("recovery: try again")));
  return took;
}

describe("modem driver and a modem that another firmware left", () => {
  for (const name of Object.keys(WAYS)) {
    it(`brings ${name} back from data mode within 20 s`, () => {
      const w = connected(name);
      assert.match(meddle(w, WAYS[name]!), /CONNECT\r\n$/);
      const took = reports(w);
      assert.ok(took < 20_000, `${took} ms`);
    });

    it(`brings ${name} back that left data mode and kept its settings`, () => {
      const w = connected(name);
      meddle(w, WAYS[name]!);
      w.time.run(1100);
      const port = new w.emulator.serial.io({ ...w.emulator.serial });
      w.time.run(100);
      port.write(Buffer.from("+++"));
      w.time.run(1200);
      port.close();
      assert.ok(reports(w) < 20_000);
    });
  }

  for (const name of modemNames)
    it(`finds ${name} at another rate within 2 min, and keeps it at its own`, () => {
      for (const baud of [9600, 57_600, 230_400, 921_600]) {
        const w = connected(name);
        meddle(w, [`AT+IPR=${baud}`]);
        assert.match(meddle(w, ["AT&W"], baud), /OK/);
        w.restart();
        w.until(() => w.modem.connection === 500 && exchange(w, 300) !== undefined, 120_000);
        w.emulator.crash();
        // A command may be in flight that takes 120 s.
        w.until(() => w.modem.connection < 500, 180_000);
        w.until(() => w.modem.connection === 500, 120_000);
        w.modem.close();
        w.emulator.crash();
        w.time.run(40_000);
        assert.match(meddle(w, ["AT"]), /OK/, "the rate was kept");
      }
    });

  it("comes back to its own rate when it was disconnected while it looked at others", () => {
    const w = world();
    w.until(() => w.modem.connection === 500);
    w.emulator.knobs.hang = "supply";
    w.until(() => w.log.at(-1)!.includes("! 9600 baud"));
    w.modem.disconnect();
    w.emulator.knobs.hang = "no";
    w.time.run(10_000);
    const { presses } = w;
    w.modem.connect({ apn: "internet" });
    w.until(() => w.modem.connection === 500, 30_000);
    assert.equal(w.presses, presses, "the key would switch it off");
  });
});
