import type { ScriptedModem } from "../scripted-modem.js";
import type { Channel } from "./family.js";

/** TCP as the SIM800 manual has it (chapter 8), with the spaces of the field. */
export const cip: Channel = {
  open: "AT+CIPSTART=",
  refusals: [
    ["OK", "0, CONNECT FAIL"],
    ["OK", "0,CONNECT FAIL"],
    ["ERROR", "0, ALREADY CONNECT"],
    ["+CME ERROR: 3"],
    ["ERROR"],
  ],
  send: "AT+CIPSEND=",
  sendFailures: {
    "the network fails": ["> ", "0, SEND FAIL"],
    "the manual's spelling says so": ["> ", "0,SEND FAIL"],
    "an error comes after the data": ["> ", "ERROR"],
    "the link is closed": ["ERROR"],
    "no prompt comes": [],
  },
  noRoom: [
    ["> ", "DATA ACCEPT:0,0"],
    ["> ", "DATA ACCEPT: 0,3"],
  ],
  deliver(script, data) {
    let left = data;
    script.on("AT+CIPRXGET=2,0,", (command) => {
      const piece = left.slice(0, Math.min(1000, Number(command.split(",")[2])));
      left = left.slice(piece.length);
      const text = piece === "" ? "" : `\r\n${piece}`;
      return ["+CIPRXGET: 1,1", `+CIPRXGET: 2,0,${piece.length},${left.length}${text}`, "OK"];
    });
    script.urc("+CIPRXGET: 1,0");
  },
  close: "AT+CIPCLOSE=0,1",
  remoteClose: ["0, CLOSED"],
};

export function withCIP(script: ScriptedModem): ScriptedModem {
  return script
    .on("AT+CCID", ["8949020000012345678F", "OK"])
    .on("AT+CGREG?", ['+CGREG: 2,1,"00C3","01A2"', "OK"])
    .on("AT+CLTS?", ["+CLTS: 1", "OK"])
    .on("AT+CIPSHUT", ["SHUT OK"])
    .on("AT+CIFSR", ["10.1.2.3"])
    .on("AT+CIPSTART=", (command) => ["OK", `${command.slice(12, 13)}, CONNECT OK`])
    .on("AT+CIPSEND=", (command) => ["> ", `DATA ACCEPT:${command.slice(11)}`])
    .on("AT+CIPRXGET=2,", (command) => [`+CIPRXGET: 2,${command.split(",")[1]},0,0`, "OK"])
    .on("AT+CIPCLOSE=", (command) => [`${command.slice(12, 13)}, CLOSE OK`]);
}
