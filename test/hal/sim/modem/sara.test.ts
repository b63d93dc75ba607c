import { strict as assert } from "node:assert";
import { toBytes } from "../../../../hal/sim/bytes.js";
import type { Knobs } from "../../../../hal/sim/modem/knobs.js";
import { Bench } from "./bench.js";
import { dialogues } from "./dialogues.js";

const OK = "\r\nOK\r\n";
const CONNECT = 'AT+USOCO=0,"server.test",443';

function modem(name: string, knobs: Partial<Knobs> = {}): Bench {
  return new Bench({ knobs }, name).attached();
}

/** Socket 0 exists. */
function created(name = "SARA-R4", knobs: Partial<Knobs> = {}): Bench {
  const bench = modem(name, knobs);
  dialogues[name]!.prepare(bench);
  assert.equal(bench.command("AT+USOCR=6"), `\r\n+USOCR: 0\r\n${OK}`);
  return bench;
}

function connected(name = "SARA-R4", knobs: Partial<Knobs> = {}): Bench {
  const bench = created(name, knobs);
  assert.match(bench.command(CONNECT, 3000), /OK\r\n$/);
  return bench;
}

function receive(bench: Bench, text: string): string {
  bench.internet.opened.at(-1)!.onData(toBytes(text));
  return bench.said(1000);
}

function send(bench: Bench, text: string): string {
  assert.equal(bench.command(`AT+USOWR=0,${text.length}`, 100), "\r\n@");
  bench.send(text);
  return bench.said(500);
}

describe("emulated SARA: general commands and power", () => {
  it("says nothing at boot", () => {
    for (const name of ["SARA-R4", "SARA-R5", "SARA-U2"]) {
      assert.equal(new Bench({}, name).said(60_000), "");
    }
  });

  it("writes errors with a capital", () => {
    const bench = modem("SARA-R4", { sim: "SIM PIN" });
    assert.equal(bench.command("AT+CMEE=2;+CIMI"), "\r\n+CME ERROR: SIM PIN required\r\n");
    assert.equal(bench.command("AT+USOCL=3"), "\r\n+CME ERROR: Operation not allowed\r\n");
    assert.match(bench.command("AT+CCID"), /\+CCID: 89\d+F/);
  });

  it("follows any rate on SARA-U2, and has no LTE", () => {
    const bench = modem("SARA-U2");
    bench.open(19200);
    assert.equal(bench.command("AT"), OK);
    assert.equal(bench.command("AT+CEREG?"), "\r\nERROR\r\n");
    assert.match(bench.command("AT+CGREG=2;+CGREG?"), /\+CGREG: 2,1,"5A1E","B28A50C",2\r\n/);
  });

  it("talks too much about its registration where the firmware does so", () => {
    const bench = modem("SARA-U2", { talkativeRegistration: true });
    bench.command("AT+CGREG=2");
    bench.command("AT+CFUN=4");
    const code = '\r\n+CGREG: 1,"5A1E","B28A50C",2,"01"\r\n';
    assert.ok(bench.command("AT+CFUN=1", 20_000).includes(code + code));
  });

  it("restarts by CFUN=15 and 16, goes off by CPWROFF", () => {
    for (const command of ["AT+CFUN=15", "AT+CFUN=16"]) {
      const bench = modem("SARA-R5");
      assert.equal(bench.command(command, 20_000), OK);
      assert.match(bench.command("AT"), /^AT\r/);
    }
    const bench = modem("SARA-R4");
    assert.equal(bench.command("AT+CPWROFF", 5000), OK);
    assert.equal(bench.modem.running, false);
  });

  it("switches SARA-R4 off by ten seconds of reset, and only the key brings it back; SARA-R5 restarts", () => {
    for (const [name, milliseconds] of [
      ["SARA-R4", 10_000],
      ["SARA-R5", 100],
    ] as const) {
      const bench = modem(name);
      bench.modem.power.reset.write(1);
      bench.time.run(milliseconds);
      bench.modem.power.reset.write(0);
      bench.time.run(10_000);
      assert.equal(bench.modem.running, name === "SARA-R5");
      bench.modem.power.key.write(1);
      bench.time.run(1200);
      bench.modem.power.key.write(0);
      bench.time.run(10_000);
      assert.equal(bench.modem.running, true);
    }
  });

  it("takes access points only while the radio is off", () => {
    const bench = modem("SARA-R4");
    assert.match(bench.command('AT+CGDCONT=1,"IP","internet"'), /ERROR/);
    bench.command("AT+CFUN=4");
    assert.equal(bench.command('AT+CGDCONT=1,"IP","internet"'), OK);
    assert.equal(bench.command("AT+UMNOPROF=100"), OK);
  });

  it("sleeps after six seconds or nine in the mode of its family, and loses what wakes it", () => {
    for (const [name, mode, seconds] of [
      ["SARA-R4", 4, 6],
      ["SARA-R5", 1, 9],
      ["SARA-U2", 1, 9],
    ] as const) {
      const bench = modem(name);
      bench.command(`AT+UPSV=${mode}`);
      bench.time.run((seconds - 2) * 1000);
      assert.equal(bench.command("AT"), OK);
      bench.time.run((seconds + 1) * 1000);
      assert.equal(bench.command("AT"), "");
      assert.equal(bench.command("AT"), OK);
    }
  });

  it("counts bytes on SARA-R5 and U2", () => {
    const bench = modem("SARA-R5");
    dialogues["SARA-R5"]!.prepare(bench);
    bench.command("AT+USOCR=6");
    bench.command('AT+USOCO=0,"198.51.100.1",80', 3000);
    assert.equal(bench.command("AT+UGCNTRD"), `\r\n+UGCNTRD: 1,80,40,80,40\r\n${OK}`);
    assert.equal(modem("SARA-R4").command("AT+UGCNTRD"), "\r\nERROR\r\n");
  });
});

