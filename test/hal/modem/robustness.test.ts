import assert from "node:assert/strict";
import { Modem } from "../../../hal/modem/modem.js";
import type { ConnectOptions } from "../../../hal/network.js";
import { MemoryKeyValue } from "../../../hal/sim/key-value.js";
import { seededRandom } from "../../../hal/sim/random.js";
import { SimulatedTime } from "../../../hal/sim/time.js";
import { exchange, world } from "../../../tools/bench/modem-world.js";
import { APN, setUp, Watched } from "./fixture.js";
import { sim7600 } from "./scripted-modem.js";

const NOWHERE = { "AT+CREG?": "+CREG: 2,2", "AT+CGREG?": "+CGREG: 2,2", "AT+CEREG?": "+CEREG: 2,2" };

describe("modem: the controller restarts", () => {
  it("finds a modem at another rate, brings it back and keeps it there", () => {
    for (const baud of [9600, 57600, 921600]) {
      const w = world();
      w.until(() => w.modem.connection === 500);
      w.emulator.uart.peer.baud = baud;
      const modem = w.restart();
      const took = w.until(() => modem.connection === 500);
      assert.ok(took <= 70_000, `${baud}: ${took} ms`);
      assert.equal(w.emulator.uart.peer.baud, 115_200);
      assert.ok(w.log.some((line) => line.endsWith("> AT&W")));
    }
  });

  for (const escapeAborts of [false, true]) {
    it(`gets out of a payload that the modem waits for${escapeAborts ? ", when ESC ends it" : ""}, without its key`, () => {
      const w = world({ escapeAborts });
      w.until(() => w.modem.connection === 500);
      const socket = new w.modem.TCP({
        address: "echo",
        port: 7,
        onWritable: () => void socket.write(new Uint8Array(1400)),
      });
      w.until(() => w.log.at(-1)!.endsWith("> (1400 bytes)"));
      const presses = w.presses;
      const modem = w.restart();
      const took = w.until(() => modem.connection === 500);
      assert.ok(took <= 20_000, `${took} ms`);
      assert.equal(w.presses, presses);
    });
  }

  it("brings a modem back from data mode", () => {
    const { script, modem, until } = setUp();
    script.dataMode = true;
    modem.connect(APN);
    const took = until(() => modem.connection === 500);
    assert.ok(took <= 15_000, `${took} ms`);
  });

  it("switches the echo off whenever it came back", () => {
    const { script, connect, until, modem } = setUp();
    connect();
    script.echo = true;
    script.urc("RDY");
    until(() => modem.connection < 500);
    until(() => modem.connection === 500);
    assert.equal(modem.information.imei, "867962041234567");
  });
});

describe("modem: the PIN over a restart of the controller", () => {
  /** Another start of the controller: a new driver on the same modem and memory. */
  function start(script: ReturnType<typeof sim7600>, time: SimulatedTime, options: Partial<ConnectOptions>) {
    const modem = new Modem({ serial: script.port, timer: time, ticks: () => time.now });
    modem.connect({ ...APN, ...options });
    return modem;
  }
  const pins = (commands: string[]) => commands.filter((command) => command.startsWith('AT+CPIN="'));
  function locked() {
    const time = new SimulatedTime();
    const script = sim7600(time);
    script.on("AT+CPIN?", ["+CPIN: SIM PIN", "OK"]).on('AT+CPIN="', ["+CME ERROR: 16"]);
    return { time, script, keyValue: new MemoryKeyValue({ random: seededRandom(1) }) };
  }

  it("does not send one again that was refused, until it was taken out and set anew", () => {
    const { time, script, keyValue } = locked();
    for (let i = 0; i < 4; i++) {
      const modem = start(script, time, { pin: "0123", keyValue });
      time.run(120_000);
      assert.match(modem.problem!, /refused the PIN/);
      modem.close();
    }
    assert.deepEqual(pins(script.commands), ['AT+CPIN="0123"']);
    const without = start(script, time, { keyValue });
    time.run(60_000);
    without.close();
    start(script, time, { pin: "0123", keyValue });
    time.run(60_000);
    assert.equal(pins(script.commands).length, 2);
  });

  it("does not send one again when it restarts before the answer came", () => {
    const { time, script, keyValue } = locked();
    script.on('AT+CPIN="', []);
    for (let i = 0; i < 4; i++) {
      const sent = pins(script.commands).length;
      const modem = start(script, time, { pin: "0123", keyValue });
      while (pins(script.commands).length === sent && time.now < (i + 1) * 200_000) time.step();
      modem.close();
    }
    assert.deepEqual(pins(script.commands), ['AT+CPIN="0123"']);
  });

  it("sends one that was taken before at every start, and writes no more for it", () => {
    const { time, script, keyValue } = locked();
    let open = false;
    script
      .on("AT+CPIN?", () => [open ? "+CPIN: READY" : "+CPIN: SIM PIN", "OK"])
      .on('AT+CPIN="', () => {
        open = true;
        return ["OK"];
      });
    let writes = 0;
    const write = keyValue.write.bind(keyValue);
    keyValue.write = (key, value) => {
      if (key === "pin") writes++;
      write(key, value);
    };
    for (let i = 0; i < 5; i++) {
      open = false;
      const modem = start(script, time, { pin: "0123", keyValue });
      time.run(30_000);
      assert.equal(modem.connection, 500);
      modem.close();
    }
    assert.equal(pins(script.commands).length, 5);
    assert.equal(writes, 2, "once before it was sent first, once when it was taken");
  });

  it("stops when one that was always taken is refused", () => {
    const { time, script, keyValue } = locked();
    keyValue.write("pin", Uint8Array.from(Buffer.from("10123")));
    for (let i = 0; i < 3; i++) {
      const modem = start(script, time, { pin: "0123", keyValue });
      time.run(120_000);
      modem.close();
    }
    assert.deepEqual(pins(script.commands), ['AT+CPIN="0123"']);
  });
});

