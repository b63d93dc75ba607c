import { strict as assert } from "node:assert";
import { toBytes } from "../../../../hal/sim/bytes.js";
import type { Knobs } from "../../../../hal/sim/modem/knobs.js";
import { Bench } from "./bench.js";
import { online } from "./dialogues.js";

const OK = "\r\nOK\r\n";
const OPEN = 'AT+CAOPEN=0,0,"TCP","server.test",443';
const PEM = "-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n";

function modem(name: string, knobs: Partial<Knobs> = {}): Bench {
  return new Bench({ knobs }, name).attached();
}

/** The application network of a SIM7000. */
function online7000(knobs: Partial<Knobs> = {}): Bench {
  const bench = modem("SIM7000", knobs);
  bench.command('AT+CNACT=1,"internet"', 3000);
  bench.command("AT+CACID=0");
  return bench;
}

function storeCertificate(bench: Bench): void {
  assert.equal(bench.command("AT+CFSINIT"), OK);
  assert.equal(bench.command(`AT+CFSWFILE=3,"ca.pem",0,${PEM.length},10000`), "\r\nDOWNLOAD\r\n");
  bench.send(PEM);
  assert.equal(bench.said(100), OK);
  assert.equal(bench.command("AT+CFSTERM"), OK);
}

describe("emulated SIM7080", () => {
  it("boots with RDY, CFUN, CPIN and SMS Ready once its rate is fixed", () => {
    const bench = modem("SIM7080");
    bench.command("AT+IPR=115200");
    bench.command("AT&W");
    bench.command("AT+CREBOOT");
    assert.equal(bench.said(30_000), "\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nSMS Ready\r\n");
  });

  it("shows no CREG on LTE-M without voice", () => {
    const bench = modem("SIM7080");
    assert.match(bench.command("AT+CREG?"), /\+CREG: 0,0/);
    assert.match(bench.command("AT+CEREG?"), /\+CEREG: 0,1/);
    assert.match(bench.command("AT+CPSI?"), /\+CPSI: LTE CAT-M1,Online,262-01,0x5A1E,/);
  });

  it("keeps CSCLK over a restart", () => {
    const bench = modem("SIM7080");
    bench.command("AT+CSCLK=1");
    bench.modem.crash();
    bench.time.run(30_000);
    assert.match(bench.command("ATE0"), /OK/);
    bench.modem.power.ready.write(0);
    assert.equal(bench.command("AT"), "");
  });

  it("keeps CLTS at once, and tells the time at the next registration", () => {
    const bench = modem("SIM7080");
    bench.command("AT+CLTS=1");
    bench.command("AT+CFUN=0");
    assert.match(bench.command("AT+CFUN=1", 20_000), /\*PSUTTZ: 2023,11,14,[\s\S]*DST: 0[\s\S]*\+CTZV: "\+00"/);
    bench.modem.crash();
    bench.said(30_000);
    assert.match(bench.command("ATE0+CLTS?"), /\+CLTS: 1/);
  });

  it("activates its application network, and lists four contexts", () => {
    const bench = modem("SIM7080");
    assert.equal(bench.command('AT+CNCFG=0,1,"internet"'), OK);
    assert.equal(bench.command("AT+CNACT=0,1", 3000), `${OK}\r\n+APP PDP: 0,ACTIVE\r\n`);
    assert.match(
      bench.command("AT+CNACT?"),
      /^\r\n\+CNACT: 0,1,"10\.[\d.]+"\r\n\r\n\+CNACT: 1,0,"0\.0\.0\.0"\r\n[\s\S]*\+CNACT: 3,0,"0\.0\.0\.0"\r\n\r\nOK/,
    );
    assert.match(bench.command("AT+CGNAPN"), /\+CGNAPN: 1,"internet"/);
    assert.equal(bench.command("AT+CNACT=0,1"), "\r\nERROR\r\n");
    bench.modem.dropContext();
    assert.equal(bench.said(100), "\r\n+APP PDP: 0,DEACTIVE\r\n");
    bench.command("AT+CNACT=0,1", 3000);
    bench.modem.knobs.indexMissing = true;
    bench.modem.dropContext();
    assert.equal(bench.said(100), "\r\n+APP PDP: DEACTIVE\r\n");
  });

  it("opens with the result before OK, or later when ASYNCOPEN is set", () => {
    const bench = online("SIM7080");
    assert.equal(bench.command(OPEN, 3000), `\r\n+CAOPEN: 0,0\r\n${OK}`);
    assert.equal(bench.command("AT+CASTATE?"), `\r\n+CASTATE: 0,1\r\n${OK}`);
    assert.equal(bench.command("AT+CACLOSE=0"), OK);
    assert.equal(bench.command("AT+CACLOSE=0"), "\r\nERROR\r\n");
    assert.equal(bench.command("AT+CASTATE?"), OK);
    bench.command('AT+CACFG="ASYNCOPEN",1');
    assert.equal(bench.command(OPEN, 3000), `${OK}\r\n+CAOPEN: 0,0\r\n`);
  });

  it("says 21 without its network, 20 for an unknown name, 23 for a refusal", () => {
    assert.equal(modem("SIM7080").command(OPEN), `\r\n+CAOPEN: 0,21\r\n${OK}`);
    const bench = online("SIM7080");
    assert.equal(bench.command('AT+CAOPEN=0,0,"TCP","unknown.test",80', 3000), `\r\n+CAOPEN: 0,20\r\n${OK}`);
    assert.equal(bench.command('AT+CAOPEN=0,0,"TCP","server.test",1', 3000), `\r\n+CAOPEN: 0,23\r\n${OK}`);
    assert.equal(bench.command('AT+CAOPEN=13,0,"TCP","server.test",80'), "\r\nERROR\r\n");
    assert.equal(bench.command(`AT+CAOPEN=0,0,"TCP","${"n".repeat(65)}",80`), "\r\nERROR\r\n");
  });

  it("sends within its input time, and tells room and acknowledgements", () => {
    const bench = online("SIM7080");
    bench.command(OPEN, 3000);
    assert.equal(bench.command("AT+CASEND=0"), `\r\n+CASEND: 1460\r\n${OK}`);
    assert.equal(bench.command("AT+CASEND=0,5"), "\r\n>");
    bench.send("hello");
    assert.equal(bench.said(500), OK);
    assert.equal(bench.command("AT+CAACK=0"), `\r\n+CAACK: 5,0\r\n${OK}`);
    bench.command("AT+CASEND=0,5");
    bench.send("hel");
    assert.equal(bench.said(6000), "\r\nERROR\r\n");
    assert.equal(bench.internet.sent[0], "hello");
    assert.equal(bench.command("AT+CASEND=0,1461"), "\r\nERROR\r\n");
  });

  it("gives data on the line that counts it", () => {
    const bench = online("SIM7080");
    assert.equal(bench.command("AT+CARECV?"), "");
    assert.equal(bench.command("AT"), OK);
    bench.command(OPEN, 3000);
    assert.equal(bench.command("AT+CARECV=0,100"), `\r\n+CARECV: 0\r\n${OK}`);
    bench.internet.opened[0]!.onData(toBytes("hello\r\n"));
    assert.equal(bench.said(1000), "\r\n+CADATAIND: 0\r\n");
    assert.equal(bench.command("AT+CARECV?"), `\r\n+CARECV: 0,7\r\n${OK}`);
    assert.equal(bench.command("AT+CARECV=0,5"), `\r\n+CARECV: 5,hello\r\n${OK}`);
    bench.command("AT+CASRIP=1");
    assert.equal(bench.command("AT+CARECV=0,1460"), `\r\n+CARECV: server.test,443,2,\r\n\r\n${OK}`);
  });

  it("pushes data in receive mode 1", () => {
    const bench = online("SIM7080");
    bench.command(`${OPEN},1`, 3000);
    bench.internet.opened[0]!.onData(toBytes("hello"));
    assert.equal(bench.said(1000), '\r\n+CAURC: "recv",0,5\r\nhello\r\n');
  });

  it("keeps data after the peer has closed", () => {
    const bench = online("SIM7080");
    bench.command(OPEN, 3000);
    bench.internet.opened[0]!.onData(toBytes("bye"));
    bench.internet.opened[0]!.onClosed();
    assert.equal(bench.said(1000), "\r\n+CADATAIND: 0\r\n\r\n+CASTATE: 0,0\r\n");
    assert.equal(bench.command("AT+CARECV=0,100"), `\r\n+CARECV: 3,bye\r\n${OK}`);
    assert.equal(bench.command("AT+CASEND=0,5"), "\r\nERROR\r\n");
    assert.equal(bench.command("AT+CACLOSE=0"), OK);
  });

  it("counts bytes and packets since activation", () => {
    const bench = online("SIM7080");
    assert.equal(bench.command("AT+CNII=0"), `\r\n+CNII: 0,1500,0,0,0,0,0,0\r\n${OK}`);
    bench.command('AT+CAOPEN=0,0,"TCP","198.51.100.1",80', 3000);
    // SYN and ACK up, SYN ACK down.
    assert.equal(bench.command("AT+CNII=0"), `\r\n+CNII: 0,1500,40,80,1,2,0,0\r\n${OK}`);
    assert.equal(bench.command("AT+CNII=1"), "\r\nERROR\r\n");
  });

  it("asks a time server; 1 is success, and the time follows", () => {
    const bench = online("SIM7080");
    bench.command("AT+CNTPCID=0");
    bench.command('AT+CNTP="time.test",8,0,2');
    assert.match(bench.command("AT+CNTP", 2000), /^\r\nOK\r\n\r\n\+CNTP: 1,"2023\/11\/15,00:\d\d:\d\d\+08"\r\n$/);
    bench.command('AT+CNTP="unknown.test",8');
    assert.equal(bench.command("AT+CNTP", 2000), `${OK}\r\n+CNTP: 62\r\n`);
    assert.match(bench.command('AT+CNTP="time.test",49'), /ERROR/);
  });

  it("mixes its own unsolicited codes into everything, in the field's broken form", () => {
    const bench = modem("SIM7080", { interleave: 1000 });
    assert.match(bench.command("AT+CIMI"), /WARNNING|PSUTTZ|DST|CTZV|CPIN/);
  });
});

