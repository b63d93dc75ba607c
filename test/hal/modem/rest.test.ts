import assert from "node:assert/strict";
import type { Rest } from "../../../hal/network.js";
import { modemNames } from "../../../hal/sim/modem/modems.js";
import { APN, exchange, pattern, type Wiring, type World, world } from "../../../tools/bench/modem-world.js";

const HOUR = 3600;
const SLEEP: Rest = { mode: "sleep", seconds: HOUR };
const SAVE: Rest = { mode: "psm", seconds: HOUR };
/** How long a rest takes in these tests, milliseconds: PSM is waited for a minute. */
const WHILE = 600_000;

/** What each modem does with its DTR pin wired, and without, when it is told to sleep for an hour. */
const SLEEPS: Record<string, [wired: string, unwired: string | undefined]> = {
  SIM7600: ["AT+CSCLK=1", undefined],
  A7670: ["AT+CSCLK=1", "AT+CSCLK=2"],
  SIM800: ["AT+CSCLK=1", "AT+CSCLK=2"],
  SIM7000: ["AT+CSCLK=1", undefined],
  SIM7070: ["AT+CSCLK=1", undefined],
  SIM7080: ["AT+CSCLK=1", undefined],
  BG95: ["AT+QSCLK=1", undefined],
  BG96: ["AT+QSCLK=1", undefined],
  EC21: ["AT+QSCLK=1", undefined],
  EC25: ["AT+QSCLK=1", undefined],
  EG91: ["AT+QSCLK=1", undefined],
  "SARA-R4": ["AT+UPSV=4", "AT+UPSV=4"],
  "SARA-R5": ["AT+UPSV=1", "AT+UPSV=1"],
  "SARA-U2": ["AT+UPSV=1", "AT+UPSV=1"],
};
/** SIM7000 and SARA-R4 have it, too, but a change takes effect after a restart only. */
const HAVE_PSM = ["A7670", "SIM7070", "SIM7080", "BG95", "BG96", "SARA-R5"];

function connected(name: string, wiring: Wiring = {}): World {
  const w = world({}, 1, { name, ...wiring });
  w.until(() => w.modem.connection === 500, 200_000);
  report(w);
  return w;
}

function report(w: World): void {
  assert.deepEqual(exchange(w, 300), pattern(300), w.log.slice(-30).join("\n"));
}

function rest(w: World, mode: Rest): void {
  w.modem.disconnect(mode);
  w.time.run(WHILE);
  w.log.length = 0;
}

/** Gives the milliseconds until there is a connection again. */
function wake(w: World): number {
  w.modem.connect(APN);
  return w.until(() => w.modem.connection === 500, 300_000);
}

const sent = (w: World) => w.log.filter((line) => line.includes(" > AT")).map((line) => line.split(" > ")[1]!);

/** Whether it hears a command right now. */
function hears(w: World): boolean {
  let heard = false;
  const serial = new w.emulator.serial.io({
    format: "buffer",
    onReadable: () => {
      heard = true;
    },
  });
  serial.write(new TextEncoder().encode("AT\r"));
  w.time.run(1000);
  serial.close();
  return heard;
}

