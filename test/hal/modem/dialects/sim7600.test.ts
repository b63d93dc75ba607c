import assert from "node:assert/strict";
import { setUp } from "../fixture.js";
import { type ScriptedModem, sim7600 } from "../scripted-modem.js";
import { type Channel, describeFamily } from "./family.js";

/** TCP as the manuals have it: SIM7600 chapter 11, A76xx chapter 15. */
const cipopen: Channel = {
  open: "AT+CIPOPEN=",
  refusals: [["OK", "+CIPOPEN: 0,4"], ["+CIPOPEN: 0,11", "ERROR"], ["ERROR"]],
  send: "AT+CIPSEND=",
  sendFailures: {
    "the peer is gone": ["> ", "OK", "+CIPSEND: 0,5,-1"],
    "less was taken than sent": ["> ", "OK", "+CIPSEND: 0,5,3"],
    "the link is closed": ["+CIPERROR: 4", "ERROR"],
  },
  deliver(script, data) {
    let left = data;
    script.on("AT+CIPRXGET=2,0,", (command) => {
      const piece = left.slice(0, Number(command.split(",")[2]));
      left = left.slice(piece.length);
      if (piece === "") return ["+IP ERROR: No data", "ERROR"];
      return ["+CIPRXGET: 1,1", `+CIPRXGET: 2,0,${piece.length},${left.length}\r\n${piece}`, "OK"];
    });
    script.urc("+CIPRXGET: 1,0");
  },
  close: "AT+CIPCLOSE=0",
  remoteClose: ["+IPCLOSE: 0,1"],
};

/** TLS: SIM7600 chapter 10, A76xx chapter 19. */
const cch: Channel = {
  open: "AT+CCHOPEN=",
  refusals: [["OK", "+CCHOPEN: 0,15"], ["+CCHOPEN: 0,13", "OK"], ["ERROR"]],
  send: "AT+CCHSEND=",
  sendFailures: { "the peer is gone": ["> ", "OK", "+CCHSEND: 0,4"], "the session is closed": ["ERROR"] },
  deliver(script, data) {
    let left = data;
    script.on("AT+CCHRECV?", () => [`+CCHRECV: LEN,${left.length},0`, "OK"]);
    script.on("AT+CCHRECV=0,", (command) => {
      const piece = left.slice(0, Number(command.split(",")[1]));
      left = left.slice(piece.length);
      const [one, two] = [piece.slice(0, 5), piece.slice(5)];
      const blocks = [one, two].filter((block) => block !== "");
      return ["OK", ...blocks.map((block) => `+CCHRECV: DATA,0,${block.length}\r\n${block}`), "+CCHRECV: 0,0"];
    });
    script.urc("+CCHEVENT: 0,RECV EVENT");
  },
  close: "AT+CCHCLOSE=0",
  remoteClose: ["+CCH_PEER_CLOSED: 0"],
};

function secured(script: ScriptedModem): ScriptedModem {
  return script
    .on("AT+CCHSTART", ["OK", "+CCHSTART: 0"])
    .on("AT+CCERTLIST", ['+CCERTLIST: "other.pem"', "OK"])
    .on("AT+CCERTDOWN=", ["> ", "OK"])
    .on("AT+CCHOPEN=", (command) => ["OK", `+CCHOPEN: ${command.slice(11, 12)},0`])
    .on("AT+CCHSEND=", (command) => ["> ", "OK", `+CCHSEND: ${command.slice(11, 12)},0`])
    .on("AT+CCHRECV?", ["+CCHRECV: LEN,0,0", "OK"])
    .on("AT+CCHCLOSE=", (command) => ["OK", `+CCHCLOSE: ${command.slice(12)},0`]);
}

const common = {
  iccid: "8949020000012345678F",
  tcp: cipopen,
  tls: cch,
  idle: ["+CIPRXGET: 1,5", "SMS DONE", "PB DONE", "+CIPCLOSE: 3,0", "+CCHEVENT: 1,RECV EVENT"],
  lost: ["+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY", "+CCH: CCH STOP"],
};

describeFamily({
  ...common,
  name: "SIM7600",
  model: "SIMCOM_SIM7600E-H",
  script: (time) => secured(sim7600(time)),
  restarted: ["RDY"],
});

describeFamily({
  ...common,
  name: "A76xx",
  model: "A7670E-FASE",
  // NETCLOSE with a link that was still open.
  script: (time) => secured(sim7600(time, "A7670E-FASE")).on("AT+NETCLOSE", ["+CIPCLOSE: 1,0", "OK", "+NETCLOSE: 0"]),
  restarted: ["*ATREADY: 1"],
});

describe("modem dialect A76xx: what is its own", () => {
  it("waits for a SIM that fails until it was read", () => {
    const { script, connect } = setUp({}, (time) => sim7600(time, "A7670E-FASE"));
    const failing = ["+CME ERROR: 13"];
    script.onEach("AT+CPIN?", failing, failing, failing, ["+CPIN: READY", "OK"]);
    connect();
  });

  it("speaks for SIM767x and all A76xx", () => {
    for (const model of ["A7670E-FASE", "A7608SA-H", "SIM7670G-MNGV", "SIM7672E"]) {
      const { connect, modem } = setUp({}, (time) => sim7600(time, model));
      connect();
      assert.equal(modem.information.model, model);
    }
  });
});