describe("emulated SIM7080: TLS", () => {
  it("trusts anybody without a root, and checks with one", () => {
    const bench = online("SIM7080");
    assert.equal(bench.command('AT+CASSLCFG=0,"SSL",1'), OK);
    bench.command(OPEN, 3000);
    assert.deepEqual(bench.internet.opened[0]?.tls, {});
    bench.command("AT+CACLOSE=0");
    storeCertificate(bench);
    for (const setting of [
      '+CSSLCFG="sslversion",2,3',
      '+CSSLCFG="ignorertctime",2,1',
      '+CSSLCFG="sni",2,"server.test"',
      '+CSSLCFG="convert",2,"ca.pem"',
      '+CASSLCFG=0,"CRINDEX",2',
      '+CASSLCFG=0,"CACERT","ca.pem"',
    ]) {
      assert.equal(bench.command(`AT${setting}`), OK, setting);
    }
    assert.equal(bench.command(OPEN, 3000), `\r\n+CAOPEN: 0,0\r\n${OK}`);
    assert.deepEqual(bench.internet.opened[1]?.tls, { servername: "server.test", authority: PEM });
    assert.equal(bench.modem.meter.handshakes, 2);
  });

  it("wants certificates converted, the file system open, and keywords in lower case", () => {
    const bench = online("SIM7080");
    assert.match(bench.command('AT+CFSWFILE=3,"ca.pem",0,10,10000'), /ERROR/);
    storeCertificate(bench);
    assert.match(bench.command('AT+CASSLCFG=0,"CACERT","ca.pem"'), /ERROR/);
    assert.match(bench.command('AT+CSSLCFG="SSLVERSION",0,3'), /ERROR/);
    assert.match(bench.command('AT+CSSLCFG="sslversion",6,3'), /ERROR/);
    bench.command("AT+CFSINIT");
    bench.command('AT+CFSWFILE=3,"ca.pem",0,10,1000');
    assert.equal(bench.said(2000), "\r\nERROR\r\n");
  });

  it("says 24 when dates count but the clock was never set", () => {
    const bench = online("SIM7080");
    storeCertificate(bench);
    bench.command('AT+CSSLCFG="convert",2,"ca.pem"');
    bench.command('AT+CASSLCFG=0,"SSL",1;+CASSLCFG=0,"CACERT","ca.pem"');
    assert.equal(bench.command(OPEN, 3000), `\r\n+CAOPEN: 0,24\r\n${OK}`);
    bench.command('AT+CCLK="24/02/29,12:00:00+00"');
    assert.equal(bench.command(OPEN, 3000), `\r\n+CAOPEN: 0,0\r\n${OK}`);
  });

  it("calls the context index something else where the firmware does so", () => {
    const bench = online("SIM7080", { contextIndexRenamed: true });
    assert.match(bench.command('AT+CASSLCFG=0,"CRINDEX",0'), /ERROR/);
    assert.equal(bench.command('AT+CASSLCFG=0,"ctxindex",0'), OK);
  });
});

