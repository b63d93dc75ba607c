import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { Command } from "../../firmware/console/command.js";
import { Console } from "../../firmware/console/console.js";
import { SimulatedTime } from "../../hal/sim/time.js";
import { Uart } from "../../hal/sim/uart.js";
import { FakeSerial, Terminal } from "./terminal.js";

/** What the commands of this test did. */
interface Bench {
  readonly calls: string[];
  print(line: string): void;
}

const command = (name: string, run: Command<Bench>["run"]): Command<Bench> => ({
  name,
  usage: "[COUNT]",
  summary: `${name} in a test`,
  accepts: (words, named) => words <= 1 && named === 0,
  run,
});

const COMMANDS: readonly Command<Bench>[] = [
  command("count", function* ({ target }, { words: [count = "3"] }) {
    for (let i = 1; i <= Number(count); i++) {
      target.calls.push(String(i));
      yield `line ${i}`;
    }
    return undefined;
  }),
  command("long", function* (_, { words: [count = "3"] }) {
    yield "0123456789".repeat(Number(count));
    return undefined;
  }),
  command("refuse", function* () {
    yield "looking";
    return "it is not to be";
  }),
  command("break", function* () {
    yield "before";
    throw new Error("sensor gone");
  }),
  command("chat", function* ({ target }) {
    target.print("said inside");
    yield "answer 1";
    target.print("said later");
    yield "answer 2";
    return undefined;
  }),
  command("later", function* ({ target, afterwards }) {
    yield "at once";
    afterwards(() => target.calls.push("done"));
    return undefined;
  }),
  command("secret", function* ({ forget }) {
    yield "hush";
    forget();
    return undefined;
  }),
];

class Bed implements Bench {
  readonly serial = new FakeSerial();
  readonly calls: string[] = [];
  readonly console = new Console<Bench>({ port: this.serial.port, target: this, commands: COMMANDS });

  print(line: string): void {
    this.console.print(line);
  }

  get terminal(): Terminal {
    return this.serial.terminal;
  }
}

/** A console whose terminal takes everything at once. */
function ready(): Bed {
  const bed = new Bed();
  bed.serial.take(1_000_000);
  return bed;
}

