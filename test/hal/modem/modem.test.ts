import assert from "node:assert/strict";
import { Modem } from "../../../hal/modem/modem.js";
import { APN, deliver, setUp, Watched } from "./fixture.js";

describe("modem: connecting", () => {
  it("goes from nothing to an address, and tells each step", () => {
    const { modem, changes, connect, time } = setUp();
    assert.equal(modem.connection, 200);
    connect();
    time.run(0);
    assert.equal(modem.address, "10.1.2.3");
    assert.equal(modem.problem, undefined);
    assert.deepEqual(
      changes.filter((change) => !change.startsWith("time")).map((change) => change.split(" ")[0]),
      ["connection", "connection", "connection", "address", "connection"],
    );
    assert.equal(changes.at(-1), "connection 500");
  });

  it("knows modem, SIM, operator and signal", () => {
    const { modem, connect } = setUp();
    connect();
    assert.deepEqual(modem.information, {
      model: "SIMCOM_SIM7600E-H",
      imei: "867962041234567",
      imsi: "262011234567890",
      iccid: "8949020000012345678F",
      operator: "Telekom, DE",
      signal: -71,
      cell: { area: 0xc3, id: 0x01a2b3c4, technology: "LTE" },
    });
  });

  it("connects in fragments of any size, with echo on and with URCs at every line boundary", () => {
    const plain = setUp();
    plain.script.inject = { line: "", at: -1 };
    plain.connect();
    const boundaries = plain.script.lines;
    assert.ok(boundaries > 40, `${boundaries}`);
    for (const fragment of [1, 2, 3, 7]) {
      const { script, connect, modem } = setUp();
      script.fragment = fragment;
      script.echo = true;
      connect();
      assert.equal(modem.address, "10.1.2.3");
    }
    for (const line of ["+CREG: 2", "+CPIN: READY", "SMS DONE", "DST: 1", "*PSUTTZ: 2024,05,06", "+CIPRXGET: 1,0"]) {
      for (let at = 0; at < boundaries; at++) {
        const { script, connect, modem } = setUp();
        script.inject = { line, at };
        connect();
        const expected = [modem.address, modem.information.imsi, modem.information.imei, modem.information.model];
        assert.deepEqual(
          expected,
          ["10.1.2.3", "262011234567890", "867962041234567", "SIMCOM_SIM7600E-H"],
          `${line} ${at}`,
        );
      }
    }
  });

  it("sets the access point, in the air too, when the modem has another", () => {
    const { script, connect } = setUp();
    script.on("AT+CGDCONT?", ['+CGDCONT: 1,"IP","old","0.0.0.0"', '+CGDCONT: 2,"IPV4V6","internet"', "OK"]);
    connect();
    const i = script.commands.indexOf('AT+CGDCONT=1,"IP","internet"');
    assert.deepEqual(script.commands.slice(i + 1, i + 3), ["AT+CFUN=0", "AT+CFUN=1"]);
  });

  it("logs in where the access point wants it, and keeps the password out of the log", () => {
    const { modem, script, until, log } = setUp();
    modem.connect({ apn: "internet", user: "shs", password: "secret" });
    until(() => modem.connection === 500);
    assert.ok(script.commands.includes('AT+CGAUTH=1,1,"secret","shs"'));
    assert.ok(!log.join("\n").includes("secret"));
  });

  it("closes a data connection that was open already, as nobody knows its links", () => {
    const { script, connect } = setUp();
    script.on("AT+NETOPEN?", ["+NETOPEN: 1", "OK"]);
    connect();
    const from = script.commands.indexOf("AT+NETOPEN?");
    const expected = ["AT+NETOPEN?", "AT+CCHSTOP", "AT+NETCLOSE", "AT+CIPMODE=0", "AT+NETOPEN"];
    assert.deepEqual(script.commands.slice(from, from + 5), expected);
  });

  it("takes an open that says it was open already", () => {
    const { script, connect, modem } = setUp();
    script.on("AT+NETOPEN", ["+IP ERROR: Network is already opened", "ERROR"]).on("AT+NETOPEN?", ["+NETOPEN: 0", "OK"]);
    connect();
    assert.equal(modem.address, "10.1.2.3");
  });

  it("refuses options that it cannot use, before it does anything", () => {
    const { modem, script, time } = setUp();
    for (const options of [
      { apn: "" },
      { apn: 'a"b' },
      { apn: "a\r" },
      { ...APN, pin: "12" },
      { ...APN, pin: "12a4" },
      { ...APN, user: "\n" },
    ])
      assert.throws(() => modem.connect(options), TypeError);
    time.run(1000);
    assert.deepEqual(script.commands, []);
    const options = { serial: script.port, timer: time, ticks: () => time.now };
    assert.throws(() => new Modem({ ...options, dialect: "HAYES" }), /"HAYES": one of SIM7600/);
    assert.throws(() => new Modem({ ...options, serial: {} as typeof script.port }), TypeError);
  });

  it("refuses to connect twice", () => {
    const { modem, connect } = setUp();
    modem.connect(APN);
    assert.throws(() => modem.connect(APN), /already/);
    modem.disconnect();
    connect();
    assert.throws(() => modem.connect(APN), /already/);
  });

  it("says what is wrong with a modem of an unknown kind", () => {
    const { modem, script, until } = setUp();
    script.on("AT+CGMM", ["FOO-1", "OK"]);
    modem.connect(APN);
    until(() => modem.problem !== undefined);
    assert.equal(modem.problem, "the modem is of an unknown kind: FOO-1");
  });

  it("finds the model in ATI when CGMM does not tell it", () => {
    const { modem, script, connect } = setUp();
    script
      .on("AT+CGMM", ["ERROR"])
      .on("ATI", ["Manufacturer: INCORPORATED", "Model: A7670E-FASE", "Revision: A7670M7_V1.11.1", "OK"]);
    connect();
    assert.equal(modem.information.model, "A7670E-FASE");
  });
});

