import { strict as assert } from "node:assert";
import { toBytes } from "../../../../hal/sim/bytes.js";
import type { Knobs } from "../../../../hal/sim/modem/knobs.js";
import { Bench } from "./bench.js";
import { dialogues, online } from "./dialogues.js";

const OK = "\r\nOK\r\n";
const OPEN = 'AT+QIOPEN=1,0,"TCP","server.test",443,0,0';

function modem(knobs: Partial<Knobs> = {}, name = "BG95"): Bench {
  return new Bench({ knobs }, name).attached();
}

function connected(knobs: Partial<Knobs> = {}): Bench {
  const bench = online("BG95", knobs);
  assert.equal(bench.command(OPEN, 3000), `${OK}\r\n+QIOPEN: 0,0\r\n`);
  return bench;
}

describe("emulated BG95 and EC25: boot, time, counters, power", () => {
  it("boots with its codes, on BG95 with APP RDY", () => {
    const bench = new Bench({}, "BG95");
    assert.equal(bench.said(30_000), "\r\nRDY\r\n\r\nAPP RDY\r\n\r\n+CPIN: READY\r\n");
  });

  it("sends unsolicited codes of EC25 to USB until QURCCFG says otherwise", () => {
    const bench = new Bench({}, "EC25");
    assert.equal(bench.said(40_000), "\r\nRDY\r\n");
    bench.command("ATE0");
    bench.command("AT+CREG=1");
    bench.command("AT+CFUN=4");
    assert.doesNotMatch(bench.command("AT+CFUN=1", 20_000), /\+CREG/);
    assert.equal(bench.command('AT+QURCCFG="urcport","uart1"'), OK);
    bench.command("AT+CFUN=4");
    assert.match(bench.command("AT+CFUN=1", 20_000), /\+CREG: 1\r\n/);
    bench.command("AT+CFUN=0");
    assert.match(
      bench.command("AT+CFUN=1", 20_000),
      /\+CPIN: READY\r\n[\s\S]*\+QIND: SMS DONE\r\n[\s\S]*\+QIND: PB DONE\r\n/,
    );
  });

  it("shows numbers of errors from the start", () => {
    assert.equal(modem({ sim: "NOT INSERTED" }).command("AT+CIMI"), "\r\n+CME ERROR: 10\r\n");
  });

  it("says POWERED DOWN when it is off, and before it restarts", () => {
    const bench = modem();
    assert.equal(bench.command("AT+QPOWD=1", 10_000), `${OK}\r\nPOWERED DOWN\r\n`);
    assert.equal(bench.modem.running, false);
    const other = modem();
    const boot = "\r\nRDY\r\n\r\nAPP RDY\r\n\r\n+CPIN: READY\r\n";
    assert.equal(other.command("AT+CFUN=1,1", 30_000), `${OK}\r\nPOWERED DOWN\r\n${boot}`);
    assert.equal(other.command("AT"), `AT\r${OK}`);
    const third = modem({}, "EC25");
    assert.match(third.command("AT+QPOWD=1", 10_000), /POWERED DOWN/);
  });

  it("tells the time of the network with four digits of the year, empty until it came", () => {
    const bench = modem({ zone: 8 });
    assert.match(bench.command("AT+QLTS=1"), /\+QLTS: "2023\/11\/14,22:\d\d:\d\d\+08,0"/);
    assert.match(bench.command("AT+QLTS=2"), /\+QLTS: "2023\/11\/15,00:\d\d:\d\d\+08,0"/);
    assert.equal(modem({ nitz: false }).command("AT+QLTS=1"), `\r\n+QLTS: ""\r\n${OK}`);
  });

  it("reports zones as CTZR asks", () => {
    const bench = modem({ zone: 8 });
    const again = () => {
      bench.command("AT+CFUN=4");
      return bench.command("AT+CFUN=1", 20_000);
    };
    bench.command("AT+CTZR=1");
    assert.match(again(), /\r\n\+CTZV: "\+08"\r\n/);
    bench.command("AT+CTZR=2");
    assert.match(again(), /\r\n\+CTZE: "\+08",0,"2023\/11\/14,22:\d\d:\d\d"\r\n/);
  });

  it("asks a time server", () => {
    const bench = online("BG95");
    assert.match(
      bench.command('AT+QNTP=1,"time.test"'),
      /^\r\nOK\r\n\r\n\+QNTP: 0,"2023\/11\/14,22:\d\d:\d\d\+00"\r\n$/,
    );
    assert.match(bench.command("AT+CCLK?"), /"23\/11\/14,/);
    assert.equal(bench.command('AT+QNTP=1,"unknown.test"'), `${OK}\r\n+QNTP: 565\r\n`);
  });

  it("counts bytes, and keeps what was saved", () => {
    const bench = online("BG95");
    bench.command('AT+QIOPEN=1,0,"TCP","198.51.100.1",80,0,0', 3000);
    assert.equal(bench.command("AT+QGDCNT?"), `\r\n+QGDCNT: 80,40\r\n${OK}`);
    bench.command("AT+QGDCNT=1");
    bench.command("AT+QISEND=0,10");
    bench.send("0123456789");
    bench.said(1000);
    assert.equal(bench.command("AT+QGDCNT?"), `\r\n+QGDCNT: 130,80\r\n${OK}`);
    bench.modem.crash();
    bench.said(30_000);
    bench.command("ATE0");
    assert.equal(bench.command("AT+QGDCNT?"), `\r\n+QGDCNT: 80,40\r\n${OK}`);
    bench.command("AT+QGDCNT=0");
    assert.equal(bench.command("AT+QGDCNT?"), `\r\n+QGDCNT: 0,0\r\n${OK}`);
  });

  it("saves its counters by itself when told how often", () => {
    const bench = online("BG95");
    bench.command("AT+QAUGDCNT=60");
    bench.command('AT+QIOPEN=1,0,"TCP","198.51.100.1",80,0,0', 3000);
    bench.time.run(61_000);
    bench.modem.crash();
    bench.said(30_000);
    assert.match(bench.command("AT+QGDCNT?"), /\+QGDCNT: 80,40/);
  });

  it("tells its signal under the name that its firmware has for LTE-M", () => {
    assert.equal(modem().command("AT+QCSQ"), `\r\n+QCSQ: "CAT-M1",-71,-98,180,-11\r\n${OK}`);
    const bench = modem({}, "BG96");
    assert.equal(bench.command("AT+QCSQ"), `\r\n+QCSQ: "eMTC",-71,-98,180,-11\r\n${OK}`);
    bench.modem.knobs.coverage = false;
    assert.match(bench.command("AT+QCSQ", 5000) + bench.command("AT+QCSQ"), /"NOSERVICE"/);
    assert.match(modem({}, "EC25").command("AT+CESQ"), /\+CESQ: 99,99,255,255,18,43/);
  });

  it("sleeps while DTR is released after QSCLK=1", () => {
    const bench = modem();
    bench.command("AT+QSCLK=1");
    bench.modem.power.ready.write(0);
    assert.equal(bench.command("AT"), "");
    bench.modem.power.ready.write(1);
    bench.time.run(50);
    assert.equal(bench.command("AT"), OK);
  });
});

describe("emulated Quectel: TCP", () => {
  it("activates a context, and tells its address only while it is active", () => {
    const bench = modem();
    assert.equal(bench.command("AT+QIACT?"), OK);
    assert.equal(bench.command('AT+QICSGP=1,1,"internet","user","pw",1'), OK);
    assert.equal(bench.command("AT+QIACT=1", 3000), OK);
    assert.match(bench.command("AT+QIACT?"), /^\r\n\+QIACT: 1,1,1,"10\.[\d.]+"\r\n\r\nOK/);
    assert.equal(bench.command("AT+QIDEACT=1", 3000), OK);
    assert.equal(bench.command("AT+QIACT?"), OK);
  });

  it("opens with OK first, and tells why it cannot", () => {
    const bench = modem();
    assert.equal(bench.command(OPEN), "\r\nERROR\r\n");
    assert.equal(bench.command("AT+QIGETERROR"), `\r\n+QIGETERROR: 561, open PDP context failed\r\n${OK}`);
    dialogues.BG95!.prepare(bench);
    assert.equal(bench.command(OPEN, 3000), `${OK}\r\n+QIOPEN: 0,0\r\n`);
    assert.equal(bench.command(OPEN, 3000), `${OK}\r\n+QIOPEN: 0,563\r\n`);
    assert.equal(
      bench.command("AT+QISTATE=1,0"),
      `\r\n+QISTATE: 0,"TCP","server.test",443,5000,2,1,0,0,"uart1"\r\n${OK}`,
    );
    bench.modem.knobs.connectedState = 3;
    assert.match(bench.command("AT+QISTATE?"), /,5000,3,1,0,/);
    assert.equal(bench.command("AT+QISTATE=1,5"), OK);
    assert.equal(bench.command('AT+QIOPEN=1,12,"TCP","server.test",80,0,0'), "\r\nERROR\r\n");
    assert.equal(bench.command("AT+QIGETERROR"), `\r\n+QIGETERROR: 552, invalid parameters\r\n${OK}`);
  });

  it("sends with SEND OK, and tells what was acknowledged", () => {
    const bench = connected();
    assert.equal(bench.command("AT+QISEND=0,5"), "\r\n>");
    bench.send("hello");
    assert.equal(bench.said(30), "\r\nSEND OK\r\n");
    assert.equal(bench.command("AT+QISEND=0,0", 20), `\r\n+QISEND: 5,0,5\r\n${OK}`);
    bench.time.run(500);
    assert.equal(bench.command("AT+QISEND=0,0"), `\r\n+QISEND: 5,5,0\r\n${OK}`);
    assert.equal(bench.command("AT+QISEND=0,1461"), "\r\nERROR\r\n");
  });

  it("echoes the payload unless QISDE=0", () => {
    const bench = connected();
    bench.command("AT+QISDE=1");
    bench.command("AT+QISEND=0,5");
    bench.send("hello");
    assert.equal(bench.said(500), "hello\r\nSEND OK\r\n");
  });

  it("says SEND FAIL when its buffer is full, and keeps the connection", () => {
    const bench = connected({ uplink: 800 });
    let said = "";
    for (let i = 0; i < 40 && !said.includes("FAIL"); i++) {
      bench.command("AT+QISEND=0,1000");
      bench.send("k".repeat(1000));
      said = bench.said(200);
    }
    assert.equal(said, "\r\nSEND FAIL\r\n");
    bench.time.run(600_000);
    const sent = bench.internet.sent[0]!.length;
    assert.ok(sent >= 32_000 && sent < 40_000, `${sent}`);
    bench.modem.knobs.sendFails = 1000;
    bench.command("AT+QISEND=0,5");
    bench.send("hello");
    assert.equal(bench.said(500), "\r\nSEND FAIL\r\n");
  });

  it("announces data once, with its length where the firmware can, and counts what was read", () => {
    const bench = connected();
    const peer = bench.internet.opened[0]!;
    peer.onData(toBytes("hello"));
    assert.equal(bench.said(1000), '\r\n+QIURC: "recv",0\r\n');
    peer.onData(toBytes(" world"));
    assert.equal(bench.said(1000), "");
    assert.equal(bench.command("AT+QIRD=0,5"), `\r\n+QIRD: 5\r\nhello\r\n${OK}`);
    assert.equal(bench.command("AT+QIRD=0,0"), `\r\n+QIRD: 11,5,6\r\n${OK}`);
    assert.equal(bench.command("AT+QIRD=0,1500"), `\r\n+QIRD: 6\r\n world\r\n${OK}`);
    assert.equal(bench.command("AT+QIRD=0,1500"), `\r\n+QIRD: 0\r\n${OK}`);
    bench.command('AT+QICFG="recvind",1');
    peer.onData(toBytes("again"));
    assert.equal(bench.said(1000), '\r\n+QIURC: "recv",0,5\r\n');
  });

  it("pushes data in access mode 1", () => {
    const bench = online("BG95");
    bench.command('AT+QIOPEN=1,0,"TCP","server.test",443,0,1', 3000);
    bench.internet.opened[0]!.onData(toBytes("hello"));
    assert.equal(bench.said(1000), '\r\n+QIURC: "recv",0,5\r\nhello\r\n');
  });

  it("keeps the id of a socket that the peer closed until QICLOSE", () => {
    const bench = connected();
    bench.internet.opened[0]!.onData(toBytes("bye"));
    bench.internet.opened[0]!.onClosed();
    assert.equal(bench.said(1000), '\r\n+QIURC: "recv",0\r\n\r\n+QIURC: "closed",0\r\n');
    assert.match(bench.command("AT+QISTATE=1,0"), /,443,5000,4,1,0,/);
    assert.match(bench.command("AT+QIRD=0,1500"), /\+QIRD: 3\r\nbye/);
    assert.equal(bench.command("AT+QISEND=0,5"), "\r\nERROR\r\n");
    assert.equal(bench.command(OPEN), `${OK}\r\n+QIOPEN: 0,563\r\n`);
    assert.equal(bench.command("AT+QICLOSE=0"), OK);
    assert.equal(bench.command("AT+QIRD=0,1500"), "\r\nERROR\r\n");
    assert.equal(bench.command("AT+QISTATE=1,0"), OK);
  });

  it("waits in QICLOSE for a peer that does not answer, as long as told", () => {
    const bench = connected();
    bench.modem.knobs.halfOpen = true;
    assert.equal(bench.command("AT+QICLOSE=0", 9900), "");
    assert.equal(bench.said(200), OK);
    const other = connected();
    other.modem.knobs.halfOpen = true;
    assert.equal(other.command("AT+QICLOSE=0,0", 100), OK);
  });

  it("wants QIDEACT after the network has taken the context away", () => {
    const bench = connected();
    bench.modem.dropContext();
    assert.equal(bench.said(100), '\r\n+QIURC: "pdpdeact",1\r\n');
    assert.equal(bench.command("AT+QIACT=1", 3000), "\r\nERROR\r\n");
    assert.equal(bench.command("AT+QIDEACT=1", 3000), OK);
    assert.equal(bench.command("AT+QIACT=1", 3000), OK);
    assert.equal(bench.command(OPEN, 3000), `${OK}\r\n+QIOPEN: 0,0\r\n`);
  });

  it("resolves names in unsolicited codes", () => {
    const bench = online("BG95");
    assert.equal(
      bench.command('AT+QIDNSGIP=1,"server.test"'),
      `${OK}\r\n+QIURC: "dnsgip",0,1,600\r\n\r\n+QIURC: "dnsgip","198.51.100.1"\r\n`,
    );
    assert.equal(bench.command('AT+QIDNSGIP=1,"unknown.test"'), `${OK}\r\n+QIURC: "dnsgip",565\r\n`);
  });

  it("never answers CGACT where the firmware does so, but the next command", () => {
    const bench = modem({ contextCommandHangs: true }, "BG96");
    assert.equal(bench.command("AT+CGACT=1,1", 200_000), "");
    assert.equal(bench.command("AT"), OK);
  });

  it("leaves test commands without OK where the firmware does so", () => {
    const bench = modem({ testsWithoutOK: true });
    assert.equal(bench.command("AT+QIOPEN=?"), "");
    assert.equal(bench.command("AT"), OK);
  });
});
