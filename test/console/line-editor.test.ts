import { strict as assert } from "node:assert";
import fc from "fast-check";
import { LINE_CHARACTERS, LineEditor } from "../../firmware/console/line-editor.js";
import { Terminal } from "./terminal.js";

const PROMPT = "> ";
const encoder = new TextEncoder();

interface Entered {
  readonly line: string;
  readonly problem: string | undefined;
}

class Bench {
  readonly terminal = new Terminal();
  readonly entered: Entered[] = [];
  /** Bytes written by the last call. */
  written = "";
  readonly editor = new LineEditor({
    prompt: PROMPT,
    write: (ascii) => {
      this.written += ascii;
      this.terminal.write(encoder.encode(ascii));
    },
    onLine: (line, problem) => this.entered.push({ line, problem }),
  });

  constructor() {
    this.editor.refresh();
  }

  /** Types, and gives what was sent back. */
  type(text: string): string {
    this.written = "";
    for (const byte of encoder.encode(text)) this.editor.receive(byte);
    this.editor.refresh();
    return this.written;
  }

  get lines(): string[] {
    return this.entered.map(({ line }) => line);
  }
}

const LEFT = "\x1b[D";
const RIGHT = "\x1b[C";
const UP = "\x1b[A";
const DOWN = "\x1b[B";
const HOME = "\x1b[H";
const DELETE = "\x1b[3~";

describe("the line editor", () => {
  it("echoes what is typed at the end byte by byte", () => {
    const bench = new Bench();
    assert.equal(bench.type("s"), "s");
    assert.equal(bench.type("et"), "et");
    assert.equal(bench.terminal.row, "> set");
  });

  it("rewrites only what follows a character put into the middle", () => {
    const bench = new Bench();
    bench.type("staus");
    bench.type(LEFT + LEFT);
    assert.equal(bench.type("t"), "tus\b\b");
    assert.equal(bench.terminal.row, "> status");
  });

  it("takes a character away with three bytes at the end of the line", () => {
    const bench = new Bench();
    bench.type("data");
    assert.equal(bench.type("\x7f"), "\b \b");
    assert.equal(bench.type("\b"), "\b \b");
  });

  it("moves the cursor with one byte", () => {
    const bench = new Bench();
    bench.type("data");
    assert.equal(bench.type(LEFT), "\b");
    assert.equal(bench.type(RIGHT), "a");
  });

  it("goes far to the left by writing the start of the row again, where that is shorter", () => {
    const bench = new Bench();
    bench.type("settings");
    assert.equal(bench.type(HOME), "\r> ");
  });

  for (const [name, end] of [
    ["CR", "\r"],
    ["LF", "\n"],
    ["CR LF", "\r\n"],
  ] as const) {
    it(`ends a line at ${name}`, () => {
      const bench = new Bench();
      bench.type(`data${end}queue${end}`);
      assert.deepEqual(bench.lines, ["data", "queue"]);
      assert.deepEqual(bench.terminal.above, ["> data", "> queue"]);
      assert.equal(bench.terminal.row, "> ");
    });
  }

  it("clears the line at Ctrl-C", () => {
    const bench = new Bench();
    bench.type("reboot now");
    bench.type("\x03");
    assert.equal(bench.terminal.row.trimEnd(), ">");
    bench.type("\r");
    assert.deepEqual(bench.lines, [""]);
  });

  it("cuts with Ctrl-U, Ctrl-K and Ctrl-W", () => {
    const bench = new Bench();
    bench.type(`set apn  internet  \x17web\r`);
    bench.type(`one two${"\b".repeat(0)}${LEFT}${LEFT}${LEFT}\x15\r`);
    bench.type(`one two${LEFT}${LEFT}${LEFT}\x0b\r`);
    assert.deepEqual(bench.lines, ["set apn  web", "two", "one "]);
  });

  it("knows the keys of xterm, VT100, VT220, rxvt and the Linux console", () => {
    for (const home of ["\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~", "\x01", "\x1b[1;5H"]) {
      for (const end of ["\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~", "\x05"]) {
        const bench = new Bench();
        bench.type(`b${home}a${end}c${home}\x1b[3~\r`);
        assert.deepEqual(bench.lines, ["bc"], JSON.stringify([home, end]));
      }
    }
  });

  it("swallows sequences it does not know, among them pasting marks, function keys and Alt with a letter", () => {
    const bench = new Bench();
    const unknown = [
      "\x1b[200~",
      "\x1b[15~",
      "\x1bOP",
      "\x1b[[A",
      "\x1b[?1;2c",
      "\x1b[24;80R",
      "\x1b[3;5~",
      "\x1bq",
      "\x1b[I",
      "\x1b[ q",
    ];
    bench.type(`da${unknown.join("")}ta\r`);
    assert.deepEqual(bench.entered, [{ line: "data", problem: undefined }]);
    assert.equal(bench.terminal.bells, 0);
  });

  it("never loses an Enter to a stray escape", () => {
    const bench = new Bench();
    bench.type("data\x1b\rdata\x1b[\rdata\x1b[3\rdata\x1bO\r");
    assert.deepEqual(bench.lines, ["data", "data", "data", "data"]);
  });

  it("rings and takes no more at 160 characters, and says so of the line if nobody corrected it", () => {
    const bench = new Bench();
    const full = "x".repeat(LINE_CHARACTERS);
    bench.type(`${full}y\r`);
    assert.deepEqual(bench.entered, [{ line: full, problem: "a line has at most 160 characters" }]);
    assert.equal(bench.terminal.bells, 1);
    bench.type(`${full}y\b\r`);
    assert.deepEqual(bench.entered[1], { line: full.slice(1), problem: undefined });
  });

  it("rings once for each character outside ASCII and leaves it out, and says so of the line", () => {
    const bench = new Bench();
    for (const byte of encoder.encode("é€🌞")) {
      bench.editor.receive(byte);
      bench.editor.refresh();
    }
    assert.equal(bench.terminal.bells, 3);
    assert.equal(bench.terminal.row, "> ");
    bench.type("ok\r");
    assert.deepEqual(bench.entered, [{ line: "ok", problem: "only ASCII characters can be entered here" }]);
  });

  it("shows the part around the cursor of a line longer than the row", () => {
    const bench = new Bench();
    const line = Array.from({ length: 150 }, (_, i) => String.fromCharCode(97 + (i % 26))).join("");
    bench.type(line);
    assert.equal(bench.terminal.rows.length, 1);
    assert(line.endsWith(bench.terminal.row.slice(PROMPT.length).trimEnd()));
    bench.type(HOME);
    assert.equal(bench.terminal.row, PROMPT + line.slice(0, 77));
    assert.equal(bench.terminal.column, 2);
  });

  it("recalls the last four lines, and the one that was begun", () => {
    const bench = new Bench();
    for (const line of ["one", "two", "three", "four", "four", "", "five"]) bench.type(`${line}\r`);
    bench.type(`begun${UP}`);
    assert.equal(bench.terminal.row.trimEnd(), "> five");
    for (const expected of ["four", "three", "two", "two"]) {
      bench.type(UP);
      assert.equal(bench.terminal.row.trimEnd(), `> ${expected}`);
    }
    for (const expected of ["three", "four", "five", "begun", "begun"]) {
      bench.type(DOWN);
      assert.equal(bench.terminal.row.trimEnd(), `> ${expected}`);
    }
  });

  it("keeps no line in its history that it was told to forget, however often", () => {
    const bench = new Bench();
    bench.type("status\rset secret_key 00\r");
    bench.editor.forget();
    bench.editor.forget();
    bench.type(`${UP}\r${UP}${UP}\r`);
    assert.deepEqual(bench.lines.slice(2), ["status", "status"]);
  });
});

