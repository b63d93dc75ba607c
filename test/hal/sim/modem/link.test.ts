import { strict as assert } from "node:assert";
import { gsmLink, type Knobs } from "../../../../hal/sim/modem/knobs.js";
import { Bench } from "./bench.js";

const KILO = "k".repeat(1000);

function transmit(bench: Bench, payload: string, milliseconds = 2000): string {
  const prompt = bench.command(`AT+CIPSEND=0,${payload.length}`);
  bench.send(payload);
  return prompt.replace("\r\n>", "") + bench.said(milliseconds);
}

function connected(knobs: Partial<Knobs> = {}): Bench {
  const bench = new Bench().connected();
  Object.assign(bench.modem.knobs, knobs);
  return bench;
}

describe("emulated link: meter", () => {
  it("counts headers, handshakes, acknowledgements and names besides the payload", () => {
    const bench = connected();
    const { meter } = bench.modem;
    const dns = 28 + 12 + "server.test".length + 2 + 4;
    assert.deepEqual([meter.sent, meter.received, meter.connections], [dns + 80, dns + 16 + 40, 1]);
    transmit(bench, "x".repeat(1400));
    assert.deepEqual([meter.sent, meter.received], [dns + 80 + 1400 + 80, dns + 16 + 40 + 40]);
    bench.internet.opened[0]!.onData(new Uint8Array(3000));
    bench.said(1000);
    assert.deepEqual([meter.sent, meter.received], [dns + 80 + 1480 + 80, dns + 16 + 40 + 40 + 3000 + 120]);
    bench.command("AT+CIPCLOSE=0");
    assert.deepEqual([meter.sent, meter.received], [dns + 80 + 1480 + 80 + 80, dns + 16 + 80 + 3120 + 80]);
    assert.deepEqual([meter.payloadSent, meter.payloadReceived], [1400, 3000]);
  });

  it("counts a full TLS handshake of 2475 bytes and 29 bytes a record", () => {
    const bench = new Bench().attached();
    const { meter } = bench.modem;
    bench.command("AT+CCHSET=1,1");
    bench.command("AT+CCHSTART", 3000);
    bench.command('AT+CCHOPEN=0,"198.51.100.1",443,2', 3000);
    const headers = 80 + 40 + (40 + 40) + (80 + 40);
    assert.equal(meter.sent + meter.received, headers + 2475);
    const before = meter.sent;
    bench.command("AT+CCHSEND=0,100");
    bench.send("x".repeat(100));
    bench.said(1000);
    assert.equal(meter.sent - before, 100 + 29 + 40);
    assert.equal(meter.handshakes, 1);
  });

  it("counts lost segments twice, and delivers them later", () => {
    const bench = connected({ loss: 500 });
    const before = bench.modem.meter.sent;
    let sent = "";
    for (let i = 0; i < 20; i++) {
      transmit(bench, KILO);
      sent += KILO;
    }
    bench.time.run(200_000);
    assert.equal(bench.internet.sent[0], sent);
    assert.ok(bench.modem.meter.sent - before > 20 * 1040 + 5 * 1040);
  });
});

