import { createHash, type Hash } from "node:crypto";
import type { Device } from "../../firmware/app.js";
import { SimulatedTime } from "../../hal/sim/time.js";
import type { Boot } from "./boot.js";
import { Chance } from "./chance.js";
import { CreditWatch } from "./credit-watch.js";
import { Delivery } from "./delivery.js";
import { WorldInternet } from "./internet.js";
import { Machine } from "./machine.js";
import { MetricsServer, type TakenRequest } from "./metrics-server.js";
import { watchOutbox } from "./outbox-watch.js";
import { HOSTS, KEY, type Profile, profileOf, SERIAL_NUMBER } from "./profile.js";
import { RowModel } from "./row-model.js";
import { type IssuedToken, TokenOffice } from "./token-office.js";
import { Violation } from "./violation.js";

/** 2026-01-01T00:00:00Z, in seconds since 1970. */
const START = 1_767_225_600;
const MINUTE = 60_000;
/** Seconds that a session may be busy with one request: 15 min for the network, 15 min for the request itself. */
const LONGEST_REQUEST = 1800;
/** Bytes of a request, its answer and its connection. */
const LARGEST_REQUEST = 12_000;

export interface WorldOptions {
  readonly seed: number;
  readonly onLog?: ((line: string) => void) | undefined;
}

/** One device with all that surrounds it, and the checks that hold at every moment. */
export class World {
  readonly time = new SimulatedTime();
  readonly profile: Profile;
  readonly internet: WorldInternet;
  readonly servers: readonly MetricsServer[];
  readonly machine: Machine;
  readonly office: TokenOffice;
  readonly rows: RowModel;
  /** Milliseconds from a loss of power to its return; the fault that takes the power sets it. */
  downtime = 1000;
  resetReason = "power";
  /** False once a clock around the device was ever wrong. */
  clocksRight = true;
  /** Requests that servers took. */
  requests = 0;
  readonly #delivery: Delivery;
  readonly #credit: CreditWatch;
  readonly #hash: Hash = createHash("sha256");
  readonly #onLog: ((line: string) => void) | undefined;
  readonly #unwatch: () => void;
  #relayWrong = 0;
  #busySince: number | undefined;
  #busyWith = 0;
  #violation: Violation | undefined;

