import { strict as assert } from "node:assert";
import { createServer } from "node:https";
import { LoopInternet } from "../../../hal/host/internet.js";
import { Bench } from "../sim/modem/bench.js";
import { makeCertificates } from "./certificates.js";

const NAME = "secure.test";

/** A SARA-R5 with a context, a real TLS server behind it, and the server's root in it. */
class SecureBench {
  readonly internet = new LoopInternet();
  readonly bench = new Bench({ internet: this.internet }, "SARA-R5").attached();

  constructor(certificates: { ca: string; cert: string; key: string }) {
    const { bench, internet } = this;
    internet.listen(NAME, 443, createServer(certificates));
    bench.command("AT+UPSDA=0,3", 3000);
    bench.command(`AT+USECMNG=0,0,"ca",${certificates.ca.length}`);
    bench.send(certificates.ca);
    bench.said(1000);
    bench.command('AT+USECPRF=0,0,2;+USECPRF=0,3,"ca";+USECPRF=0,13,0,1');
  }

  /** Connects a new socket and closes it; gives what the modem said, and the bytes on the air. */
  async connect(): Promise<{ said: string; bytes: number }> {
    const { bench, internet } = this;
    const { meter } = bench.modem;
    const before = meter.sent + meter.received;
    bench.command("AT+USOCR=6;+USOSEC=0,1,0");
    let said = bench.command(`AT+USOCO=0,"${NAME}",443`, 10);
    for (let waited = 0; waited < 10_000 && !/OK|ERROR/.test(said); waited += 10) {
      await internet.settled();
      said += bench.said(10);
    }
    bench.command("AT+USOCL=0", 3000);
    return { said, bytes: meter.sent + meter.received - before };
  }
}

describe("emulated modem and real TLS", () => {
  it("resumes a session that the host kept, and pays for less", async function () {
    const certificates = makeCertificates(NAME);
    if (!certificates) return this.skip();
    const secure = new SecureBench(certificates);
    const full = await secure.connect();
    const [, session] = /\+UUSECPRF: 0,13,2,("[^"]+","[^"]+")\r\n/.exec(full.said) ?? [];
    secure.bench.command(`AT+USECPRF=0,13,2,${session}`);
    const resumed = await secure.connect();
    assert.match(resumed.said, /OK/);
    const { handshakes, resumptions } = secure.bench.modem.meter;
    assert.deepEqual([handshakes, resumptions], [1, 1]);
    // A segment less on the way down, too.
    assert.equal(full.bytes - resumed.bytes, 2475 - 709 + 40);
  });

  it("refuses a server of another name at level 2", async function () {
    const certificates = makeCertificates(NAME);
    if (!certificates) return this.skip();
    const secure = new SecureBench(certificates);
    assert.match((await secure.connect()).said, /OK/);
    secure.bench.command('AT+USECPRF=0,4,"other.test"');
    assert.match((await secure.connect()).said, /ERROR/);
    secure.bench.command("AT+USECPRF=0,0,1");
    assert.match((await secure.connect()).said, /OK/);
  });
});
