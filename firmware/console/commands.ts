import { frozen } from "../../hal/frozen.js";
import { type Answer, type Command, type Context, findCommand, usage } from "./command.js";
import { lookUp } from "./look-up.js";
import { table } from "./table.js";
import type { ConsoleSetting, ConsoleTarget } from "./target.js";

const DEFAULT_ROWS = 10;
const MOST_ROWS = 1000;

const none = (words: number, named: number) => words + named === 0;
const atMostOne = (words: number, named: number) => words <= 1 && named === 0;

/** The commands of the device, in the order of `help`. */
export const COMMANDS: readonly Command<ConsoleTarget>[] = frozen([
  {
    name: "help",
    usage: "[COMMAND]",
    summary: "list the commands, or explain one",
    accepts: atMostOne,
    *run({ commands }, { words: [name] }) {
      if (name === undefined) return yield* table(commands.map((command) => [usage(command), command.summary]));
      const command = findCommand(commands, name);
      if (typeof command === "string") return command;
      yield `usage: ${usage(command)}`;
      yield command.summary;
    },
  },
  {
    name: "status",
    usage: "",
    summary: "show the state of the device",
    accepts: none,
    run: ({ target }) => table(target.status()),
  },
  {
    name: "data",
    usage: "",
    summary: "show the last readings of the sensors",
    accepts: none,
    *run({ target }) {
      const samples = target.samples();
      if (samples.length === 0) yield "nothing was read yet";
      return yield* table(samples);
    },
  },
  {
    name: "queue",
    usage: "[ROWS]",
    summary: `show waiting rows, oldest first (default ${DEFAULT_ROWS})`,
    accepts: atMostOne,
    *run({ target }, { words: [count = String(DEFAULT_ROWS)] }) {
      const limit = /^\d{1,4}$/.test(count) ? Number(count) : 0;
      if (limit < 1 || limit > MOST_ROWS) return `ROWS is a whole number from 1 to ${MOST_ROWS}, not "${count}"`;
      let shown = 0;
      for (const row of target.rows(limit)) {
        shown++;
        yield row;
      }
      if (shown === 0) yield "no row waits";
    },
  },
  {
    name: "send",
    usage: "",
    summary: "send a report now",
    accepts: none,
    *run({ target }) {
      const reason = target.send();
      if (reason !== undefined) return reason;
      yield "a report is on its way, the log tells how it went";
    },
  },
  {
    name: "request",
    usage: "",
    summary: "show the request for another carrier",
    accepts: none,
    *run({ target }) {
      const request = target.request();
      if ("problem" in request) return request.problem;
      yield request.text;
    },
  },
  {
    name: "answer",
    usage: "TEXT",
    summary: "take in its answer; more follows after a \\",
    raw: true,
    accepts: atMostOne,
    *run({ target }, { words: [text = ""] }) {
      const reason = target.answer(text);
      if (reason !== undefined) return reason;
      yield text.endsWith("\\") ? "go on with the next part" : "the answer was taken in";
    },
  },
  {
    name: "token",
    usage: "DIGITS",
    summary: "enter an OpenPAYGO token, blanks are fine",
    accepts: (words, named) => words > 0 && named === 0,
    *run({ target }, { words }) {
      const digits = words.join("").replace(/[ -]/g, "");
      if (!/^\d+$/.test(digits)) return `a token is digits, with blanks or dashes between, not "${words.join(" ")}"`;
      const { accepted, message } = target.enterToken(digits);
      if (!accepted) return message;
      yield message;
    },
  },
  {
    name: "update",
    usage: "URL LENGTH SHA256",
    summary: "install firmware (status shows how far)",
    accepts: (words, named) => words === 3 && named === 0,
    *run({ target }, { words }) {
      const reason = target.update(words.join(" "));
      if (reason !== undefined) return reason;
      yield "the update is ordered, the log tells how it goes";
    },
  },
  {
    name: "settings",
    usage: "[NAME]",
    summary: "list the settings, or explain one",
    accepts: atMostOne,
    *run({ target }, { words: [name] }) {
      const settings = target.settings();
      if (name === undefined) return yield* table(settings.map((setting) => [setting.name, shownValue(setting)]));
      const setting = lookUp("setting", name, settings, "settings");
      if (typeof setting === "string") return setting;
      return yield* explain(setting);
    },
  },
  {
    name: "set",
    usage: "NAME VALUE | NAME=VALUE ...",
    summary: 'change settings ("..." around blanks and =)',
    accepts: (words, named) => (words === 2 && named === 0) || (words === 0 && named > 0),
    *run(context, { words, named }) {
      const changes = named.length > 0 ? named : [[words[0]!, words[1]!] as const];
      for (const [name, value] of changes) {
        const reason = change(context, name, value);
        if (reason !== undefined) return reason;
        yield `${name} is set`;
      }
    },
  },
  {
    name: "reboot",
    usage: "now",
    summary: "restart the device",
    accepts: (words, named) => words === 1 && named === 0,
    *run({ target, afterwards }, { words: [word] }) {
      if (word !== "now") return "usage: reboot now";
      yield "restarting";
      afterwards(() => target.restart());
    },
  },
]);

function change({ target, forget }: Context<ConsoleTarget>, name: string, value: string): string | undefined {
  const setting = lookUp("setting", name, target.settings(), "settings");
  if (typeof setting === "string") return setting;
  if (setting.secret) forget();
  return target.set(name, value);
}

function explain(setting: ConsoleSetting): Answer {
  return table([
    ["name", setting.name],
    ["value", shownValue(setting)],
    ["default", withUnit(setting.default, setting.unit)],
    ["takes", setting.limits],
    ["about", setting.description],
  ]);
}

function shownValue({ value, unit, secret }: ConsoleSetting): string {
  return secret && value !== "" ? "****" : withUnit(value, unit);
}

function withUnit(value: string, unit: string | undefined): string {
  if (value === "") return "(none)";
  return unit ? `${value} ${unit}` : value;
}
