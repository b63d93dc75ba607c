import { strict as assert } from "node:assert";
import { COMMANDS } from "../../firmware/console/commands.js";
import { Console } from "../../firmware/console/console.js";
import type { ConsoleSetting, ConsoleTarget } from "../../firmware/console/target.js";
import { FakeSerial } from "./terminal.js";

class FakeTarget implements ConsoleTarget {
  readonly calls: string[] = [];
  waiting = ["2016-01-01 12:00 13.2 V", "2016-01-01 12:02 13.3 V", "2016-01-01 12:04 13.3 V"];
  readings: [string, string][] = [["battery_voltage", "13.25 V"]];
  sendReason: string | undefined;
  readonly values = new Map([
    ["serial_number", "SHS001"],
    ["secret_key", ""],
    ["report_interval", "3600"],
  ]);

  status(): [string, string][] {
    return [
      ["device", "SHS001, simulated"],
      ["credit", "3 days"],
      ["server", `https://${"metrics.".repeat(12)}example.org`],
      ["network", "one word after the other until the line is full, and then a few more words on the next"],
    ];
  }

  samples(): [string, string][] {
    return this.readings;
  }

  *rows(limit: number): Iterable<string> {
    yield* this.waiting.slice(0, limit);
  }

  send(): string | undefined {
    return this.sendReason;
  }

  pending: { text: string } | { problem: string } = { text: '{"sn":"SHS001"}' };

  request(): { text: string } | { problem: string } {
    return this.pending;
  }

  answer(text: string): string | undefined {
    this.calls.push(`answer ${text}`);
    return text.startsWith("{") ? undefined : "answer refused: malformed";
  }

  enterToken(digits: string): { accepted: boolean; message: string } {
    this.calls.push(`token ${digits}`);
    return digits === "123456789"
      ? { accepted: true, message: "7 days added" }
      : { accepted: false, message: "that is not a token of this device" };
  }

  update(order: string): string | undefined {
    this.calls.push(`update ${order}`);
    return order.startsWith("http://") ? undefined : "update takes URL LENGTH SHA256";
  }

  settings(): ConsoleSetting[] {
    const setting = (name: string, limits: string, fallback: string, more: Partial<ConsoleSetting> = {}) => {
      return { name, limits, default: fallback, value: this.values.get(name)!, description: `about ${name}`, ...more };
    };
    return [
      setting("serial_number", "1 to 32 characters", ""),
      setting("secret_key", "32 hex digits", "", { secret: true }),
      setting("report_interval", "a whole number from 60 to 86400", "3600", { unit: "s" }),
    ];
  }

  set(name: string, value: string): string | undefined {
    if (name === "report_interval" && !(Number(value) >= 60)) return "report_interval takes 60 to 86400, not that";
    this.values.set(name, value);
    return undefined;
  }

  restart(): void {
    this.calls.push("restart");
  }
}

/** Types lines at a console of this target; gives what was answered, without echo and prompt. */
function answers(target: ConsoleTarget, ...lines: string[]): string[] {
  const serial = new FakeSerial();
  new Console({ port: serial.port, target, commands: COMMANDS });
  for (const line of lines) serial.type(`${line}\r`);
  serial.drain();
  const rows = serial.terminal.above;
  for (const row of rows) assert(row.length <= 79 || row.startsWith("error: "), `too wide: ${row}`);
  return rows.filter((row) => !row.startsWith(">"));
}

describe("the commands of the device", () => {
  it("are those of the manual, each with a summary", () => {
    assert.equal(
      COMMANDS.map(({ name }) => name).join(" "),
      "help status data queue send request answer token update settings set reboot",
    );
    assert(COMMANDS.every(({ summary }) => summary.length > 0));
  });

  it("are listed by help, each with its usage and summary", () => {
    const help = answers(new FakeTarget(), "help");
    const listed = COMMANDS.map(({ name, usage, summary }) => `${`${name} ${usage}`.trim().padEnd(31)}  ${summary}`);
    assert.deepEqual(help, [...listed, "ok"]);
  });

  it("order an update by its three words", () => {
    const target = new FakeTarget();
    const order = `http://updates.example/x.bin?a=b 5000 ${"0".repeat(64)}`;
    assert.deepEqual(answers(target, `update ${order}`), ["the update is ordered, the log tells how it goes", "ok"]);
    assert.deepEqual(target.calls, [`update ${order}`]);
    assert.deepEqual(answers(target, "update ftp://x 1 2"), ["error: update takes URL LENGTH SHA256"]);
    assert.deepEqual(answers(target, "update http://x"), ["error: usage: update URL LENGTH SHA256"]);
  });

  it("are explained one by one", () => {
    assert.deepEqual(answers(new FakeTarget(), "help reboot"), ["usage: reboot now", "restart the device", "ok"]);
    assert.deepEqual(answers(new FakeTarget(), "help setings"), [
      'error: there is no command "setings", did you mean "settings"?',
    ]);
  });
});

