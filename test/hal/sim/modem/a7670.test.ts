import { strict as assert } from "node:assert";
import type { ModemOptions } from "../../../../hal/sim/modem/emulator.js";
import type { Knobs } from "../../../../hal/sim/modem/knobs.js";
import { Bench } from "./bench.js";

const OK = "\r\nOK\r\n";

function modem(knobs: Partial<Knobs> = {}, options: Partial<ModemOptions> = {}): Bench {
  return new Bench({ knobs, ...options }, "A7670");
}

describe("emulated A7670, where it differs from SIM7600", () => {
  it("boots with *ATREADY, and calls a card that is not read yet broken", () => {
    const bench = modem();
    while (!bench.said(100).includes("*ATREADY: 1"));
    assert.match(bench.command("AT+CMEE=2;+CPIN?", 100), /\+CME ERROR: SIM failure\r\n/);
    assert.match(bench.said(20_000), /\+CPIN: READY\r\n\r\nSMS DONE\r\n\r\nPB DONE\r\n$/);
  });

  it("starts with 50 ms of its key, and takes none for two seconds after it went off", () => {
    const bench = modem({}, { keyTied: false });
    const press = (milliseconds: number) => {
      bench.modem.power.key.write(1);
      bench.time.run(milliseconds);
      bench.modem.power.key.write(0);
    };
    press(50);
    bench.attached();
    press(2500);
    bench.time.run(2000);
    assert.equal(bench.modem.running, false);
    press(100);
    assert.equal(bench.modem.running, false);
    bench.time.run(2000);
    press(100);
    assert.equal(bench.modem.running, true);
  });

  it("is reset after two seconds on its pin", () => {
    const bench = modem().attached();
    for (const [milliseconds, resets] of [
      [1900, false],
      [2000, true],
    ] as const) {
      bench.modem.power.reset.write(1);
      bench.time.run(milliseconds);
      bench.modem.power.reset.write(0);
      assert.equal(bench.said(30_000).includes("ATREADY"), resets);
    }
  });

  it("does not take the time of the network before it is told to", () => {
    const bench = modem().attached();
    assert.equal(bench.command("AT+CTZU?"), `\r\n+CTZU: 0\r\n${OK}`);
    assert.match(bench.command("AT+CCLK?"), /"80\/01\/06,/);
    bench.command("AT+CTZU=1");
    bench.modem.crash();
    bench.said(40_000);
    assert.match(bench.command("AT+CCLK?"), /"23\/11\/14,/);
  });

  it("asks a time server in China's zone unless another is given; 0 is success", () => {
    const bench = modem().attached();
    bench.command('AT+CNTP="time.test"');
    assert.equal(bench.command("AT+CNTP"), `${OK}\r\n+CNTP: 0\r\n`);
    assert.match(bench.command("AT+CCLK?"), /"23\/11\/15,06:14:\d\d\+32"/);
    bench.command('AT+CNTP="time.test",0');
    assert.equal(bench.command("AT+CNTP"), `${OK}\r\n+CNTP: 0\r\n`);
    assert.match(bench.command("AT+CCLK?"), /"23\/11\/14,22:14:\d\d\+00"/);
    bench.command('AT+CNTP="unknown.test",0');
    assert.equal(bench.command("AT+CNTP"), `${OK}\r\n+CNTP: 4\r\n`);
  });

  it("tells levels as indices of 3GPP reports", () => {
    // RSRP -98 dBm, RSRQ -11 dB.
    assert.match(modem().attached().command("AT+CPSI?"), /\+CPSI: LTE,Online,262-01,0x5A1E,\d+,.*,42,18,39,15\r\n/);
    assert.match(new Bench().attached().command("AT+CPSI?"), /,-980,-110,-710,15\r\n/);
  });

  it("lists open links when the network is closed", () => {
    const bench = modem().connected();
    assert.equal(bench.command("AT+NETCLOSE", 3000), `${OK}\r\n+CIPCLOSE: 0,0\r\n\r\n+NETCLOSE: 0\r\n`);
  });

  it('has another number for "No data"', () => {
    const bench = modem().connected();
    bench.command("AT+CIPCCFG=10,0,0,0,1,0,75000,0");
    assert.equal(bench.command("AT+CIPRXGET=2,0,10"), "\r\n+IP ERROR: 22\r\n\r\nERROR\r\n");
  });

  it("says when TLS is stopped by the loss of the network", () => {
    const bench = modem().attached();
    bench.command("AT+CCHSET=1,1");
    bench.command("AT+CCHSTART", 3000);
    bench.modem.dropContext();
    assert.equal(bench.said(1000), "\r\n+CCH: CCH STOP\r\n");
  });

  it("takes shorter names for certificates, and a password file instead of a password", () => {
    const bench = modem().attached();
    const name = (length: number) => `${"n".repeat(length - 4)}.pem`;
    assert.equal(bench.command(`AT+CCERTDOWN="${name(108)}",1`), "\r\n>");
    bench.send("x");
    assert.equal(bench.said(100), OK);
    assert.equal(bench.command(`AT+CCERTDOWN="${name(109)}",1`), "\r\nERROR\r\n");
    assert.equal(bench.command('AT+CSSLCFG="password",0,"secret.txt"'), OK);
    assert.equal(bench.command('AT+CSSLCFG="keypwd",0,"secret"'), "\r\nERROR\r\n");
    assert.equal(new Bench().attached().command('AT+CSSLCFG="keypwd",0,"secret"'), OK);
  });

  it("fails every handshake with 15 where the firmware does so, while plain TCP works", () => {
    const bench = modem({ handshakesFail: true }).online();
    bench.command("AT+CCHSTART", 3000);
    assert.equal(bench.command('AT+CCHOPEN=0,"server.test",443,2', 3000), `${OK}\r\n+CCHOPEN: 0,15\r\n`);
    assert.match(bench.command('AT+CIPOPEN=0,"TCP","server.test",80', 3000), /\+CIPOPEN: 0,0/);
  });

  it("wakes from CSCLK=2 by a byte that is lost", () => {
    const bench = modem().attached();
    assert.equal(bench.command("AT+CSCLK=2"), OK);
    bench.time.run(10_000);
    assert.equal(bench.command("AT"), "");
    assert.equal(bench.command("AT"), OK);
    assert.equal(new Bench().attached().command("AT+CSCLK=2"), "\r\nERROR\r\n");
  });
});
