import { strict as assert } from "node:assert";
import { toBytes } from "../../../../hal/sim/bytes.js";
import { Bench } from "./bench.js";

const OK = "\r\nOK\r\n";
const OPEN = 'AT+CIPOPEN=0,"TCP","server.test",80';

describe("emulated SIM7600: general commands", () => {
  it("echoes a command as the field sees it", () => {
    const bench = new Bench();
    bench.said(40_000);
    assert.equal(bench.command("AT"), "AT\r\r\nOK\r\n");
    assert.equal(bench.command("ATE0"), `ATE0\r${OK}`);
    assert.equal(bench.command("AT"), OK);
  });

  it("tells who it is", () => {
    const bench = new Bench().attached();
    assert.match(bench.command("ATI"), /Model: SIMCOM_SIM7600E-H\r\n[\s\S]*IMEI: \d{15}\r\n[\s\S]*OK/);
    assert.equal(bench.command("AT+CGMM"), `\r\nSIMCOM_SIM7600E-H\r\n${OK}`);
    assert.equal(bench.command("AT+CGSN"), `\r\n867962041234567\r\n${OK}`);
    assert.match(bench.command("AT+CICCID"), /^\r\n\+ICCID: 89\d+F\r\n\r\nOK/);
  });

  it("answers what it does not know with ERROR, and errors as CMEE asks", () => {
    const bench = new Bench({ knobs: { sim: "NOT INSERTED" } }).attached();
    assert.equal(bench.command("AT+NOSUCH"), "\r\nERROR\r\n");
    assert.equal(bench.command("AT+CIMI"), "\r\nERROR\r\n");
    assert.equal(bench.command("AT+CMEE=1;+CIMI"), "\r\n+CME ERROR: 10\r\n");
    assert.equal(bench.command("AT+CMEE=2;+CIMI"), "\r\n+CME ERROR: SIM not inserted\r\n");
  });

  it("ignores noise before AT and lines without it", () => {
    const bench = new Bench().attached();
    assert.equal(bench.command("\0~xAT"), OK);
    assert.equal(bench.command("hello"), "");
    assert.equal(bench.command("\nAT"), OK);
  });

  it("answers commands that come together one after the other", () => {
    const bench = new Bench().attached();
    assert.equal(bench.command("AT+CMEE?\rAT+CMEE=2\rAT+CMEE?"), `\r\n+CMEE: 0\r\n${OK}${OK}\r\n+CMEE: 2\r\n${OK}`);
  });

  it("takes some milliseconds for an answer, never the same", () => {
    const bench = new Bench({ timed: false }).attached();
    const times = new Set<number>();
    for (let i = 0; i < 20; i++) {
      const start = bench.time.now;
      bench.said();
      bench.send("AT\r");
      while (!bench.said(1).includes("OK"));
      times.add(bench.time.now - start);
    }
    assert.ok(times.size > 2 && Math.min(...times) >= 5 && Math.max(...times) <= 13, [...times].join());
  });
});

