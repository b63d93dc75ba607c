import assert from "node:assert/strict";
import type { SimulatedTime } from "../../../../hal/sim/time.js";
import { setUp } from "../fixture.js";
import { registered, type ScriptedModem } from "../scripted-modem.js";
import { type Channel, describeFamily, secured } from "./family.js";

/** Buffered access as BG96's TCP/IP note has it; the commands of TLS have the same form under other names. */
function channel(open: string, send: string, read: string, close: string, urc: string): Channel {
  return {
    open: `AT+${open}=`,
    refusals: [["OK", `+${open}: 0,566`], [`+${open}: 0,565`, "OK"], ["+CME ERROR: 563"], ["ERROR"]],
    send: `AT+${send}=`,
    sendFailures: {
      "the connection is broken": ["ERROR"],
      "an error comes after the data": ["> ", "ERROR"],
      "no prompt comes": [],
    },
    noRoom: [["> ", "SEND FAIL"]],
    deliver(script, data) {
      let left = data;
      script.on(`AT+${read}=0,`, (command) => {
        const piece = left.slice(0, Math.min(1000, Number(command.split(",")[1])));
        left = left.slice(piece.length);
        return [`+${read}: ${piece.length}${piece && `\r\n${piece}`}`, "OK"];
      });
      script.urc(`+${urc}: "recv",0`);
    },
    close: `AT+${close}=0`,
    remoteClose: [`+${urc}: "closed",0`],
  };
}

function quectel(time: SimulatedTime, model: string): ScriptedModem {
  let active = false;
  const id = (command: string, index: number) => command.slice(command.indexOf("=") + 1).split(",")[index];
  return registered(time, model)
    .on("AT+QCCID", ["+QCCID: 8949020000012345678F", "OK"])
    .on("AT+QLTS=2", ['+QLTS: "2024/05/06,07:08:09+08,1"', "OK"])
    .on("AT+QIACT=1", () => {
      active = true;
      return ["OK"];
    })
    .on("AT+QIDEACT=1", () => {
      active = false;
      return ["OK"];
    })
    .on("AT+QIACT?", () => [...(active ? ['+QIACT: 1,1,1,"10.1.2.3"'] : []), "OK"])
    .on("AT+QIOPEN=", (command) => ["OK", `+QIOPEN: ${id(command, 1)},0`])
    .on("AT+QISEND=", ["> ", "SEND OK"])
    .on("AT+QIRD=", ["+QIRD: 0", "", "OK"])
    .on("AT+QFLST=", ["+CME ERROR: 405"])
    .on("AT+QFUPL=", (command) => ["CONNECT", `+QFUPL: ${id(command, 1)},4f64`, "OK"])
    .on("AT+QSSLOPEN=", (command) => ["OK", `+QSSLOPEN: ${id(command, 2)},0`])
    .on("AT+QSSLSEND=", ["> ", "SEND OK"])
    .on("AT+QSSLRECV=", ["+QSSLRECV: 0", "", "OK"]);
}

for (const [name, model] of [
  ["BG9x", "BG95-M3"],
  ["EC2x", "EC25"],
] as const)
  describeFamily({
    name,
    model,
    iccid: "8949020000012345678F",
    script: (time) => quectel(time, model),
    tcp: channel("QIOPEN", "QISEND", "QIRD", "QICLOSE", "QIURC"),
    tls: channel("QSSLOPEN", "QSSLSEND", "QSSLRECV", "QSSLCLOSE", "QSSLURC"),
    idle: ["+QIND: SMS DONE", "APP RDY", '+QIURC: "recv",7', '+QIURC: "incoming full"', '+QSSLURC: "closed",4'],
    lost: ['+QIURC: "pdpdeact",1'],
    restarted: ["RDY", "POWERED DOWN"],
  });

