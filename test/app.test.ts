import assert from "node:assert/strict";
import fc from "fast-check";
import { hexBytes } from "../firmware/hex.js";
import { encodeToken } from "../tools/server/token-encoder.js";
import { BenchBoard, KEY, NOON, type Posted, sign } from "./bench-board.js";

const DAY = 86400;

function request(posted: Posted): Record<string, unknown> {
  return JSON.parse(Buffer.from(posted.body).toString()) as Record<string, unknown>;
}

/** A device with ten days of credit; gives what an attacker wants to change. */
function state({ device }: BenchBoard): Record<string, unknown> {
  const { credit, settings, clock } = device;
  return {
    end: (clock.now ?? 0) + credit.left,
    unlocked: credit.unlocked,
    count: credit.tokens.count,
    base_url: settings.text("base_url"),
    report_interval: settings.text("report_interval"),
  };
}

describe("the device", () => {
  it("reports its rows every hour and switches the load on with a token from the server", () => {
    const bench = new BenchBoard();
    const { token } = encodeToken({ key: hexBytes(KEY), count: 1, type: "ADD_TIME", value: 7 });
    bench.respond = (posted) => {
      const [tokenCount] = request(posted).d as number[];
      return { status: 201, body: tokenCount === 1 ? `{"tkl":[${Number(token)}]}` : "{}" };
    };
    assert.equal(bench.relay, 0);
    bench.run(3 * 3600);
    assert.equal(bench.relay, 1);
    assert.equal(bench.device.credit.tokens.count, 2);
    const rows = bench.posted.flatMap((posted) => (request(posted).hd ?? []) as unknown[]);
    assert.ok(rows.length >= 60, `${rows.length} rows`);
    assert.equal(bench.device.outbox.length, 90 - rows.length);
  });

  it("switches the load off within seconds of the end of its credit, and on again after a restart only with credit", () => {
    const bench = new BenchBoard();
    bench.device.credit.setLeft(600);
    assert.equal(bench.relay, 1);
    bench.run(606);
    assert.equal(bench.relay, 0);
    bench.device.credit.setLeft(DAY);
    bench.restart();
    assert.equal(bench.relay, 1, "at once: the credit is known before the time is");
  });

  it("warns of low credit and of the grace period by events", () => {
    const bench = new BenchBoard({ low_credit: "3600", grace_period: "1800" });
    bench.device.credit.setLeft(7200);
    const events: string[] = [];
    const push = bench.device.outbox.push.bind(bench.device.outbox);
    bench.device.outbox.push = (row) => {
      for (const [index, name] of [
        [9, "low"],
        [10, "grace"],
      ] as const) {
        if (row.values[index] !== undefined) events.push(`${name} ${row.values[index]}`);
      }
      return push(row);
    };
    bench.run(7200 + 1800 + 60);
    assert.deepEqual(events, ["low true", "low false", "grace true", "grace false"]);
    assert.equal(bench.relay, 0);
  });

  it("keeps its rows and tries again with growing pauses while the server fails, then sends them all", () => {
    const bench = new BenchBoard();
    bench.respond = () => ({ status: 503, body: "" });
    bench.run(6 * 3600);
    const failed = bench.posted.length;
    assert.ok(failed >= 8 && failed < 30, `${failed} tries in six hours`);
    assert.equal(bench.device.outbox.length, 180);
    bench.respond = () => ({ status: 201, body: "{}" });
    bench.run(2 * 3600);
    assert.ok(bench.device.outbox.length < 60);
  });

  it("goes on reporting where newer firmware was, which left rows that this one does not know", () => {
    const bench = new BenchBoard();
    bench.run(200);
    for (let i = 0; i < 3; i++) bench.device.outbox.push({ format: 1, boot: 0, time: NOON + 200 + i, values: [1, 2] });
    bench.run(2 * 3600);
    assert.ok(bench.device.outbox.length < 30, `${bench.device.outbox.length} rows wait`);
    const last = request(bench.posted.at(-1)!).hd as unknown[];
    assert.equal(last.length, 30);
    assert.equal(bench.device.outbox.corrupt, 3);
  });

  it("gives up on a server that never answers, and asks again", () => {
    const bench = new BenchBoard();
    bench.respond = () => undefined;
    bench.run(3600);
    assert.ok(bench.posted.length >= 3, `${bench.posted.length} tries`);
    assert.equal(bench.device.session.busy || bench.device.session.failures > 0, true);
  });

  it("asks for an end in time, and takes it when the server signs it", () => {
    const bench = new BenchBoard({ activation: "active_until" });
    bench.respond = (posted) => {
      const until = NOON + 30 * DAY;
      return { status: 201, body: `{"auts":${until},"a":"${sign(request(posted).rc as number, String(until))}"}` };
    };
    bench.run(60);
    assert.equal(bench.relay, 1);
    assert.equal((bench.device.clock.now ?? 0) + bench.device.credit.left, NOON + 30 * DAY);
  });

  it("moves to a server that a signed answer names, and comes back when that one does not answer", () => {
    const bench = new BenchBoard({ probation_tries: "3" });
    let moved = false;
    bench.respond = (posted) => {
      if (bench.device.settings.text("base_url") !== "http://metrics.example") return { status: 502, body: "" };
      if (moved) return { status: 201, body: "{}" };
      moved = true;
      const settings = '{"base_url":"http://new.example"}';
      return { status: 201, body: `{"st":${settings},"a":"${sign(request(posted).rc as number, settings)}"}` };
    };
    bench.run(30);
    assert.equal(bench.device.settings.text("base_url"), "http://new.example");
    bench.run(3 * 3600);
    assert.equal(bench.device.settings.text("base_url"), "http://metrics.example");
    assert.equal(bench.device.settings.text("data_format_id"), "12");
    assert.equal(bench.device.serverSettings.returns, 1);
  });
});

