import assert from "node:assert/strict";
import type { DigitalOutput } from "../../../hal/digital.js";
import { MemoryKeyValue } from "../../../hal/sim/key-value.js";
import { modemNames } from "../../../hal/sim/modem/modems.js";
import { exchange, world } from "../../../tools/bench/modem-world.js";
import { APN, setUp } from "./fixture.js";

/** A pin that tells when it changes. */
function pin(onSet: (value: 0 | 1) => void): DigitalOutput {
  let now: number | undefined;
  return {
    write(value) {
      if (value !== now) onSet(value);
      now = value;
    },
  };
}

/** A modem with all its wires. `steps` are pins and rungs as they happen. */
function wired() {
  const steps: string[] = [];
  const hooks = new Map<string, (value: 0 | 1) => void>();
  const wire = (name: string) =>
    pin((value) => {
      steps.push(`${name} ${value}`);
      hooks.get(name)?.(value);
    });
  const fixture = setUp({ power: { key: wire("key"), reset: wire("reset"), supply: wire("supply") } });
  /** Milliseconds between the changes of a pin. */
  const held = (name: string): number[] => {
    const changes: number[] = [];
    hooks.set(name, () => changes.push(fixture.time.now));
    return changes;
  };
  return { ...fixture, steps, hooks, held };
}

const rungs = (log: string[]) =>
  log.filter((l) => l.includes("recovery:")).map((l) => l.slice(l.indexOf("recovery: ") + 10));

