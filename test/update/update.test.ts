import assert from "node:assert/strict";
import { Service } from "../../firmware/service.js";
import { BenchBoard } from "../bench-board.js";
import { makeImage, orderOf, SLOT, UpdateBench } from "./bench.js";

const HOUR = 3600;
const IMAGE = makeImage(150_001);
/** Bytes that come in a second: the bench notices a cut at a storage so late. */
const SECOND = 12_000;

/** It runs, is confirmed, and is the image to the last byte. */
function assertRuns(bench: UpdateBench, image: Uint8Array): void {
  assert.equal(bench.description, "done", bench.lines.join("\n"));
  assert.equal(bench.probation, false);
  assert.deepEqual(bench.content(image.length), image);
}

describe("an update", () => {
  it("is fetched in parts, started after a report, and stays when the new firmware has reported", () => {
    const bench = new UpdateBench();
    bench.run(60);
    bench.order(IMAGE);
    bench.run(120);
    assertRuns(bench, IMAGE);
    assert.equal(bench.slot, 1);
    assert.deepEqual(bench.ranges, [
      [0, 65535],
      [65536, 131071],
      [131072, 150000],
    ]);
    assert.equal(bench.fetched, IMAGE.length);
    bench.restart();
    bench.run(HOUR);
    assertRuns(bench, IMAGE);
    assert.equal(bench.fetched, IMAGE.length, "nothing is fetched again");
  });

  it("is followed by the next, back into the first slot", () => {
    const bench = new UpdateBench();
    bench.order(IMAGE);
    bench.run(300);
    const next = makeImage(130_000, 2);
    bench.order(next);
    bench.run(300);
    assertRuns(bench, next);
    assert.equal(bench.slot, 0);
  });

  it("is not fetched when it runs already", () => {
    const bench = new UpdateBench();
    bench.slots[0].write(IMAGE.subarray(0, 150_000), 0);
    bench.slots[0].write(new Uint8Array(16).fill(0xff).fill(IMAGE[150_000]!, 0, 1), 150_000);
    bench.order(IMAGE);
    bench.run(60);
    assertRuns(bench, IMAGE);
    assert.deepEqual([bench.fetched, bench.starts], [0, 1]);
  });

  it("pays for no byte twice when connections are lost, wherever", () => {
    for (let loss = 0; loss < 140_000; loss += 9973) {
      const bench = new UpdateBench();
      bench.lossAfter = loss;
      bench.order(IMAGE);
      bench.run(400);
      assertRuns(bench, IMAGE);
      assert.equal(bench.fetched, IMAGE.length, `lost after ${loss}`);
    }
  });

  it("goes on after a cut of power at any time, and pays for less than a block of flash twice", () => {
    for (let seconds = 1; seconds < 40; seconds += 1.7) {
      const bench = new UpdateBench();
      bench.order(IMAGE);
      bench.run(seconds);
      bench.restart();
      bench.run(300);
      assertRuns(bench, IMAGE);
      assert.ok(bench.fetched < IMAGE.length + 4096, `cut after ${seconds} s: ${bench.fetched} bytes`);
    }
  });

  it("goes on after a cut in the middle of any write to the slot, or of an erase", () => {
    for (let steps = 0; steps < 150_000; steps += 7919) {
      const bench = new UpdateBench();
      bench.slots[1].cutAfter(steps);
      bench.order(IMAGE);
      bench.run(300);
      assertRuns(bench, IMAGE);
      assert.ok(bench.fetched < IMAGE.length + 4096 + SECOND, `cut after ${steps} steps: ${bench.fetched} bytes`);
    }
  });

  it("goes on after a cut at any write of its state", () => {
    let cuts = 0;
    for (let writes = 0; ; writes++) {
      const bench = new UpdateBench();
      bench.order(IMAGE);
      bench.keyValue.cutAfter(writes);
      bench.run(300);
      assertRuns(bench, IMAGE);
      assert.ok(bench.fetched < IMAGE.length + 4096 + SECOND, `cut at write ${writes}: ${bench.fetched} bytes`);
      if (bench.starts === 2) break;
      cuts++;
    }
    assert.ok(cuts > 40, `${cuts} cuts`);
  });

  it("keeps reporting meanwhile, and the network up, though the modem is to rest between reports", () => {
    const bench = new UpdateBench({ power_mode: "between" });
    bench.run(20);
    bench.network.connect({ apn: "" });
    const { disconnects } = bench;
    bench.order(IMAGE);
    bench.run(10);
    const before = bench.device.session.lastSuccess;
    assert.equal(bench.device.session.send(), undefined);
    bench.run(6);
    assert.notEqual(bench.device.session.lastSuccess, before);
    assert.equal(bench.disconnects, disconnects);
    bench.run(300);
    assertRuns(bench, IMAGE);
  });

  it("is compared with its SHA-256: another image is fetched twice, never started, and given up", () => {
    const bench = new UpdateBench();
    bench.order(IMAGE);
    bench.image = makeImage(IMAGE.length, 3);
    bench.run(HOUR);
    assert.equal(bench.description, "given up: what the server gives is not the image that was ordered");
    assert.deepEqual([bench.fetched, bench.starts, bench.slot], [2 * IMAGE.length, 1, 0]);
    bench.restart();
    bench.run(HOUR);
    assert.equal(bench.fetched, 2 * IMAGE.length, "also after a restart");
    bench.image = IMAGE;
    bench.device.update!.again();
    bench.run(300);
    assertRuns(bench, IMAGE);
  });

  it("takes nothing from a server whose image has another length, whose part begins elsewhere, or that sends no parts", () => {
    const wrong: UpdateBench["answerOf"][] = [
      (start, end) => ({ status: 206, range: `bytes ${start}-${end - 1}/${IMAGE.length - 1}` }),
      (start, end) => ({ status: 206, range: `bytes ${start + 1}-${end}/${IMAGE.length}` }),
      () => ({ status: 206, range: "" }),
      () => ({ status: 200 }),
      () => ({ status: 404 }),
    ];
    for (const answerOf of wrong) {
      const bench = new UpdateBench();
      bench.answerOf = answerOf;
      bench.order(IMAGE);
      bench.run(24 * HOUR);
      assert.equal(bench.description, "given up: the server does not give the image");
      assert.deepEqual([bench.fetched, bench.ranges.length], [0, 20]);
    }
  });

  it("takes no more than it asked for", () => {
    const bench = new UpdateBench();
    bench.order(IMAGE);
    bench.image = new Uint8Array([...IMAGE, 1]);
    bench.answerOf = (start, end) => ({ status: 206, range: `bytes ${start}-${end - 1}/${IMAGE.length}` });
    bench.run(300);
    assertRuns(bench, IMAGE);
  });

  it("is given up when the server is gone for ten hours, and taken up again where it was when ordered again", () => {
    const bench = new UpdateBench();
    bench.order(IMAGE);
    bench.run(12);
    bench.image = undefined;
    bench.run(24 * HOUR);
    const { fetched } = bench;
    assert.ok(fetched > 10_000);
    assert.equal(bench.description, "given up: the server does not give the image");
    assert.ok(bench.ranges.length <= 22, `${bench.ranges.length} requests`);
    bench.image = IMAGE;
    bench.restart();
    bench.run(HOUR);
    assert.equal(bench.fetched, fetched, "not by itself");
    bench.device.update!.again();
    bench.run(300);
    assertRuns(bench, IMAGE);
    assert.ok(bench.fetched < IMAGE.length + 4096);
  });

  it("that is larger than the slot is given up before a byte is fetched", () => {
    const bench = new UpdateBench();
    bench.order(makeImage(SLOT + 1));
    bench.run(HOUR);
    assert.equal(bench.description, "given up: the image is larger than the slot");
    assert.deepEqual(bench.ranges, []);
    bench.order(makeImage(SLOT, 5));
    bench.run(300);
    assertRuns(bench, makeImage(SLOT, 5));
  });

  it("that this board does not start is given up", () => {
    const bench = new UpdateBench();
    const image = makeImage(5000).fill(0x3c, 0, 1);
    bench.order(image);
    bench.run(300);
    assert.equal(bench.description, "given up: this board does not start the image");
    assert.deepEqual([bench.slot, bench.starts], [0, 1]);
  });

  it("ends with its order, and begins with another", () => {
    const bench = new UpdateBench();
    bench.order(IMAGE);
    bench.run(10);
    bench.device.settings.set("update", "");
    const { fetched } = bench;
    bench.run(HOUR);
    assert.deepEqual([bench.fetched, bench.description], [fetched, "none ordered"]);
    const other = makeImage(20_000, 4);
    bench.order(other);
    bench.run(300);
    assertRuns(bench, other);
  });

  it("waits while a flash fails that it writes to, and tells why", () => {
    const bench = new UpdateBench();
    bench.slots[1].bad.set(0, { operation: "erase", how: "throws" });
    bench.order(IMAGE);
    bench.run(60);
    assert.match(bench.lines.join("\n"), /update: erase failed at 0; again in/);
    bench.slots[1].bad.clear();
    bench.run(HOUR);
    assertRuns(bench, IMAGE);
  });
});

