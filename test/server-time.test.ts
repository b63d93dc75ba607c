import assert from "node:assert/strict";
import { BenchBoard, NOON } from "./bench-board.js";

const HOUR = 3600;
const REPORTED = 5 * 60;

/** A device whose server says that it is `offset` seconds later than it is; without the network's time when `alone`. */
function world(options: { offset: number; alone?: boolean; secure?: boolean; delay?: number }): BenchBoard {
  const { offset, alone = false, secure = false, delay = 0 } = options;
  const bench = new BenchBoard({ base_url: `${secure ? "https" : "http"}://metrics.example` });
  bench.respond = () => {
    const date = new Date((NOON + bench.time.now / 1000 + offset) * 1000).toUTCString();
    bench.run(delay);
    return { status: 201, body: "{}", date };
  };
  if (alone) {
    bench.clock = undefined;
    bench.restart();
  }
  bench.run(REPORTED);
  return bench;
}

/** Seconds by which the device's clock is ahead. */
function ahead({ device, time }: BenchBoard): number | undefined {
  return device.clock.now && device.clock.now - NOON - Math.floor(time.now / 1000);
}

describe("the time of the server", () => {
  it("is taken from the Date of its answer where the network tells none", () => {
    const bench = world({ offset: 0, alone: true });
    assert.equal(ahead(bench), 0);
    assert.equal(bench.device.clock.source, "internet");
  });

  it("does not move the network's time when anybody may have written the answer", () => {
    const bench = world({ offset: 5 * HOUR });
    assert.equal(ahead(bench), 0);
    assert.equal(bench.device.clock.source, "network");
  });

  it("corrects the network's time when the answer came through TLS", () => {
    const bench = world({ offset: -2 * HOUR, secure: true });
    assert.equal(ahead(bench), -2 * HOUR);
    assert.equal(bench.device.clock.source, "server");
  });

  it("leaves a clock alone that agrees within the minute that an answer may take", () => {
    const bench = world({ offset: -59, secure: true });
    assert.equal(ahead(bench), 0);
    assert.equal(bench.device.clock.source, "network");
  });

  it("is not taken from an answer that took longer", () => {
    assert.equal(ahead(world({ offset: 0, alone: true, delay: 61 })), undefined);
  });
});
