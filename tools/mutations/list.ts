/** A deliberate bug: one place in one file. `find` stands there exactly once. */
export interface Mutation {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** What fails with it: the world within its first seeds, or a test file. */
  readonly caughtBy: "world" | `test/${string}.test.ts`;
}

const WORLD = "world";

export const MUTATIONS: readonly Mutation[] = [
  {
    name: "rows are committed before the answer",
    file: "firmware/uplink/reporter.ts",
    find: "    const request: PendingRequest = {",
    replace: "    this.#commit(written, cursor);\n    const request: PendingRequest = {",
    caughtBy: WORLD,
  },
  {
    name: "any answer with a good status takes the rows, a captive portal's too",
    file: "firmware/uplink/reporter.ts",
    find: "if ((strict && !answer.verified) || NOT_TAKEN.includes(answer.reason)) return refusal;",
    replace: "if (strict && NOT_TAKEN.includes(answer.reason)) return refusal;",
    caughtBy: WORLD,
  },
  {
    name: "a goodbye to a broker that is lost ends in an exception",
    file: "firmware/uplink/mqtt.ts",
    find: "    } catch {\n      // The connection is lost",
    replace: "    } catch (error) {\n      throw error; // The connection is lost",
    caughtBy: WORLD,
  },
  {
    name: "the request count is not saved",
    file: "firmware/uplink/request-count.ts",
    find: "    this.#cell.write(bytes);",
    replace: "    if (this.#count < 0) this.#cell.write(bytes);",
    caughtBy: WORLD,
  },
  {
    name: "the CRC of a record is not checked",
    file: "firmware/outbox/log-reader.ts",
    find: "return this.#window[at + 1] === recordCrc(row, this.#window, at, length);",
    replace: "return recordCrc(row, this.#window, at, length) >= 0;",
    caughtBy: "test/outbox/outbox.test.ts",
  },
  {
    name: "the first byte of a record is programmed with the rest, not last",
    file: "firmware/outbox/media.ts",
    find: "    bytes[0] = BLANK;\n",
    replace: "",
    caughtBy: "test/outbox/power-cut.test.ts",
  },
  {
    name: "a push is not verified by reading it back",
    file: "firmware/outbox/media.ts",
    find: "if (check[i] !== bytes[i])",
    replace: "if (check[i] !== bytes[i] && this.failures < 0)",
    caughtBy: "test/outbox/outbox.test.ts",
  },
  {
    name: "the oldest block is given up one block early",
    file: "firmware/outbox/flash-log.ts",
    find: "if (this.oldest > sequence - this.media.blocks) return;",
    replace: "if (this.oldest > sequence - this.media.blocks + 1) return;",
    caughtBy: WORLD,
  },
  {
    name: "the half-written end of the log is written over after a restart",
    file: "firmware/outbox/flash-log.ts",
    find: "this.offset = whole ? end : segmentEnd(Math.max(used, end) - 1);",
    replace: "this.offset = end;",
    caughtBy: WORLD,
  },
  {
    name: "the second copy of a state value is forgotten",
    file: "firmware/state.ts",
    find: "const target = this.#newest === 0 ? 1 : 0;",
    replace: "const target = 0;",
    caughtBy: WORLD,
  },
  {
    name: "the CRC of a state value is not checked",
    file: "firmware/state.ts",
    find: "  if (end < PREFIX) return false;",
    replace: "  if (end >= 0) return end >= PREFIX;",
    caughtBy: WORLD,
  },
  {
    name: "any time is believed that is not from a worse source",
    file: "firmware/clock.ts",
    find: "if ((below || (jump && better === 0)) && !this.#insisted(time - this.uptime, source)) return this.#refuse();",
    replace: "",
    caughtBy: "test/clock.test.ts",
  },
  {
    name: "a source that insists on a time is never believed",
    file: "firmware/clock.ts",
    find: "return again && this.uptime >= before.since + INSISTENCE;",
    replace: "return false;",
    caughtBy: "test/clock.test.ts",
  },
  {
    name: "rows of this boot move when the clock is corrected after they were sent",
    file: "firmware/clock.ts",
    find: "if (!this.#dated) this.#starts[0] = this.#start;",
    replace: "this.#starts[0] = this.#start;",
    caughtBy: "test/clock.test.ts",
  },
  {
    name: "unsigned times and settings are taken",
    file: "firmware/openpaygo/response.ts",
    find: 'return needed ? refuse("unsigned", "expected a signature over time and settings") : undefined;',
    replace: "return needed ? undefined : undefined;",
    caughtBy: WORLD,
  },
  {
    name: "a token of an older count is taken again",
    file: "firmware/openpaygo/token.ts",
    find: 'return type === "ADD_TIME" && age > 0 && age < WINDOW && (counts.used & (1 << age)) === 0;',
    replace: 'return type === "ADD_TIME" && age > 0 && age < WINDOW;',
    caughtBy: WORLD,
  },
  {
    name: "the used token counts are not saved",
    file: "firmware/paygo/credit.ts",
    find: "    view.setUint32(4, this.tokens.used, true);\n    view.setUint16(8, this.tokens.wrong, true);\n    view.setUint16(10, this",
    replace: "    view.setUint16(8, this.tokens.wrong, true);\n    view.setUint16(10, this",
    caughtBy: WORLD,
  },
  {
    name: "the credit that was used is not saved",
    file: "firmware/paygo/credit.ts",
    find: "if (this.#date() || (this.#left > 0 && this.#clock.uptime >= this.#savedAt + SAVE_INTERVAL)) this.save();",
    replace: "if (this.#date()) this.save();",
    caughtBy: WORLD,
  },
  {
    name: "the end of the credit stays where a wrong clock put it",
    file: "firmware/paygo/credit.ts",
    find: "this.#activeUntil = Math.max(this.#activeUntil, this.#clock.now! + this.#counted);",
    replace: "",
    caughtBy: "test/paygo/credit.test.ts",
  },
  {
    name: "the end of the credit moves back with a clock that goes wrong",
    file: "firmware/paygo/credit.ts",
    find: "this.#activeUntil = Math.max(this.#activeUntil, this.#clock.now! + this.#counted);",
    replace: "this.#activeUntil = this.#clock.now! + this.#counted;",
    caughtBy: "test/paygo/credit.test.ts",
  },
  {
    name: "credit gets its end by a clock that was set back",
    file: "firmware/paygo/credit.ts",
    find: "this.#clock.setBack || ",
    replace: "",
    caughtBy: "test/paygo/credit.test.ts",
  },
  {
    name: "a request is not booked before it leaves",
    file: "firmware/uplink/budget.ts",
    find: "    this.#spent += booked;\n    this.#save();",
    replace: "    this.#spent += booked;",
    caughtBy: "test/uplink/budget.test.ts",
  },
  {
    name: "the relay is not switched off when the credit ends",
    file: "firmware/app.ts",
    find: "    this.credit.keep();\n    this.#switchLoad();\n",
    replace: "    this.credit.keep();\n",
    caughtBy: WORLD,
  },
  {
    name: "rows lie on multiples of the uptime, not of the time of day",
    file: "firmware/telemetry/sampler.ts",
    find: "return Math.floor(this.#moment() / this.#options.recordInterval);",
    replace: "return Math.floor(this.#options.clock.uptime / this.#options.recordInterval);",
    caughtBy: WORLD,
  },
  {
    name: "a request waits for its answer without an end",
    file: "firmware/uplink/exchange.ts",
    find: 'this.#deadline = this.#timer.set(() => this.#end("the answer took too long"), LONGEST);',
    replace: "this.#deadline = this.#timer.set(() => {}, LONGEST);",
    caughtBy: "test/uplink/post.test.ts",
  },
  {
    name: "a network that brings nothing through is never joined anew",
    file: "firmware/uplink/session.ts",
    find: "if (this.#backoff.failures >= DOUBTFUL) this.#attachment.refresh();",
    replace: "if (this.#backoff.failures < 0) this.#attachment.refresh();",
    caughtBy: "test/uplink/session.test.ts",
  },
  {
    name: "the network is asked to connect while it recovers by itself",
    file: "firmware/uplink/attachment.ts",
    find: "if (network.connection !== 200) return;",
    replace: "if (network.connection > 200) return;",
    caughtBy: WORLD,
  },
];