describe("an attack by an answer changes neither credit nor settings:", () => {
  const until = NOON + 30 * DAY;
  /** By name: the activation that the device asks for, and the answer to a request with this count. */
  const attacks: [name: string, activation: string, answer: (count: number) => string][] = [
    [
      "an end in time passed off as seconds left",
      "active_until",
      (rc) => `{"asl":${until},"a":"${sign(rc, String(until))}"}`,
    ],
    [
      "seconds left when an end in time was asked for",
      "active_until",
      (rc) => `{"asl":3600,"a":"${sign(rc, "3600")}"}`,
    ],
    [
      "an end of zero added to a signed answer",
      "active_until",
      (rc) => `{"auts":0,"st":{"report_interval":60},"a":"${sign(rc, '{"report_interval":61}')}"}`,
    ],
    ["both kinds of time", "active_until", (rc) => `{"auts":${until},"asl":5,"a":"${sign(rc, `${until}5`)}"}`],
    ["the answer to another request", "active_until", (rc) => `{"auts":${until},"a":"${sign(rc + 1, String(until))}"}`],
    [
      "the answer to another device",
      "active_until",
      (rc) => `{"auts":${until},"a":"${sign(rc, String(until), "HG0000002")}"}`,
    ],
    [
      "a time beyond the most credit",
      "active_until",
      (rc) => `{"auts":${until + 5000 * DAY},"a":"${sign(rc, String(until + 5000 * DAY))}"}`,
    ],
    ["a time without a signature", "active_until", () => `{"auts":${until}}`],
    ["settings without a signature", "token", () => '{"st":{"report_interval":60,"base_url":"http://evil.example"}}'],
    [
      "settings under the name of extra data",
      "token",
      (rc) => `{"st":{"report_interval":60},"a":"${sign(rc, '{"report_interval":61}')}"}`,
    ],
    [
      "a setting that no server may change",
      "token",
      (rc) => `{"st":{"maximum_credit":2000000000},"a":"${sign(rc, '{"maximum_credit":2000000000}')}"}`,
    ],
    [
      "extra data, signed",
      "token",
      (rc) => `{"ed":{"report_interval":60},"a":"${sign(rc, '{"report_interval":60}')}"}`,
    ],
    ["tokens of another device", "token", () => '{"tkl":[123456789,"987654321"]}'],
    ["an answer over the limit", "token", () => `{"x":"${"y".repeat(5000)}"}`],
    ["nesting a thousand levels deep", "token", () => `{"st":${"[".repeat(1000)}${"]".repeat(1000)}}`],
  ];
  for (const [name, activation, answer] of attacks) {
    it(name, () => {
      const bench = new BenchBoard({ activation });
      bench.device.credit.setLeft(10 * DAY);
      const before = state(bench);
      bench.respond = (posted) => ({ status: 201, body: answer(request(posted).rc as number) });
      bench.run(60);
      assert.ok(bench.posted.length > 0);
      assert.deepEqual(state(bench), before);
    });
  }

  it("a replayed answer", () => {
    const bench = new BenchBoard({ activation: "active_until" });
    let kept = "";
    bench.respond = (posted) => {
      kept = `{"auts":${until},"a":"${sign(request(posted).rc as number, String(until))}"}`;
      return { status: 201, body: kept };
    };
    bench.run(60);
    bench.device.credit.setLeft(10 * DAY);
    const before = state(bench);
    bench.respond = () => ({ status: 201, body: kept });
    bench.device.session.send();
    bench.run(60);
    assert.deepEqual(state(bench), before);
  });

  it("an earlier answer with a digit moved from its time to the count", () => {
    const bench = new BenchBoard({ activation: "active_until" });
    bench.respond = (posted) => ({
      status: 201,
      body: `{"auts":${until},"a":"${sign(request(posted).rc as number, String(until))}"}`,
    });
    bench.run(60);
    const before = state(bench);
    // The signature over "1" and "17..." is also the one over "11" and "7...", which lies in the past.
    const [first, rest] = [String(until)[0]!, String(until).slice(1)];
    bench.respond = (posted) => {
      const { rc } = request(posted);
      return {
        status: 201,
        body: rc === Number(`1${first}`) ? `{"auts":${rest},"a":"${sign(1, String(until))}"}` : "{}",
      };
    };
    for (let i = 0; i < 15; i++) {
      bench.device.session.send();
      bench.run(1);
    }
    assert.ok(bench.posted.some((posted) => request(posted).rc === Number(`1${first}`)));
    assert.deepEqual(state(bench), before);
  });

  it("a good answer cut at any byte", () => {
    for (let cut = 0; ; cut++) {
      const bench = new BenchBoard({ activation: "active_until" });
      bench.device.credit.setLeft(10 * DAY);
      const before = state(bench);
      let length = 0;
      bench.respond = (posted) => {
        const whole = `{"auts":${until},"a":"${sign(request(posted).rc as number, String(until))}"}`;
        length = whole.length;
        return { status: 201, body: whole.slice(0, cut) };
      };
      bench.run(60);
      if (cut === length) break;
      assert.deepEqual(state(bench), before, `cut after ${cut} bytes`);
    }
  });

  it("any bytes at all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 100, max: 599 }), (body, status) => {
        const bench = new BenchBoard({ activation: "active_until" });
        bench.device.credit.setLeft(10 * DAY);
        const before = state(bench);
        bench.respond = () => ({ status, body });
        bench.run(60);
        assert.deepEqual(state(bench), before);
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});