describe("modem: days without a network", () => {
  const absent = () => {
    const fixture = setUp();
    for (const [command, line] of Object.entries(NOWHERE)) fixture.script.on(command, [line, "OK"]);
    return fixture;
  };

  it("has the radio on for less than a tenth of the time after the first hours", () => {
    const { script, modem, time } = absent();
    modem.connect(APN);
    time.run(6 * 3_600_000);
    let on = 0;
    let since: number | undefined;
    script.on("AT+CFUN=", (command) => {
      if (command === "AT+CFUN=1") since ??= time.now;
      else if (since !== undefined) {
        on += time.now - since;
        since = undefined;
      }
      return ["OK"];
    });
    const hours = 66;
    time.run(hours * 3_600_000);
    assert.ok(on > 0);
    assert.ok(on < (hours * 3_600_000) / 10, `on for ${Math.round(on / 60_000)} min of ${hours} h`);
    assert.equal(modem.problem, "no network was found");
  });

  it("is back within 61 minutes and an attempt when there is one again", () => {
    for (const hours of [1, 5, 29, 72.4]) {
      const { script, modem, time, until } = absent();
      modem.connect(APN);
      time.run(hours * 3_600_000);
      script.on("AT+CEREG?", ["+CEREG: 2,1", "OK"]);
      const took = until(() => modem.connection === 500, 2 * 3_600_000);
      assert.ok(took <= 61 * 60_000, `${hours} h: ${took / 60_000} min`);
    }
  });

  it("uses no roaming network where that is not allowed, and says so", () => {
    const { script, modem, until } = setUp();
    script.on("AT+CEREG?", ["+CEREG: 2,5", "OK"]).on("AT+CREG?", ["+CREG: 2,5", "OK"]);
    modem.connect({ ...APN, roaming: false });
    until(() => modem.problem !== undefined);
    assert.equal(modem.problem, "there is no home network, and roaming is not allowed");
    assert.ok(!script.commands.includes("AT+NETOPEN"));
    script.on("AT+CEREG?", ["+CEREG: 2,1", "OK"]);
    until(() => modem.connection === 500);
    script.on("AT+CEREG?", ["+CEREG: 2,5", "OK"]);
    assert.ok(until(() => modem.connection < 500) <= 125_000, "leaves a connection that roams");
  });

  it("looks for a SIM every minute once the ladder is climbed, with the SIM switched off and on", () => {
    const { script, modem, time, until } = setUp();
    script.on("AT+CPIN?", ["+CME ERROR: 10"]);
    modem.connect(APN);
    time.run(3 * 3_600_000);
    assert.equal(modem.problem, "there is no SIM");
    let cycled = false;
    script
      .on("AT+CFUN=0", () => {
        cycled = true;
        return ["OK"];
      })
      .on("AT+CPIN?", () => (cycled ? ["+CPIN: READY", "OK"] : undefined));
    assert.ok(until(() => modem.connection === 500) <= 120_000);
  });
});

