import assert from "node:assert/strict";
import type { SimulatedTime } from "../../../../hal/sim/time.js";
import { setUp, Watched } from "../fixture.js";
import { registered, type ScriptedModem } from "../scripted-modem.js";
import { cip, withCIP } from "./cip.js";
import { describeFamily, SECURITY } from "./family.js";

function sim800(time: SimulatedTime): ScriptedModem {
  const refuse = ["+CME ERROR: 4"];
  return withCIP(registered(time, "SIMCOM_SIM800L")).on("AT+CEREG", refuse).on("AT+CREG?", ["+CREG: 2,1", "OK"]);
}

describeFamily({
  name: "SIM800",
  model: "SIMCOM_SIM800L",
  iccid: "8949020000012345678F",
  script: sim800,
  tcp: cip,
  idle: ["+CIPRXGET: 1,3", "Call Ready", "UNDER-VOLTAGE WARNNING", "3, CLOSED", "2, CONNECT FAIL"],
  lost: ["+PDP: DEACT", "+SAPBR 1: DEACT"],
  restarted: ["RDY", "NORMAL POWER DOWN", "UNDER-VOLTAGE POWER DOWN"],
});

describe("modem dialect SIM800: what is its own", () => {
  const connected = (prepare: (script: ScriptedModem) => void = () => {}) => {
    const fixture = setUp({}, sim800);
    prepare(fixture.script);
    fixture.modem.connect({ apn: "internet", user: "shs", password: "secret" });
    fixture.until(() => fixture.modem.connection === 500);
    return fixture;
  };

  it("opens the data connection from any state, with the access point and its password", () => {
    const { script, log } = connected();
    const from = script.commands.indexOf("AT+CIPSHUT");
    assert.deepEqual(script.commands.slice(from, script.commands.indexOf("AT+CIFSR") + 1), [
      "AT+CIPSHUT",
      "AT+CGATT=1",
      "AT+CIPMODE=0",
      "AT+CIPMUX=1",
      "AT+CIPQSEND=1",
      "AT+CIPRXGET=1",
      'AT+CSTT="internet","shs","secret"',
      "AT+CIICR",
      "AT+CIFSR",
    ]);
    assert.ok(!log.join("\n").includes("secret"));
    assert.ok(!script.commands.some((command) => command.startsWith("AT+CGDCONT")), "2G attaches without it");
  });

  it("switches the network's time on once, and leaves the modem's flash alone after that", () => {
    assert.ok(!connected().script.commands.includes("AT&W"));
    const { commands } = connected((script) => script.on("AT+CLTS?", ["+CLTS: 0", "OK"])).script;
    assert.deepEqual(commands.slice(commands.indexOf("AT+CLTS?"), commands.indexOf("AT&W") + 1), [
      "AT+CLTS?",
      "AT+CLTS=1",
      "AT&W",
    ]);
  });

  it("takes the answer of a modem that waits for the server's acknowledgement, in either spelling", () => {
    for (const answer of ["0, SEND OK", "0,SEND OK"]) {
      const { modem, script, until } = connected();
      script.on("AT+CIPSEND=", ["> ", answer]);
      const socket = new Watched(modem.TCP);
      until(() => socket.events.length > 0);
      socket.write("request");
      until(() => modem.bytesSent === 7);
    }
  });

  it("keeps data that is refused on a link which is alive, and gives up when that lasts", () => {
    const { modem, script, until } = connected();
    const socket = new Watched(modem.TCP);
    until(() => socket.events.length > 0);
    script
      .on("AT+CIPSEND=", ["ERROR"])
      .on("AT+CIPSTATUS=0", ['+CIPSTATUS: 0,0,"TCP","192.0.2.1","80","CONNECTED"', "OK"]);
    socket.write("request");
    assert.ok(until(() => socket.events.includes("error")) < 65_000);
    assert.ok(script.commands.filter((command) => command === "AT+CIPSEND=0,7").length > 50);
    assert.equal(script.payloads.length, 0);
  });

  it("reads on where the firmware does not say how much is left", () => {
    const { modem, script, until } = connected();
    const socket = new Watched(modem.TCP);
    until(() => socket.events.length > 0);
    const pieces = ["one", "two", ""];
    script.on("AT+CIPRXGET=2,0,", () => {
      const piece = pieces.shift() ?? "";
      return [`+CIPRXGET: 2,0,${piece.length}${piece && `\r\n${piece}`}`, "OK"];
    });
    script.urc("+CIPRXGET: 1,0");
    until(() => pieces.length === 0);
    assert.equal(socket.received, "onetwo");
  });

  it("takes no URC for its address", () => {
    const { modem } = connected((script) => script.on("AT+CIFSR", ["DST: 1", "10.1.2", "1.2.3.400", "10.1.2.3"]));
    assert.equal(modem.address, "10.1.2.3");
  });

  it("has no TLS, as none of it says whom one talks to", () => {
    const { modem, until, script } = connected();
    const socket = new Watched(modem.TLS, SECURITY);
    until(() => socket.events.length > 0);
    assert.deepEqual(socket.events, ["error"]);
    assert.ok(!script.commands.some((command) => command.startsWith("AT+CIPSTART")));
  });
});
