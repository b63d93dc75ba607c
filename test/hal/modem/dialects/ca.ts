import type { ScriptedModem } from "../scripted-modem.js";
import type { Channel } from "./family.js";

/** Connection `cid` by the CA commands, as SIM7070's manual has them (chapter 11); `counts`: answers `CARECV?` too. */
export function ca(cid: number, counts: boolean): Channel {
  return {
    open: "AT+CAOPEN=",
    refusals: [[`+CAOPEN: ${cid},23`, "OK"], [`+CAOPEN: ${cid},27`, "ERROR"], ["OK", `+CAOPEN: ${cid},20`], ["ERROR"]],
    send: "AT+CASEND=",
    sendFailures: {
      "an error comes after the data": ["> ", "ERROR"],
      "no prompt comes": [],
    },
    deliver(script, data) {
      let left = data;
      if (counts) script.on("AT+CARECV?", () => [...(left ? [`+CARECV: ${cid},${left.length}`] : []), "OK"]);
      script.on(`AT+CARECV=${cid},`, (command) => {
        const piece = left.slice(0, Math.min(1000, Number(command.split(",")[1])));
        left = left.slice(piece.length);
        return [piece === "" ? "+CARECV: 0" : `+CARECV: ${piece.length},${piece}`, "OK"];
      });
      script.urc(`+CADATAIND: ${cid}`);
    },
    close: `AT+CACLOSE=${cid}`,
    remoteClose: [`+CASTATE: ${cid},0`],
  };
}

/** No certificate is there, until one is stored; TLS settings are taken, but for the one that firmware in the field refuses. */
export function withFiles(script: ScriptedModem): ScriptedModem {
  let stored = false;
  return script
    .on('AT+CSSLCFG="convert"', () => [stored ? "OK" : "+CME ERROR: 50"])
    .on("AT+CFSWFILE=", () => {
      stored = true;
      return ["DOWNLOAD", "OK"];
    })
    .on("AT+CASSLCFG=", (command) => [command.includes("CRINDEX") ? "ERROR" : "OK"]);
}
