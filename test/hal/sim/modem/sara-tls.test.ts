import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { toBytes } from "../../../../hal/sim/bytes.js";
import { Bench } from "./bench.js";
import { dialogues } from "./dialogues.js";

const OK = "\r\nOK\r\n";
const CONNECT = 'AT+USOCO=0,"server.test",443';
const PEM = "-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n";

function modem(name: string): Bench {
  return new Bench({}, name).attached();
}

/** Socket 0 exists. */
function created(name: string): Bench {
  const bench = modem(name);
  dialogues[name]!.prepare(bench);
  assert.equal(bench.command("AT+USOCR=6"), `\r\n+USOCR: 0\r\n${OK}`);
  return bench;
}

describe("emulated SARA: TLS", () => {
  function store(bench: Bench): string {
    assert.equal(bench.command(`AT+USECMNG=0,0,"ca",${PEM.length}`), "\r\n>");
    bench.send(PEM);
    return bench.said(1000);
  }

  function secured(name: string): Bench {
    const bench = created(name);
    store(bench);
    bench.command("AT+USECPRF=0");
    bench.command("AT+USOSEC=0,1,0");
    return bench;
  }

  it("tells the MD5 of what it stored, which is DER", () => {
    const bench = modem("SARA-R5");
    const der = Buffer.from(PEM.split("\n")[1]!, "base64");
    const md5 = createHash("md5").update(der).digest("hex");
    assert.equal(store(bench), `\r\n+USECMNG: 0,0,"ca","${md5}"\r\n${OK}`);
    assert.equal(bench.command('AT+USECMNG=4,0,"ca"'), `\r\n+USECMNG: 4,0,"ca","${md5}"\r\n${OK}`);
    assert.equal(bench.command('AT+USECMNG=4,0,"other"'), "\r\nERROR\r\n");
    assert.match(bench.command("AT+USECMNG=3"), /"CA","ca"/);
    assert.equal(bench.command('AT+USECMNG=2,0,"ca"'), OK);
    assert.equal(bench.command('AT+USECMNG=2,0,"ca"'), "\r\nERROR\r\n");
  });

  it("checks nothing, the chain, or the name as well, as its level says", () => {
    const tls = [{}, { authority: PEM }, { authority: PEM, hostname: "server.test" }];
    for (const level of [0, 1, 2]) {
      const bench = secured("SARA-R4");
      for (const setting of [`0,0,${level}`, "0,1,3", "0,2,0", '0,3,"ca"']) {
        assert.equal(bench.command(`AT+USECPRF=${setting}`), OK, setting);
      }
      assert.equal(bench.command(CONNECT, 3000), OK);
      assert.deepEqual(bench.internet.opened[0]?.tls, tls[level]);
    }
  });

  it("expects another name than that of the address, and sends a server name, where it can", () => {
    const bench = secured("SARA-R5");
    bench.command('AT+USECPRF=0,0,2;+USECPRF=0,3,"ca";+USECPRF=0,4,"real.test";+USECPRF=0,10,"sni.test"');
    assert.equal(bench.command('AT+USOCO=0,"198.51.100.1",443', 3000), OK);
    assert.deepEqual(bench.internet.opened[0]?.tls, {
      authority: PEM,
      hostname: "real.test",
      servername: "sni.test",
    });
    const other = modem("SARA-R4");
    assert.equal(other.command('AT+CMEE=2;+USECPRF=0,10,"sni.test"'), "\r\n+CME ERROR: Operation not supported\r\n");
  });

  it("fails without a root, and at level 3 when the clock was never set", () => {
    const bench = secured("SARA-R5");
    bench.command('AT+USECPRF=0,0,1;+USECPRF=0,3,"other"');
    assert.match(bench.command(CONNECT, 3000), /ERROR/);
    bench.command('AT+USECPRF=0,0,3;+USECPRF=0,3,"ca"');
    assert.match(bench.command(CONNECT, 3000), /ERROR/);
    bench.command('AT+CCLK="24/02/29,12:00:00+00"');
    assert.equal(bench.command(CONNECT, 3000), OK);
  });

  it("hands its session to the host, who resumes it, after a restart as well", () => {
    const bench = secured("SARA-R5");
    bench.internet.session = toBytes("the session");
    bench.command("AT+USECPRF=0,13,0,1;+USECPRF=0,13,1,0");
    const said = bench.command(CONNECT, 3000);
    const [, id = "", secret = ""] = /\+UUSECPRF: 0,13,2,"([\w+/=]+)","([\w+/=]+)"/.exec(said) ?? [];
    assert.deepEqual([Buffer.from(id, "base64").length, Buffer.from(secret, "base64").length], [32, 48]);
    bench.modem.crash();
    bench.attached();
    dialogues["SARA-R5"]!.prepare(bench);
    bench.command("AT+USOCR=6;+USOSEC=0,1,0");
    bench.command("AT+USECPRF=0,13,0,1");
    assert.equal(bench.command(`AT+USECPRF=0,13,2,"${id}","${secret}"`), OK);
    bench.command(CONNECT, 3000);
    assert.deepEqual(bench.internet.opened[1]?.tls, { session: toBytes("the session") });
    assert.deepEqual([bench.modem.meter.handshakes, bench.modem.meter.resumptions], [1, 1]);
  });
});