describe("modem: the network's time", () => {
  it("is right for the moment it is asked, without asking the modem again", () => {
    const { modem, connect, time, script } = setUp();
    assert.equal(modem.time, undefined);
    connect();
    const utc = Date.UTC(2024, 4, 6, 5, 8, 9) / 1000;
    const asked = script.commands.filter((c) => c === "AT+CCLK?").length;
    assert.ok(modem.time! >= utc && modem.time! <= utc + 1);
    const before = modem.time!;
    time.run(1_234_000);
    assert.equal(modem.time, before + 1234);
    assert.equal(script.commands.filter((c) => c === "AT+CCLK?").length, asked);
  });

  it("is asked for until the network has told it", () => {
    const { modem, connect, time, script } = setUp();
    script.on("AT+CCLK?", ['+CCLK: "80/01/06,00:00:12+00"', "OK"]);
    connect();
    assert.equal(modem.time, undefined);
    script.on("AT+CCLK?", ['+CCLK: "24/05/06,07:08:09+08"', "OK"]);
    time.run(61_000);
    assert.ok(modem.time !== undefined);
  });

  it("is believed when two readings agree, for nothing else tells that a digit was garbled", () => {
    const { modem, connect, time, script } = setUp();
    let readings = 0;
    script.on("AT+CCLK?", () => [`+CCLK: "${readings++ % 2 ? 24 : 29}/05/06,07:08:09+08"`, "OK"]);
    connect();
    assert.ok(readings >= 2);
    assert.equal(modem.time, undefined);
    script.on("AT+CCLK?", ['+CCLK: "24/05/06,07:08:09+08"', "OK"]);
    time.run(61_000);
    assert.ok(modem.time !== undefined);
  });
});