describe("modem dialects BG9x and EC2x: what is their own", () => {
  const script = (time: SimulatedTime) => quectel(time, "BG96");
  it("closes what the network has closed before it opens again, and logs in where that is wanted", () => {
    const { script: modemScript, modem, until, log } = setUp({}, script);
    modem.connect({ apn: "internet", user: "shs", password: "secret" });
    until(() => modem.connection === 500);
    const from = modemScript.commands.indexOf("AT+QIDEACT=1");
    assert.deepEqual(modemScript.commands.slice(from, from + 4), [
      "AT+QIDEACT=1",
      'AT+QICSGP=1,1,"internet","shs","secret",1',
      "AT+QIACT=1",
      "AT+QIACT?",
    ]);
    assert.ok(!log.join("\n").includes("secret"));
  });

  it("reads the local time with its zone, and none before the network has told it", () => {
    const { modem, connect, script: modemScript, time } = setUp({}, script);
    modemScript.on("AT+QLTS=2", ['+QLTS: ""', "OK"]);
    connect();
    assert.equal(modem.time, undefined);
    modemScript.on("AT+QLTS=2", ['+QLTS: "2024/05/06,07:08:09+08,1"', "OK"]);
    time.run(61_000);
    const utc = Date.UTC(2024, 4, 6, 5, 8, 9) / 1000;
    assert.ok(modem.time! >= utc && modem.time! <= utc + 61);
  });

  it("uploads the certificate and has it checked before it connects", () => {
    const { script: modemScript, socket } = secured(script);
    assert.deepEqual(socket.events, ["writable 4096"]);
    assert.deepEqual(modemScript.commands, [
      'AT+QFLST="UFS:ca-edf01838-whole.pem"',
      'AT+QFDEL="UFS:ca-edf01838.pem"',
      'AT+QFUPL="UFS:ca-edf01838.pem",59,60',
      'AT+QFUPL="UFS:ca-edf01838-whole.pem",5,60',
      'AT+QSSLCFG="ciphersuite",0,0XFFFF',
      'AT+QSSLCFG="sni",0,1',
      'AT+QSSLCFG="ignorelocaltime",0,1',
      'AT+QSSLCFG="negotiatetime",0,120',
      'AT+QSSLCFG="session_cache",0,1',
      'AT+QSSLCFG="sslversion",0,3',
      'AT+QSSLCFG="seclevel",0,1',
      'AT+QSSLCFG="cacert",0,"UFS:ca-edf01838.pem"',
      'AT+QSSLOPEN=1,0,0,"example.com",80,0',
    ]);
    assert.deepEqual(modemScript.payloads, ["-----BEGIN CERTIFICATE-----\nMAEC\n-----END CERTIFICATE-----\n", "whole"]);
  });

  it("uploads a certificate once, and again where it is not sealed", () => {
    const list = (name: string) =>
      secured(script, (each) => each.on("AT+QFLST=", [`+QFLST: "UFS:ca-edf01838${name}.pem",59`, "OK"]));
    const uploads = ({ script: { commands } }: ReturnType<typeof list>) =>
      commands.filter((command) => command.startsWith("AT+QFUPL")).length;
    assert.equal(uploads(list("-whole")), 0);
    assert.equal(uploads(list("")), 2);
  });

  it("does not connect when a certificate came in part only, or when the modem refuses to check", () => {
    const cases: [string, string[]][] = [
      ["AT+QFUPL=", ["CONNECT", "+QFUPL: 2,0", "OK"]],
      ["AT+QFUPL=", ["+CME ERROR: 407"]],
      ['AT+QSSLCFG="sslversion"', ["ERROR"]],
      ['AT+QSSLCFG="seclevel"', ["ERROR"]],
      ['AT+QSSLCFG="cacert"', ["ERROR"]],
    ];
    for (const [command, answer] of cases) {
      const { socket, script: modemScript } = secured(script, (each) => each.on(command, answer));
      assert.deepEqual(socket.events, ["error"], command);
      assert.ok(!modemScript.commands.some((each) => each.startsWith("AT+QSSLOPEN")), command);
    }
  });

  it("does without what a firmware cannot do", () => {
    const unknown = ['"session_cache"', '"session"', '"sni"', '"negotiatetime"', '"ignorelocaltime"'];
    const { socket, script: modemScript } = secured(script, (each) => {
      for (const setting of unknown) each.on(`AT+QSSLCFG=${setting}`, ["ERROR"]);
    });
    assert.deepEqual(socket.events, ["writable 4096"]);
    assert.ok(modemScript.commands.includes('AT+QSSLCFG="session",0,1'));
  });

  it("speaks for the whole families", () => {
    for (const model of ["BG95-M3", "BG96", "EC21", "EC25", "EG91", "EG95", "EG25"]) {
      const { connect, modem } = setUp({}, (time) => quectel(time, model));
      connect();
      assert.equal(modem.information.model, model);
    }
  });
});
