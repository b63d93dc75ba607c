import assert from "node:assert/strict";
import { Clock } from "../../firmware/clock.js";
import { hexBytes } from "../../firmware/hex.js";
import type { AcceptedAnswer } from "../../firmware/openpaygo/response.js";
import { SipHash } from "../../firmware/openpaygo/siphash.js";
import { Outbox } from "../../firmware/outbox/outbox.js";
import { Credit } from "../../firmware/paygo/credit.js";
import { Settings } from "../../firmware/settings.js";
import { type PendingRequest, Reporter } from "../../firmware/uplink/reporter.js";
import type { Accessory, Board } from "../../hal/board.js";
import { MemoryKeyValue } from "../../hal/sim/key-value.js";
import { NorFlash } from "../../hal/sim/nor-flash.js";

const KEY = "dac86b1a29ab82edc5fbbc41ec9530f6";
const NOON = 1_767_268_800;

class Bench {
  readonly keyValue = new MemoryKeyValue({ random: () => 0 });
  readonly flash = new NorFlash({ size: 1 << 16, random: () => 0 });
  readonly accepted: AcceptedAnswer[] = [];
  readonly lines: string[] = [];
  accessories: Accessory[] = [];
  settings!: Settings;
  clock!: Clock;
  outbox!: Outbox;
  reporter!: Reporter;
  rows = 0;
  readonly timeKnown: boolean;

  constructor(timeKnown = true) {
    this.timeKnown = timeKnown;
    this.boot();
    this.settings.setAll([
      ["serial_number", "HG1"],
      ["secret_key", KEY],
      ["base_url", "http://metrics.example"],
      ["data_format_id", "12"],
    ]);
  }

  boot(): void {
    const { keyValue } = this;
    this.settings = new Settings({ keyValue });
    this.clock = new Clock({ ticks: () => 0, keyValue });
    if (this.timeKnown) this.clock.offer(NOON, "network");
    this.outbox = new Outbox({ flash: this.flash });
    const { accessories } = this;
    const board = { keyValue, accessories, resetReason: "power", network: { information: {} } };
    this.reporter = new Reporter({
      // The reporter looks at these parts of a board only.
      board: board as unknown as Board,
      settings: this.settings,
      clock: this.clock,
      outbox: this.outbox,
      credit: new Credit({ clock: this.clock, keyValue, grace: () => 0 }),
      failures: () => 0,
      onAnswer: (answer) => this.accepted.push(answer),
      log: (line) => this.lines.push(line),
    });
  }

  record(count: number): void {
    for (let i = 0; i < count; i++) {
      this.outbox.push({ format: 0, boot: 0, time: NOON + 120 * ++this.rows, values: [13000 + this.rows, -5] });
    }
  }