  constructor({ seed, onLog }: WorldOptions) {
    this.#onLog = onLog;
    this.profile = profileOf(seed);
    const { profile, time } = this;
    const now = () => this.now;
    const log = (line: string) => this.log(line);
    const powered = () => this.machine.powered;
    const onViolation = (violation: Violation) => this.fail(violation);
    const clocksRight = () => this.clocksRight;
    const key = Uint8Array.from(Buffer.from(KEY, "hex"));
    this.office = new TokenOffice(key);
    this.#delivery = new Delivery({ profile, now, clocksRight, onViolation });
    this.#credit = new CreditWatch({ office: this.office, view: () => this.#view, powered, onViolation });
    const common = { serialNumber: SERIAL_NUMBER, key, registry: profile.registry, dates: profile.dates, now };
    this.servers = HOSTS.map(
      (host) => new MetricsServer({ ...common, host, onTaken: (request) => this.#taken(request) }),
    );
    this.internet = new WorldInternet({
      ...{ time, now, log, onViolation },
      chance: new Chance(seed, "internet"),
      servers: this.servers,
      starts: () => this.machine.boots,
    });
    this.rows = new RowModel({
      ...{ now, powered, onViolation },
      blockLength: profile.flash.blockLength,
      onRow: (row) => this.#delivery.recorded(row),
    });
    this.machine = new Machine({
      ...{ seed, profile, time, now, log },
      internet: this.internet,
      onRequest: (path, body) => this.#sent(path, body),
      onStarted: (device) => this.#started(device),
      onStopped: (boot) => this.#stopped(boot),
      onError: (error) => this.fail(error),
    });
    this.#unwatch = watchOutbox(this.rows);
    time.repeat(() => this.#everyMinute(), MINUTE);
  }

  /** Seconds since 1970. */
  get now(): number {
    return START + this.time.now / 1000;
  }

  get day(): number {
    return this.time.now / 86_400_000;
  }

  /** Of everything that was logged so far: equal for equal runs. */
  get digest(): string {
    return this.#hash.copy().digest("hex").slice(0, 16);
  }

  log(line: string): void {
    const text = `${this.day.toFixed(5)}  ${line}`;
    this.#hash.update(`${text}\n`);
    this.#onLog?.(text);
  }

  /** Runs until so many milliseconds of world time; throws Violation. */
  runUntil(end: number): void {
    this.time.set(() => {}, end - this.time.now);
    do if (this.#violation) throw this.#violation;
    while (this.time.now < end && this.time.step(end));
  }

  /** To be called in the end: worlds of one process follow each other. */
  close(): void {
    this.#unwatch();
  }

  /** Takes note of the first violation; thrown on the next turn, for the firmware might catch it. */
  fail(error: unknown): void {
    const text = error instanceof Error ? String(error.stack) : String(error);
    this.#violation ??=
      error instanceof Violation ? error : new Violation("the firmware does not throw", "no exception", text);
  }

  /** The storm is over. */
  restorePower(): void {
    if (!this.machine.powered) this.machine.start(this.resetReason);
  }

  /** The operator gives credit until so many seconds since 1970, at whichever server the device reports to. */
  grantUntil(activeUntil: number): void {
    for (const server of this.servers) server.change({ activeUntil });
    this.#credit.grants.add(activeUntil);
  }

  /** The token goes out with the next answers. */
  queueToken({ token, count, type, value }: IssuedToken): void {
    for (const server of this.servers) {
      const tokens = [...server.device.tokens, { token, count, type, value }];
      server.change({ tokens, tokenCount: Math.max(count, server.device.tokenCount) });
    }
  }

  /** A technician moves the device to the other server. */
  migrate(): void {
    this.machine.enter(({ settings }) => {
      const [name, scheme] = this.profile.transport === "mqtt" ? ["mqtt_broker", "mqtt"] : ["base_url", "http"];
      const other = this.servers.find(({ host }) => !settings.text(name).endsWith(host))!;
      settings.set(name, `${scheme}://${other.host}`);
    });
  }

  /** The servers send the device to `host`, which need not be there; nowhere else when not given. */
  redirect(host?: string): void {
    for (const server of this.servers) {
      server.change({ settings: host === undefined || host === server.host ? {} : { base_url: `http://${host}` } });
    }
  }

  /** Somebody types a token. */
  type(digits: string): void {
    this.machine.enter((device) => void device.door.enter(digits));
  }

  /** Everything recorded before `time` (seconds since 1970) has to be at a server, unless the month's bytes are used up. */
  checkRecovered(time: number): void {
    const late = this.rows.waiting.filter((row) => row.recordedAt < time);
    const saving = this.machine.device?.session.budget.wait(LARGEST_REQUEST, false) ?? 0;
    if (late.length === 0 || saving > 0) return;
    const minutes = Math.round((this.now - late[0]!.recordedAt) / 60);
    const found = `${late.length} rows that wait, the oldest for ${minutes} min`;
    throw new Violation("the device reports again", "all rows from before the calm at a server", found);
  }

  get #view() {
    const time = this.machine.device?.clock.now;
    const clockError = time === undefined ? undefined : time - this.now;
    return { now: this.now, clockError, trusted: this.clocksRight };
  }

  #started(device: Device): void {
    this.rows.meet(device.outbox);
    this.#credit.started(device);
    for (const [name, value] of this.profile.settings) {
      const found = device.settings.text(name);
      // Those the servers and technicians change.
      if (name === "base_url" || name === "mqtt_broker" || found === value) continue;
      this.fail(new Violation("settings survive", `${name} ${value}`, found));
    }
  }

  #stopped(boot: Boot): void {
    const uptime = boot.ticks() / 1000;
    this.log(`power gone after ${Math.round(uptime)} s`);
    this.#credit.stopped(uptime);
    this.#busySince = undefined;
    this.time.set(() => this.restorePower(), this.downtime);
  }

  #sent(path: string, body: string): void {
    if (path !== "/dd") this.internet.lastFormat = body;
    else this.#delivery.sent(body, this.rows.read, this.machine.device!.clock);
  }

  #taken(request: TakenRequest): void {
    this.requests++;
    const { requestCount = 0, timestamp = 0, rows } = request;
    this.log(`server has request ${Math.max(requestCount, timestamp)}, ${rows.length} rows`);
    this.#delivery.taken(request);
  }

  #everyMinute(): void {
    const { device } = this.machine;
    if (!device) return;
    try {
      this.#credit.check(device);
      this.#checkRelay(device);
      this.#checkSession(device);
      this.#checkBudget(device);
    } catch (error) {
      this.fail(error);
    }
  }

  /** The relay has a beat of the firmware to follow. */
  #checkRelay({ credit }: Device): void {
    const wanted = credit.active ? 1 : 0;
    this.#relayWrong = this.machine.relay === wanted ? 0 : this.#relayWrong + 1;
    if (this.#relayWrong > 1) throw new Violation("the relay follows the credit", `${wanted}`, `${this.machine.relay}`);
  }

  /** By the uptime, as without a clock, it is kept only on average. */
  #checkBudget({ session, clock }: Device): void {
    const { monthlyBytes, knobs } = this.profile;
    if (monthlyBytes === 0 || !this.clocksRight || knobs.nitz === false || clock.now === undefined) return;
    const { spent } = session.budget;
    const most = monthlyBytes + LARGEST_REQUEST;
    if (spent > most) throw new Violation("the month's budget is kept", `at most ${most} bytes`, `${spent}`);
  }

  #checkSession({ session }: Device): void {
    const done = session.requests + session.failures;
    if (!session.busy || done !== this.#busyWith) this.#busySince = undefined;
    this.#busyWith = done;
    if (!session.busy) return;
    this.#busySince ??= this.now;
    const busy = this.now - this.#busySince;
    if (busy <= LONGEST_REQUEST) return;
    throw new Violation("every wait has an end", `a request of at most ${LONGEST_REQUEST} s`, `${busy} s`);
  }
}