describe("the console", () => {
  it("opens its port with the port's own options and prompts", () => {
    assert.equal(ready().serial.sent, "> ");
  });

  it("answers a command line by line and ends with ok", () => {
    const bed = ready();
    bed.serial.type("count\r");
    assert.equal(bed.serial.sent, "> count\r\nline 1\r\nline 2\r\nline 3\r\nok\r\n> ");
  });

  it("ends with the reason when a command refuses", () => {
    const bed = ready();
    bed.serial.type("refuse\r");
    assert.deepEqual(bed.terminal.above.slice(1), ["looking", "error: it is not to be"]);
  });

  it("survives a command that throws, and says what it threw", () => {
    const bed = ready();
    bed.serial.type("break\rcount 1\r");
    assert.deepEqual(bed.terminal.above, [
      "> break",
      "before",
      "error: failed, Error: sensor gone",
      "> count 1",
      "line 1",
      "ok",
    ]);
  });

  it("names the command that was probably meant", () => {
    const bed = ready();
    bed.serial.type("cuont\rlon\rxyzzyx\r");
    assert.deepEqual(
      bed.terminal.above.filter((row) => row.startsWith("error")),
      [
        'error: there is no command "cuont", did you mean "count"?',
        'error: there is no command "lon", did you mean "long"?',
        'error: there is no command "xyzzyx", "help" shows them all',
      ],
    );
  });

  it("answers wrong arguments with the usage, and does nothing", () => {
    const bed = ready();
    bed.serial.type("count 1 2\rcount limit=3\r");
    assert.deepEqual(
      bed.terminal.above.filter((row) => !row.startsWith(">")),
      ["error: usage: count [COUNT]", "error: usage: count [COUNT]"],
    );
    assert.deepEqual(bed.calls, []);
  });

  it("gives a blank line no answer but the prompt", () => {
    const bed = ready();
    bed.serial.type("\r  \r");
    assert.equal(bed.serial.sent, "> \r\n>   \r\n> ");
  });

  it("does nothing of a line from which characters were refused", () => {
    const bed = ready();
    bed.serial.type(`count ${"1".repeat(160)}\rcount €\r`);
    assert.deepEqual(
      bed.terminal.above.filter((row) => row.startsWith("error")),
      [
        "error: a line has at most 160 characters; nothing was done",
        "error: only ASCII characters can be entered here; nothing was done",
      ],
    );
    assert.deepEqual(bed.calls, []);
  });

  it("prints a log line above what is being typed, which stays as it was", () => {
    const bed = ready();
    bed.serial.type("count 12\x1b[D");
    bed.console.print("modem: registered");
    bed.console.print("ok?");
    assert.deepEqual(bed.terminal.above, ["modem: registered", "ok?"]);
    assert.equal(bed.terminal.row, "> count 12");
    assert.equal(bed.terminal.column, 9);
    bed.serial.type("\x7f\r");
    assert.deepEqual(bed.calls, ["1", "2"]);
  });

  it("leaves nothing of a long line beside a short log line", () => {
    const bed = ready();
    bed.serial.type("x".repeat(70));
    bed.console.print("short");
    assert.deepEqual(bed.terminal.above, ["short"]);
  });

  it("prints log lines that are wider than the terminal, and others than ASCII", () => {
    const bed = ready();
    bed.serial.type("count");
    bed.console.print("é".repeat(100));
    bed.console.print("23.5 °C 🌞");
    assert.deepEqual(bed.terminal.above, ["é".repeat(80), "é".repeat(20), "23.5 °C 🌞"]);
    assert.equal(bed.terminal.row, "> count");
  });

  it("lets no text from outside steer the terminal", () => {
    const bed = ready();
    bed.console.print("operator \x1b[2J\x9b2J\r\nok\x07\x7f");
    assert.deepEqual(bed.terminal.above, ["operator ?[2J?2J??ok??"]);
  });

  it("never puts a log line inside an answer, be it printed by the command itself", () => {
    const bed = ready();
    bed.serial.type("chat\r");
    assert.deepEqual(bed.terminal.above, ["> chat", "answer 1", "answer 2", "ok", "said inside", "said later"]);
  });

  it("runs what comes afterwards only when the whole answer was given to the port", () => {
    const bed = new Bed();
    bed.serial.take(4);
    bed.serial.type("later\rcount 1\r");
    for (let turn = 0; turn < 20; turn++) {
      const answered = bed.serial.sent.includes("at once\r\nok\r\n");
      assert.equal(bed.calls[0], answered ? "done" : undefined);
      bed.serial.take(4);
    }
    assert.deepEqual(bed.calls, ["done", "1"]);
  });

  it("recalls a command, but not one that held a secret", () => {
    const bed = ready();
    bed.serial.type("count 1\rsecret\r\x1b[A");
    assert.equal(bed.terminal.row, "> count 1");
  });

  it("closes its port once, and is silent from then on", () => {
    const bed = ready();
    bed.console.close();
    bed.console.close();
    bed.serial.type("count\r");
    bed.console.print("unheard");
    assert.equal(bed.serial.closed, 1);
    assert.equal(bed.serial.sent, "> ");
  });
});