describe("an unknown command", () => {
  it("is told the nearest one, unless nothing is near", () => {
    assert.deepEqual(answers(new FakeTarget(), "stauts", "s", "get", "sx", "configure"), [
      'error: there is no command "stauts", did you mean "status"?',
      'error: there is no command "s", did you mean "status"?',
      'error: there is no command "get", did you mean "set"?',
      'error: there is no command "sx", "help" shows them all',
      'error: there is no command "configure", "help" shows them all',
    ]);
  });
});

describe("status", () => {
  it("aligns names and values, and breaks what is too long for 80 columns", () => {
    assert.deepEqual(answers(new FakeTarget(), "status"), [
      "device   SHS001, simulated",
      "credit   3 days",
      "server   https://metrics.metrics.metrics.metrics.metrics.metrics.metrics.metric",
      "         s.metrics.metrics.metrics.metrics.example.org",
      "network  one word after the other until the line is full, and then a few more",
      "         words on the next",
      "ok",
    ]);
  });
});

describe("data", () => {
  it("shows the last readings, or that there is none", () => {
    const target = new FakeTarget();
    assert.deepEqual(answers(target, "data"), ["battery_voltage  13.25 V", "ok"]);
    target.readings = [];
    assert.deepEqual(answers(target, "data"), ["nothing was read yet", "ok"]);
  });
});

describe("request and answer", () => {
  it("show what a carrier is to take along, and take in what it brings back", () => {
    const target = new FakeTarget();
    assert.deepEqual(answers(target, "request"), ['{"sn":"SHS001"}', "ok"]);
    assert.deepEqual(answers(target, 'answer {"tkl":[123],"a":"da1"}'), ["the answer was taken in", "ok"]);
    assert.deepEqual(target.calls, ['answer {"tkl":[123],"a":"da1"}']);
  });

  it("take a long answer in parts, quotes and blanks as they are", () => {
    const target = new FakeTarget();
    assert.deepEqual(answers(target, 'answer {"a": "d\\'), ["go on with the next part", "ok"]);
    assert.deepEqual(target.calls, ['answer {"a": "d\\']);
  });

  it("say why there is none, and why one was refused", () => {
    const target = new FakeTarget();
    target.pending = { problem: "the device is not provisioned" };
    assert.deepEqual(answers(target, "request"), ["error: the device is not provisioned"]);
    assert.deepEqual(answers(target, "answer nonsense"), ["error: answer refused: malformed"]);
  });
});

describe("queue", () => {
  it("shows as many rows as asked for, oldest first", () => {
    const target = new FakeTarget();
    assert.deepEqual(answers(target, "queue"), [...target.waiting, "ok"]);
    assert.deepEqual(answers(target, "queue 2"), [...target.waiting.slice(0, 2), "ok"]);
    target.waiting = [];
    assert.deepEqual(answers(target, "queue"), ["no row waits", "ok"]);
  });

  it("shows ten rows when not told", () => {
    const target = new FakeTarget();
    target.waiting = Array.from({ length: 30 }, (_, i) => `row ${i}`);
    assert.equal(answers(target, "queue").length, 11);
  });

  it("refuses what is no number of rows", () => {
    for (const count of ["0", "1001", "99999", "-1", "1.5", "x"]) {
      assert.deepEqual(answers(new FakeTarget(), `queue ${count}`), [
        `error: ROWS is a whole number from 1 to 1000, not "${count}"`,
      ]);
    }
  });
});

