import { strict as assert } from "node:assert";
import { Bench } from "./bench.js";

const OK = "\r\nOK\r\n";
const CONNECT = "\r\nCONNECT\r\n";
/** What leads into data mode, of each family that has it. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  SIM7600: ["AT+CIPMODE=1", "AT+NETOPEN", 'AT+CIPOPEN=0,"TCP","server.test",80'],
  A7670: ["AT+CIPMODE=1", "AT+NETOPEN", 'AT+CIPOPEN=0,"TCP","server.test",80'],
  SIM800: ["AT+CIPMODE=1", 'AT+CSTT="internet"', "AT+CIICR", "AT+CIFSR", 'AT+CIPSTART="TCP","server.test",80'],
  SIM7000: ["AT+CIPMODE=1", 'AT+CSTT="internet"', "AT+CIICR", "AT+CIFSR", 'AT+CIPSTART="TCP","server.test",80'],
  BG95: ["AT+QIACT=1", 'AT+QIOPEN=1,0,"TCP","server.test",80,0,2'],
  EC25: ["AT+QIACT=1", 'AT+QIOPEN=1,0,"TCP","server.test",80,0,2'],
};

function inDataMode(name: string): Bench {
  const bench = new Bench({}, name).attached();
  let said = "";
  for (const command of WAYS[name]!) said = bench.command(command, 5000);
  assert.equal(said, CONNECT);
  return bench;
}

describe("emulated modem: data mode", () => {
  for (const name of Object.keys(WAYS)) {
    it(`carries everything as it is on ${name}, commands and plus signs too`, () => {
      const bench = inDataMode(name);
      for (const data of ["AT\r", "+++", "1+1", "++++", "+++AT\r"]) {
        bench.send(data);
        assert.equal(bench.said(300), "");
      }
      assert.equal(bench.said(3000), "");
      assert.equal(bench.internet.sent[0], "AT\r+++1+1+++++++AT\r");
      bench.internet.opened[0]!.onData(Buffer.from("\r\nOK\r\nRDY"));
      assert.equal(bench.said(1000), "\r\nOK\r\nRDY");
      bench.modem.say("RING");
      assert.equal(bench.said(1000), "", "codes wait");
    });

    it(`is left on ${name} by three plus signs between silences, and entered again by ATO`, () => {
      const bench = inDataMode(name);
      bench.said(1000);
      bench.send("+++");
      assert.equal(bench.said(990), "");
      assert.equal(bench.said(20), OK);
      assert.equal(bench.command("AT"), OK);
      bench.internet.opened[0]!.onData(Buffer.from("kept"));
      assert.equal(bench.said(1000), "");
      assert.equal(bench.command("ATO"), `${CONNECT}kept`);
      bench.send("again");
      bench.said(1000);
      assert.equal(bench.internet.sent[0], "again");
    });

    it(`ends on ${name} when the peer closes`, () => {
      const bench = inDataMode(name);
      bench.modem.closeConnections();
      assert.match(bench.said(2000), /^\r\nNO CARRIER\r\n/);
      assert.equal(bench.command("ATO"), "\r\nNO CARRIER\r\n");
      assert.equal(bench.command("AT"), OK);
    });
  }

  it("is no escape without the silences, or in pieces that are not alone", () => {
    const bench = inDataMode("SIM7600");
    bench.said(1000);
    bench.send("+++");
    bench.said(900);
    bench.send("x");
    bench.said(1500);
    for (const plus of ["+", "+", "+"]) {
      bench.send(plus);
      assert.equal(bench.said(1100), "");
    }
    assert.equal(bench.internet.sent[0], "+++x+++");
  });
});