/** The plainest editor there is, for keys as a person names them. */
class Model {
  line: string[] = [];
  cursor = 0;
  problem = false;
  readonly entered: { line: string; refused: boolean }[] = [];
  readonly #all: string[] = [];
  #up = 0;
  #begun = "";

  press(key: string): void {
    if (key === "enter") this.#enter();
    else if (key === "é") this.problem = true;
    else if (key.length === 1) this.#put(key);
    else {
      this.problem = false;
      this.#edit(key);
    }
  }

  #put(character: string): void {
    if (this.line.length === LINE_CHARACTERS) this.problem = true;
    else this.line.splice(this.cursor++, 0, character);
  }

  #enter(): void {
    const line = this.line.join("");
    this.entered.push({ line, refused: this.problem });
    if (!this.problem && line !== "" && line !== this.#all.at(-1)) this.#all.push(line);
    this.#edit("cancel");
    this.problem = false;
  }

  #edit(key: string): void {
    const before = this.line.slice(0, this.cursor);
    const history = this.#all.slice(-4).reverse();
    if (key === "left" && this.cursor > 0) this.cursor--;
    if (key === "right" && this.cursor < this.line.length) this.cursor++;
    if (key === "home") this.cursor = 0;
    if (key === "end") this.cursor = this.line.length;
    if (key === "backspace" && this.cursor > 0) this.line.splice(--this.cursor, 1);
    if (key === "delete") this.line.splice(this.cursor, 1);
    if (key === "killRight") this.line.splice(this.cursor);
    if (key === "killLeft") this.#cut(this.cursor);
    if (key === "killWord") this.#cut(/\S* *$/.exec(before.join(""))![0].length);
    if (key === "up" && this.#up < history.length) this.#recall(this.#up + 1, history);
    if (key === "down" && this.#up > 0) this.#recall(this.#up - 1, history);
    if (key === "cancel") {
      this.#up = 0;
      this.#replace("");
    }
  }

  #cut(count: number): void {
    this.cursor -= count;
    this.line.splice(this.cursor, count);
  }

  #recall(up: number, history: string[]): void {
    if (this.#up === 0) this.#begun = this.line.join("");
    this.#up = up;
    this.#replace(up === 0 ? this.#begun : history[up - 1]!);
  }

  #replace(line: string): void {
    this.line = [...line];
    this.cursor = line.length;
  }
}