describe("send", () => {
  it("asks for a report, or says why it can't", () => {
    const target = new FakeTarget();
    assert.deepEqual(answers(target, "send"), ["a report is on its way, the log tells how it went", "ok"]);
    target.sendReason = "the secret key is not set";
    assert.deepEqual(answers(target, "send"), ["error: the secret key is not set"]);
  });
});

describe("token", () => {
  it("takes digits with blanks and dashes", () => {
    for (const typed of ["123456789", "123 456 789", "123-456-789", "123-456 789", '"123 456 789"']) {
      const target = new FakeTarget();
      assert.deepEqual(answers(target, `token ${typed}`), ["7 days added", "ok"], typed);
    }
  });

  it("ends in an error when the token was refused", () => {
    assert.deepEqual(answers(new FakeTarget(), "token 999999999"), ["error: that is not a token of this device"]);
  });

  it("hands on nothing but digits", () => {
    const target = new FakeTarget();
    assert.deepEqual(answers(target, "token 12a 456", "token -", "token"), [
      'error: a token is digits, with blanks or dashes between, not "12a 456"',
      'error: a token is digits, with blanks or dashes between, not "-"',
      "error: usage: token DIGITS",
    ]);
    assert.deepEqual(target.calls, []);
  });
});

describe("settings and set", () => {
  it("lists all, with units, and a secret as asterisks once it is set", () => {
    const target = new FakeTarget();
    const list = ["serial_number    SHS001", "secret_key       (none)", "report_interval  3600 s", "ok"];
    assert.deepEqual(answers(target, "settings"), list);
    target.values.set("secret_key", "a29ab82edc5fbbc41ec9530f6dac86b1");
    list[1] = "secret_key       ****";
    assert.deepEqual(answers(target, "settings"), list);
  });

  it("explains one with its limits and default", () => {
    assert.deepEqual(answers(new FakeTarget(), "set report_interval 900", "settings report_interval"), [
      "report_interval is set",
      "ok",
      "name     report_interval",
      "value    900 s",
      "default  3600 s",
      "takes    a whole number from 60 to 86400",
      "about    about report_interval",
      "ok",
    ]);
  });

  it("sets several at once, up to the first that is refused", () => {
    const target = new FakeTarget();
    assert.deepEqual(answers(target, 'set serial_number="SHS 2" report_interval=1 secret_key=00'), [
      "serial_number is set",
      "error: report_interval takes 60 to 86400, not that",
    ]);
    assert.deepEqual([...target.values.values()], ["SHS 2", "", "3600"]);
  });

  it("names the setting that was probably meant", () => {
    const refused = 'error: there is no setting "report_intervall", did you mean "report_interval"?';
    assert.deepEqual(answers(new FakeTarget(), "set report_intervall 1", "settings report_intervall"), [
      refused,
      refused,
    ]);
  });

  it("refuses a name without value, a value too many, and a mixture", () => {
    for (const line of ["set", "set apn", "set apn a b", "set apn a=b"]) {
      assert.deepEqual(answers(new FakeTarget(), line), ["error: usage: set NAME VALUE | NAME=VALUE ..."]);
    }
  });

  it("keeps no secret in the history, accepted or refused, alone or among others", () => {
    for (const line of [
      "set secret_key 00ff",
      "set secret_key=00ff serial_number=1",
      "set secret_key=00ff report_interval=1",
    ]) {
      const serial = new FakeSerial();
      new Console({ port: serial.port, target: new FakeTarget(), commands: COMMANDS });
      serial.type(`status\r${line}\r`);
      serial.drain();
      serial.type("\x1b[A\x1b[A\x1b[A");
      assert.equal(serial.terminal.row, "> status");
    }
  });
});

describe("reboot", () => {
  it("restarts at the word now, after its answer", () => {
    const target = new FakeTarget();
    assert.deepEqual(answers(target, "reboot now"), ["restarting", "ok"]);
    assert.deepEqual(target.calls, ["restart"]);
  });

  it("does nothing without it", () => {
    const target = new FakeTarget();
    assert.deepEqual(answers(target, "reboot", "reboot later"), [
      "error: usage: reboot now",
      "error: usage: reboot now",
    ]);
    assert.deepEqual(target.calls, []);
  });
});