describe("a modem that sleeps between reports", () => {
  for (const name of modemNames) {
    const [wired, unwired] = SLEEPS[name]!;
    it(`is ${name}: stays in the network, hears nothing, and goes on within 2 s`, () => {
      const w = connected(name);
      w.modem.disconnect(SLEEP);
      w.time.run(WHILE);
      assert.ok(sent(w).includes(wired), sent(w).join());
      assert.equal(w.modem.connection, 200);
      assert.ok(w.emulator.running);
      const { presses } = w;
      w.log.length = 0;
      const milliseconds = wake(w);
      assert.ok(milliseconds < 2000, `${milliseconds}`);
      assert.ok(sent(w).length <= 11, sent(w).join());
      assert.equal(w.presses, presses);
      report(w);
      assert.equal(w.modem.connection, 500);
    });

    it(`is ${name} without a DTR wire: ${unwired ? "sleeps by itself" : "is switched off instead"}`, () => {
      const w = connected(name, { ready: false });
      w.modem.disconnect(SLEEP);
      w.time.run(WHILE);
      assert.equal(sent(w).includes(unwired ?? ""), unwired !== undefined);
      assert.equal(w.emulator.running, unwired !== undefined);
      assert.equal(w.supplied, unwired !== undefined);
      const milliseconds = wake(w);
      assert.equal(milliseconds < 2000, unwired !== undefined, `${milliseconds}`);
      report(w);
    });
  }

  it("is deaf meanwhile, by its pin or by itself", () => {
    for (const ready of [true, false]) {
      const w = connected("SIM800", { ready });
      rest(w, SLEEP);
      w.modem.close();
      assert.equal(hears(w), false);
    }
    const awake = connected("SIM800");
    awake.modem.close();
    assert.equal(hears(awake), true);
  });

  it("stays awake through pauses that it would fall asleep in, once it is back", () => {
    for (const name of ["SIM800", "A7670", "SARA-R4", "SARA-U2"]) {
      const w = connected(name, { ready: false });
      rest(w, SLEEP);
      wake(w);
      for (let i = 0; i < 3; i++) {
        w.time.run(30_000);
        report(w);
      }
      assert.ok(!w.log.some((line) => line.includes("! no answer")), w.log.join("\n"));
    }
  });

  it("rests and reports a hundred times", () => {
    const w = connected("A7670");
    for (let i = 0; i < 100; i++) {
      rest(w, SLEEP);
      wake(w);
      report(w);
    }
    assert.equal(w.presses, 1);
  });

  it("closes in the modem what was left open", () => {
    for (const name of modemNames) {
      const w = connected(name);
      const socket = new w.modem.TCP({ address: "echo", port: 7 });
      w.time.run(5000);
      w.modem.disconnect(SLEEP);
      w.time.run(5000);
      assert.equal(w.internet.open, 0, name);
      socket.close();
    }
  });

  it("attaches anew after the network, the SIM or its power went while it slept", () => {
    for (const name of modemNames)
      for (const harm of [
        (w: World) => w.emulator.dropContext(),
        (w: World) => w.emulator.crash(),
        (w: World) => {
          w.emulator.knobs.coverage = false;
          w.time.run(60_000);
          w.emulator.knobs.coverage = true;
        },
        (w: World) => {
          w.emulator.knobs.sim = "NOT INSERTED";
          w.time.run(5000);
          w.emulator.knobs.sim = "READY";
        },
      ]) {
        const w = connected(name);
        rest(w, SLEEP);
        harm(w);
        w.time.run(60_000);
        wake(w);
        report(w);
      }
  });

  it("wakes amid URCs, in fragments of any size, and on a line with noise", () => {
    for (const name of modemNames)
      for (const knobs of [{ storm: 50, interleave: 300, fragment: 1 }, { fragment: 3 }, { noise: 1000 }]) {
        const w = connected(name);
        for (let i = 0; i < 3; i++) {
          rest(w, SLEEP);
          Object.assign(w.emulator.knobs, knobs);
          wake(w);
          Object.assign(w.emulator.knobs, { storm: 0, interleave: 0, fragment: 0, noise: 0 });
          w.until(() => w.modem.connection === 500 && exchange(w, 300) !== undefined, 300_000);
        }
      }
  });

  it("takes what comes meanwhile for nothing", () => {
    const w = connected("SIM7600");
    rest(w, SLEEP);
    for (const code of ['+CMTI: "SM",1', "RING", '+CEREG: 1,"5A1E","B28A50C",7', "+CGEV: ME PDN ACT 1"])
      w.emulator.say(code);
    w.time.run(1000);
    assert.ok(wake(w) < 2000);
    report(w);
  });

  it("is woken when the controller restarts, and kept awake then", () => {
    for (const name of modemNames)
      for (const ready of [true, false]) {
        const w = connected(name, { ready });
        rest(w, { mode: "sleep", seconds: 60 });
        const { presses } = w;
        w.restart();
        w.until(() => w.modem.connection === 500, 60_000);
        w.time.run(30_000);
        report(w);
        assert.equal(w.presses, presses, name);
        assert.ok(!w.log.some((line) => line.includes("recovery")), w.log.join("\n"));
      }
  });

  it("is brought back by the ladder when it does not wake", () => {
    for (const name of modemNames)
      for (const hang of ["reset", "key", "supply"] as const) {
        const w = connected(name);
        rest(w, SLEEP);
        w.emulator.knobs.hang = hang;
        const milliseconds = wake(w);
        assert.ok(milliseconds < 240_000, `${name} ${hang}: ${milliseconds}`);
        report(w);
      }
  });

  it("is connected anew with another access point", () => {
    const w = connected("SIM7600");
    rest(w, SLEEP);
    w.modem.connect({ apn: "other" });
    w.until(() => w.modem.connection === 500, 60_000);
    assert.ok(sent(w).includes('AT+CGDCONT=1,"IP","other"'));
    report(w);
  });

  it("can be called back at any moment of falling asleep", () => {
    for (const name of ["SIM7600", "SIM800", "BG95", "SARA-R4"])
      for (let at = 0; at < 400; at += 7) {
        const w = connected(name);
        w.modem.disconnect(SLEEP);
        w.time.run(at);
        wake(w);
        report(w);
      }
  });

  it("stays awake for less than ten minutes rather than being switched off", () => {
    const w = connected("SIM7600", { ready: false });
    w.modem.disconnect({ mode: "sleep", seconds: 599 });
    w.time.run(WHILE);
    assert.ok(w.emulator.running);
    assert.ok(wake(w) < 2000);
    report(w);
  });

  it("is told once to obey its DTR, as SIM70xx keeps that in flash", () => {
    for (const name of ["SIM7600", "SIM7070", "BG95"]) {
      const w = connected(name);
      for (let i = 0; i < 3; i++) {
        w.modem.disconnect(SLEEP);
        w.time.run(WHILE);
        wake(w);
        report(w);
      }
      assert.equal(sent(w).filter((command) => command === SLEEPS[name]![0]).length, 1);
    }
  });

  it("asks for longer cycles of listening once, on LTE-M and NB-IoT", () => {
    for (const [name, count] of [
      ["BG95", 2],
      ["EC25", 0],
    ] as const) {
      const w = connected(name);
      for (let i = 0; i < 2; i++) {
        w.modem.disconnect(SLEEP);
        w.time.run(WHILE);
        wake(w);
      }
      assert.equal(sent(w).filter((command) => command.startsWith("AT+CEDRXS=1")).length, count);
    }
  });
});

