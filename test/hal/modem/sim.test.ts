import assert from "node:assert/strict";
import { APN, setUp } from "./fixture.js";

describe("modem: the SIM", () => {
  const sentPINs = (commands: string[]) => commands.filter((command) => command.startsWith('AT+CPIN="'));

  it("gets its PIN, once, and waits while it starts", () => {
    const { modem, script, until } = setUp();
    script.onEach("AT+CPIN?", ["+CME ERROR: 14"], ["+CME ERROR: 13"], ["+CPIN: SIM PIN", "OK"], ["+CPIN: READY", "OK"]);
    modem.connect({ ...APN, pin: "0123" });
    until(() => modem.connection === 500);
    assert.deepEqual(sentPINs(script.commands), ['AT+CPIN="0123"']);
  });

  it("is not sent a PIN again that it refused: not by a retry, a restart, or another connect", () => {
    const { modem, script, until, time } = setUp();
    script.on("AT+CPIN?", ["+CPIN: SIM PIN", "OK"]).on('AT+CPIN="', ["+CME ERROR: 16"]);
    modem.connect({ ...APN, pin: "0123" });
    until(() => modem.problem !== undefined);
    assert.match(modem.problem!, /refused the PIN/);
    script.urc("RDY");
    time.run(3_600_000);
    modem.disconnect();
    time.run(10_000);
    modem.connect({ ...APN, pin: "0123" });
    time.run(3_600_000);
    assert.deepEqual(sentPINs(script.commands), ['AT+CPIN="0123"']);
    assert.ok(!script.commands.includes("AT+CRESET"), "no ladder helps here");
    modem.disconnect();
    script.on('AT+CPIN="4567', () => {
      script.on("AT+CPIN?", ["+CPIN: READY", "OK"]);
      return ["OK"];
    });
    modem.connect({ ...APN, pin: "4567" });
    until(() => modem.connection === 500);
  });

  it("gets a PIN that it took before again after a restart", () => {
    const { modem, script, until } = setUp();
    let locked = true;
    script
      .on("AT+CPIN?", () => [locked ? "+CPIN: SIM PIN" : "+CPIN: READY", "OK"])
      .on('AT+CPIN="', () => {
        locked = false;
        return ["OK"];
      });
    modem.connect({ ...APN, pin: "0123" });
    until(() => modem.connection === 500);
    locked = true;
    script.urc("RDY");
    until(() => modem.connection < 500);
    until(() => modem.connection === 500);
    assert.equal(sentPINs(script.commands).length, 2);
  });

  for (const [answer, problem] of [
    [["+CPIN: SIM PUK", "OK"], /PUK/],
    [["+CME ERROR: 12"], /PUK/],
    [["+CPIN: SIM PIN", "OK"], /none is set/],
    [["+CPIN: PH-SIM PIN", "OK"], /PH-SIM PIN/],
    [["+CME ERROR: 10"], /no SIM/],
    [["+CPIN: NOT INSERTED", "OK"], /no SIM/],
    [["+CME ERROR: 13"], /does not answer/],
  ] as const) {
    it(`says what is wrong when AT+CPIN? gives ${answer[0]}, and goes on when it is put right`, () => {
      const { modem, script, until } = setUp();
      script.on("AT+CPIN?", answer);
      modem.connect(APN);
      assert.ok(until(() => modem.problem !== undefined) <= 25_000);
      assert.match(modem.problem!, problem);
      assert.deepEqual(sentPINs(script.commands), []);
      script.on("AT+CPIN?", ["+CPIN: READY", "OK"]);
      assert.ok(until(() => modem.connection === 500) <= 90_000);
      assert.equal(modem.problem, undefined);
    });
  }

  it("is noticed when it is taken out", () => {
    const { modem, script, until, connect } = setUp();
    connect();
    script.on("AT+CPIN?", ["+CPIN: NOT INSERTED", "OK"]).urc("+CPIN: NOT READY");
    assert.ok(until(() => modem.connection < 500) < 100);
    assert.match(modem.problem!, /SIM went away/);
    assert.equal(modem.address, undefined);
  });
});