describe("emulated SARA: contexts", () => {
  it("activates a profile on SARA-R5 with the address as an unsolicited code", () => {
    const bench = modem("SARA-R5");
    bench.command("AT+USOCR=6");
    assert.match(bench.command(CONNECT), /ERROR/);
    assert.match(bench.command("AT+UPSDA=0,3", 3000), /^\r\nOK\r\n\r\n\+UUPSDA: 0,"10\.[\d.]+"\r\n$/);
    assert.equal(bench.command(CONNECT, 3000), OK);
  });

  it("activates a profile on SARA-U2 before OK", () => {
    const bench = modem("SARA-U2");
    assert.equal(bench.command('AT+UPSD=0,1,"internet"'), OK);
    assert.equal(bench.command('AT+UPSD=0,7,"0.0.0.0"'), OK);
    assert.equal(bench.command("AT+UPSND=0,8"), `\r\n+UPSND: 0,8,0\r\n${OK}`);
    assert.equal(bench.command("AT+UPSDA=0,3", 3000), OK);
    assert.match(bench.command("AT+UPSND=0,0"), /\+UPSND: 0,0,"10\.[\d.]+"/);
    bench.modem.dropContext();
    assert.equal(bench.said(100), "\r\n+UUPSDD: 0\r\n");
    assert.equal(bench.command("AT+UPSND=0,8"), `\r\n+UPSND: 0,8,0\r\n${OK}`);
  });

  it("cannot resolve names right after the attach where the firmware is so", () => {
    const bench = modem("SARA-R4", { dnsTime: 500 });
    assert.equal(bench.command('AT+UDNSRN=0,"server.test"'), `\r\n+UDNSRN: "198.51.100.1"\r\n${OK}`);
    assert.match(bench.command('AT+UDNSRN=0,"unknown.test"'), /ERROR/);
    bench.modem.dropContext();
    assert.match(bench.command('AT+UDNSRN=0,"server.test"', 200), /ERROR/);
    bench.modem.dropContext();
    bench.command("AT+USOCR=6", 50);
    assert.match(bench.command(CONNECT, 400), /ERROR/);
    bench.time.run(100);
    assert.match(bench.command(CONNECT, 1000), /OK/);
  });
});