const BYTES: Readonly<Record<string, readonly string[]>> = {
  enter: ["\r", "\r\n"],
  cancel: ["\x03"],
  left: [LEFT, "\x1bOD"],
  right: [RIGHT, "\x1bOC"],
  home: [HOME, "\x01", "\x1b[1~"],
  end: ["\x1b[F", "\x05", "\x1b[4~"],
  up: [UP, "\x1bOA"],
  down: [DOWN, "\x1bOB"],
  backspace: ["\b", "\x7f"],
  delete: [DELETE],
  killLeft: ["\x15"],
  killRight: ["\x0b"],
  killWord: ["\x17"],
};

const character = fc.string({ unit: fc.constantFrom(...'abc ="-1'), minLength: 1, maxLength: 1 });
const key = fc.oneof(
  { weight: 6, arbitrary: character },
  { weight: 1, arbitrary: fc.constantFrom("é") },
  { weight: 5, arbitrary: fc.constantFrom(...Object.keys(BYTES)) },
);
/** Keys one by one, and now and then the same one many times, so that lines get long. */
const keys = fc
  .array(
    fc.tuple(
      key,
      fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 2, max: 100 }) }),
    ),
    {
      maxLength: 60,
    },
  )
  .map((pairs) => pairs.flatMap(([name, times]) => Array<string>(times).fill(name)));

function bytesOf(name: string, variant: number): Uint8Array {
  const forms = BYTES[name] ?? [name];
  return encoder.encode(forms[variant % forms.length]!);
}

function assertScreen({ terminal }: Bench, model: Model): void {
  const line = model.line.join("");
  const first = model.cursor - (terminal.column - PROMPT.length);
  assert(first >= 0 && (first === 0 || line.length > 77), `the view begins at ${first}`);
  assert.equal(terminal.row.trimEnd(), (PROMPT + line.slice(first, first + 77)).trimEnd());
  assert(terminal.column >= PROMPT.length && terminal.column <= 79);
}

describe("any sequence of keys", () => {
  it("gives the line of a plain editor, and a screen that shows it, however it is cut into fragments", () => {
    fc.assert(
      fc.property(keys, fc.infiniteStream(fc.nat(5)), (pressed, random) => {
        const bench = new Bench();
        const model = new Model();
        for (const name of pressed) {
          model.press(name);
          for (const byte of bytesOf(name, random.next().value)) {
            bench.editor.receive(byte);
            if (random.next().value === 0) bench.editor.refresh();
          }
        }
        bench.editor.refresh();
        assert.deepEqual(
          bench.entered.map(({ line, problem }) => ({ line, refused: problem !== undefined })),
          model.entered,
        );
        assertScreen(bench, model);
        bench.type(" .\x05\r");
      }),
      { numRuns: 500 },
    );
  });

  it("never makes a call write more bytes than said", () => {
    fc.assert(
      fc.property(keys, fc.infiniteStream(fc.nat(3)), (pressed, random) => {
        const bench = new Bench();
        const step = (work: () => void) => {
          bench.written = "";
          work();
          assert(bench.written.length <= LineEditor.MOST_BYTES, `${bench.written.length} bytes`);
        };
        for (const name of pressed) {
          for (const byte of bytesOf(name, random.next().value)) {
            step(() => bench.editor.receive(byte));
            if (random.next().value === 0) step(() => bench.editor.refresh());
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it("survives any bytes, and works again after Ctrl-C", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const bench = new Bench();
        for (const byte of bytes) bench.editor.receive(byte);
        bench.type("\x03status\r");
        assert.deepEqual(bench.entered.at(-1), { line: "status", problem: undefined });
        assert.equal(bench.terminal.above.at(-1), "> status");
      }),
      { numRuns: 300 },
    );
  });
});