describe("a console on a slow port", () => {
  it("makes no more of an answer than fits its buffer, and the rest as the port takes it", () => {
    const bed = new Bed();
    bed.serial.type("count 1000\r");
    const made = bed.calls.length;
    assert(made > 10 && made < 100, `${made} lines were made ahead`);
    bed.serial.drain(7);
    assert.equal(bed.calls.length, 1000);
    const expected = Array.from({ length: 1000 }, (_, i) => `line ${i + 1}`);
    assert.deepEqual(bed.terminal.above, ["> count 1000", ...expected, "ok"]);
  });

  it("sends a line longer than its buffer in pieces", () => {
    const bed = new Bed();
    bed.serial.type("long 200\r");
    bed.serial.drain(50);
    assert(bed.serial.sent.includes(`\r\n${"0123456789".repeat(200)}\r\nok\r\n> `));
  });

  it("drops log lines that find no room, and tells how many in their place", () => {
    const bed = new Bed();
    for (let i = 0; i < 100; i++) bed.console.print(`log line number ${String(i).padStart(3, "0")}`);
    bed.serial.drain(1);
    const logs = bed.terminal.above.filter((row) => row.startsWith("log"));
    const dropped = 100 - logs.length;
    assert(logs.length > 50 && dropped > 10, `${logs.length} of 100 lines came out`);
    logs.forEach((line, i) => {
      assert.equal(line, `log line number ${String(i).padStart(3, "0")}`);
    });
    assert.equal(bed.terminal.above.at(-1), `(${dropped} log lines were dropped: the console was busy)`);
    bed.console.print("again");
    bed.serial.drain(1);
    assert.equal(bed.terminal.above.at(-1), "again");
  });

  it("drops no answer, however many log lines want to be out", () => {
    const bed = new Bed();
    bed.serial.type("count 200\r");
    for (let turn = 0; turn < 100; turn++) {
      for (let i = 0; i < 20; i++) bed.console.print("noise");
      bed.serial.take(50);
    }
    const rows = bed.terminal.above;
    const from = rows.indexOf("> count 200");
    assert.deepEqual(rows.slice(from + 1, from + 202), [...bed.calls.map((i) => `line ${i}`), "ok"]);
  });

  it("obeys what was typed before it prints the log lines that wait", () => {
    const bed = new Bed();
    for (let i = 0; i < 30; i++) bed.console.print(`log ${String(i).padStart(20)}`);
    bed.serial.type("count 1\r");
    bed.serial.drain();
    const rows = bed.terminal.above;
    assert(rows.indexOf("ok") < rows.findIndex((row) => row.endsWith(" 29")));
  });

  it("reads a pasted list of commands one after the other, in any fragments", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 40 }), (fragment, writable) => {
        const bed = new Bed();
        bed.serial.fragment = fragment;
        bed.serial.type("count 2\r\nrefuse\r\ncount 1\r\n");
        bed.serial.drain(writable);
        assert.deepEqual(bed.terminal.above, [
          ...["> count 2", "line 1", "line 2", "ok", "> refuse", "looking", "error: it is not to be"],
          ...["> count 1", "line 1", "ok"],
        ]);
      }),
      { numRuns: 50 },
    );
  });

  it("keeps typing, answers and log lines apart whatever comes when", () => {
    const event = fc.oneof(
      fc
        .constantFrom("c", "o", "u", "n", "t", " ", "9", "count 4\r", "\x7f", "\x1b[D", "\x03", "\r")
        .map((type) => ({ type })),
      fc.string({ unit: fc.constantFrom("l", "ö"), minLength: 1, maxLength: 79 }).map((log) => ({ log })),
      fc.integer({ min: 1, max: 200 }).map((take) => ({ take })),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const bed = new Bed();
        const logs: string[] = [];
        for (const each of events) {
          if ("type" in each) bed.serial.type(each.type);
          else if ("take" in each) bed.serial.take(each.take);
          else {
            logs.push(each.log);
            bed.console.print(each.log);
          }
        }
        bed.serial.type("\x03count 2\r");
        bed.serial.drain(13);
        const rows = bed.terminal.above;
        const answered = rows.indexOf("> count 2", rows.lastIndexOf("> count 2"));
        assert.deepEqual(rows.slice(answered, answered + 4), ["> count 2", "line 1", "line 2", "ok"]);
        const seen = rows.filter((row) => /^[lö]+$/.test(row));
        assert.deepEqual(seen, logs.slice(0, seen.length));
        const dropped = rows.filter((row) => row.startsWith("(")).map((row) => Number.parseInt(row.slice(1), 10));
        if (dropped.length === 0) assert.equal(seen.length, logs.length);
        assert.equal(bed.terminal.row.trimEnd(), ">");
      }),
      { numRuns: 200 },
    );
  });

  it("works over a UART with a FIFO of 128 bytes at 115200 bits per second", () => {
    const time = new SimulatedTime();
    const uart = new Uart({ timer: time, ticks: () => time.now, random: () => 0 });
    const terminal = new Terminal();
    uart.peer.onReceive = (bytes) => terminal.write(bytes);
    const calls: string[] = [];
    new Console<Bench>({ port: uart.device, target: { calls, print: () => {} }, commands: COMMANDS });
    uart.peer.write(new TextEncoder().encode("count 500\r"));
    time.run(1000);
    assert.deepEqual(terminal.above.slice(-2), ["line 500", "ok"]);
    assert.equal(terminal.rows.length, 503);
  });
});
