import assert from "node:assert/strict";
import { Host } from "../../firmware/main/host.js";
import { HostHTTPClient } from "../../hal/host/http-client.js";
import { run } from "../../hal/host/runner.js";
import { SocketInternet } from "../../hal/host/socket-internet.js";
import { SimulatedTime } from "../../hal/sim/time.js";
import { Answerer, Broker, hasMosquitto } from "../../tools/sdk/mqtt-server.js";
import { makeCertificates } from "../hal/host/certificates.js";

const NOON = 1_767_268_800;
const SERIAL = "HG0000001";
const UP = `openpaygo/${SERIAL}/up`;
const DOWN = `openpaygo/${SERIAL}/down`;
/** The broker answers in real time: milliseconds of it are tenths of a second to the device. */
const SPEED = 300;

/** Virtual time goes on while an answer may be under way. */
class PassingInternet extends SocketInternet {
  override get busy(): boolean {
    return false;
  }
}

class Run {
  readonly lines: string[] = [];
  readonly host: Host;
  readonly #time = new SimulatedTime();
  readonly #internet = new PassingInternet();

  constructor(settings: Record<string, string>, authority?: string) {
    this.host = new Host({
      ...{ time: this.#time, start: NOON, defaultStart: NOON, seed: 1, internet: this.#internet },
      log: (line) => this.lines.push(line),
      ...(authority !== undefined && { authority: Buffer.from(authority) }),
      provision: Object.entries({
        serial_number: SERIAL,
        secret_key: "dac86b1a29ab82edc5fbbc41ec9530f6",
        transport: "mqtt",
        record_interval: "60",
        report_interval: "600",
        ...settings,
      }),
    });
  }

  /** Until something is so, or so many virtual seconds have passed. */
  async until(condition: () => boolean, seconds: number): Promise<void> {
    const end = this.#time.now + seconds * 1000;
    this.#time.set(() => {}, seconds * 1000);
    await run({
      time: this.#time,
      speed: SPEED,
      settled: () => this.#internet.settled() ?? HostHTTPClient.settled(),
      ended: () => condition() || this.#time.now >= end,
    });
  }
}

describe("MQTT through the modem to Mosquitto", function () {
  this.timeout(120_000);
  const certificates = makeCertificates("127.0.0.1");
  if (!hasMosquitto || !certificates) {
    if (process.env.CI) it("needs Mosquitto and OpenSSL", () => assert.fail("install mosquitto and openssl"));
    else it.skip("Mosquitto or OpenSSL is not installed: skipped");
    return;
  }
  let broker: Broker;
  let server: Answerer;
  let started: Run | undefined;
  before(async () => {
    broker = await Broker.start(certificates);
  });
  beforeEach(async () => {
    server = new Answerer(broker.port, UP, DOWN);
    await server.ready;
  });
  afterEach(() => {
    started?.host.close();
    server.close();
  });
  after(() => broker.stop());

  const start = (settings: Record<string, string> = {}, authority?: string) => {
    started = new Run({ mqtt_broker: `mqtt://127.0.0.1:${broker.port}`, ...settings }, authority);
    return started;
  };
  const acknowledged = (run: Run) => run.host.device.reporter.acknowledged;

  it("reports, and commits rows with the server's answer", async () => {
    const run = start();
    await run.until(() => acknowledged(run) > 0 && server.requests.length > 1, 5000);
    assert.ok(acknowledged(run) > 0, run.lines.join("\n"));
    assert.equal(run.host.device.session.failures, 0);
    assert.match(server.requests[0]!, /"dfo":\{.*"historical_data_order"/, "the request explains itself");
    assert.equal(run.host.modem.meter.connections, server.requests.length, "one connection for a report");
  });

  it("does not commit on the broker's word alone where answers are expected", async () => {
    server.answer = () => undefined;
    const run = start();
    await run.until(() => run.host.device.session.failures > 1, 5000);
    assert.ok(server.requests.length > 0);
    assert.equal(acknowledged(run), 0);
    assert.ok(
      run.lines.some((line) => line.includes("no answer in time")),
      run.lines.join("\n"),
    );
    server.answer = () => "{}";
    await run.until(() => acknowledged(run) > 0, 5000);
    assert.ok(acknowledged(run) > 0);
  });

  it("tries again when the connection is lost while the answer is due", async () => {
    server.answer = () => undefined;
    const run = start();
    await run.until(() => server.requests.length > 0, 5000);
    assert.equal(run.host.device.session.failures, 0);
    run.host.modem.dropContext();
    await run.until(() => run.host.device.session.failures > 0, 100);
    assert.equal(run.host.device.session.failures, 1, run.lines.join("\n"));
    server.answer = () => "{}";
    await run.until(() => acknowledged(run) > 0, 5000);
    assert.ok(acknowledged(run) > 0, run.lines.join("\n"));
  });

  it("commits on the broker's word where no answers come", async () => {
    server.answer = () => undefined;
    const run = start({ mqtt_topic_down: "" });
    await run.until(() => acknowledged(run) > 0, 5000);
    assert.ok(acknowledged(run) > 0, run.lines.join("\n"));
  });

  it("takes no answer that fails a check, and waits for a good one", async () => {
    server.answer = () => '{"tkl":[123456789],"a":"da0123456789abcdef"}';
    const run = start();
    await run.until(() => run.host.device.reporter.refused > 0, 5000);
    const accepted = () => run.lines.some((line) => line.includes("report accepted"));
    assert.ok(!accepted());
    server.publish("{}");
    await run.until(accepted, 140);
    assert.ok(accepted(), run.lines.join("\n"));
    assert.equal(run.host.device.credit.tokens.count, 1);
    assert.equal(run.host.device.session.failures, 0);
  });

  it("sends all rows in several requests over one connection", async () => {
    const run = start({ request_bytes: "512", record_interval: "10", data_format_id: "12" });
    await run.until(() => server.requests.length > 4, 5000);
    assert.ok(server.requests.every((request) => request.length <= 512));
    assert.ok(run.host.modem.meter.connections < server.requests.length);
  });

  it("reports over TLS to a broker whose certificate is signed by the board's own authority", async () => {
    const run = start({ mqtt_broker: `mqtts://127.0.0.1:${broker.securePort}` }, certificates.ca);
    await run.until(() => acknowledged(run) > 0, 5000);
    assert.ok(acknowledged(run) > 0, run.lines.join("\n"));
    assert.ok(run.host.modem.meter.handshakes > 0);
  });

  it("sends nothing to a broker that another authority vouches for", async () => {
    const stranger = makeCertificates("127.0.0.1")!;
    const run = start({ mqtt_broker: `mqtts://127.0.0.1:${broker.securePort}` }, stranger.ca);
    await run.until(() => run.host.device.session.failures > 1, 5000);
    assert.deepEqual(server.requests, []);
    assert.equal(acknowledged(run), 0);
  });

  it("says what is missing", async () => {
    const run = start({ mqtt_broker: "" });
    assert.equal(run.host.device.session.next, "no broker set (mqtt_broker)");
    run.host.device.settings.set("mqtt_broker", `mqtts://127.0.0.1:${broker.securePort}`);
    assert.equal(run.host.device.session.next, "TLS needs the certificate of an authority, and this board has none");
  });
});
