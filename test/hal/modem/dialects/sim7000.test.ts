import assert from "node:assert/strict";
import type { SimulatedTime } from "../../../../hal/sim/time.js";
import { setUp, Watched } from "../fixture.js";
import { registered, type ScriptedModem } from "../scripted-modem.js";
import { ca, withFiles } from "./ca.js";
import { cip, withCIP } from "./cip.js";
import { describeFamily, SECURITY } from "./family.js";

function sim7000(time: SimulatedTime): ScriptedModem {
  return withFiles(withCIP(registered(time, "SIMCOM_SIM7000G")))
    .on("AT+CNACT=1,", ["OK", "+APP PDP: ACTIVE"])
    .on("AT+CAOPEN=", (command) => [`+CAOPEN: ${command.slice(10).split(",")[0]},0`, "OK"])
    .on("AT+CASEND=", (command) => {
      const [cid, length] = command.slice(10).split(",");
      return ["> ", "OK", `+CASEND: ${cid},0,${length}`];
    })
    .on("AT+CARECV=", ["+CARECV: 0", "OK"]);
}

const family = {
  name: "SIM7000",
  model: "SIMCOM_SIM7000G",
  iccid: "8949020000012345678F",
  script: sim7000,
  tcp: cip,
  tls: ca(0, true),
  idle: ["+CIPRXGET: 1,7", "SMS Ready", "7, CLOSED", "+CADATAIND: 1", "+CASTATE: 1,0"],
  lost: ["+PDP: DEACT", "+APP PDP: DEACTIVE"],
  restarted: ["RDY"],
};
describeFamily(family);

describe("modem dialect SIM7000: what is its own", () => {
  const connected = (prepare: (script: ScriptedModem) => void = () => {}) => {
    const fixture = setUp({}, sim7000);
    prepare(fixture.script);
    fixture.connect();
    return fixture;
  };

  it("works without TLS where the second network does not open", () => {
    const { modem, until } = connected((script) => script.on("AT+CNACT=1,", ["OK", "+APP PDP: DEACTIVE"]));
    const socket = new Watched(modem.TCP);
    until(() => socket.events.length > 0);
    assert.deepEqual(socket.events, ["writable 4096"]);
  });

  it("chooses the connection first, and then opens it", () => {
    const { modem, until, script } = connected();
    const socket = new Watched(modem.TLS, SECURITY);
    script.commands.length = 0;
    until(() => socket.events.length > 0);
    assert.equal(script.commands[0], "AT+CACID=0");
    assert.equal(script.commands.at(-1), 'AT+CAOPEN=0,"example.com",80');
  });

  it("asks for no more than the modem holds", () => {
    const { modem, until, script } = connected();
    const socket = new Watched(modem.TLS, SECURITY);
    until(() => socket.events.length > 0);
    family.tls.deliver(script, "hello");
    until(() => socket.received === "hello");
    assert.deepEqual(script.commands.slice(-2), ["AT+CARECV?", "AT+CARECV=0,5"]);
    script.urc("+CADATAIND: 0");
    until(() => script.commands.at(-1) === "AT+CARECV?");
  });

  it("takes a firmware that says no more than OK, and a result that comes later and is bad", () => {
    const { modem, until, script } = connected((each) => each.on("AT+CASEND=", ["> ", "OK"]));
    const socket = new Watched(modem.TLS, SECURITY);
    until(() => socket.events.length > 0);
    socket.write("request");
    until(() => modem.bytesSent === 7);
    script.urc("+CASEND: 0,1,0");
    until(() => socket.events.includes("error"));
  });
});