  next(): PendingRequest {
    const request = this.reporter.next();
    assert.ok(typeof request !== "string", String(request));
    return request;
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}

function body(request: PendingRequest): Record<string, unknown> {
  return JSON.parse(text(request.body)) as Record<string, unknown>;
}

/** The signature of an answer: over serial number, request count and what follows. */
function signature(requestCount: number, signed: string, timestamp: number | "" = ""): string {
  const hash = new SipHash(hexBytes(KEY));
  hash.update(bytes(`HG1${timestamp}${requestCount}${signed}`));
  return `da${hash.hex()}`;
}

describe("a report", () => {
  it("commits its rows when the server took them, and only then", () => {
    const bench = new Bench();
    bench.record(3);
    assert.match(bench.next().take(503, bytes("busy"))!, /server answered 503 busy/);
    assert.equal(bench.outbox.length, 3);
    const request = bench.next();
    bench.record(2);
    assert.equal(request.take(201, bytes("{}")), undefined);
    assert.equal(bench.outbox.length, 2, "rows recorded meanwhile stay");
  });

  it("keeps its rows when a 2xx is not from a metrics server", () => {
    const bench = new Bench();
    bench.record(1);
    for (const page of [
      "<html>Welcome to the captive portal</html>",
      '{"error":"Device not found"}',
      "OK",
      "[]",
      '{"sn":"ANOTHER"}',
      "{".repeat(3000),
    ]) {
      assert.notEqual(bench.next().take(200, bytes(page)), undefined, page.slice(0, 30));
    }
    assert.equal(bench.outbox.length, 1);
    assert.equal(bench.accepted.length, 0);
  });

  it("commits its rows but changes nothing when the answer fails its check, and counts that", () => {
    const bench = new Bench();
    bench.record(1);
    assert.equal(bench.next().take(201, bytes('{"st":{"report_interval":60},"a":"da0"}')), undefined);
    assert.equal(bench.outbox.length, 0);
    assert.equal(bench.accepted.length, 0);
    assert.equal(bench.reporter.refused, 1);
  });

  it("commits by broadcast too when what was refused is signed for its request, and else waits on", () => {
    const bench = new Bench();
    bench.settings.set("activation", "active_until");
    bench.record(3);
    const request = bench.reporter.next(true) as PendingRequest;
    const { rc } = body(request) as { rc: number };
    const beyond = (count: number) => bytes(`{"auts":9999999999,"a":"${signature(count, "9999999999")}"}`);
    assert.match(request.take(201, beyond(rc - 1))!, /beyond maximum/);
    assert.equal(bench.outbox.length, 3, "an answer to another request");
    assert.equal(request.take(201, beyond(rc)), undefined);
    assert.deepEqual([bench.outbox.length, bench.accepted.length, bench.reporter.refused], [0, 0, 2]);
  });

  it("counts up with every request, also over restarts, before the first byte leaves", () => {
    const bench = new Bench();
    const counts = [body(bench.next()).rc, body(bench.next()).rc];
    bench.boot();
    counts.push(body(bench.next()).rc);
    assert.deepEqual(counts, [1, 2, 3]);
  });

  it("gives every request a higher timestamp when it is signed with it, also within one second", () => {
    const bench = new Bench();
    bench.settings.set("auth", "ta");
    assert.deepEqual([body(bench.next()).ts, body(bench.next()).ts], [NOON, NOON + 1]);
  });

  it("takes seconds left only where their signature can mean nothing else", () => {
    const bench = new Bench();
    bench.settings.set("activation", "seconds_left");
    const timed = bench.next();
    const { rc, ts } = body(timed) as { rc: number; ts: number };
    assert.equal(ts, NOON);
    timed.take(201, bytes(`{"asl":86400,"a":"${signature(rc, "86400", ts)}"}`));
    assert.equal(bench.accepted[0]?.activeSecondsLeft, 86400);
  });

  it("counts from ten digits on when it asks for seconds left without a clock", () => {
    const bench = new Bench(false);
    bench.settings.set("activation", "seconds_left");
    const request = bench.next();
    const { rc, ts } = body(request) as { rc: number; ts?: number };
    assert.deepEqual([rc, ts], [1_000_000_000, undefined]);
    request.take(201, bytes(`{"asl":86400,"a":"${signature(rc, "86400")}"}`));
    assert.equal(bench.accepted[0]?.activeSecondsLeft, 86400);
  });

  for (const auth of ["ca", "sa"])
    it(`counts from ten digits on as well where ${auth} auth sends no timestamp beside the count`, () => {
      const bench = new Bench();
      bench.settings.set("activation", "seconds_left");
      bench.settings.set("auth", auth);
      const counts = Array.from({ length: 12 }, () => {
        const request = bench.next();
        const { rc, ts } = body(request) as { rc: number; ts?: number };
        assert.equal(ts, undefined);
        request.take(201, bytes(`{"asl":86400,"a":"${signature(rc, "86400")}"}`));
        return rc;
      });
      assert.equal(counts[0], 1_000_000_000);
      assert.equal(bench.accepted.length, 12, bench.lines.join("\n"));
    });

  it("judges an answer by what its request could say, also when the time becomes known meanwhile", () => {
    const bench = new Bench(false);
    bench.settings.set("activation", "seconds_left");
    for (let i = 0; i < 5; i++) bench.next();
    const request = bench.next();
    const { rc } = body(request) as { rc: number };
    bench.clock.offer(NOON, "network");
    request.take(201, bytes(`{"asl":86400,"a":"${signature(rc, "86400")}"}`));
    assert.equal(bench.accepted.length, 1, bench.lines.join("\n"));
  });

  it("goes on with further requests until all rows are sent", () => {
    const bench = new Bench();
    bench.settings.set("request_bytes", "512");
    bench.record(100);
    let requests = 0;
    do {
      assert.equal(bench.next().take(201, bytes("{}")), undefined);
      requests++;
    } while (bench.reporter.more);
    assert.equal(bench.outbox.length, 0);
    assert.ok(requests > 2, `${requests} requests`);
  });

  it("registers its data format once for each server, and sends it along where there is no registry", () => {
    const bench = new Bench();
    bench.settings.set("data_format_id", "0");
    const registration = bench.next();
    assert.equal(registration.route, "/data_format");
    assert.equal(registration.take(201, bytes('{"id":7}')), undefined);
    assert.equal(body(bench.next()).df, 7);
    bench.boot();
    assert.equal(body(bench.next()).df, 7, "remembered over a restart");
    bench.settings.set("base_url", "http://other.example");
    assert.equal(bench.next().route, "/data_format");
    assert.equal(bench.next().take(404, bytes("")), undefined);
    assert.ok(body(bench.next()).dfo);
    bench.settings.set("record_interval", "300");
    assert.equal(bench.next().route, "/data_format", "a changed format is a new registration");
  });

  it("says what to do when the data format that goes along leaves no room for a row, or has none itself", () => {
    const told = new Set<string>();
    for (let size = 512; size < 3000; size += 64) {
      const bench = new Bench();
      bench.record(1);
      bench.settings.set("data_format_id", "0");
      bench.settings.set("request_bytes", String(size));
      bench.next().take(404, bytes("no registry"));
      const request = bench.reporter.next();
      if (typeof request !== "string") request.take(201, bytes("{}"));
      const line = typeof request === "string" ? request : bench.lines[0]!;
      if (bench.outbox.length > 0) assert.match(line, /request_bytes \(\d+\): raise it, or set data_format_id/);
      told.add(line.replace(/\d+/g, "N").split(":")[0]!);
    }
    assert.deepEqual(
      [...told],
      ["a request does not fit into request_bytes (N)", "no row fits into request_bytes (N)", "report accepted"],
    );
  });

  it("carries the JWT only to the registration", () => {
    const bench = new Bench();
    bench.settings.setAll([
      ["data_format_id", "0"],
      ["jwt_key", "abc"],
    ]);
    const registration = bench.next();
    assert.equal(registration.bearer, "abc");
    registration.take(201, bytes('{"id":7}'));
    assert.equal(bench.next().bearer, undefined);
  });

  it("nests the requests of accessories", () => {
    const bench = new Bench();
    bench.accessories.push({ request: () => bytes('{"sn":"TV1","d":{"on":true}}') }, { request: () => undefined });
    assert.deepEqual(body(bench.next()).acc, [{ sn: "TV1", d: { on: true } }]);
  });
});

describe("a request for another carrier", () => {
  it("is the same however often it is handed out, and its rows go only with the answer", () => {
    const bench = new Bench();
    bench.record(3);
    const first = bench.reporter.handOut();
    bench.record(2);
    assert.equal(bench.reporter.handOut(), first);
    assert.equal(bench.outbox.length, 5);
    assert.equal(bench.reporter.takeIn(bytes("{}")), undefined);
    assert.equal(bench.outbox.length, 2, "rows recorded meanwhile are kept");
  });

  it("takes its answer in once, checked against its own count", () => {
    const bench = new Bench();
    const request = JSON.parse(text(bench.reporter.handOut() as Uint8Array));
    bench.next();
    const answer = bytes(`{"st":{"report_interval":600},"a":"${signature(request.rc, '{"report_interval":600}')}"}`);
    assert.equal(bench.reporter.takeIn(answer), undefined);
    assert.deepEqual(bench.accepted[0]?.settings, [{ name: "report_interval", value: 600 }]);
    assert.match(bench.reporter.takeIn(answer)!, /no request was handed out/);
  });

  it("is made anew when its rows went another way meanwhile", () => {
    const bench = new Bench();
    bench.record(3);
    const first = bench.reporter.handOut();
    bench.next().take(201, bytes("{}"));
    bench.record(1);
    assert.notEqual(bench.reporter.handOut(), first);
  });

  it("keeps waiting for its answer when something else comes", () => {
    const bench = new Bench();
    bench.record(1);
    bench.reporter.handOut();
    assert.match(bench.reporter.takeIn(bytes("nonsense"))!, /malformed/);
    assert.equal(bench.outbox.length, 1);
    assert.equal(bench.reporter.takeIn(bytes("{}")), undefined);
    assert.equal(bench.outbox.length, 0);
  });

  it("needs a provisioned device", () => {
    const fresh = new Bench();
    fresh.keyValue.values.clear();
    fresh.boot();
    assert.match(String(fresh.reporter.handOut()), /not provisioned/);
  });
});