describe("a modem in power saving mode between reports", () => {
  for (const name of modemNames) {
    const has = HAVE_PSM.includes(name);
    it(`is ${name}: ${has ? "is woken by its key, and known to the network" : "is switched off instead"}`, () => {
      const w = connected(name);
      const { presses } = w;
      w.modem.disconnect(SAVE);
      w.time.run(WHILE);
      assert.deepEqual([w.emulator.saving, w.emulator.running, w.supplied], [has, false, has]);
      assert.equal(sent(w).includes('AT+CPSMS=1,,,"00001100","00000101"'), has);
      w.log.length = 0;
      const milliseconds = wake(w);
      assert.ok(milliseconds < 25_000, `${milliseconds}`);
      assert.equal(w.presses, presses + 1);
      report(w);
      // It would leave again in the middle of things.
      w.time.run(120_000);
      assert.equal(w.emulator.saving, false);
      report(w);
      assert.ok(!w.log.some((line) => line.includes("recovery")), w.log.join("\n"));
    });
  }

  it("goes on without it where the network does not grant it: waits a minute once, then is switched off", () => {
    const w = connected("SIM7070");
    w.emulator.knobs.technology = "GSM";
    for (const waits of [true, false]) {
      w.log.length = 0;
      w.modem.disconnect(SAVE);
      w.time.run(WHILE);
      assert.deepEqual([w.emulator.saving, w.emulator.running], [false, false]);
      assert.equal(
        sent(w).some((command) => command.startsWith("AT+CPSMS=1")),
        waits,
      );
      wake(w);
      report(w);
    }
  });

  it("comes back at any moment of falling asleep, and when it wakes by itself", () => {
    for (const at of [
      0, 30, 1000, 9000, 10_050, 11_000, 20_000, 40_000, 59_000, 60_500, 65_000, 7_200_500, 7_215_000,
    ]) {
      const w = connected("SIM7080");
      w.modem.disconnect(SAVE);
      w.time.run(at);
      const milliseconds = wake(w);
      assert.ok(milliseconds < 60_000, `after ${at}: ${milliseconds}`);
      report(w);
    }
  });

  it("is woken when the controller restarts", () => {
    for (const name of HAVE_PSM) {
      const w = connected(name);
      rest(w, SAVE);
      assert.ok(w.emulator.saving);
      w.restart();
      w.until(() => w.modem.connection === 500, 60_000);
      w.time.run(120_000);
      assert.equal(w.emulator.saving, false);
      report(w);
    }
  });

  it("closes its connections before", () => {
    const w = connected("BG95");
    const socket = new w.modem.TCP({ address: "echo", port: 7 });
    w.time.run(5000);
    w.modem.disconnect(SAVE);
    w.time.run(2000);
    assert.equal(w.internet.open, 0);
    socket.close();
  });
});

describe("disconnecting a modem", () => {
  it("refuses rests that there are not", () => {
    const w = connected("SIM7600");
    assert.throws(() => w.modem.disconnect({ mode: "nap" as "off", seconds: 1 }), /off, sleep, psm expected/);
    for (const seconds of [-1, Number.NaN])
      assert.throws(() => w.modem.disconnect({ mode: "sleep", seconds }), /seconds expected/);
    assert.equal(w.modem.connection, 500);
  });
});