describe("modem: a data connection that carries nothing", () => {
  it("is closed and opened again after five connections in a row that could not be opened", () => {
    const { script, modem, until, connect, log, time } = setUp();
    connect();
    let dead = true;
    script
      .on("AT+CIPOPEN=", (command) => (dead ? ["OK", `+CIPOPEN: ${command.slice(11, 12)},1`] : undefined))
      .on("AT+NETCLOSE", () => {
        dead = false;
        return ["OK", "+NETCLOSE: 0"];
      });
    let opened = false;
    const open = () => {
      if (modem.connection < 500 || opened) return;
      const socket = new Watched(modem.TCP, {
        onError: () => void time.set(open, 1000),
        onWritable: () => {
          opened = true;
          socket.socket.close();
        },
      });
    };
    time.repeat(open, 5000);
    until(() => opened, 300_000);
    assert.ok(log.some((line) => line.includes("no connection can be opened")));
    assert.ok(log.some((line) => line.includes("recovery: try again")));
  });
});

describe("modem: servers that cannot be reached", () => {
  it("climbs the ladder over and over, always from the first rung that can help a modem which answers", () => {
    const { script, modem, until, connect, log, time } = setUp();
    connect();
    script.on("AT+CIPOPEN=", (command) => ["OK", `+CIPOPEN: ${command.slice(11, 12)},1`]);
    time.repeat(() => {
      if (modem.connection === 500) new Watched(modem.TCP);
    }, 5000);
    const rungs = () => log.filter((line) => line.includes("recovery:")).map((line) => line.split("recovery: ")[1]);
    until(() => rungs().length === 5, 3_600_000);
    const ladder = ["try again", "close the network", "switch the radio off and on", "restart the modem by command"];
    assert.deepEqual(rungs(), [...ladder, "try again"]);
  });
});

describe("modem: CFUN", () => {
  it("says so when the modem refuses to switch its radio on, and restarts it", () => {
    const { script, modem, until, log } = setUp();
    let refusing = true;
    script
      .on("AT+CFUN=1", () => [refusing ? "ERROR" : "OK"])
      .on("AT+CFUN?", () => [`+CFUN: ${refusing ? 0 : 1}`, "OK"])
      .on("AT+CRESET", () => {
        refusing = false;
        return ["OK"];
      });
    modem.connect(APN);
    until(() => modem.problem !== undefined);
    assert.equal(modem.problem, "the modem refuses to switch its radio on");
    assert.ok(until(() => modem.connection === 500) < 120_000, log.slice(-5).join("\n"));
  });

  it("does not mind a refusal when the radio is on", () => {
    const { script, connect } = setUp();
    script.on("AT+CFUN=1", ["ERROR"]).on("AT+CFUN?", ["+CFUN: 1", "OK"]);
    connect();
  });
});

describe("modem: the network's time on a behaving modem", () => {
  it("is known within 5 s of the address", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const w = world({}, seed);
      w.until(() => w.modem.connection === 500);
      const took = w.until(() => w.modem.time !== undefined);
      assert.ok(took <= 5000, `${took} ms`);
      assert.ok(exchange(w, 100));
    }
  });
});

describe("modem: disconnecting a modem that has a key and a supply", () => {
  it("switches it off cleanly before its supply, and on again", () => {
    const w = world();
    for (let i = 0; i < 5; i++) {
      w.until(() => w.modem.connection === 500);
      w.modem.disconnect();
      const off = w.until(() => !w.supplied);
      assert.ok(off <= 15_000, `${off} ms`);
      assert.ok(!w.emulator.running);
      w.time.run(600_000);
      w.modem.connect(APN);
      const on = w.until(() => w.modem.connection === 500);
      assert.ok(on <= 35_000, `${on} ms`);
    }
    assert.equal(w.emulator.harshPowerCuts, 0);
  });

  it("connects again whenever it is asked to while it switches off", () => {
    for (let after = 0; after < 15_000; after += 333) {
      const w = world();
      w.until(() => w.modem.connection === 500);
      w.modem.disconnect();
      w.time.run(after);
      w.modem.connect(APN);
      const took = w.until(() => w.modem.connection === 500);
      assert.ok(took <= 75_000, `after ${after}: ${took} ms`);
      assert.equal(w.emulator.harshPowerCuts, 0);
    }
  });
});
