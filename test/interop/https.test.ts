import assert from "node:assert/strict";
import { createServer, type Server } from "node:https";
import { Host } from "../../firmware/main/host.js";
import { HostHTTPClient } from "../../hal/host/http-client.js";
import { LoopInternet } from "../../hal/host/loop-internet.js";
import { run } from "../../hal/host/runner.js";
import { SimulatedTime } from "../../hal/sim/time.js";
import { makeCertificates } from "../hal/host/certificates.js";

const NAME = "metrics.example";
const NOON = 1_767_268_800;

/** The firmware on an emulated modem, and a server with this certificate; an hour and a half of it. */
async function report(server: Server, authority: string | undefined): Promise<{ lines: string[]; host: Host }> {
  const time = new SimulatedTime();
  const internet = new LoopInternet();
  internet.listen(NAME, 443, server);
  const lines: string[] = [];
  const host = new Host({
    ...{ time, start: NOON, defaultStart: NOON, seed: 1, internet },
    log: (line) => lines.push(line),
    ...(authority !== undefined && { authority: Buffer.from(authority) }),
    provision: [
      ["serial_number", "HG0000001"],
      ["secret_key", "dac86b1a29ab82edc5fbbc41ec9530f6"],
      ["base_url", `https://${NAME}`],
      ["data_format_id", "12"],
    ],
  });
  const end = time.now + 5_400_000;
  time.set(() => {}, 5_400_000);
  await run({
    time,
    speed: Number.POSITIVE_INFINITY,
    settled: () => internet.settled() ?? HostHTTPClient.settled(),
    ended: () => time.now >= end,
  });
  host.close();
  return { lines, host };
}

describe("HTTPS through the modem's TLS to Node's server", () => {
  const certificates = makeCertificates(NAME);
  const stranger = makeCertificates(NAME);
  if (!certificates || !stranger) {
    it.skip("OpenSSL is not installed");
    return;
  }
  const bodies: string[] = [];
  const server = createServer(certificates, (request, response) => {
    let body = "";
    request.on("data", (piece) => {
      body += piece;
    });
    request.on("end", () => {
      bodies.push(body);
      response.writeHead(201, { "content-type": "application/json" }).end("{}");
    });
  });
  beforeEach(() => {
    bodies.length = 0;
  });

  it("reports to a server whose certificate is signed by the board's own authority", async () => {
    const { host, lines } = await report(server, certificates.ca);
    assert.ok(bodies.length >= 2, lines.join("\n"));
    assert.match(bodies[0]!, /"sn":"HG0000001"/);
    assert.ok(host.device.reporter.acknowledged > 30);
    assert.ok(host.modem.meter.handshakes >= 2);
    const billed = host.modem.meter.sent + host.modem.meter.received;
    const { spent } = host.device.session.budget;
    assert.ok(spent >= billed && spent < 1.5 * billed, `${spent} bytes counted, ${billed} on the air`);
  });

  it("sends nothing to a server that another authority vouches for, and keeps its rows", async () => {
    const { host, lines } = await report(server, stranger.ca);
    assert.deepEqual(bodies, []);
    assert.ok(host.device.session.failures > 0);
    assert.ok(host.device.outbox.length >= 44, `${host.device.outbox.length}`);
    assert.ok(lines.some((line) => line.includes("report failed")));
  });

  it("says that it needs an authority, and connects to nobody without", async () => {
    const { host } = await report(server, undefined);
    assert.deepEqual(bodies, []);
    assert.equal(host.device.session.next, "TLS needs the certificate of an authority, and this board has none");
    assert.equal(host.modem.meter.connections, 0);
  });
});