describe("an order for an update", () => {
  it("takes an http or https URL, a length and a SHA-256, and nothing else", () => {
    const { settings } = new UpdateBench().device;
    settings.set("update", orderOf(IMAGE, "https://updates.example:8443/a/b.bin?c=d"));
    for (const order of [
      "ftp://updates.example/x 5000 ".padEnd(93, "a"),
      `http://updates.example/x 0 ${"a".repeat(64)}`,
      `http://updates.example/x 5000 ${"a".repeat(63)}`,
      `http://updates.example/x ${"a".repeat(64)}`,
      `${orderOf(IMAGE)} more`,
    ])
      assert.throws(() => settings.set("update", order), /update takes/, order);
  });

  it("is taken at the console, which shows how far it is", () => {
    const bench = new UpdateBench();
    const console = () => new Service(bench.device);
    const shown = () =>
      console()
        .status()
        .find(([name]) => name === "update")![1];
    assert.equal(shown(), "none ordered");
    assert.match(console().update("http://updates.example/x 12 34")!, /update takes URL LENGTH SHA256 .*, not "http:/);
    bench.image = IMAGE;
    assert.equal(console().update(orderOf(IMAGE)), undefined);
    bench.run(14);
    assert.match(shown(), /^\d+ % fetched$/);
    bench.run(300);
    assert.equal(shown(), "done");
    assert.equal(console().update(orderOf(IMAGE)), undefined, "once more: it runs, and nothing is fetched");
    assert.equal(shown(), "comparing");
    bench.run(60);
    assert.deepEqual([shown(), bench.fetched], ["done", IMAGE.length]);
  });

  it("is refused at the console of a board that takes none", () => {
    const service = new Service(new BenchBoard().device);
    assert.equal(service.update(orderOf(IMAGE)), "this board takes no updates");
  });

  it("comes from the server when it is signed", () => {
    const bench = new UpdateBench();
    bench.image = IMAGE;
    bench.settings = JSON.stringify({ update: orderOf(IMAGE) });
    bench.run(300);
    assertRuns(bench, IMAGE);
  });

  it("is refused when it is not signed, or not for this request, or with another key", () => {
    const forged = [() => "", (count: number) => `da${count}`, (count: number, text: string) => signLate(count, text)];
    for (const signature of forged) {
      const bench = new UpdateBench();
      const settings = JSON.stringify({ update: orderOf(IMAGE) });
      Object.assign(bench, { image: IMAGE, settings, signature });
      bench.run(2 * HOUR);
      assert.equal(bench.device.settings.text("update"), "");
      assert.deepEqual([bench.ranges.length, bench.description], [0, "none ordered"]);
      assert.ok(bench.device.reporter.refused > 0);
    }
  });
});

describe("new firmware on probation", () => {
  /** The new firmware starts and does not get its report through. */
  function mute(): UpdateBench {
    const bench = new UpdateBench();
    bench.run(20);
    bench.order(IMAGE);
    while (bench.slot === 0) bench.run(1);
    bench.metrics = false;
    return bench;
  }

  it("gives way to the one before when it has not reported in two hours", () => {
    const bench = mute();
    bench.run(2 * HOUR - 60);
    assert.deepEqual([bench.slot, bench.probation], [1, true]);
    assert.equal(bench.description, "this firmware is new, on probation");
    bench.run(120);
    assert.deepEqual([bench.slot, bench.probation], [0, false]);
  });

  it("may report at once though the month's bytes are used up for now", () => {
    const bench = new UpdateBench();
    bench.run(20);
    bench.device.settings.set("monthly_bytes", "4000");
    bench.order(IMAGE);
    bench.run(2 * HOUR);
    assertRuns(bench, IMAGE);
    assert.match(bench.lines.join("\n"), /over the month's budget/);
  });

  it("leaves rows, credit and settings as the one before reads them", () => {
    const bench = mute();
    bench.device.credit.setLeft(100_000);
    bench.device.settings.set("report_interval", "1800");
    bench.run(HOUR);
    const { length } = bench.device.outbox;
    bench.run(1.1 * HOUR);
    const { device } = bench;
    assert.equal(bench.slot, 0);
    assert.ok(length >= 29 && device.outbox.length >= length, `${device.outbox.length} rows`);
    assert.ok(device.credit.left > 90_000);
    assert.equal(device.settings.text("report_interval"), "1800");
    assert.equal(device.outbox.corrupt, 0);
  });

  it("is started again when the one before gets its reports through, three times in all, and fetched once", () => {
    const bench = mute();
    const told = () => bench.lines.filter((line) => line.includes("restarting into the new firmware")).length;
    bench.run(24 * HOUR);
    assert.deepEqual([bench.slot, told()], [0, 1], "no report gets through: the one before stays");
    for (let tries = 2; tries <= 3; tries++) {
      bench.metrics = true;
      while (bench.slot === 0) bench.run(1);
      bench.metrics = false;
      bench.run(3 * HOUR);
      assert.deepEqual([bench.slot, told()], [0, tries]);
    }
    bench.metrics = true;
    bench.run(24 * HOUR);
    assert.equal(bench.description, "given up: the new firmware did not report, the one before is back");
    assert.deepEqual([bench.slot, told(), bench.fetched], [0, 3, IMAGE.length]);
  });

  it("gives way at a reset, and stays at the next attempt when that was an accident", () => {
    const bench = mute();
    bench.restart();
    assert.equal(bench.slot, 0);
    bench.metrics = true;
    bench.run(2 * HOUR);
    assertRuns(bench, IMAGE);
    assert.equal(bench.fetched, IMAGE.length);
  });

  it("does not touch the way back, whatever is ordered meanwhile", () => {
    const bench = mute();
    const before = bench.slots[0].bytes.slice();
    bench.order(makeImage(20_000, 6));
    bench.run(HOUR);
    assert.deepEqual(bench.slots[0].bytes, before);
    bench.metrics = true;
    bench.run(2 * HOUR);
    assertRuns(bench, makeImage(20_000, 6));
  });

  it("stays where it can't report, once it has recorded a row", () => {
    const bench = new UpdateBench();
    bench.device.settings.set("base_url", "");
    bench.run(200);
    bench.order(IMAGE);
    bench.run(300);
    assertRuns(bench, IMAGE);
  });

  it("stays when there is nothing to go back to", () => {
    const bench = mute();
    Object.assign(bench.device.board.slots!, {
      rollBack: () => {
        throw new Error("no other firmware");
      },
    });
    bench.run(2.1 * HOUR);
    assert.match(bench.lines.join("\n"), /the new firmware stays: no other firmware/);
    bench.restart();
    assert.equal(bench.slot, 1);
  });
});

/** Signed well, for the request before. */
function signLate(count: number, text: string): string {
  return new UpdateBench().signature(count - 1, text);
}