describe("emulated SIM7000: CA* sockets", () => {
  it("has one context, by name of its access point", () => {
    const bench = modem("SIM7000");
    assert.equal(bench.command('AT+CNACT=1,"internet"', 3000), `${OK}\r\n+APP PDP: ACTIVE\r\n`);
    assert.match(bench.command("AT+CNACT?"), /^\r\n\+CNACT: 1,"10\.[\d.]+"\r\n\r\nOK/);
    assert.equal(bench.command("AT+CNACT=0", 3000), `${OK}\r\n+APP PDP: DEACTIVE\r\n`);
    assert.equal(bench.command("AT+CNII=0"), "\r\nERROR\r\n");
  });

  it("opens the socket that CACID chose, without naming the protocol", () => {
    const bench = online7000();
    assert.equal(bench.command('AT+CAOPEN=0,"server.test",80', 3000), `\r\n+CAOPEN: 0,0\r\n${OK}`);
    assert.equal(bench.command('AT+CAOPEN=1,"server.test",80', 3000), "\r\nERROR\r\n");
  });

  it("tells the result of a send, unless the firmware forgets it", () => {
    for (const sendWithoutResult of [false, true]) {
      const bench = online7000({ sendWithoutResult });
      bench.command('AT+CAOPEN=0,"server.test",80', 3000);
      bench.command("AT+CASEND=0,5");
      bench.send("hello");
      assert.equal(bench.said(500), sendWithoutResult ? OK : `${OK}\r\n+CASEND: 0,0,5\r\n`);
    }
  });

  it("gives data in the field's form, or the manual's", () => {
    for (const manualReceive of [false, true]) {
      const bench = online7000({ manualReceive });
      bench.command('AT+CAOPEN=0,"server.test",80', 3000);
      bench.internet.opened[0]!.onData(toBytes("hello"));
      bench.said(1000);
      const head = manualReceive ? "+CARECV: 0,5\r\n" : "+CARECV: 5,";
      assert.equal(bench.command("AT+CARECV=0,100"), `\r\n${head}hello\r\n${OK}`);
    }
  });

  it("fails with 11 where the firmware does so", () => {
    const bench = online7000({ undocumentedFailure: true });
    assert.equal(bench.command('AT+CAOPEN=0,"server.test",1', 3000), `\r\n+CAOPEN: 0,11\r\n${OK}`);
  });
});
