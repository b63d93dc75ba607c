import { frozen } from "../hal/frozen.js";
import type { Device } from "./app.js";
import type { ConsoleSetting, ConsoleTarget } from "./console/target.js";
import { showDuration, showNames, showRow, showTime, showValue } from "./display.js";
import { utf8 } from "./openpaygo/text.js";
import { DEFINITIONS } from "./setting-definitions.js";
import { limits, SettingError } from "./settings.js";
import { CURRENT_FORMAT, FORMATS } from "./telemetry/format.js";
import type { Row } from "./telemetry/row.js";
import { VERSION } from "./version.js";

/** Characters of an answer that is typed in parts. */
const ANSWER_LIMIT = 4096;

type Line = readonly [name: string, value: string];

/** The device as a technician sees it at the console. */
export class Service implements ConsoleTarget {
  readonly #device: Device;
  /** Parts of a carrier's answer so far. */
  #answer = "";

  constructor(device: Device) {
    this.#device = device;
  }

  status(): readonly Line[] {
    const { board, clock, credit, outbox, reporter, session, settings, update } = this.#device;
    const { network } = board;
    const { operator, signal, model } = network.information;
    const lost = outbox.evicted + outbox.corrupt + outbox.rejected;
    return [
      ["device", `${settings.text("serial_number") || "not provisioned"}, heliograph ${VERSION} on ${board.name}`],
      [
        "credit",
        credit.unlocked ? "unlocked for good" : credit.left > 0 ? showDuration(credit.left) : "none: load off",
      ],
      ["token count", String(credit.tokens.count)],
      ["time", clock.now === undefined ? "not known yet" : `${showTime(clock.now)} UTC from the ${clock.source}`],
      ["up for", `${showDuration(clock.uptime)}, boot ${clock.boot} (${board.resetReason})`],
      ["network", network.problem ?? describeConnection(network.connection)],
      [
        "modem",
        [model, operator, signal === undefined ? undefined : `${signal} dBm`].filter(Boolean).join(", ") || "silent",
      ],
      ["server", settings.text("base_url") || "not set"],
      [
        "last report",
        session.lastSuccess === undefined ? "none yet" : `${showDuration(clock.uptime - session.lastSuccess)} ago`,
      ],
      ["next report", session.next],
      ["requests", `${session.requests} sent, ${session.failures} failed, ${reporter.refused} answers refused`],
      ["waiting rows", `${outbox.length}${lost > 0 ? `; ${lost} were lost` : ""}`],
      ["update", update?.description ?? "this board takes none"],
      ["bytes", `${network.bytesSent} up, ${network.bytesReceived} down since start`],
      ["this month", describeBudget(session.budget.spent, settings.integer("monthly_bytes"))],
    ];
  }

  samples(): readonly Line[] {
    const { variables } = FORMATS[CURRENT_FORMAT]!;
    return Object.entries(this.#device.latest).map(([name, value]) => [
      name,
      value === undefined ? "no reading" : showValue(value, variables[name]),
    ]);
  }

  *rows(limit: number): Iterable<string> {
    const row: Row = { format: 0, boot: 0, time: 0, values: [] };
    const cursor = this.#device.outbox.cursor();
    let shown = -1;
    for (let i = 0; i < limit && cursor.next(row); i++) {
      const format = FORMATS[row.format]!;
      if (row.format !== shown) yield showNames(format);
      shown = row.format;
      yield showRow(row, format);
    }
  }

  send(): string | undefined {
    return this.#device.session.send();
  }

  request(): { text: string } | { problem: string } {
    const body = this.#device.reporter.handOut();
    if (typeof body === "string") return { problem: body };
    let text = "";
    for (let i = 0; i < body.length; i++) text += String.fromCharCode(body[i]!);
    return { text };
  }

  answer(text: string): string | undefined {
    this.#answer += text.endsWith("\\") ? text.slice(0, -1) : text;
    if (text.endsWith("\\") && this.#answer.length <= ANSWER_LIMIT) return undefined;
    const answer = utf8(this.#answer);
    this.#answer = "";
    return this.#device.reporter.takeIn(answer);
  }

  enterToken(digits: string): { accepted: boolean; message: string } {
    return this.#device.door.enter(digits);
  }

  update(order: string): string | undefined {
    const { update } = this.#device;
    if (!update) return "this board takes no updates";
    const problem = this.set("update", order);
    if (problem === undefined) update.again();
    return problem;
  }

  settings(): readonly ConsoleSetting[] {
    return DEFINITIONS.map((setting) => ({
      name: setting.name,
      value: this.#device.settings.text(setting.name),
      unit: setting.unit,
      description: setting.description,
      limits: limits(setting),
      default: String(setting.default),
      secret: setting.secret,
    }));
  }

  set(name: string, value: string): string | undefined {
    try {
      this.#device.settings.set(name, value);
      return undefined;
    } catch (error) {
      if (error instanceof SettingError) return error.message;
      throw error;
    }
  }

  restart(): void {
    this.#device.board.timer.set(() => this.#device.board.restart(), 100);
  }
}

function describeBudget(spent: number, limit: number): string {
  return `about ${spent} bytes on the air${limit > 0 ? ` of ${limit}` : ""}`;
}

/** ECMA-419 table 46 in words. */
function describeConnection(connection: number): string {
  if (connection >= 500) return "connected";
  if (connection >= 400) return "registered, no address yet";
  if (connection >= 300) return "looking for a network";
  return connection >= 200 ? "disconnected" : "modem starting";
}

frozen(Service);
