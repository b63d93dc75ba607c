import { strict as assert } from "node:assert";
import { toBytes } from "../../../../hal/sim/bytes.js";
import type { Knobs } from "../../../../hal/sim/modem/knobs.js";
import { Bench } from "./bench.js";
import { online } from "./dialogues.js";

const OK = "\r\nOK\r\n";
const SECURE = 'AT+QSSLOPEN=1,1,0,"server.test",443,0';
const PEM = "-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n";

function modem(knobs: Partial<Knobs> = {}, name = "BG95"): Bench {
  return new Bench({ knobs }, name).attached();
}

function storeCertificate(bench: Bench): void {
  assert.equal(bench.command(`AT+QFUPL="UFS:ca.pem",${PEM.length},100`), "\r\nCONNECT\r\n");
  bench.send(PEM);
  assert.match(bench.said(1000), /^\r\n\+QFUPL: \d+,[0-9a-f]+\r\n\r\nOK\r\n$/);
}

describe("emulated Quectel: TLS", () => {
  it("stores files with their checksum, once", () => {
    const bench = modem();
    assert.equal(bench.command('AT+QFUPL="UFS:ca.pem",3,100'), "\r\nCONNECT\r\n");
    bench.send("abc");
    // "ab" xor "c\0".
    assert.equal(bench.said(100), `\r\n+QFUPL: 3,262\r\n${OK}`);
    assert.equal(bench.command('AT+QFLST="*"'), `\r\n+QFLST: "UFS:ca.pem",3\r\n${OK}`);
    assert.equal(bench.command('AT+QFUPL="ca.pem",3,100'), "\r\n+CME ERROR: 407\r\n");
    assert.equal(bench.command('AT+QFDEL="ca.pem"'), OK);
    assert.equal(bench.command('AT+QFDEL="ca.pem"'), "\r\n+CME ERROR: 405\r\n");
  });

  it("trusts anybody and names nobody by default", () => {
    const bench = online("BG95");
    assert.equal(bench.command(SECURE, 3000), `${OK}\r\n+QSSLOPEN: 0,0\r\n`);
    assert.deepEqual(bench.internet.opened[0]?.tls, {});
    assert.match(bench.command("AT+QSSLSTATE"), /\+QSSLSTATE: 0,"SSLClient","server\.test",443,/);
  });

  it("verifies and sends the name when the context says so; the data goes as with TCP", () => {
    const bench = online("BG95");
    storeCertificate(bench);
    for (const setting of [
      '"sslversion",1,3',
      '"ciphersuite",1,0XFFFF',
      '"seclevel",1,1',
      '"cacert",1,"UFS:ca.pem"',
      '"ignorelocaltime",1,1',
      '"negotiatetime",1,300',
      '"sni",1,1',
    ]) {
      assert.equal(bench.command(`AT+QSSLCFG=${setting}`), OK, setting);
    }
    assert.equal(bench.command('AT+QSSLCFG="seclevel",1'), `\r\n+QSSLCFG: "seclevel",1,1\r\n${OK}`);
    assert.equal(bench.command('AT+QSSLCFG="seclevel",6,1'), "\r\nERROR\r\n");
    assert.equal(bench.command(SECURE, 3000), `${OK}\r\n+QSSLOPEN: 0,0\r\n`);
    assert.deepEqual(bench.internet.opened[0]?.tls, { servername: "server.test", authority: PEM });
    assert.equal(bench.command("AT+QSSLSEND=0,5"), "\r\n>");
    bench.send("hello");
    assert.equal(bench.said(500), "\r\nSEND OK\r\n");
    bench.internet.opened[0]!.onData(toBytes("OK\r\n"));
    assert.equal(bench.said(500), '\r\n+QSSLURC: "recv",0\r\n');
    assert.equal(bench.command("AT+QSSLRECV=0,1500"), `\r\n+QSSLRECV: 4\r\nOK\r\n\r\n${OK}`);
    bench.internet.opened[0]!.onClosed();
    assert.equal(bench.said(500), '\r\n+QSSLURC: "closed",0\r\n');
    assert.equal(bench.command("AT+QSSLCLOSE=0,10"), OK);
  });

  it("fails without a root, and when dates count but the clock was never set", () => {
    const bench = online("BG95", { nitz: false });
    bench.command('AT+QSSLCFG="seclevel",1,1;+QSSLCFG="cacert",1,"UFS:ca.pem"');
    assert.equal(bench.command(SECURE, 3000), `${OK}\r\n+QSSLOPEN: 0,566\r\n`);
    storeCertificate(bench);
    assert.equal(bench.command(SECURE, 3000), `${OK}\r\n+QSSLOPEN: 0,566\r\n`);
    bench.command('AT+QSSLCFG="ignorelocaltime",1,1');
    assert.equal(bench.command(SECURE, 3000), `${OK}\r\n+QSSLOPEN: 0,0\r\n`);
  });

  for (const [name, keyword] of [
    ["BG95", "session_cache"],
    ["EC25", "session"],
  ] as const) {
    it(`resumes a session of ${name} once "${keyword}" is set, in 709 bytes instead of 2475`, () => {
      const bench = online(name);
      bench.internet.session = toBytes("ticket");
      const { meter } = bench.modem;
      const handshake = (): number => {
        const before = meter.sent + meter.received;
        assert.match(bench.command('AT+QSSLOPEN=1,1,0,"198.51.100.1",443,0', 3000), /\+QSSLOPEN: 0,0/);
        const bytes = meter.sent + meter.received - before;
        bench.command("AT+QSSLCLOSE=0");
        return bytes;
      };
      const other = keyword === "session" ? "session_cache" : "session";
      assert.equal(bench.command(`AT+QSSLCFG="${other}",1,1`), "\r\nERROR\r\n");
      // TCP 120; each flight has its segments and acknowledgements.
      assert.deepEqual([handshake(), handshake()], [2475 + 120 + 200, 2475 + 120 + 200]);
      bench.command(`AT+QSSLCFG="${keyword}",1,1`);
      assert.deepEqual([handshake(), handshake()], [2475 + 120 + 200, 709 + 120 + 160]);
      assert.deepEqual([meter.handshakes, meter.resumptions], [3, 1]);
      assert.deepEqual(bench.internet.opened[3]?.tls, { session: toBytes("ticket") });
    });
  }
});