describe("emulated link: time and faults", () => {
  it("takes as long as bandwidth and latency say", () => {
    const bench = connected({ ...gsmLink });
    bench.command("AT+CIPSEND=0,1000");
    bench.send(KILO);
    // 1040 bytes at 20 kbit/s are 416 ms, half a round trip is 300 ms; the UART takes 87 ms and the modem a few.
    bench.time.run(780);
    assert.equal(bench.internet.sent[0], "");
    bench.time.run(60);
    assert.equal(bench.internet.sent[0], KILO);
  });

  it("holds a write back while the buffer is full", () => {
    const bench = connected({ uplink: 800 });
    const accepted = (said: string) => said.match(/\+CIPSEND: 0,1000,1000/g)?.length ?? 0;
    let count = 0;
    for (let i = 0; i < 40; i++) count += accepted(transmit(bench, KILO, 100));
    // 32768 bytes are buffered, and some left in the meantime.
    assert.ok(count >= 32 && count < 40, `${count}`);
    count += accepted(bench.said(600_000));
    assert.equal(count, 40);
    assert.equal(bench.internet.sent[0]?.length, 40_000);
  });

  it("waits for the acknowledgement when CIPSENDMODE asks for it", () => {
    const bench = connected({ latency: 4000 });
    bench.command("AT+CIPSENDMODE=1");
    assert.equal(transmit(bench, "hello", 1000), "\r\nOK\r\n");
    assert.equal(bench.said(4000), "\r\n+CIPSEND: 0,5,5\r\n");
  });

  it("closes with reason 2 when nothing is acknowledged any more, and says nothing before", () => {
    const bench = connected({ halfOpen: true });
    bench.internet.opened[0]!.onData(new Uint8Array(10));
    assert.match(transmit(bench, "hello"), /\+CIPSEND: 0,5,5/);
    assert.equal(bench.said(110_000), "");
    assert.equal(bench.said(20_000), "\r\n+IPCLOSE: 0,2\r\n");
    assert.equal(bench.internet.sent[0], "");
  });

  it("reports -1 for a write that the connection did not survive", () => {
    const bench = connected({ latency: 4000 });
    bench.command("AT+CIPSENDMODE=1");
    transmit(bench, "hello", 100);
    bench.modem.dropContext();
    assert.match(bench.said(1000), /\+CIPSEND: 0,5,-1\r\n/);
  });

  it("closes from afar after the very byte that the knob says", () => {
    for (const at of [1, 999, 1000, 1001]) {
      const up = connected({ closeAfterSent: at });
      assert.equal(/\+IPCLOSE: 0,1/.test(transmit(up, KILO)), at <= 1000, `${at}`);
      assert.equal(up.internet.sent[0]?.length, Math.min(at, 1000));
      const down = connected({ closeAfterReceived: at });
      down.internet.opened[0]!.onData(new Uint8Array(1000));
      assert.equal(/\+IPCLOSE: 0,1/.test(down.said(2000)), at <= 1000, `${at}`);
      assert.match(down.command("AT+CIPRXGET=4,0"), new RegExp(`4,0,${Math.min(at, 1000)}\r`));
    }
  });

  it("delays data through a hole in the coverage and delivers it afterwards", () => {
    const bench = connected();
    bench.modem.knobs.coverage = false;
    transmit(bench, "hello", 5000);
    assert.equal(bench.internet.sent[0], "");
    bench.modem.knobs.coverage = true;
    bench.time.run(2000);
    assert.equal(bench.internet.sent[0], "hello");
  });

  it("closes the real connections when it loses its power", () => {
    const bench = connected();
    bench.modem.power.supply.write(0);
    assert.deepEqual(bench.internet.closed, [true]);
  });

  it("closes all connections like a server that restarts", () => {
    const bench = connected();
    bench.modem.closeConnections();
    assert.equal(bench.said(1000), "\r\n+IPCLOSE: 0,1\r\n");
  });
});

describe("emulated modem: unsolicited codes and noise", () => {
  it("storms until the knob is turned back", () => {
    const bench = new Bench().attached();
    bench.modem.knobs.storm = 100;
    const codes = bench.said(10_000).match(/\r\n[^\r]+\r\n/g) ?? [];
    assert.ok(codes.length > 80 && codes.length < 130, `${codes.length}`);
    bench.modem.knobs.storm = 0;
    bench.said(1000);
    assert.equal(bench.said(10_000), "");
  });

  it("puts codes between lines but never into a payload or a prompt", () => {
    const bench = connected({ interleave: 1000, unsolicited: ["+UMWI: 0,1"], storm: 50 });
    assert.match(bench.command("AT+CREG?"), /\+UMWI: 0,1\r\n\r\n\+CREG: 0,1\r\n[\s\S]*\+UMWI: 0,1\r\n\r\nOK/);
    bench.internet.opened[0]!.onData(new Uint8Array(500).fill(65));
    bench.said(1000);
    assert.ok(bench.command("AT+CIPRXGET=2,0,500").includes(`+CIPRXGET: 2,0,500,0\r\n${"A".repeat(500)}\r\n`));
    bench.command("AT+CIPSEND=0,5");
    bench.said(100);
    assert.equal(bench.said(1000), "");
    bench.send("hello");
    assert.match(bench.said(500), /OK/);
  });

  it("takes no knob that does not exist", () => {
    const bench = new Bench();
    assert.throws(() => Object.assign(bench.modem.knobs, { latencey: 5 }), /knob latencey does not exist/);
  });

  it("runs the same way with the same seed", () => {
    const run = () => {
      const bench = new Bench({ knobs: { noise: 2000, interleave: 200, storm: 300, loss: 100 } });
      let output = bench.said(40_000);
      for (let i = 0; i < 20; i++) output += bench.command("AT+CIPOPEN?;+CSQ;+CPSI?", 700);
      return output;
    };
    assert.equal(run(), run());
  });
});
