import { strict as assert } from "node:assert";
import { toBytes } from "../../../../hal/sim/bytes.js";
import type { Knobs } from "../../../../hal/sim/modem/knobs.js";
import { Bench } from "./bench.js";
import { dialogues, online } from "./dialogues.js";

const OK = "\r\nOK\r\n";
const START = 'AT+CIPSTART=1,"TCP","server.test",443';
const PEM = "-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n";

function modem(knobs: Partial<Knobs> = {}, name = "SIM800"): Bench {
  return new Bench({ knobs }, name).attached();
}

function connected(knobs: Partial<Knobs> = {}, name = "SIM800"): Bench {
  const bench = online(name, knobs);
  bench.command(START, 5000);
  return bench;
}

describe("emulated SIM800: boot and general commands", () => {
  it("is mute with autobaud until the first AT, and follows its rate", () => {
    const bench = new Bench({}, "SIM800");
    assert.equal(bench.said(20_000), "");
    bench.open(9600);
    assert.equal(bench.command("AT"), "AT\r\r\nOK\r\n");
  });

  it("says its boot codes once its rate is fixed", () => {
    const bench = modem();
    bench.command("AT+IPR=115200;&W");
    bench.command("AT&W");
    bench.modem.crash();
    assert.equal(
      bench.said(30_000),
      "\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nCall Ready\r\n\r\nSMS Ready\r\n",
    );
  });

  it("says goodbye and goes off", () => {
    const bench = modem();
    assert.equal(bench.command("AT+CPOWD=1"), "\r\nNORMAL POWER DOWN\r\n");
    bench.time.run(3000);
    assert.equal(bench.modem.running, false);
  });

  it("has neither CEREG nor LTE", () => {
    assert.equal(modem().command("AT+CEREG?"), "\r\nERROR\r\n");
  });

  it("complains about its supply in its own spelling, and gives up below 3.4 V", () => {
    const bench = modem();
    bench.modem.knobs.supplyVoltage = 3450;
    assert.equal(bench.said(100), "\r\nUNDER-VOLTAGE WARNNING\r\n");
    bench.modem.knobs.supplyVoltage = 3700;
    assert.equal(bench.said(100), "");
    bench.modem.knobs.supplyVoltage = 4350;
    assert.equal(bench.said(100), "\r\nOVER-VOLTAGE WARNNING\r\n");
    bench.modem.knobs.supplyVoltage = 3300;
    assert.equal(bench.said(4000), "\r\nUNDER-VOLTAGE POWER DOWN\r\n");
    assert.equal(bench.modem.running, false);
    bench.modem.power.supply.write(0);
    bench.modem.power.supply.write(1);
    assert.equal(bench.said(20_000), "\r\nUNDER-VOLTAGE POWER DOWN\r\n");
    assert.equal(bench.modem.running, false);
  });

  it("tells the time of the network after CLTS=1, AT&W and a reset", () => {
    const bench = modem({ zone: 8 });
    bench.command("AT+CLTS=1");
    bench.command("AT+CFUN=0");
    assert.doesNotMatch(bench.command("AT+CFUN=1", 20_000), /PSUTTZ/);
    bench.command("AT&W");
    bench.modem.crash();
    assert.match(
      bench.said(40_000),
      /\r\n\*PSNWID: "262","01",.*\r\n\r\n\*PSUTTZ: 2023,11,14,22,\d+,\d+,"\+08",0\r\n\r\nDST: 0\r\n\r\n\+CTZV: "\+08"\r\n/,
    );
    assert.match(bench.command("AT+CCLK?"), /"23\/11\/15,00:\d\d:\d\d\+08"/);
  });

  it("asks a time server through its bearer; 1 is success", () => {
    const bench = modem();
    bench.command('AT+CNTPCID=1;+CNTP="time.test",4');
    assert.equal(bench.command("AT+CNTP", 3000), `${OK}\r\n+CNTP: 61\r\n`);
    bench.command('AT+SAPBR=3,1,"CONTYPE","GPRS"');
    assert.equal(bench.command("AT+SAPBR=1,1", 3000), OK);
    assert.match(bench.command("AT+SAPBR=2,1"), /\+SAPBR: 1,1,"10\.\d+\.\d+\.\d+"/);
    assert.equal(bench.command("AT+CNTP", 3000), `${OK}\r\n+CNTP: 1\r\n`);
    assert.match(bench.command("AT+CCLK?"), /\+04"/);
    bench.modem.dropContext();
    assert.equal(bench.said(100), "\r\n+SAPBR 1: DEACT\r\n");
  });

  it("sleeps while DTR is released, or by itself", () => {
    const bench = modem();
    bench.command("AT+CSCLK=1");
    bench.modem.power.ready.write(0);
    assert.equal(bench.command("AT"), "");
    bench.modem.power.ready.write(1);
    bench.time.run(50);
    assert.equal(bench.command("AT"), OK);
    bench.command("AT+CSCLK=2");
    bench.time.run(10_000);
    assert.equal(bench.command("AT"), "");
    assert.equal(bench.command("AT"), OK);
  });

  it("hears nothing while it wakes", () => {
    const bench = modem();
    bench.command("AT+CSCLK=1");
    bench.modem.power.ready.write(0);
    bench.modem.power.ready.write(1);
    assert.equal(bench.command("AT"), "");
    assert.equal(bench.command("AT"), OK);
    bench.command("AT+CSCLK=2");
    bench.time.run(10_000);
    bench.command("\r", 60);
    assert.equal(bench.command("AT"), OK);
  });

  it("echoes late where the firmware does so", () => {
    const bench = new Bench({ knobs: { echoDelay: 30 } }, "SIM800");
    bench.time.run(20_000);
    assert.equal(bench.command("ATE0"), "\r\nOK\r\nATE0\r");
  });
});

describe("emulated SIM800: TCP in multi mode", () => {
  it("goes from IP INITIAL to an address step by step, and only in that order", () => {
    const bench = modem();
    bench.command("AT+CMEE=2");
    for (const early of ["AT+CIICR", START]) assert.match(bench.command(early), /ERROR/);
    assert.equal(bench.command("AT+CIPSTATUS"), `${OK}\r\nSTATE: IP INITIAL\r\n`);
    assert.equal(bench.command("AT+CIPSHUT", 3000), "\r\nSHUT OK\r\n");
    for (const setting of ["CIPMUX", "CIPQSEND", "CIPRXGET"]) assert.equal(bench.command(`AT+${setting}=1`), OK);
    assert.equal(bench.command('AT+CSTT="internet","user","pw"'), OK);
    assert.match(bench.command("AT+CIPMUX=0"), /operation not allowed/);
    assert.equal(bench.command("AT+CIFSR"), "\r\nERROR\r\n");
    assert.equal(bench.command("AT+CIICR", 3000), OK);
    assert.match(bench.command("AT+CIFSR"), /^\r\n10\.\d+\.\d+\.\d+\r\n$/);
    assert.match(
      bench.command("AT+CIPSTATUS"),
      /^\r\nOK\r\n\r\nSTATE: IP STATUS\r\n(\r\nC: \d,,"","","","INITIAL"\r\n){6}$/,
    );
  });

  it("connects with OK first and the result later, or the other way round", () => {
    const bench = online("SIM800");
    assert.equal(bench.command(START, 500), OK);
    assert.equal(bench.said(3000), "\r\n1, CONNECT OK\r\n");
    assert.equal(bench.command("AT+CIPSTATUS=1"), `\r\n+CIPSTATUS: 1,0,"TCP","server.test","443","CONNECTED"\r\n${OK}`);
    assert.equal(bench.command(START), `${OK}\r\n1, ALREADY CONNECT\r\n`);
    const other = online("SIM800", { resultFirst: true });
    assert.equal(other.command(START, 3000), `\r\n1, CONNECT OK\r\n${OK}`);
  });

  it("writes results without a line end where the firmware does so", () => {
    const bench = online("SIM800", { gluedResults: true });
    assert.equal(bench.command(START, 3000), `${OK}\r\n1, CONNECT OK`);
  });

  it("fails as late as the knob says, in the middle of whatever comes next", () => {
    const bench = online("SIM800", { connectTimeout: 90_000 });
    bench.internet.accepts = false;
    assert.equal(bench.command(START, 80_000), OK);
    bench.command("AT");
    assert.equal(bench.said(10_000), "\r\n1, CONNECT FAIL\r\n");
  });

  it("accepts data at once, or tells when the peer has it", () => {
    const bench = connected();
    assert.equal(bench.command("AT+CIPSEND?"), `\r\n+CIPSEND: 1,1460\r\n${OK}`);
    assert.equal(bench.command("AT+CIPSEND=1,5"), "\r\n>");
    bench.send("hello");
    assert.equal(bench.said(100), "\r\nDATA ACCEPT:1,5\r\n");
    bench.command("AT+CIPQSEND=0");
    bench.command("AT+CIPSEND=1,5");
    bench.send("world");
    assert.equal(bench.said(200), "");
    assert.equal(bench.said(1000), "\r\n1, SEND OK\r\n");
    assert.equal(bench.internet.sent[0], "helloworld");
    assert.match(bench.command("AT+CIPSEND=1,1461"), /ERROR/);
    assert.match(bench.command("AT+CIPSEND=2,5"), /ERROR/);
  });

  it("says SEND FAIL when the link ends before, or for no reason", () => {
    const bench = connected({ sendFails: 1000 });
    bench.command("AT+CIPSEND=1,5");
    bench.send("hello");
    assert.equal(bench.said(100), "\r\n1, SEND FAIL\r\n");
    bench.modem.knobs.sendFails = 0;
    bench.command("AT+CIPQSEND=0");
    bench.command("AT+CIPSEND=1,5");
    bench.send("hello");
    bench.said(100);
    bench.modem.closeConnections();
    assert.match(bench.said(1000), /1, SEND OK\r\n|1, SEND FAIL\r\n/);
  });

  it("spells as the manual does when told so, and prompts with a space", () => {
    const bench = online("SIM800", { manualSpaces: true, promptSpace: true });
    assert.match(bench.command(START, 3000), /\r\n1,CONNECT OK\r\n$/);
    assert.equal(bench.command("AT+CIPSEND=1,5"), "\r\n> ");
    bench.send("hello");
    assert.equal(bench.said(100), "\r\nDATA ACCEPT: 1,5\r\n");
  });

  it("announces data once, and tells what remains", () => {
    const bench = connected();
    bench.internet.opened[0]!.onData(toBytes("hello world"));
    assert.equal(bench.said(2000), "\r\n+CIPRXGET: 1,1\r\n");
    assert.equal(bench.command("AT+CIPRXGET=4,1"), `\r\n+CIPRXGET: 4,1,11\r\n${OK}`);
    assert.equal(bench.command("AT+CIPRXGET=2,1,5"), `\r\n+CIPRXGET: 2,1,5,6\r\nhello${OK}`);
    assert.equal(bench.command("AT+CIPRXGET=3,1,2"), `\r\n+CIPRXGET: 3,1,2,4\r\n2077${OK}`);
    assert.equal(bench.command("AT+CIPRXGET=2,1,1460"), `\r\n+CIPRXGET: 2,1,4,0\r\norld${OK}`);
    assert.equal(bench.command("AT+CIPRXGET=2,1,1460"), `\r\n+CIPRXGET: 2,1,0,0\r\n${OK}`);
    assert.match(bench.command("AT+CIPRXGET=3,1,731"), /ERROR/);
  });

  it("delivers less than it announces where the firmware does so, once", () => {
    const bench = connected({ shortRead: true });
    bench.internet.opened[0]!.onData(toBytes("hello world"));
    bench.said(2000);
    assert.equal(bench.command("AT+CIPRXGET=2,1,8"), `\r\n+CIPRXGET: 2,1,8,3\r\nhell${OK}`);
    assert.equal(bench.command("AT+CIPRXGET=2,1,8"), `\r\n+CIPRXGET: 2,1,3,0\r\nrld${OK}`);
  });

  it("closes, and tells when the peer does", () => {
    const bench = connected();
    assert.equal(bench.command("AT+CIPCLOSE=1,1"), "\r\n1, CLOSE OK\r\n");
    assert.match(bench.command("AT+CIPCLOSE=1,1"), /ERROR/);
    bench.command(START, 3000);
    bench.internet.opened[1]!.onClosed();
    assert.equal(bench.said(1000), "\r\n1, CLOSED\r\n");
    assert.match(bench.command("AT+CIPSTATUS=1"), /"CLOSED"/);
  });

  it("needs CIPSHUT after the context was lost", () => {
    const bench = connected();
    bench.modem.dropContext();
    assert.equal(bench.said(100), "\r\n+PDP: DEACT\r\n");
    assert.match(bench.command(START), /ERROR/);
    assert.match(bench.command("AT+CIPSTATUS"), /STATE: PDP DEACT/);
    dialogues.SIM800!.prepare(bench);
    assert.match(bench.command(START, 3000), /1, CONNECT OK/);
  });
});

describe("emulated SIM800: TLS", () => {
  function store(bench: Bench): void {
    assert.equal(bench.command("AT+FSCREATE=C:\\USER\\ca.crt"), OK);
    assert.equal(bench.command(`AT+FSWRITE=C:\\USER\\ca.crt,0,${PEM.length},10`), "\r\n>");
    bench.send(PEM);
    assert.equal(bench.said(1000), OK);
  }

  it("secures links that are opened after CIPSSL=1, trusting anybody and naming nobody", () => {
    const bench = connected();
    assert.equal(bench.command("AT+CIPSSL=1"), OK);
    bench.command('AT+CIPSTART=2,"TCP","server.test","443"', 5000);
    assert.deepEqual(
      bench.internet.opened.map(({ tls }) => tls),
      [undefined, {}],
    );
  });

  it("checks against a root that was uploaded, once SSLOPT says so", () => {
    const bench = online("SIM800");
    store(bench);
    assert.equal(bench.command(`AT+SSLSETROOT=C:\\USER\\ca.crt,${PEM.length}`), OK);
    assert.equal(
      bench.command(`AT+SSLSETROOT=C:\\USER\\ca.crt,${PEM.length}`),
      `\r\nCertificate already exists!\r\n${OK}`,
    );
    bench.command("AT+CIPSSL=1;+SSLOPT=0,0");
    bench.command(START, 5000);
    assert.deepEqual(bench.internet.opened[0]?.tls, { authority: PEM });
    assert.equal(bench.command('AT+SSLSETCERT="C:\\USER\\ca.crt","pw"'), `${OK}\r\n+SSLSETCERT: 0\r\n`);
    assert.equal(bench.command('AT+SSLSETCERT="C:\\USER\\none","pw"'), `${OK}\r\n+SSLSETCERT: 1\r\n`);
  });

  it("gives up on an upload that stays away", () => {
    const bench = online("SIM800");
    bench.command("AT+FSCREATE=C:\\USER\\ca.crt");
    bench.command("AT+FSWRITE=C:\\USER\\ca.crt,0,50,10");
    bench.send("half");
    assert.equal(bench.said(11_000), "\r\nERROR\r\n");
    assert.equal(bench.command("AT"), OK);
  });
});

describe("emulated SIM7000: plain TCP is that of SIM800", () => {
  it("has eight links and no CIPSSL", () => {
    const bench = online("SIM7000");
    assert.equal(bench.command('AT+CIPSTART=7,"TCP","server.test",80', 3000), `${OK}\r\n7, CONNECT OK\r\n`);
    assert.equal(bench.command("AT+CIPSSL=1"), "\r\nERROR\r\n");
  });

  it("repeats announcements before every answer where the firmware does so", () => {
    const bench = connected({ announcesAgain: true }, "SIM7000");
    bench.internet.opened[0]!.onData(toBytes("hello"));
    bench.said(1000);
    assert.equal(bench.command("AT+CIPRXGET=4,1"), `\r\n+CIPRXGET: 1,1\r\n\r\n+CIPRXGET: 4,1,5\r\n${OK}`);
    assert.equal(bench.command("AT+CIPRXGET=2,1,9"), `\r\n+CIPRXGET: 1,1\r\n\r\n+CIPRXGET: 2,1,5,0\r\nhello${OK}`);
  });

  it("has one line end between an information line and OK where the firmware does so", () => {
    const bench = modem({ singleLineEnds: true }, "SIM7000");
    assert.equal(bench.command("AT+CGREG?"), "\r\n+CGREG: 0,1\r\nOK\r\n");
    assert.equal(bench.command("AT"), OK);
  });
});
