import assert from "node:assert/strict";
import type { SimulatedTime } from "../../../../hal/sim/time.js";
import { setUp, Watched } from "../fixture.js";
import { registered, type ScriptedModem } from "../scripted-modem.js";
import { ca, withFiles } from "./ca.js";
import { describeFamily, secured } from "./family.js";

const CONTEXTS = ['+CNACT: 1,0,"0.0.0.0"', '+CNACT: 2,0,"0.0.0.0"', '+CNACT: 3,0,"0.0.0.0"', "OK"];
const INACTIVE = ['+CNACT: 0,0,"0.0.0.0"', ...CONTEXTS];
const ACTIVE = ['+CNACT: 0,1,"10.1.2.3"', ...CONTEXTS];

function sim7070(time: SimulatedTime): ScriptedModem {
  let active = false;
  return withFiles(registered(time, "SIMCOM_SIM7080"))
    .on("AT+CCID", ["8949020000012345678F", "OK"])
    .on("AT+CLTS?", ["+CLTS: 1", "OK"])
    .on("AT+CNACT?", () => (active ? ACTIVE : INACTIVE))
    .on("AT+CNACT=0,1", () => {
      active = true;
      return ["OK", "+APP PDP: 0,ACTIVE"];
    })
    .on("AT+CNACT=0,0", () => {
      if (!active) return ["ERROR"];
      active = false;
      return ["OK", "+APP PDP: 0,DEACTIVE"];
    })
    .on("AT+CAOPEN=", (command) => [`+CAOPEN: ${command.slice(10).split(",")[0]},0`, "OK"])
    .on("AT+CASEND=", (command) => (command.includes(",") ? ["> ", "OK"] : ["ERROR"]))
    .on("AT+CARECV=", ["+CARECV: 0", "OK"]);
}

describeFamily({
  name: "SIM7070",
  model: "SIMCOM_SIM7080",
  iccid: "8949020000012345678F",
  script: sim7070,
  tcp: ca(0, false),
  tls: ca(7, false),
  idle: ['+CTZV: "+08"', '*PSNWID: "262","01", "T", 0', "OVER-VOLTAGE WARNNING", "+CADATAIND: 5", "+CASTATE: 5,0"],
  lost: ["+APP PDP: 0,DEACTIVE", "+APP PDP: DEACTIVE"],
  restarted: ["RDY", "NORMAL POWER DOWN"],
});

describe("modem dialect SIM7070: what is its own", () => {
  it("stores the certificate and has it checked before it connects", () => {
    const { script, socket } = secured(sim7070);
    assert.deepEqual(socket.events, ["writable 4096"]);
    const name = "ca-edf01838.pem";
    assert.deepEqual(script.commands, [
      `AT+CSSLCFG="convert",2,"${name}"`,
      "AT+CFSINIT",
      `AT+CFSWFILE=3,"${name}",0,59,10000`,
      "AT+CFSTERM",
      `AT+CSSLCFG="convert",2,"${name}"`,
      'AT+CSSLCFG="ignorertctime",0,1',
      'AT+CSSLCFG="sni",0,"example.com"',
      'AT+CASSLCFG=7,"CRINDEX",0',
      'AT+CSSLCFG="sslversion",0,3',
      'AT+CASSLCFG=7,"SSL",1',
      `AT+CASSLCFG=7,"CACERT","${name}"`,
      'AT+CACFG="ASYNCOPEN",1',
      'AT+CAOPEN=7,0,"TCP","example.com",80',
    ]);
    assert.equal(script.payloads[0], "-----BEGIN CERTIFICATE-----\nMAEC\n-----END CERTIFICATE-----\n");
  });

  it("takes the result of an open whenever it comes, and waits for it where the firmware does", () => {
    const result = "+CAOPEN: 7,0";
    for (const asynchronous of ["OK", "ERROR"])
      for (const answer of [
        ["OK", result],
        [result, "OK"],
      ]) {
        const { socket } = secured(sim7070, (script) =>
          script.on("AT+CACFG=", [asynchronous]).on("AT+CAOPEN=", answer),
        );
        assert.deepEqual(socket.events, ["writable 4096"], `${asynchronous}, ${answer}`);
      }
  });

  it("stores a certificate once", () => {
    const { script } = secured(sim7070, (each) => each.on("AT+CSSLCFG=", ["OK"]));
    assert.ok(!script.commands.some((command) => command.startsWith("AT+CFS")));
  });

  it("does not connect when the modem refuses to check", () => {
    for (const setting of ['CSSLCFG="sslversion"', 'CSSLCFG="convert"', 'CASSLCFG=7,"SSL"', 'CASSLCFG=7,"CACERT"']) {
      const { socket, script } = secured(sim7070, (each) => each.on(`AT+${setting}`, ["ERROR"]));
      assert.deepEqual(socket.events, ["error"], setting);
      assert.ok(!script.commands.some((command) => command.startsWith("AT+CAOPEN")), setting);
    }
  });

  it("keeps data for which there is no room", () => {
    const { script, until, modem, connect } = setUp({}, sim7070);
    connect();
    const socket = new Watched(modem.TCP);
    until(() => socket.events.length > 0);
    let tries = 0;
    script
      .on("AT+CASEND=0,", () => (tries++ < 3 ? ["ERROR"] : undefined))
      .on("AT+CASEND=0", (command) => (command === "AT+CASEND=0" ? ["+CASEND: 0", "OK"] : undefined));
    socket.write("request");
    until(() => modem.bytesSent === 7);
    assert.deepEqual(script.payloads, ["request"]);
  });

  it("closes the application network first where it was left open, and logs in where that is wanted", () => {
    const { script, modem, until, log } = setUp({}, sim7070);
    script.onEach("AT+CNACT?", ACTIVE, ACTIVE).on("AT+CASTATE?", ["+CASTATE: 2,1", "OK"]);
    modem.connect({ apn: "internet", user: "shs", password: "secret" });
    until(() => modem.connection === 500);
    const from = script.commands.indexOf("AT+CNACT?");
    assert.deepEqual(script.commands.slice(from, from + 6), [
      "AT+CNACT?",
      "AT+CASTATE?",
      "AT+CACLOSE=2",
      "AT+CNACT=0,0",
      'AT+CNCFG=0,1,"internet","shs","secret",3',
      "AT+CNACT=0,1",
    ]);
    assert.ok(!log.join("\n").includes("secret"));
  });
});
