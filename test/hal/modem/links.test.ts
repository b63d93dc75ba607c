import assert from "node:assert/strict";
import type { TCPOptions } from "../../../hal/tcp.js";
import { deliver, setUp, Watched } from "./fixture.js";
import type { ScriptedModem } from "./scripted-modem.js";

function connected() {
  const fixture = setUp();
  fixture.connect();
  return fixture;
}

function opened() {
  const fixture = connected();
  const watched = new Watched(fixture.modem.TCP);
  fixture.until(() => watched.events.length > 0);
  return { ...fixture, watched };
}

describe("modem links: what goes wrong", () => {
  it("reports a refused connection, however the modem says so", () => {
    for (const answer of [["OK", "+CIPOPEN: 0,4"], ["+CIPOPEN: 0,11", "ERROR"], ["ERROR"], ["+CME ERROR: 3"]]) {
      const { modem, script, until } = connected();
      script.on("AT+CIPOPEN=", answer);
      const socket = new Watched(modem.TCP);
      until(() => socket.events.length > 0);
      assert.deepEqual(socket.events, ["error"]);
      assert.equal(modem.connection, 500, "which is no trouble of the modem's");
    }
  });

  it("gives up an open whose result does not come, and closes what opens late", () => {
    const { modem, script, until, time } = connected();
    script.on("AT+CIPOPEN=", ["OK"]).on("AT+CIPCLOSE=", ["+CIPCLOSE: 0,4", "ERROR"]);
    const socket = new Watched(modem.TCP);
    assert.ok(until(() => socket.events.length > 0) <= 36_000);
    assert.deepEqual(socket.events, ["error"]);
    time.run(1000);
    assert.equal(script.commands.filter((c) => c === "AT+CIPCLOSE=0").length, 1);
    script.urc("+CIPOPEN: 0,0");
    time.run(1000);
    assert.equal(script.commands.filter((c) => c === "AT+CIPCLOSE=0").length, 2);
  });

  it("does not take the late result of an old connection for a new one", () => {
    const { modem, script, until, time } = connected();
    script.on("AT+CIPOPEN=0", ["OK"]).on("AT+CIPOPEN=1", ["OK"]);
    const old = new Watched(modem.TCP);
    until(() => old.events.length > 0);
    const young = new Watched(modem.TCP);
    time.run(1000);
    script.urc("+CIPOPEN: 0,0");
    time.run(1000);
    assert.deepEqual(young.events, []);
    script.urc("+CIPOPEN: 1,0");
    time.run(1000);
    assert.deepEqual(young.events, ["writable 4096"]);
  });

  for (const [what, answer] of Object.entries({
    "the peer is gone": ["> ", "OK", "+CIPSEND: 0,5,-1"],
    "less was taken than sent": ["> ", "OK", "+CIPSEND: 0,5,3"],
    "nothing was taken": ["> ", "OK", "+CIPSEND: 0,5,0"],
    "the link is closed": ["+CIPERROR: 4", "ERROR"],
    "an error comes alone": ["ERROR"],
    "an error comes after the data": ["> ", "+CIPERROR: 4", "ERROR"],
    "no prompt comes": [],
    "no result comes": ["> ", "OK"],
    "no final reply comes": ["> "],
  })) {
    it(`reports a failed send when ${what}, once, and closes the link`, () => {
      const { watched, script, until, time, modem } = opened();
      script.on("AT+CIPSEND=", answer);
      watched.write("hello");
      assert.ok(until(() => watched.events.length > 1) <= 21_000);
      time.run(20_000);
      assert.deepEqual(watched.events, ["writable 4096", "error"]);
      assert.equal(script.commands.filter((c) => c.startsWith("AT+CIPSEND")).length, 1);
      assert.ok(script.commands.includes("AT+CIPCLOSE=0"));
      assert.equal(modem.bytesSent, 0);
      assert.equal(modem.connection, 500);
    });
  }

  it("reports what came and then the end when a read brings less than announced", () => {
    const { watched, script, until } = opened();
    script.on("AT+CIPRXGET=2,0", ["+CIPRXGET: 2,0,100,0\r\nabc"]);
    script.urc("+CIPRXGET: 1,0");
    assert.ok(until(() => watched.events.includes("error")) <= 14_000);
    assert.equal(watched.received.slice(0, 3), "abc");
    until(() => script.commands.includes("AT+CIPCLOSE=0"));
  });

  it("takes announcements that repeat, come for closed links, or come amid an answer", () => {
    const { watched, script, time, until } = opened();
    script.urc("+CIPRXGET: 1,0", "+CIPRXGET: 1,0", "+CIPRXGET: 1,7");
    time.run(1000);
    let left = ["one", "two"];
    script.on("AT+CIPRXGET=2,0", () => {
      const text = left.shift();
      return text ? ["+CIPRXGET: 1,7", "+CIPRXGET: 1,0", `+CIPRXGET: 2,0,3,0\r\n${text}`, "OK"] : undefined;
    });
    left = ["one", "two"];
    script.urc("+CIPRXGET: 1,0");
    until(() => watched.received === "onetwo");
  });

  it("loses nothing to a URC at any line boundary of a whole exchange", () => {
    const exchange = (urc?: { line: string; at: number }) => {
      const { modem, script, until } = connected();
      script.lines = 0;
      script.inject = urc;
      const socket = new Watched(modem.TCP);
      until(() => socket.events.length === 1);
      socket.write("request");
      until(() => socket.events.length === 2);
      deliver(script, 0, "OK\r\n");
      until(() => socket.received === "OK\r\n");
      socket.socket.close();
      until(() => script.commands.includes("AT+CIPCLOSE=0"));
      assert.deepEqual(script.payloads, ["request"]);
      assert.equal(modem.connection, 500);
      return script.lines;
    };
    const boundaries = exchange({ line: "", at: -1 });
    assert.equal(boundaries, 8);
    const urcs = [
      "+CIPRXGET: 1,0",
      '+CEREG: 1,"00C3","01A2B3C4",7',
      "+CPIN: READY",
      "PB DONE",
      "*PSUTTZ: 2024,1,",
      "+CIPRXGET: 1,5",
    ];
    for (const line of urcs) for (let at = 0; at < boundaries; at++) exchange({ line, at });
  });

  it("makes nothing of garbled URCs", () => {
    const { watched, script, time, modem } = opened();
    script.urc(
      "+CIPOPEN: x,0",
      "+CIPOPEN: ,0",
      "+CIPOPEN: 77,0",
      "+CIPSEND: 0",
      "+CIPSEND:",
      "+IPCLOSE: ",
      "+CIPRXGET: 1,",
    );
    const before = script.commands.length;
    time.run(10_000);
    assert.deepEqual(script.commands.slice(before), []);
    assert.deepEqual(watched.events, ["writable 4096"]);
    assert.equal(modem.connection, 500);
  });

  it("frees the id of a link that the modem no longer knows", () => {
    const { modem, script, until } = connected();
    script.on("AT+CIPCLOSE=", ["+CIPCLOSE: 0,4", "ERROR"]);
    for (let i = 0; i < 25; i++) {
      const socket = new Watched(modem.TCP);
      until(() => socket.events.length > 0);
      assert.deepEqual(socket.events, ["writable 4096"]);
      socket.socket.close();
    }
  });

  describe("over TLS", () => {
    const tls = { host: "example.com", ca: Uint8Array.of(0x30, 1, 2) };
    const secured = (script: ScriptedModem) =>
      script
        .on("AT+CCHSTART", ["OK", "+CCHSTART: 0"])
        .on("AT+CCERTDOWN=", ["> ", "OK"])
        .on("AT+CCHOPEN=", ["OK", "+CCHOPEN: 0,0"]);

    it("wants to know whom to trust", () => {
      const { modem } = connected();
      const make = (options: object) => () => new modem.TLS({ address: "example.com", port: 443, ...options });
      for (const options of [
        {},
        { tls: {} },
        { tls: { host: "a" } },
        { tls: { ...tls, ca: "text" } },
        { tls: { ...tls, ca: [] } },
      ])
        assert.throws(make(options), TypeError);
      assert.throws(make({ tls: { ...tls, host: 'a"b' } }), TypeError);
    });

    it("does not open when the modem refuses to check", () => {
      for (const setting of ['"authmode"', '"cacert"', '"enableSNI"', '"sslversion"']) {
        const { modem, script, until } = connected();
        secured(script).on(`AT+CSSLCFG=${setting}`, ["ERROR"]);
        const socket = new Watched(modem.TLS, { tls } as Partial<TCPOptions>);
        until(() => socket.events.length > 0);
        assert.deepEqual(socket.events, ["error"]);
        assert.ok(!script.commands.some((command) => command.startsWith("AT+CCHOPEN")), setting);
      }
    });

    it("reads the blocks of an answer whose OK comes first", () => {
      const { modem, script, until } = connected();
      secured(script);
      const socket = new Watched(modem.TLS, { tls } as Partial<TCPOptions>);
      until(() => socket.events.length > 0);
      const blocks = ["+CCHRECV: DATA,0,4\r\nOK\r\n", "+CCHRECV: DATA,0,3\r\nend"];
      script
        .onEach("AT+CCHRECV?", ["+CCHRECV: LEN,7,0", "OK"], ["+CCHRECV: LEN,0,0", "OK"])
        .on("AT+CCHRECV=0,", ["OK", ...blocks, "+CCHRECV: 0,0"])
        .urc("+CCHEVENT: 0,RECV EVENT");
      until(() => socket.received.length === 7);
      assert.equal(socket.received, "OK\r\nend");
      script.urc("+CCH_PEER_CLOSED: 0");
      until(() => socket.events.includes("error"));
    });
  });
});
