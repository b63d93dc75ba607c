import { strict as assert } from "node:assert";
import { Bench } from "./bench.js";

const CODES = "AT+CREG=2;+CGREG=2;+CEREG=2";

function inService(knobs = {}): Bench {
  const bench = new Bench({ knobs }).attached();
  bench.command("AT+CMEE=2");
  bench.command(CODES);
  return bench;
}

describe("emulated network", () => {
  it("registers in the read form with area, cell and technology", () => {
    const bench = inService();
    assert.equal(bench.command("AT+CEREG?"), '\r\n+CEREG: 2,1,"5A1E","B28A50C",7\r\n\r\nOK\r\n');
    bench.command("AT+CEREG=0");
    assert.equal(bench.command("AT+CEREG?"), "\r\n+CEREG: 0,1\r\n\r\nOK\r\n");
  });

  it("tells of a lost cell, and of its return, in the unsolicited form", () => {
    const bench = inService();
    bench.modem.knobs.coverage = false;
    assert.equal(bench.said(5000), "\r\n+CREG: 2\r\n\r\n+CGREG: 2\r\n\r\n+CEREG: 2\r\n");
    assert.match(bench.command("AT+CPSI?"), /\+CPSI: NO SERVICE,Online\r\n/);
    assert.match(bench.command("AT+CSQ"), /\+CSQ: 99,99/);
    assert.match(bench.command("AT+COPS?"), /\+COPS: 0\r\n/);
    bench.modem.knobs.coverage = true;
    const place = ',"5A1E","B28A50C",7\r\n';
    assert.equal(bench.said(10_000), `\r\n+CREG: 1${place}\r\n+CGREG: 1${place}\r\n+CEREG: 1${place}`);
  });

  it("keeps the bearer through a short hole and drops it after a long one", () => {
    const bench = inService();
    bench.command("AT+NETOPEN", 3000);
    const hole = (milliseconds: number) => {
      bench.modem.knobs.coverage = false;
      bench.time.run(milliseconds);
      bench.modem.knobs.coverage = true;
      return bench.said(10_000);
    };
    assert.doesNotMatch(hole(10_000), /CIPEVENT/);
    assert.match(hole(30_000), /\+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY/);
  });

  it("roams as state 5, denies as state 3 until the radio was off", () => {
    const bench = inService({ roaming: true });
    assert.match(bench.command("AT+CEREG?"), /2,5,/);
    bench.modem.knobs.denied = true;
    assert.match(bench.said(1000), /\+CEREG: 3\r\n/);
    bench.modem.knobs.denied = false;
    assert.match(bench.command("AT+CEREG?", 60_000), /2,3\r\n/);
    bench.command("AT+CFUN=4");
    bench.command("AT+CFUN=1", 10_000);
    assert.match(bench.command("AT+CEREG?"), /2,5,/);
  });

  it("shows no EPS registration on 2G", () => {
    const bench = inService({ technology: "GSM" });
    assert.match(bench.command("AT+CEREG?"), /\+CEREG: 2,0\r\n/);
    assert.match(bench.command("AT+CGREG?"), /\+CGREG: 2,1,"5A1E","B28A50C",0\r\n/);
    assert.match(bench.command("AT+CPSI?"), /\+CPSI: GSM,Online,262-01,/);
  });

  it("goes offline with CFUN=0 and 4, and takes only a reset out of 7", () => {
    const bench = inService();
    for (const mode of [4, 0]) {
      assert.match(bench.command(`AT+CFUN=${mode}`), /OK[\s\S]*\+CREG: 0/);
      assert.match(bench.command("AT+CFUN?"), new RegExp(`CFUN: ${mode}`));
      assert.match(bench.command("AT+CFUN=1", 20_000), /OK[\s\S]*\+CREG: 1/);
    }
    bench.command("AT+CFUN=7");
    assert.equal(bench.command("AT+CFUN=1"), "\r\n+CME ERROR: operation not allowed\r\n");
    assert.equal(bench.command("AT+CFUN=6"), "\r\nOK\r\n");
  });

  it("reads the card again after CFUN=0", () => {
    const bench = inService();
    bench.command("AT+CFUN=0");
    assert.match(bench.command("AT+CIMI"), /\+CME ERROR: SIM busy/);
    assert.match(bench.command("AT+CFUN=1", 20_000), /\+CPIN: READY[\s\S]*SMS DONE[\s\S]*PB DONE/);
    assert.match(bench.command("AT+CIMI"), /\r\n\d{15}\r\n/);
  });

  it("detaches and attaches by CGATT", () => {
    const bench = inService();
    bench.command("AT+NETOPEN", 3000);
    assert.match(bench.command("AT+CGATT=0", 2000), /CIPEVENT[\s\S]*OK/);
    assert.match(bench.command("AT+CGATT?"), /\+CGATT: 0/);
    assert.match(bench.command("AT+CGATT=1", 2000), /OK/);
    assert.match(bench.command("AT+CGPADDR"), /\+CGPADDR: 1,10\.\d+\.\d+\.\d+/);
  });

  it("sets the clock by NITZ, unless it is switched off", () => {
    const bench = inService({ zone: 4 });
    assert.match(bench.command("AT+CCLK?"), /\+CCLK: "23\/11\/14,23:14:\d\d\+04"/);
    bench.command("AT+CTZU=0");
    bench.modem.power.supply.write(0);
    bench.modem.power.supply.write(1);
    bench.said(40_000);
    assert.match(bench.command("AT+CCLK?"), /"80\/01\/06,/);
    assert.match(bench.command('AT+CCLK="24/02/29,12:00:00+00"'), /OK/);
    assert.match(bench.command("AT+CCLK?", 5000), /"24\/02\/29,12:00:0[0-5]\+00"/);
  });

  it("keeps contexts, and shows the operator's own", () => {
    const bench = inService();
    bench.command('AT+CGDCONT=1,"IP","internet"');
    bench.modem.crash();
    bench.said(40_000);
    assert.match(bench.command("AT+CGDCONT?"), /1,"IP","internet"[\s\S]*2,"IP","ims"[\s\S]*3,"IP","sos"/);
  });
});

describe("emulated SIM card", () => {
  it("is busy at first", () => {
    const bench = new Bench();
    while (!bench.said(100).includes("RDY"));
    assert.match(bench.command("AT+CMEE=1;+CPIN?", 100), /\+CME ERROR: 14/);
  });

  it("asks for its PIN and registers only then", () => {
    const bench = inService({ sim: "SIM PIN" });
    assert.match(bench.command("AT+CPIN?"), /\+CPIN: SIM PIN/);
    assert.match(bench.command("AT+CIMI"), /\+CME ERROR: SIM PIN required/);
    assert.match(bench.command("AT+CREG?"), /\+CREG: 2,0/);
    assert.match(bench.command('AT+CPIN="1234"', 10_000), /^\r\nOK\r\n\r\n\+CPIN: READY\r\n[\s\S]*\+CREG: 1/);
  });

  it("blocks after three wrong PINs, for good, and opens with the PUK", () => {
    const bench = inService({ sim: "SIM PIN" });
    bench.command('AT+CPIN="0000"');
    bench.modem.crash();
    bench.said(40_000);
    bench.command("ATE0+CMEE=2");
    for (let i = 0; i < 2; i++) assert.match(bench.command('AT+CPIN="0000"'), /\+CME ERROR: incorrect password/);
    assert.match(bench.command("AT+CPIN?"), /\+CPIN: SIM PUK/);
    assert.match(bench.command('AT+CPIN="1234"'), /\+CME ERROR: SIM PUK required/);
    assert.match(bench.command('AT+CPIN="12345678","4321"', 10_000), /OK\r\n\r\n\+CPIN: READY/);
    assert.equal(bench.modem.knobs.pin, "4321");
  });

  it("answers a wrong PIN with a bare ERROR where the firmware does so", () => {
    const bench = inService({ sim: "SIM PIN", plainErrors: true });
    assert.equal(bench.command('AT+CPIN="0000"'), "\r\nERROR\r\n");
  });

  it("is missed, put in, and pulled out again in service", () => {
    const bench = inService({ sim: "NOT INSERTED" });
    assert.match(bench.command("AT+CPIN?"), /\+CME ERROR: SIM not inserted/);
    bench.modem.knobs.sim = "READY";
    assert.match(bench.said(20_000), /\+CPIN: READY[\s\S]*\+CREG: 1/);
    bench.modem.knobs.sim = "NOT INSERTED";
    assert.match(bench.said(1000), /\+CREG: 0[\s\S]*\+CPIN: NOT READY/);
  });
});
