import assert from "node:assert/strict";
import type { ConnectOptions, Rest } from "../../hal/network.js";
import { BenchBoard } from "../bench-board.js";

/** A device whose network takes ten seconds to connect. What it is told is written down, with the second. */
function setUp(settings: Record<string, string> = {}) {
  const bench = new BenchBoard(settings);
  const calls: string[] = [];
  const options: ConnectOptions[] = [];
  const rests: (Rest | undefined)[] = [];
  const network = bench.network as unknown as Record<string, unknown>;
  const move = (connection: number) => {
    network.connection = connection;
    bench.network.onChanged?.("connection");
  };
  network.connection = 200;
  network.connect = (given: ConnectOptions) => {
    calls.push(`connect ${Math.round(bench.time.now / 1000)}`);
    options.push(given);
    network.connection = 300;
    bench.time.set(() => network.connection === 300 && move(500), 10_000);
  };
  network.disconnect = (rest?: Rest) => {
    rests.push(rest);
    calls.push(`disconnect ${Math.round(bench.time.now / 1000)}`);
    network.connection = 200;
  };
  return { bench, calls, options, rests, network, move };
}

describe("the network between reports", () => {
  it("stays connected when the power mode is always", () => {
    const { bench, calls } = setUp();
    bench.run(6 * 3600);
    assert.equal(calls.length, 1);
    assert.ok(bench.posted.length >= 6);
  });

  it("is switched off after each report and on for the next when the power mode is between", () => {
    const { bench, calls } = setUp({ power_mode: "between" });
    bench.run(6 * 3600);
    const times = calls.map((call) => Number(call.split(" ")[1]));
    assert.ok(calls.length >= 12, `${calls.length}`);
    // The second report comes soon after the first: the modem stays on until then.
    for (let i = 3; i < calls.length; i += 2) {
      assert.match(calls[i - 1]!, /^connect/);
      assert.match(calls[i]!, /^disconnect/);
      assert.ok(times[i]! - times[i - 1]! <= 15, calls.join());
    }
    assert.ok(bench.posted.length >= 6);
  });

  it("stays connected when the next report comes within ten minutes", () => {
    const { bench, calls } = setUp({ power_mode: "between", report_interval: "300" });
    bench.run(3600);
    assert.equal(calls.length, 1);
  });

  it("sleeps between reports that are seconds apart, where that is how the modem rests", () => {
    const { bench, rests } = setUp({ power_mode: "between", modem_rest: "sleep", report_interval: "60" });
    bench.run(3600);
    assert.ok(rests.length > 30, `${rests.length}`);
    for (const rest of rests) assert.equal(rest?.mode, "sleep");
    for (const rest of rests) assert.ok(rest!.seconds >= 30 && rest!.seconds <= 60, `${rest?.seconds}`);
  });

  it("rests as it was set, and is told for how long", () => {
    for (const modem_rest of ["off", "psm"]) {
      const { bench, rests } = setUp({ power_mode: "between", modem_rest });
      bench.run(4 * 3600);
      assert.ok(rests.length >= 3);
      for (const rest of rests.slice(1)) assert.equal(rest?.mode, modem_rest);
      for (const rest of rests.slice(1)) assert.ok(rest!.seconds > 3500 && rest!.seconds <= 3600, `${rest?.seconds}`);
    }
  });

  it("does not rest because of modem_rest alone", () => {
    const { bench, rests } = setUp({ modem_rest: "sleep" });
    bench.run(2 * 3600);
    assert.equal(rests.length, 0);
  });

  it("is not taken away while it is still looked for", () => {
    const { bench, calls, network } = setUp({ power_mode: "between" });
    network.connect = () => {
      calls.push("connect");
      network.connection = 300;
    };
    bench.run(6 * 3600);
    assert.deepEqual(calls, ["connect"]);
  });

  it("is connected anew with what was set", () => {
    const { bench, calls, options } = setUp();
    bench.run(1000);
    bench.device.settings.set("apn", "other");
    bench.device.settings.set("roaming", "no");
    assert.match(calls.at(-1)!, /^disconnect/);
    bench.run(3700);
    assert.equal(calls.length, 3);
    assert.equal(options.at(-1)!.apn, "other");
    assert.equal(options.at(-1)!.roaming, false);
    assert.equal(options[0]!.roaming, true);
    assert.equal(options[0]!.keyValue, bench.keyValue);
  });

  it("takes a new setting at once while a report waits for the network", () => {
    const { bench, calls, options, network } = setUp();
    const connect = network.connect as (given: ConnectOptions) => void;
    network.connect = (given: ConnectOptions) => {
      connect(given);
      network.connection = 100;
    };
    bench.run(60);
    network.connect = connect;
    bench.device.settings.set("sim_pin", "1234");
    bench.run(20);
    assert.equal(calls.length, 3);
    assert.equal(options.at(-1)!.pin, "1234");
    assert.ok(bench.posted.length > 0);
  });
});