describe("modem recovery", () => {
  it("does not touch the key of a modem that runs", () => {
    const { connect, steps } = wired();
    connect();
    assert.deepEqual(steps, ["key 0", "reset 0", "supply 1"]);
  });

  it("switches on a modem that is off, by a pulse of its key", () => {
    const { script, hooks, time, until, modem, held } = wired();
    script.mute = true;
    const changes = held("key");
    const note = hooks.get("key")!;
    hooks.set("key", (value) => {
      note(value);
      if (value === 0) time.set(() => Object.assign(script, { mute: false }), 11_000);
    });
    modem.connect(APN);
    until(() => modem.connection === 500);
    assert.equal(changes[1]! - changes[0]!, 1100);
    assert.equal(changes.length, 2);
  });

  it("climbs the ladder rung by rung while there is no data connection, with growing pauses", () => {
    const { script, modem, until, log, steps } = wired();
    script.on("AT+IPADDR", ["+IP ERROR: Network not opened", "ERROR"]);
    modem.connect(APN);
    until(() => rungs(log).includes("rest 10 min"), 3_600_000);
    assert.deepEqual(rungs(log), [
      "try again",
      "close the network",
      "switch the radio off and on",
      "restart the modem by command",
      "reset the modem by its pin",
      "switch the modem off and on by its key",
      "cut the modem's supply",
      "rest 10 min",
    ]);
    assert.match(modem.problem!, /no data connection to access point "internet"/);
    assert.deepEqual(steps.slice(3), ["reset 1", "reset 0", "key 1", "key 0", "supply 0", "supply 1"]);
    for (const command of ["AT+NETCLOSE", "AT+CFUN=0", "AT+CRESET"])
      assert.ok(script.commands.includes(command), command);
  });

  it("takes only the rungs that can help a modem which does not answer", () => {
    const { script, modem, until, log } = wired();
    script.mute = true;
    modem.connect(APN);
    until(() => rungs(log).includes("rest 10 min"), 3_600_000);
    assert.deepEqual(rungs(log), [
      "look for the modem at other rates",
      "reset the modem by its pin",
      "switch the modem off and on by its key",
      "cut the modem's supply",
      "rest 10 min",
    ]);
    assert.equal(modem.connection, 0);
    assert.equal(modem.problem, "the modem does not answer");
  });

  it("takes only the rungs that the board has wires for", () => {
    const { script, modem, until, log } = setUp();
    script.mute = true;
    modem.connect(APN);
    until(() => rungs(log).includes("rest 10 min"), 3_600_000);
    assert.deepEqual(rungs(log), ["look for the modem at other rates", "rest 10 min"]);
  });

  for (const name of ["key", "reset"])
    it(`lets go of the ${name} when it is disconnected or closed while that is held`, () => {
      const { script, modem, until, steps, time } = wired();
      script.mute = true;
      modem.connect(APN);
      const held = () => steps.filter((step) => step.startsWith(name)).at(-1) === `${name} 1`;
      until(held, 3_600_000);
      modem.disconnect();
      assert.ok(!held());
      time.run(60_000);
      assert.ok(!held());
      modem.connect(APN);
      until(held, 3_600_000);
      modem.close();
      assert.ok(!held());
    });

  it("rests 10, 30 and then always 60 minutes, and never stops trying", () => {
    const { script, modem, time, log } = setUp();
    script.mute = true;
    modem.connect(APN);
    time.run(5 * 3_600_000);
    assert.deepEqual(
      rungs(log)
        .filter((rung) => rung.startsWith("rest"))
        .slice(0, 4),
      ["rest 10 min", "rest 30 min", "rest 60 min", "rest 60 min"],
    );
    script.mute = false;
    time.run(3_700_000);
    assert.equal(modem.connection, 500);
  });

  for (const [rung, cure] of [
    ["try again", "AT+NETCLOSE"],
    ["switch the radio off and on", "AT+CFUN=0"],
    ["restart the modem by command", "AT+CRESET"],
  ] as const) {
    it(`connects again once it helped to ${rung}`, () => {
      const { script, modem, until, log } = wired();
      let ill = true;
      script
        .on("AT+IPADDR", () => (ill ? ["ERROR"] : undefined))
        .on(cure, () => {
          ill = false;
          return ["OK", "+NETCLOSE: 0"];
        });
      modem.connect(APN);
      assert.ok(until(() => modem.connection === 500) < 60_000);
      assert.equal(rungs(log).at(-1), rung);
    });
  }

  for (const [wire, rung, bound] of [
    ["reset", "reset the modem by its pin", 60_000],
    ["key", "switch the modem off and on by its key", 120_000],
    ["supply", "cut the modem's supply", 180_000],
  ] as const) {
    it(`has a modem that hung back within ${bound / 1000} s when it helps to ${rung}`, () => {
      const { script, modem, until, hooks, connect, time } = wired();
      connect();
      script.mute = true;
      let presses = 0;
      hooks.set(wire, (value) => {
        // The key's first pulse is to switch on what seems to be off; this modem wants to be switched off first.
        if (value === 0 && (wire !== "key" || ++presses > 2))
          time.set(() => Object.assign(script, { mute: false }), 2000);
      });
      const lost = until(() => modem.connection < 500);
      assert.ok(lost <= 75_000, `noticed after ${lost} ms`);
      const back = until(() => modem.connection === 500);
      assert.ok(back <= bound, `back after ${back} ms`);
    });
  }

  it("starts at the bottom again after a connection that held", () => {
    const { script, modem, until, log, connect, time } = setUp();
    connect();
    for (let i = 0; i < 3; i++) {
      time.run(65_000);
      script.urc("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY");
      until(() => modem.connection < 500);
      until(() => modem.connection === 500);
    }
    assert.deepEqual(rungs(log), ["try again", "try again", "try again"]);
  });

  it("climbs when the connection never holds", () => {
    const { script, modem, until, log, connect } = setUp();
    connect();
    for (let i = 0; i < 3; i++) {
      script.urc("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY");
      until(() => modem.connection < 500);
      until(() => modem.connection === 500);
    }
    assert.deepEqual(rungs(log), ["try again", "close the network", "switch the radio off and on"]);
  });

  it("says so when there is no network, and finds it as soon as it is there", () => {
    const { script, modem, until, time } = setUp();
    script.on("AT+CEREG?", ["+CEREG: 2,2", "OK"]).on("AT+CREG?", ["+CREG: 2,0", "OK"]);
    modem.connect(APN);
    assert.ok(until(() => modem.problem !== undefined) <= 195_000);
    assert.equal(modem.problem, "no network was found");
    until(() => modem.connection === 300);
    time.run(1000);
    script.on("AT+CEREG?", ["+CEREG: 2,5", "OK"]);
    script.urc('+CEREG: 5,"00C3","01A2B3C4",7');
    assert.ok(until(() => modem.connection >= 400) < 1000);
  });

  it("asks a network that denies it no more than once a minute", () => {
    const { script, modem, until, time } = setUp();
    script.on("AT+CEREG?", ["+CEREG: 2,3", "OK"]).on("AT+CREG?", ["+CREG: 2,3", "OK"]);
    modem.connect(APN);
    until(() => modem.problem !== undefined);
    assert.equal(modem.problem, "the network denies registration");
    assert.ok(time.now >= 60_000);
  });

  it("stays within bounds whatever single command is never answered", () => {
    const plain = setUp();
    plain.connect();
    const commands = new Set(plain.script.commands);
    commands.delete("AT");
    for (const command of commands) {
      const { script, modem, until } = setUp();
      let first = true;
      script.on(command, (given) => {
        if (!first || given !== command) return undefined;
        first = false;
        return [];
      });
      modem.connect(APN);
      assert.ok(until(() => modem.connection === 500) <= 100_000, command);
    }
  });
});

