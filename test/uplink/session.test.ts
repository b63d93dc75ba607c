import assert from "node:assert/strict";
import { BenchBoard, NOON } from "../bench-board.js";

/** A device whose network connects at once. Every connect and disconnect is written down. */
function setUp() {
  const bench = new BenchBoard();
  const calls: string[] = [];
  const network = bench.network as unknown as Record<string, unknown>;
  network.connect = () => {
    if (network.connection !== 200) throw new Error("already connecting or connected: disconnect first");
    calls.push("connect");
    network.connection = 500;
    bench.time.set(() => bench.network.onChanged?.("connection"));
  };
  network.disconnect = () => {
    calls.push("disconnect");
    network.connection = 200;
  };
  return { bench, calls, network };
}

describe("a session over a network that is not what it seems", () => {
  it("leaves the modem alone while that recovers in its own way", () => {
    const { bench, calls, network } = setUp();
    for (const connection of [0, 100, 300, 400]) {
      network.connection = connection;
      bench.run(3600);
    }
    assert.deepEqual(calls, []);
    assert.ok(bench.device.session.failures >= 6);
  });

  it("joins the network anew for each try from the third failure in a row on", () => {
    const { bench, calls, network } = setUp();
    network.connection = 500;
    bench.respond = () => "lost";
    while (bench.device.session.failures < 2) bench.run(5);
    assert.deepEqual(calls, []);
    while (bench.device.session.failures < 4) bench.run(5);
    assert.deepEqual(calls, ["disconnect", "connect", "disconnect"]);
    bench.respond = () => ({ status: 201, body: "{}" });
    bench.run(7200);
    assert.deepEqual(calls.slice(3), ["connect"], "and stays once it gets through");
  });

  it("joins it anew when timestamp auth waits for a time that the network told nobody", () => {
    const { bench, calls, network } = setUp();
    bench.clock = undefined;
    bench.restart();
    bench.device.settings.set("auth", "ta");
    network.connection = 500;
    while (bench.device.session.failures < 3) bench.run(5);
    assert.deepEqual(calls, ["disconnect"]);
  });

  it("tries again after its pause though the clock is put right meanwhile", () => {
    const { bench, network } = setUp();
    network.connection = 500;
    bench.device.settings.set("report_interval", "86400");
    bench.run(60);
    const { session, clock } = bench.device;
    assert.ok(session.lastSuccess !== undefined);
    bench.respond = () => "lost";
    assert.equal(session.send(), undefined);
    bench.run(5);
    assert.equal(session.failures, 1);
    assert.equal(clock.offer(clock.now! + 2, "network"), true);
    bench.run(60);
    assert.ok(session.failures > 1);
  });

  it("reports as soon as the time is known where the budget of a device without the time had put it off", () => {
    const bench = new BenchBoard({ monthly_bytes: "200000" });
    bench.clock = undefined;
    bench.restart();
    bench.run(600);
    assert.equal(bench.posted.length, 0);
    assert.match(bench.device.session.next, /^in \d+ h/);
    bench.device.clock.offer(NOON + 600, "network");
    bench.run(10);
    assert.equal(bench.posted.length, 1);
  });

  for (const [name, value, reason] of [
    ["base_url", "", "no server set (base_url)"],
    ["transport", "mqtt", "this board has no MQTT client"],
  ] as const) {
    it(`gives up a report when ${name} changes under it and leaves no way to a server`, () => {
      const { bench, network } = setUp();
      network.connection = 300;
      bench.run(60);
      bench.device.settings.set(name, value);
      network.connection = 500;
      bench.network.onChanged?.("connection");
      bench.run(60);
      assert.equal(bench.posted.length, 0);
      assert.ok(
        bench.lines.some((line) => line.includes(`report failed: ${reason}`)),
        bench.lines.join("\n"),
      );
    });
  }

  it("ends the report on the old way when the transport changes between two of its requests", () => {
    const { bench } = setUp();
    bench.device.settings.set("request_bytes", "512");
    bench.respond = () => "lost";
    bench.run(2 * 3600);
    bench.respond = () => {
      bench.device.settings.set("transport", "mqtt");
      return { status: 201, body: "{}" };
    };
    const { failures } = bench.device.session;
    const { length } = bench.posted;
    bench.run(3600);
    assert.equal(bench.posted.length, length + 1);
    assert.ok(bench.device.outbox.length > 0);
    assert.equal(bench.device.session.failures, failures);
    assert.equal(bench.device.session.next, "this board has no MQTT client");
  });
});
