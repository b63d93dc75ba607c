import type { Board } from "../hal/board.js";
import type { Sample } from "../hal/sensor.js";
import type { TimerHandle } from "../hal/timer.js";
import { Clock } from "./clock.js";
import { COMMANDS } from "./console/commands.js";
import { Console } from "./console/console.js";
import type { ConsoleTarget } from "./console/target.js";
import { showDuration, showTime } from "./display.js";
import type { AcceptedAnswer } from "./openpaygo/response.js";
import { Outbox } from "./outbox/outbox.js";
import { Credit } from "./paygo/credit.js";
import { TokenDoor } from "./paygo/token-door.js";
import { Service } from "./service.js";
import { Settings } from "./settings.js";
import { CURRENT_FORMAT, FORMATS } from "./telemetry/format.js";
import type { Row } from "./telemetry/row.js";
import { Sampler } from "./telemetry/sampler.js";
import { Update } from "./update/update.js";
import { NETWORK_SETTINGS } from "./uplink/attachment.js";
import { Reporter } from "./uplink/reporter.js";
import { ServerSettings } from "./uplink/server-settings.js";
import { Session } from "./uplink/session.js";
import { VERSION } from "./version.js";

/** How often the slow work is looked at, in milliseconds: relay, schedule, saving. */
const BEAT = 5000;

type Warning = "none" | "low" | "grace";

/** The variables that tell of warnings. */
const WARNINGS: readonly (readonly [variable: string, warning: Warning])[] = Object.freeze([
  Object.freeze(["credit_low", "low"] as const),
  Object.freeze(["in_grace_period", "grace"] as const),
]);

/** The firmware on a board: the one place that sees every part. */
export class Device {
  readonly board: Board;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly credit: Credit;
  readonly door: TokenDoor;
  readonly reporter: Reporter;
  readonly serverSettings: ServerSettings;
  readonly session: Session;
  /** Absent when the board takes no updates. */
  readonly update: Update | undefined;
  readonly #console: Console<ConsoleTarget> | undefined;
  readonly #beat: TimerHandle;
  #sampler: Sampler;
  #loadOn = false;
  #warning: Warning = "none";
  /** Rows recorded since start. */
  recorded = 0;

  constructor(board: Board) {
    this.board = board;
    const { keyValue, flash } = board;
    this.settings = new Settings({ keyValue });
    this.outbox = new Outbox({ flash, formats: FORMATS.length });
    this.clock = new Clock({ ticks: () => board.ticks(), keyValue, newest: this.outbox.newest() });
    const grace = () => this.settings.integer("grace_period");
    this.credit = new Credit({ clock: this.clock, keyValue, grace });
    this.door = new TokenDoor({ credit: this.credit, clock: this.clock, settings: this.settings });
    const { settings, clock, outbox, credit } = this;
    const log = (line: string) => this.log(line);
    this.reporter = new Reporter({
      ...{ board, settings, clock, outbox, credit, log },
      failures: () => this.session.failures,
      onAnswer: (answer) => this.#granted(answer),
    });
    this.serverSettings = new ServerSettings({ settings, keyValue, log });
    const onOutcome = (baseURL: string, answered: boolean) => this.#serverAsked(baseURL, answered);
    const wanted = () => this.update?.wait ?? Number.POSITIVE_INFINITY;
    const proving = () => this.update?.proving ?? false;
    this.session = new Session({ board, settings, clock, reporter: this.reporter, onOutcome, wanted, proving, log });
    this.update = board.slots && new Update(this, board.slots);
    if (board.console) {
      this.#console = new Console({ port: board.console, target: new Service(this), commands: COMMANDS });
    }
    if (board.clock?.time !== undefined) this.clock.offer(board.clock.time, "rtc");
    board.network.onChanged = (name) => this.#networkChanged(name);
    this.clock.onChanged = (shift) => this.#clockChanged(shift);
    this.credit.onChanged = () => this.#switchLoad();
    this.settings.onChanged = (name) => this.#settingChanged(name);
    this.#sampler = this.#startSampler();
    this.#beat = board.timer.repeat(() => this.#keep(), BEAT);
    this.#switchLoad();
    const waiting = `${this.outbox.length} rows waiting`;
    log(`heliograph ${VERSION} on ${board.name}, boot ${this.clock.boot} (${board.resetReason}), ${waiting}`);
  }