describe("modem recovery while the controller restarts", () => {
  const SECOND = 1000;
  const store = () => new MemoryKeyValue({ random: () => 0 });

  for (const every of [50, 120, 300, 1800])
    it(`cuts the supply of a modem that hangs within four starts, with a restart every ${every} s`, () => {
      for (const name of modemNames) {
        const w = world({ hang: "supply" }, 1, { name, access: { keyValue: store() } });
        for (let starts = 1; w.emulator.knobs.hang !== "no"; starts++) {
          assert.ok(starts <= 4, name);
          w.time.run(every * SECOND);
          w.restart();
        }
        // Left alone, it reports.
        w.until(() => w.modem.connection === 500 && exchange(w, 300) !== undefined, 240 * SECOND);
      }
    });

  it("never gets there with a restart every 50 s and nothing to count them in", () => {
    const w = world({ hang: "supply" });
    for (let starts = 0; starts < 40; starts++) {
      w.time.run(50 * SECOND);
      w.restart();
    }
    assert.equal(w.emulator.knobs.hang, "supply");
  });

  it("switches a modem off before it cuts its supply, at every fourth start without a network", () => {
    const w = world({ coverage: false }, 1, { access: { keyValue: store() } });
    const cuts: number[] = [];
    for (let starts = 1; starts <= 12; starts++) {
      const before = w.log.length;
      w.time.run(100 * SECOND);
      if (w.log.slice(before).some((line) => line.includes("cut the modem's supply"))) cuts.push(starts);
      w.restart();
    }
    assert.deepEqual(cuts, [4, 8, 12]);
    assert.equal(w.emulator.harshPowerCuts, 0);
  });

  it("takes the hardest step that there are wires for", () => {
    const keyValue = store();
    keyValue.write("starts", Uint8Array.of(3));
    const { modem, until, log } = setUp();
    modem.connect({ ...APN, keyValue });
    until(() => modem.connection === 500);
    assert.deepEqual(rungs(log), ["restart the modem by command"]);
    assert.ok(log.some((line) => line.endsWith("the controller started 4 times without a connection")));
  });

  it("writes once for a start and once for the first connection that held, and for no others", () => {
    let changes = 0;
    class Counting extends MemoryKeyValue {
      protected override changed(): void {
        changes++;
      }
    }
    const keyValue = new Counting({ random: () => 0 });
    for (let starts = 1; starts <= 3; starts++) {
      const { modem, until, time } = setUp();
      modem.connect({ ...APN, keyValue });
      until(() => modem.connection === 500);
      assert.equal(changes, 2 * starts - 1);
      time.run(65 * SECOND);
      for (let again = 0; again < 3; again++) {
        modem.disconnect();
        time.run(20 * SECOND);
        modem.connect({ ...APN, keyValue });
        until(() => modem.connection === 500);
      }
      modem.close();
      assert.equal(changes, 2 * starts);
      assert.equal(keyValue.read("starts"), undefined);
    }
  });

  it("goes on when the store is full, or holds something else", () => {
    const strange = store();
    strange.write("starts", Uint8Array.of(3, 3));
    const full = store();
    full.write = () => {
      throw new Error("full");
    };
    for (const keyValue of [strange, full]) {
      const { modem, until, log } = setUp();
      modem.connect({ ...APN, keyValue });
      until(() => modem.connection === 500);
      const expected = keyValue === full ? ["the count of starts is not kept: Error: full"] : [];
      assert.deepEqual(rungs(log), expected);
    }
  });
});