describe("modem: losing and leaving the network", () => {
  it("reports all sockets and connects again after the network closed the connection", () => {
    const { modem, script, until, connect } = setUp();
    connect();
    const sockets = [new Watched(modem.TCP), new Watched(modem.TCP)];
    until(() => sockets.every((s) => s.events.length === 1));
    script.urc("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY");
    until(() => sockets.every((s) => s.events.includes("error")));
    assert.ok(until(() => modem.connection === 500) < 10_000);
    const again = new Watched(modem.TCP);
    until(() => again.events.length > 0);
    assert.deepEqual(again.events, ["writable 4096"]);
  });

  it("runs its whole set-up again after the modem restarted by itself", () => {
    const { modem, script, until, connect } = setUp();
    connect();
    script.commands.length = 0;
    script.urc("RDY");
    until(() => modem.connection < 500);
    until(() => modem.connection === 500);
    for (const command of ["ATE0", "AT+CMEE=1", "AT+CIPRXGET=1"]) assert.ok(script.commands.includes(command), command);
  });

  it("notices a restart during a command, and during its own set-up", () => {
    for (const prefix of ["AT+CIPSEND=", "AT+NETOPEN?", "AT+CSQ", "ATE0", "AT+CPIN?", "AT+IPADDR"]) {
      const { modem, script, until } = setUp();
      let times = 1;
      script.on(prefix, () => (times-- > 0 ? ["RDY", "OK"] : undefined));
      modem.connect(APN);
      until(() => modem.connection === 500);
      new Watched(modem.TCP, { onWritable: () => {} });
    }
  });

  it("notices within a minute or two that the connection is gone though no URC came", () => {
    const { modem, script, until, connect } = setUp();
    connect();
    script.onEach("AT+NETOPEN?", ["+NETOPEN: 0", "OK"], ["+NETOPEN: 0", "OK"], ["+NETOPEN: 1", "OK"]);
    assert.ok(until(() => modem.connection < 500) <= 61_000);
    until(() => modem.connection === 500);
  });

  it("rides out a minute without registration, and takes two for the loss of the network", () => {
    const { modem, script, until, connect, time } = setUp();
    connect();
    script.onEach("AT+CEREG?", ["+CEREG: 2,2", "OK"], ['+CEREG: 2,1,"00C3","01A2B3C4",7', "OK"]);
    time.run(150_000);
    assert.equal(modem.connection, 500);
    script.on("AT+CEREG?", ["+CEREG: 2,2", "OK"]);
    assert.ok(until(() => modem.connection < 500) <= 122_000);
    assert.equal(modem.problem, "the network is gone");
  });

  it("closes every socket on disconnect, lets the modem rest, and connects again", () => {
    const { modem, script, time, connect, until } = setUp();
    connect();
    const socket = new Watched(modem.TCP);
    until(() => socket.events.length > 0);
    script.commands.length = 0;
    modem.disconnect();
    modem.disconnect();
    assert.equal(modem.connection, 200);
    assert.equal(modem.address, undefined);
    assert.deepEqual(socket.events, ["writable 4096"], "not from inside disconnect");
    time.run(1000);
    assert.deepEqual(socket.events, ["writable 4096", "error"]);
    assert.deepEqual(script.commands, ["AT", "AT+CCHSTOP", "AT+NETCLOSE", "AT+CFUN=0"]);
    time.run(3_600_000);
    assert.equal(script.commands.length, 4, "and then it is quiet");
    connect();
    assert.ok(script.commands.includes("AT+CFUN=1"));
  });

  it("disconnects at any moment of connecting", () => {
    const plain = setUp();
    plain.connect();
    for (let at = 0; at < plain.time.now; at += 11) {
      const { modem, time, script, until } = setUp();
      modem.connect(APN);
      time.run(at);
      modem.disconnect();
      time.run(200_000);
      assert.equal(modem.connection, 200);
      assert.equal(script.commands.at(-1), "AT+CFUN=0");
      modem.connect(APN);
      until(() => modem.connection === 500);
    }
  });

  it("lets go of everything on close", () => {
    const { modem, script, time, connect, changes, until } = setUp();
    connect();
    const socket = new Watched(modem.TCP);
    until(() => socket.events.length > 0);
    modem.close();
    modem.close();
    changes.length = 0;
    time.run(600_000);
    assert.ok(script.closed);
    assert.deepEqual(changes, []);
    assert.equal(time.next, undefined, "no timer is left");
    assert.throws(() => modem.connect(APN), /closed/);
    modem.disconnect();
  });

  it("counts the bytes of its sockets", () => {
    const { modem, script, until, connect } = setUp();
    connect();
    const socket = new Watched(modem.TCP);
    until(() => socket.events.length > 0);
    socket.write("12345");
    deliver(script, 0, "123");
    until(() => socket.received === "123" && modem.bytesSent > 0);
    assert.deepEqual([modem.bytesSent, modem.bytesReceived], [5, 3]);
  });
});