describe("emulated SIM7600: TCP by CIP*", () => {
  it("opens and closes the network with OK first and the result later", () => {
    const bench = new Bench().attached();
    assert.equal(bench.command("AT+IPADDR"), "\r\n+IP ERROR: Network not opened\r\n\r\nERROR\r\n");
    assert.equal(bench.command("AT+NETOPEN?"), `\r\n+NETOPEN: 0\r\n${OK}`);
    assert.equal(bench.command("AT+NETOPEN", 100), OK);
    assert.equal(bench.said(3000), "\r\n+NETOPEN: 0\r\n");
    assert.equal(bench.command("AT+NETOPEN?"), `\r\n+NETOPEN: 1\r\n${OK}`);
    assert.equal(bench.command("AT+NETOPEN"), "\r\n+IP ERROR: Network is already opened\r\n\r\nERROR\r\n");
    assert.match(bench.command("AT+IPADDR"), /^\r\n\+IPADDR: 10\.\d+\.\d+\.\d+\r\n\r\nOK\r\n$/);
    assert.equal(bench.command("AT+NETCLOSE", 3000), `${OK}\r\n+NETCLOSE: 0\r\n`);
    assert.equal(bench.command("AT+NETCLOSE"), "\r\n+NETCLOSE: 2\r\n\r\nERROR\r\n");
  });

  it("says 1 when there is no bearer", () => {
    const bench = new Bench({ knobs: { denied: true } }).attached();
    assert.equal(bench.command("AT+NETOPEN", 3000), `${OK}\r\n+NETOPEN: 1\r\n`);
  });

  it("connects, and lists the link", () => {
    const bench = new Bench().online();
    assert.equal(bench.command(OPEN, 50), OK);
    assert.equal(bench.said(1000), "\r\n+CIPOPEN: 0,0\r\n");
    assert.equal(bench.command("AT+CIPCLOSE?"), `\r\n+CIPCLOSE: 1,0,0,0,0,0,0,0,0,0\r\n${OK}`);
    assert.match(bench.command("AT+CIPOPEN?"), /\+CIPOPEN: 0,"TCP","server\.test",80,-1\r\n\r\n\+CIPOPEN: 1\r\n/);
  });

  it("refuses at once what cannot be", () => {
    const bench = new Bench().attached();
    assert.equal(bench.command(OPEN), "\r\n+CIPOPEN: 0,2\r\n\r\nERROR\r\n");
    bench.command("AT+NETOPEN", 3000);
    assert.equal(bench.command('AT+CIPOPEN=0,TCP,"server.test",80'), "\r\n+CIPOPEN: 0,3\r\n\r\nERROR\r\n");
    assert.equal(bench.command('AT+CIPOPEN=0,"UDP",,,5000'), "\r\n+CIPOPEN: 0,4\r\n\r\nERROR\r\n");
    assert.equal(bench.command('AT+CIPOPEN=10,"TCP","server.test",80'), "\r\nERROR\r\n");
    bench.command(OPEN, 2000);
    assert.equal(bench.command(OPEN), "\r\n+CIPOPEN: 0,4\r\n\r\nERROR\r\n");
    bench.modem.knobs.silentReopen = true;
    assert.equal(bench.command(OPEN, 200_000), OK);
  });

  it("reports an unknown name as 11, a refusal as 1 and no answer as 10", () => {
    const bench = new Bench().online();
    assert.equal(bench.command('AT+CIPOPEN=1,"TCP","unknown.test",80', 2000), `${OK}\r\n+CIPOPEN: 1,11\r\n`);
    assert.equal(bench.command('AT+CIPOPEN=1,"TCP","server.test",1', 2000), `${OK}\r\n+CIPOPEN: 1,1\r\n`);
    assert.equal(bench.command("AT+CIPTIMEOUT=75000,15000,15000"), OK);
    bench.internet.accepts = false;
    assert.equal(bench.command('AT+CIPOPEN=1,"TCP","server.test",80', 14_000), OK);
    assert.equal(bench.said(2000), "\r\n+CIPOPEN: 1,10\r\n");
    assert.equal(bench.command("AT+CIPTIMEOUT=1,15000,15000"), "\r\nERROR\r\n");
  });

  it("prompts, counts the payload, and reports it as sent", () => {
    const bench = new Bench().connected();
    assert.equal(bench.command("AT+CIPSEND=0,14"), "\r\n>");
    bench.send("\x1b\x1aAT\rOK\r\n\0\xff\x03+!");
    assert.equal(bench.said(1000), `${OK}\r\n+CIPSEND: 0,14,14\r\n`);
    assert.equal(bench.internet.sent[0], "\x1b\x1aAT\rOK\r\n\0\xff\x03+!");
    assert.equal(bench.command("AT+CIPSEND=0,1501"), "\r\nERROR\r\n");
    assert.equal(bench.command("AT+CIPSEND=3,5"), "\r\n+CIPERROR: 4\r\n\r\nERROR\r\n");
  });

  it("ends an uncounted payload with Ctrl-Z, escapes with ETX, and drops it with ESC", () => {
    const bench = new Bench().connected();
    assert.equal(bench.command("AT+CIPSEND=0"), "\r\n>");
    bench.send("a\x03\x1ab\x1a");
    assert.equal(bench.said(1000), `${OK}\r\n+CIPSEND: 0,3,3\r\n`);
    bench.command("AT+CIPSEND=0");
    bench.send("nothing\x1b");
    assert.equal(bench.said(1000), "\r\nERROR\r\n");
    assert.equal(bench.internet.sent[0], "a\x1ab");
  });

  it("lets ESC end a counted payload where the firmware does so", () => {
    const bench = new Bench({ knobs: { escapeAborts: true } }).connected();
    bench.command("AT+CIPSEND=0,5");
    bench.send("\x1bAT\r");
    assert.equal(bench.said(1000), `\r\nERROR\r\n${OK}`);
  });

  it("announces data once, and again only after the buffer was emptied", () => {
    const bench = new Bench().connected();
    const peer = bench.internet.opened[0]!;
    peer.onData(toBytes("hello"));
    assert.equal(bench.said(1000), "\r\n+CIPRXGET: 1,0\r\n");
    peer.onData(toBytes(" world"));
    assert.equal(bench.said(1000), "");
    assert.equal(bench.command("AT+CIPRXGET=4,0"), `\r\n+CIPRXGET: 4,0,11\r\n${OK}`);
    assert.equal(bench.command("AT+CIPRXGET=2,0,8"), `\r\n+CIPRXGET: 2,0,8,3\r\nhello wo${OK}`);
    peer.onData(toBytes("!"));
    assert.equal(bench.said(1000), "");
    assert.equal(bench.command("AT+CIPRXGET=3,0,1"), `\r\n+CIPRXGET: 3,0,1,3\r\n72${OK}`);
    assert.equal(bench.command("AT+CIPRXGET=2,0,1500"), `\r\n+CIPRXGET: 2,0,3,0\r\nld!${OK}`);
    assert.equal(bench.command("AT+CIPRXGET=2,0,1500"), "\r\n+IP ERROR: No data\r\n\r\nERROR\r\n");
    peer.onData(toBytes("again"));
    assert.equal(bench.said(1000), "\r\n+CIPRXGET: 1,0\r\n");
  });

  it("gives numbers instead of texts when CIPCCFG asks for them", () => {
    const bench = new Bench().connected();
    assert.equal(bench.command("AT+CIPCCFG=10,0,0,0,1,0,75000"), OK);
    assert.equal(bench.command("AT+CIPRXGET=2,0,10"), "\r\n+IP ERROR: 21\r\n\r\nERROR\r\n");
  });

  it("pushes data unless told otherwise", () => {
    const bench = new Bench().attached();
    bench.command("AT+NETOPEN", 3000);
    bench.command(OPEN, 2000);
    bench.internet.opened[0]!.onData(toBytes("hello"));
    assert.equal(bench.said(1000), "\r\nRECV FROM:server.test:80\r\n\r\n+IPD5\r\nhello");
  });

  it("closes a link, and only an open one", () => {
    const bench = new Bench().connected();
    assert.equal(bench.command("AT+CIPCLOSE=0"), `${OK}\r\n+CIPCLOSE: 0,0\r\n`);
    assert.deepEqual(bench.internet.closed, [true]);
    assert.equal(bench.command("AT+CIPCLOSE=0"), "\r\n+CIPCLOSE: 0,4\r\n\r\nERROR\r\n");
  });

  it("tells when the peer closes, and keeps what was not read", () => {
    for (const closeDropsData of [false, true]) {
      const bench = new Bench({ knobs: { closeDropsData } }).connected();
      bench.internet.opened[0]!.onData(toBytes("bye"));
      bench.internet.opened[0]!.onClosed();
      assert.equal(bench.said(1000), "\r\n+CIPRXGET: 1,0\r\n\r\n+IPCLOSE: 0,1\r\n");
      const left = closeDropsData ? "\r\n+IP ERROR: No data\r\n\r\nERROR\r\n" : `\r\n+CIPRXGET: 2,0,3,0\r\nbye${OK}`;
      assert.equal(bench.command("AT+CIPRXGET=2,0,10"), left);
      assert.equal(bench.command(OPEN, 2000), `${OK}\r\n+CIPOPEN: 0,0\r\n`);
    }
  });

  it("tells when the network is lost; all links are gone, and NETOPEN? is as the firmware has it", () => {
    for (const networkStaysOpen of [false, true]) {
      const bench = new Bench({ knobs: { networkStaysOpen } }).connected();
      bench.modem.dropContext();
      assert.equal(bench.said(1000), "\r\n+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY\r\n");
      assert.equal(bench.command("AT+NETOPEN?"), `\r\n+NETOPEN: ${networkStaysOpen ? 1 : 0}\r\n${OK}`);
      assert.equal(bench.command("AT+CIPCLOSE=0"), "\r\n+CIPCLOSE: 0,4\r\n\r\nERROR\r\n");
      assert.deepEqual(bench.internet.closed, [true]);
    }
  });

  it("serves ten links at a time", () => {
    const bench = new Bench().online();
    for (let i = 0; i < 10; i++) bench.command(`AT+CIPOPEN=${i},"TCP","server.test",80`, 500);
    assert.equal(bench.command("AT+CIPCLOSE?"), `\r\n+CIPCLOSE: 1,1,1,1,1,1,1,1,1,1\r\n${OK}`);
    bench.internet.opened[7]!.onData(toBytes("x"));
    assert.equal(bench.said(1000), "\r\n+CIPRXGET: 1,7\r\n");
  });

  it("resolves names by CDNSGIP", () => {
    const bench = new Bench().online();
    assert.equal(bench.command('AT+CDNSGIP="server.test"'), `\r\n+CDNSGIP: 1,"server.test","198.51.100.1"\r\n${OK}`);
    assert.equal(bench.command('AT+CDNSGIP="unknown.test"'), "\r\n+CDNSGIP: 0,10\r\n\r\nERROR\r\n");
  });

  it("puts results before OK where the manual allows it", () => {
    const bench = new Bench({ knobs: { resultFirst: true } }).attached();
    assert.equal(bench.command("AT+NETOPEN", 3000), `\r\n+NETOPEN: 0\r\n${OK}`);
    assert.equal(bench.command(OPEN, 3000), `\r\n+CIPOPEN: 0,0\r\n${OK}`);
    assert.equal(bench.command("AT+CIPCLOSE=0", 3000), `\r\n+CIPCLOSE: 0,0\r\n${OK}`);
  });

  it("answers NETOPEN with a bare ERROR where the firmware does so", () => {
    const bench = new Bench({ knobs: { networkOpenError: true } }).attached();
    assert.equal(bench.command("AT+NETOPEN"), "\r\nERROR\r\n");
  });
});