  /** Readings of the last round, by variable. */
  get latest(): Sample {
    return this.#sampler.latest;
  }

  get samples(): number {
    return this.#sampler.samples;
  }

  log(line: string): void {
    const now = this.clock.now;
    const text = `${now === undefined ? `+${this.clock.uptime} s` : showTime(now)}  ${line}`;
    if (this.#console) this.#console.print(text);
    else this.board.log?.(text);
  }

  /** Stops everything but the hardware: the relay stays as it is. */
  close(): void {
    this.board.timer.clear(this.#beat);
    this.board.network.onChanged = undefined;
    this.#sampler.close();
    this.session.close();
    this.update?.close();
    this.#console?.close();
  }

  #startSampler(latest: Sample = {}): Sampler {
    const { board, settings } = this;
    return new Sampler({
      timer: board.timer,
      clock: this.clock,
      sensors: board.sensors,
      inputs: board.inputs,
      format: FORMATS[CURRENT_FORMAT]!,
      formatNumber: CURRENT_FORMAT,
      sampleInterval: settings.integer("sample_interval"),
      recordInterval: settings.integer("record_interval"),
      latest,
      onRow: (row) => this.#record(row),
    });
  }

  #record(row: Row): void {
    if (this.outbox.push(row)) this.recorded++;
    else this.log(`row not stored: ${this.outbox.problem ?? "the flash failed"}`);
  }

  #keep(): void {
    this.clock.keep();
    this.credit.keep();
    this.#switchLoad();
    this.#warn();
    this.session.keep();
    this.update?.keep();
  }

  #networkChanged(name: string): void {
    const { network } = this.board;
    if (name === "time" && network.time !== undefined) this.clock.offer(network.time, "network");
    if (name === "problem" && network.problem) this.log(`modem: ${network.problem}`);
    if (name === "connection") this.session.networkChanged();
  }

  /** Does what an accepted answer asks for. */
  #granted(answer: AcceptedAnswer): void {
    for (const token of answer.tokens) this.log(`token from the server: ${this.door.enter(token).message}`);
    if (answer.activeUntil !== undefined) this.credit.setUntil(answer.activeUntil);
    if (answer.activeSecondsLeft !== undefined) this.credit.setLeft(answer.activeSecondsLeft);
    this.serverSettings.apply(answer.settings);
  }

  #serverAsked(baseURL: string, answered: boolean): void {
    if (baseURL !== this.settings.text("base_url")) return;
    if (answered) this.serverSettings.succeeded();
    else this.serverSettings.failed();
  }

  #clockChanged(shift: number | undefined): void {
    const { clock, board } = this;
    this.log(`time set from the ${clock.source}`);
    if (board.clock && clock.source !== "rtc") board.clock.time = clock.now;
    this.credit.clockChanged(shift);
    this.session.clockChanged();
  }

  #switchLoad(): void {
    const active = this.credit.active;
    if (active === this.#loadOn) return;
    this.#loadOn = active;
    this.board.relay.write(active ? 1 : 0);
    this.log(active ? "load on" : "load off: no credit");
  }

  /** Low credit, and the grace period after it, as events. */
  #warn(): void {
    const { left, active, unlocked } = this.credit;
    const metered = active && !unlocked;
    const warning = !metered || left > this.settings.integer("low_credit") ? "none" : left > 0 ? "low" : "grace";
    const before = this.#warning;
    if (warning === before) return;
    this.#warning = warning;
    for (const [variable, state] of WARNINGS) {
      if ((warning === state) !== (before === state)) this.#sampler.event(variable, warning === state);
    }
    if (warning !== "none")
      this.log(warning === "low" ? `credit low: ${showDuration(left)}` : "no credit: in the grace period");
  }

  #settingChanged(name: string): void {
    if (NETWORK_SETTINGS.includes(name)) this.session.networkSettingsChanged();
    if (name === "update") this.update?.changed();
    if (name !== "sample_interval" && name !== "record_interval") return;
    this.#sampler.close();
    this.#sampler = this.#startSampler(this.#sampler.latest);
  }
}
