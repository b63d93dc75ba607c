import { strict as assert } from "node:assert";
import type { Knobs } from "../../../../hal/sim/modem/knobs.js";
import { Bench } from "./bench.js";

const OK = "\r\nOK\r\n";
const PEM = "-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n";

function started(knobs: Partial<Knobs> = {}): Bench {
  const bench = new Bench({ knobs }).attached();
  bench.command("AT+CCHSET=1,1");
  bench.command("AT+CCHSTART", 3000);
  return bench;
}

function open(bench: Bench, host = "server.test"): string {
  return bench.command(`AT+CCHOPEN=0,"${host}",443,2`, 3000);
}

describe("emulated SIM7600: TLS by CCH*", () => {
  it("starts and stops its service", () => {
    const bench = new Bench().attached();
    assert.equal(bench.command("AT+CCHSET=1,1"), OK);
    assert.equal(bench.command("AT+CCHSTART", 3000), `${OK}\r\n+CCHSTART: 0\r\n`);
    assert.equal(bench.command("AT+CCHSET=1,1"), "\r\nERROR\r\n");
    assert.equal(bench.command("AT+CCHSTOP", 3000), `${OK}\r\n+CCHSTOP: 0\r\n`);
    assert.equal(bench.command("AT+CCHSTOP", 3000), "\r\nERROR\r\n");
  });

  it("stores, lists and deletes certificates", () => {
    const bench = new Bench().attached();
    assert.equal(bench.command(`AT+CCERTDOWN="ca.pem",${PEM.length}`), "\r\n>");
    bench.send(PEM);
    assert.equal(bench.said(1000), OK);
    assert.equal(bench.command("AT+CCERTLIST"), `\r\n+CCERTLIST: "ca.pem"\r\n${OK}`);
    assert.equal(bench.command('AT+CCERTDELE="ca.pem"'), OK);
    assert.equal(bench.command('AT+CCERTDELE="ca.pem"'), "\r\nERROR\r\n");
    for (const wrong of ['"ca.txt",9', '".pem",9', '"ca.pem",10241', "ca.pem,9"]) {
      assert.equal(bench.command(`AT+CCERTDOWN=${wrong}`), "\r\nERROR\r\n", wrong);
    }
  });

  it("trusts everybody and names nobody by default", () => {
    const bench = started();
    assert.equal(open(bench), `${OK}\r\n+CCHOPEN: 0,0\r\n`);
    assert.deepEqual(bench.internet.opened[0]?.tls, {});
  });

  it("verifies with the stored root and sends the name when the context says so", () => {
    const bench = started();
    bench.command(`AT+CCERTDOWN="ca.pem",${PEM.length}`);
    bench.send(PEM);
    bench.said(1000);
    const settings = ['"sslversion",3,3', '"authmode",3,1', '"cacert",3,"ca.pem"', '"enableSNI",3,1'];
    for (const setting of settings) assert.equal(bench.command(`AT+CSSLCFG=${setting}`), OK);
    assert.equal(bench.command("AT+CCHSSLCFG=0,3"), OK);
    assert.equal(open(bench), `${OK}\r\n+CCHOPEN: 0,0\r\n`);
    assert.deepEqual(bench.internet.opened[0]?.tls, { servername: "server.test", authority: PEM });
  });

  it("knows only quoted keywords in their own case", () => {
    const bench = started();
    for (const wrong of ['"SSLVERSION",0,3', "sslversion,0,3", '"sslversion",10,3', '"sslversion",0,5']) {
      assert.equal(bench.command(`AT+CSSLCFG=${wrong}`), "\r\nERROR\r\n", wrong);
    }
  });

  it("fails with 19 without a certificate, and with 15 when dates count but the clock was never set", () => {
    const bench = started({ nitz: false });
    bench.command('AT+CSSLCFG="authmode",0,1');
    assert.equal(open(bench), `${OK}\r\n+CCHOPEN: 0,19\r\n`);
    bench.command(`AT+CCERTDOWN="ca.pem",${PEM.length}`);
    bench.send(PEM);
    bench.said(1000);
    bench.command('AT+CSSLCFG="cacert",0,"ca.pem"');
    bench.command('AT+CSSLCFG="ignorelocaltime",0,0');
    assert.equal(open(bench), `${OK}\r\n+CCHOPEN: 0,15\r\n`);
    bench.command('AT+CCLK="24/02/29,12:00:00+00"');
    assert.equal(open(bench), `${OK}\r\n+CCHOPEN: 0,0\r\n`);
  });

  it("reports an unknown name as 13, a refusal as 14 and a failed handshake as 15", () => {
    const bench = started();
    assert.equal(open(bench, "unknown.test"), `${OK}\r\n+CCHOPEN: 0,13\r\n`);
    assert.equal(bench.command('AT+CCHOPEN=0,"server.test",1,2', 3000), `${OK}\r\n+CCHOPEN: 0,14\r\n`);
    assert.equal(open(bench, "badtls.test"), `${OK}\r\n+CCHOPEN: 0,15\r\n`);
  });

  it("forgets the bound context when an open fails", () => {
    const bench = started();
    bench.command('AT+CSSLCFG="enableSNI",5,1');
    bench.command("AT+CCHSSLCFG=0,5");
    open(bench, "unknown.test");
    open(bench);
    assert.deepEqual(bench.internet.opened[1]?.tls, {});
  });

  it("sends, and reports it", () => {
    const bench = started();
    open(bench);
    assert.equal(bench.command("AT+CCHSEND=0,5"), "\r\n>");
    bench.send("hello");
    assert.equal(bench.said(1000), `${OK}\r\n+CCHSEND: 0,0\r\n`);
    assert.equal(bench.internet.sent[0], "hello");
    assert.equal(bench.command("AT+CCHSEND=0,2049"), "\r\nERROR\r\n");
    assert.equal(bench.command("AT+CCHSEND=1,5"), "\r\nERROR\r\n");
  });

  it("reads with OK first, then blocks of 1024, then an end marker", () => {
    const bench = started();
    open(bench);
    bench.internet.opened[0]!.onData(new Uint8Array(1030).fill(65));
    assert.equal(bench.said(1000), "\r\n+CCHEVENT: 0,RECV EVENT\r\n");
    assert.equal(bench.command("AT+CCHRECV?"), `\r\n+CCHRECV: LEN,1030,0\r\n${OK}`);
    assert.equal(
      bench.command("AT+CCHRECV=0,1026"),
      `${OK}\r\n+CCHRECV: DATA,0,1024\r\n${"A".repeat(1024)}\r\n+CCHRECV: DATA,0,2\r\nAA\r\n+CCHRECV: 0,0\r\n`,
    );
    assert.equal(bench.command("AT+CCHRECV=0"), `${OK}\r\n+CCHRECV: DATA,0,4\r\nAAAA\r\n+CCHRECV: 0,0\r\n`);
    assert.equal(bench.command("AT+CCHRECV=0"), `${OK}\r\n+CCHRECV: 0,0\r\n`);
  });

  it("keeps data after the peer has closed", () => {
    const bench = started();
    open(bench);
    bench.internet.opened[0]!.onData(new Uint8Array([66]));
    bench.internet.opened[0]!.onClosed();
    assert.equal(bench.said(1000), "\r\n+CCHEVENT: 0,RECV EVENT\r\n\r\n+CCH_PEER_CLOSED: 0\r\n");
    assert.match(bench.command("AT+CCHRECV=0,10"), /DATA,0,1\r\nB/);
    assert.equal(bench.command("AT+CCHCLOSE=0"), `${OK}\r\n+CCHCLOSE: 0,0\r\n`);
    assert.equal(bench.command("AT+CCHCLOSE=0"), "\r\n+CCHCLOSE: 0,4\r\n\r\nERROR\r\n");
  });

  it("tells when the network is lost, and needs a new start", () => {
    const bench = started();
    open(bench);
    bench.modem.dropContext();
    assert.equal(bench.said(1000), "\r\n+CCH_RECV_CLOSED: 0,9\r\n");
    assert.equal(open(bench), "\r\nERROR\r\n");
    assert.equal(bench.command("AT+CCHSTART", 3000), `${OK}\r\n+CCHSTART: 0\r\n`);
    assert.equal(open(bench), `${OK}\r\n+CCHOPEN: 0,0\r\n`);
  });

  it("is a plain TCP socket for client type 1", () => {
    const bench = started();
    bench.command('AT+CCHOPEN=1,"server.test",80,1', 3000);
    assert.equal(bench.internet.opened[0]?.tls, undefined);
  });
});
