import assert from "node:assert/strict";
import { Clock } from "../../firmware/clock.js";
import { hexBytes } from "../../firmware/hex.js";
import { Credit } from "../../firmware/paygo/credit.js";
import { TokenDoor } from "../../firmware/paygo/token-door.js";
import { Settings } from "../../firmware/settings.js";
import { MemoryKeyValue } from "../../hal/sim/key-value.js";
import { seededRandom } from "../../hal/sim/random.js";
import { encodeToken, type TokenType } from "../../tools/server/token-encoder.js";

const KEY = "dac86b1a29ab82edc5fbbc41ec9530f6";
const DAY = 86400;

class Bench {
  readonly keyValue = new MemoryKeyValue({ random: () => 0 });
  ticks = 0;
  credit!: Credit;
  door!: TokenDoor;
  settings = new Settings({ keyValue: this.keyValue });
  count = 1;

  constructor() {
    this.settings.set("secret_key", KEY);
    this.boot();
  }

  boot(): void {
    this.ticks = 0;
    const clock = new Clock({ ticks: () => this.ticks, keyValue: this.keyValue });
    this.credit = new Credit({ clock, keyValue: this.keyValue, grace: () => 0 });
    this.door = new TokenDoor({ credit: this.credit, clock, settings: this.settings });
  }

  /** The next token of the server. */
  token(type: TokenType, value?: number): string {
    const made = encodeToken({ key: hexBytes(KEY), count: this.count, type, value });
    this.count = made.count;
    return made.token;
  }
}

describe("the door for tokens", () => {
  it("adds time, sets time, unlocks for good and locks again", () => {
    const bench = new Bench();
    const { door, credit } = bench;
    assert.equal(door.enter(bench.token("ADD_TIME", 7)).accepted, true);
    assert.equal(credit.left, 7 * DAY);
    door.enter(bench.token("ADD_TIME", 3));
    assert.equal(credit.left, 10 * DAY);
    door.enter(bench.token("SET_TIME", 1));
    assert.equal(credit.left, DAY);
    door.enter(bench.token("DISABLE_PAYG"));
    assert.equal(credit.unlocked, true);
    door.enter(bench.token("SET_TIME", 0));
    assert.equal(credit.unlocked, false);
    assert.equal(credit.active, false);
  });

  it("takes a token once, also after a restart", () => {
    const bench = new Bench();
    const token = bench.token("ADD_TIME", 7);
    bench.door.enter(token);
    assert.match(bench.door.enter(token).message, /used before/);
    bench.boot();
    assert.equal(bench.door.enter(token).accepted, false);
    assert.equal(bench.credit.left, 7 * DAY);
  });

  it("saves counts and credit in one write", () => {
    const bench = new Bench();
    const before = bench.keyValue.writes;
    bench.door.enter(bench.token("ADD_TIME", 7));
    assert.equal(bench.keyValue.writes, before + 1);
  });

  it("divides the value as provisioned", () => {
    const bench = new Bench();
    bench.settings.set("value_divider", "24");
    bench.door.enter(bench.token("ADD_TIME", 12));
    assert.equal(bench.credit.left, DAY / 2);
  });

  it("gives no more credit than the device was provisioned to accept", () => {
    const bench = new Bench();
    bench.settings.set("maximum_credit", String(30 * DAY));
    bench.door.enter(bench.token("ADD_TIME", 900));
    assert.equal(bench.credit.left, 30 * DAY);
  });

  it("says what a token looks like, and counts no wrong one, when the length is off", () => {
    const bench = new Bench();
    for (let i = 0; i < 10; i++) assert.match(bench.door.enter("12345").message, /9 or 12 digits/);
    assert.equal(bench.credit.tokens.wrong, 0);
  });

  it("is shut for a growing time after three wrong tokens, and a right one forgives them", () => {
    const bench = new Bench();
    const pauses: number[] = [];
    for (let i = 0; i < 13; i++) {
      bench.door.enter("000000000");
      pauses.push(bench.door.wait);
      bench.ticks += bench.door.wait * 1000;
    }
    assert.deepEqual(pauses, [0, 0, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
    assert.equal(bench.door.enter(bench.token("ADD_TIME", 1)).accepted, true);
    bench.door.enter("000000000");
    assert.equal(bench.door.wait, 0);
  });

  it("looks at no token, not even a right one, while it is shut", () => {
    const bench = new Bench();
    for (let i = 0; i < 3; i++) bench.door.enter("000000000");
    const token = bench.token("ADD_TIME", 7);
    assert.match(bench.door.enter(token).message, /wait 10 s/);
    assert.equal(bench.credit.left, 0);
    bench.ticks += 10_000;
    assert.equal(bench.door.enter(token).accepted, true);
  });

  it("keeps its pause over a restart", () => {
    const bench = new Bench();
    for (let i = 0; i < 3; i++) bench.door.enter("000000000");
    bench.ticks += 9000;
    bench.boot();
    assert.equal(bench.door.wait, 10);
  });

  it("cannot be searched: a million random tries take more than a hundred years", () => {
    const bench = new Bench();
    const random = seededRandom(1);
    let hits = 0;
    for (let i = 0; i < 1000; i++) {
      const { accepted } = bench.door.enter(String(random() % 1_000_000_000).padStart(9, "0"));
      if (accepted) hits++;
      bench.ticks += bench.door.wait * 1000;
    }
    // From here on every try costs the longest pause, for the count of wrong ones only grows.
    assert.equal(hits, 0);
    assert.equal(bench.door.wait === 0 ? bench.credit.tokens.wrong : 0, 1000);
    bench.door.enter("000000000");
    const years = (999_000 * bench.door.wait) / (365 * DAY);
    assert.ok(years > 100, `${years.toFixed(0)} years`);
  });
});