describe("emulated SARA: sockets", () => {
  it("numbers seven sockets itself", () => {
    const bench = modem("SARA-R4");
    for (let i = 0; i < 7; i++) assert.equal(bench.command("AT+USOCR=6"), `\r\n+USOCR: ${i}\r\n${OK}`);
    assert.match(bench.command("AT+USOCR=6"), /ERROR/);
    assert.equal(bench.command("AT+USOCL=3"), OK);
    assert.equal(bench.command("AT+USOCR=6"), `\r\n+USOCR: 3\r\n${OK}`);
  });

  it("blocks in a connect, or tells later", () => {
    const bench = created();
    assert.equal(bench.command(CONNECT, 100), "");
    assert.equal(bench.said(3000), OK);
    bench.command("AT+USOCR=6");
    assert.equal(bench.command('AT+USOCO=1,"server.test",80,1', 3000), `${OK}\r\n+UUSOCO: 1,0\r\n`);
    bench.command("AT+USOCR=6");
    assert.equal(bench.command('AT+USOCO=2,"server.test",1,1', 3000), `${OK}\r\n+UUSOCO: 2,111\r\n`);
    assert.equal(bench.command("AT+USOER"), `\r\n+USOER: 111\r\n${OK}`);
  });

  it("tells the state of a socket, and its bytes where it counts them", () => {
    const bench = connected("SARA-R5");
    assert.equal(bench.command("AT+USOCTL=0,10"), `\r\n+USOCTL: 0,10,4\r\n${OK}`);
    send(bench, "hello");
    assert.equal(bench.command("AT+USOCTL=0,2"), `\r\n+USOCTL: 0,2,5\r\n${OK}`);
    assert.match(connected("SARA-R4").command("AT+USOCTL=0,2"), /ERROR/);
  });

  it("prompts with @ and loses payload that comes within 50 ms", () => {
    const bench = connected();
    assert.equal(send(bench, "hello"), `\r\n+USOWR: 0,5\r\n${OK}`);
    assert.equal(bench.internet.sent[0], "hello");
    bench.send("AT+USOWR=0,5\rhello");
    assert.equal(bench.said(1000), "\r\n@");
    bench.send("world");
    assert.equal(bench.said(1000), `\r\n+USOWR: 0,5\r\n${OK}`);
    assert.equal(bench.internet.sent[0], "helloworld");
    assert.match(bench.command("AT+USOWR=0,1025"), /ERROR/);
  });

  it("takes payload on the line as well, in hex when told so", () => {
    const bench = connected();
    assert.equal(bench.command('AT+USOWR=0,5,"hello"'), `\r\n+USOWR: 0,5\r\n${OK}`);
    assert.equal(bench.command("AT+UDCONF=1,1"), OK);
    assert.equal(bench.command('AT+USOWR=0,2,"0A7F"'), `\r\n+USOWR: 0,2\r\n${OK}`);
    assert.equal(bench.internet.sent[0], "hello\n\x7f");
    receive(bench, "\nAB");
    assert.equal(bench.command("AT+USORD=0,512"), `\r\n+USORD: 0,3,"0A4142"\r\n${OK}`);
    assert.match(bench.command("AT+USORD=0,513"), /ERROR/);
  });

  it("says only OK to a send where the firmware does so", () => {
    assert.equal(send(connected("SARA-R4", { writeWithoutResult: true }), "hello"), OK);
  });

  it("says 11 when its buffer is full", () => {
    const bench = connected("SARA-R4", { uplink: 800 });
    let said = "";
    for (let i = 0; i < 40 && !said.includes("ERROR"); i++) said = send(bench, "k".repeat(1024));
    assert.equal(said, "\r\nERROR\r\n");
    assert.equal(bench.command("AT+USOER"), `\r\n+USOER: 11\r\n${OK}`);
  });

  it("announces data with its length, and what is left after a read", () => {
    const bench = connected();
    assert.equal(bench.command("AT+USORD=0,10"), `\r\n+USORD: 0,""\r\n${OK}`);
    assert.equal(receive(bench, 'a"b\r\nOK'), "\r\n+UUSORD: 0,7\r\n");
    assert.equal(receive(bench, "!"), "");
    assert.equal(bench.command("AT+USORD=0,0"), `\r\n+USORD: 0,8\r\n${OK}`);
    assert.equal(bench.command("AT+USORD=0,3"), `\r\n+USORD: 0,3,"a"b"\r\n${OK}\r\n+UUSORD: 0,5\r\n`);
    assert.equal(bench.command("AT+USORD=0,1024"), `\r\n+USORD: 0,5,"\r\nOK!"\r\n${OK}`);
    assert.equal(receive(bench, "?"), "\r\n+UUSORD: 0,1\r\n");
  });

  it("adds a read nobody asked for where the firmware does so", () => {
    const bench = connected("SARA-U2", { extraRead: true });
    receive(bench, "hello");
    assert.equal(bench.command("AT+USORD=0,5"), `\r\n+USORD: 0,5,"hello"\r\n${OK}`);
    receive(bench, "hello");
    assert.equal(bench.command("AT+USORD=0,9"), `\r\n+USORD: 0,5,"hello"\r\n${OK}\r\n+USORD: 0,""\r\n`);
  });

  it("holds the end back until everything was read, and takes no more data", () => {
    const bench = connected();
    receive(bench, "bye");
    bench.internet.opened[0]!.onClosed();
    assert.equal(bench.said(1000), "");
    assert.match(bench.command("AT+USOWR=0,5"), /ERROR/);
    assert.equal(bench.command("AT+USORD=0,1024"), `\r\n+USORD: 0,3,"bye"\r\n${OK}\r\n+UUSOCL: 0\r\n`);
    assert.match(bench.command("AT+USORD=0,1024"), /ERROR/);
  });

  it("says ERROR and then the end when the peer closes while the payload is awaited", () => {
    const bench = connected();
    bench.command("AT+USOWR=0,5");
    bench.internet.opened[0]!.onClosed();
    assert.equal(bench.said(1000), "");
    bench.send("hello");
    assert.equal(bench.said(1000), "\r\nERROR\r\n\r\n+UUSOCL: 0\r\n");
  });

  it("closes before OK, or tells later; a peer that does not answer is waited for", () => {
    const bench = connected();
    assert.equal(bench.command("AT+USOCL=0"), OK);
    bench.command("AT+USOCR=6");
    bench.command(CONNECT, 3000);
    assert.equal(bench.command("AT+USOCL=0,1"), `${OK}\r\n+UUSOCL: 0\r\n`);
    bench.command("AT+USOCR=6");
    bench.command(CONNECT, 3000);
    bench.modem.knobs.halfOpen = true;
    assert.equal(bench.command("AT+USOCL=0", 119_000), "");
    assert.equal(bench.said(2000), OK);
  });

  it("answers a connect twice, or hangs in it, where the firmware does so", () => {
    const bench = created("SARA-U2", { connectTwiceOK: true });
    assert.equal(bench.command(CONNECT, 5000), OK + OK);
    const other = created("SARA-R4", { syncConnectHangs: true });
    assert.equal(other.command(`${CONNECT},1`, 3000), `${OK}\r\n+UUSOCO: 0,0\r\n`);
    other.command("AT+USOCR=6");
    other.command('AT+USOCO=1,"server.test",80', 60_000);
    assert.equal(other.command("AT"), "");
  });
});
