import type { Board } from "../../hal/board.js";
import { frozen } from "../../hal/frozen.js";
import type { Sample } from "../../hal/sensor.js";
import type { Clock } from "../clock.js";
import { hexBytes } from "../hex.js";
import type { AuthMethod } from "../openpaygo/auth.js";
import { type DataFormat, type Encoding, encodeDataFormat } from "../openpaygo/data-format.js";
import { type WrittenRequest, writeRequest } from "../openpaygo/request.js";
import {
  type AcceptedAnswer,
  type Refusal,
  type RequestedTime,
  readAnswer,
  readFormatId,
} from "../openpaygo/response.js";
import type { Form } from "../openpaygo/row-writer.js";
import type { Outbox } from "../outbox/outbox.js";
import type { Credit } from "../paygo/credit.js";
import type { Settings } from "../settings.js";
import { CURRENT_FORMAT, FORMATS } from "../telemetry/format.js";
import type { Row, RowSource } from "../telemetry/row.js";
import { VERSION } from "../version.js";
import { FormatRegistry, type Registration } from "./formats.js";
import { RequestCount } from "./request-count.js";

/** A request to be posted, and what to do with its answer. */
export interface PendingRequest {
  readonly route: string;
  readonly contentType: string;
  /** JWT for the Authorization header. */
  readonly bearer?: string | undefined;
  readonly body: Uint8Array;
  /** Takes the answer in; gives the reason when the request has to be tried again. */
  take(status: number, answer: Uint8Array): string | undefined;
  /** The request was delivered, and no answer comes. */
  delivered?(): void;
}

/** What is remembered of a request until its answer comes. */
interface SentRequest {
  readonly written: WrittenRequest;
  readonly cursor: RowSource;
  readonly encoding: Encoding;
  /** The lowest count that a request of this kind can have had. */
  readonly firstCount: number;
  /** An answer that fails a check is none, unless it is signed for this request. */
  readonly strict: boolean;
}

export interface ReporterOptions {
  board: Board;
  settings: Settings;
  clock: Clock;
  outbox: Outbox;
  credit: Credit;
  /** Requests that failed since start, for the report. */
  failures: () => number;
  /** What an accepted answer asks for. */
  onAnswer: (answer: AcceptedAnswer) => void;
  log: (line: string) => void;
}

/** Statuses of a server that keeps no data formats. */
const NO_REGISTRY: readonly number[] = frozen([404, 405, 501]);
/** The status that stands for an answer without HTTP. */
export const CREATED = 201;
/** Such an answer is not from a metrics server that took our rows: they stay. */
const NOT_TAKEN: readonly Refusal[] = frozen(["too large", "malformed", "server error", "other serial number"]);

/** Makes the requests of a report one by one, and takes their answers in: commits rows, hands on what was granted. */
export class Reporter {
  readonly #options: ReporterOptions;
  readonly #counts: RequestCount;
  readonly #registry: FormatRegistry;
  #greeted = false;
  /** The request that another carrier has, and the oldest row in it. */
  #carried: { readonly request: PendingRequest; readonly oldest: number } | undefined;
  /** Rows wait that the last request had no room for. */
  more = false;
  acknowledged = 0;
  /** Answers of which something was refused. */
  refused = 0;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#counts = new RequestCount(options.board.keyValue);
    this.#registry = new FormatRegistry(options.board.keyValue, FORMATS.length);
  }

  /**
   * The next request, or the reason why there can't be one. `broadcast`: it goes where answers to older requests come in
   * as well, so one that fails a check is none unless it is signed for this request; and it explains itself, as nobody
   * registers data formats there.
   */
  next(broadcast = false): PendingRequest | string {
    const { settings } = this.#options;
    const number = this.#waitingFormat();
    const format = this.#format(number);
    if (broadcast) {
      const id = settings.integer("data_format_id");
      return this.#report(number, format, id > 0 ? { id } : "embed", settings.text("encoding") as Encoding, true);
    }
    const text = encodeDataFormat(format, "json");
    const known = this.#known(number, text);
    if (known === "unknown") return this.#registration(number, text);
    return this.#report(number, format, known, settings.text("encoding") as Encoding);
  }

  /** About as many bytes as the next request takes, its headers and its answer included. */
  get size(): number {
    const { settings, outbox } = this.#options;
    return Math.min(settings.integer("request_bytes"), 300 + 60 * outbox.length) + 600;
  }

  #known(number: number, format: Uint8Array): Registration {
    const { settings } = this.#options;
    const provisioned = settings.integer("data_format_id");
    return provisioned > 0 ? { id: provisioned } : this.#registry.find(number, settings.text("base_url"), format);
  }

  /**
   * The request for another carrier than the modem (spec "Asynchronous Flow"), in JSON; the same one until its answer
   * came or the rows went another way. Rows go only with the answer; rows recorded meanwhile are kept.
   */
  handOut(): Uint8Array | string {
    const { settings, outbox } = this.#options;
    if (settings.text("serial_number") === "" || settings.text("secret_key") === "")
      return "the device is not provisioned";
    const oldest = outbox.cursor().position;
    if (this.#carried && this.#carried.oldest === oldest) return this.#carried.request.body;
    const number = this.#waitingFormat();
    const format = this.#format(number);
    const known = this.#known(number, encodeDataFormat(format, "json"));
    const request = this.#report(number, format, known === "unknown" ? "embed" : known, "json");
    if (typeof request === "string") return request;
    this.#carried = { request, oldest };
    return request.body;
  }

  /** Takes in the answer that a carrier brought; gives the reason when it is none to the request handed out. */
  takeIn(answer: Uint8Array): string | undefined {
    if (!this.#carried) return "no request was handed out since the start: use request first";
    const refusal = this.#carried.request.take(CREATED, answer);
    if (refusal === undefined) this.#carried = undefined;
    return refusal;
  }

  #registration(number: number, body: Uint8Array): PendingRequest {
    const { settings } = this.#options;
    const baseURL = settings.text("base_url");
    this.more = true;
    return {
      route: "/data_format",
      contentType: "application/json",
      bearer: settings.text("jwt_key") || undefined,
      body,
      take: (status, answer) => {
        const id = isSuccess(status) ? readFormatId(answer) : NO_REGISTRY.includes(status) ? 0 : undefined;
        if (id === undefined) return `data format not registered: ${describe(status, answer)}`;
        this.#registry.save(number, baseURL, body, id);
        return undefined;
      },
    };
  }

  #report(
    number: number,
    format: DataFormat,
    known: { readonly id: number } | "embed",
    encoding: Encoding,
    strict = false,
  ): PendingRequest | string {
    const { board, settings, clock, outbox, log } = this.#options;
    const auth = settings.text("auth") as AuthMethod;
    const timed = auth === "ta" || settings.text("activation") === "seconds_left";
    const firstCount = this.#firstCount(auth);
    const { count, timestamp } = this.#counts.next(timed ? clock.now : undefined, firstCount);
    const cursor = outbox.cursor();
    const buffer = new Uint8Array(settings.integer("request_bytes"));
    const written = writeRequest(buffer, {
      serialNumber: settings.text("serial_number"),
      form: settings.text("form") as Form,
      encoding,
      auth,
      key: this.#key(),
      timestamp,
      requestCount: count,
      format,
      formatId: known === "embed" ? undefined : known.id,
      embedFormat: known === "embed",
      data: this.#data(),
      rows: cursor,
      formatNumber: number,
      resolveTime: (boot, time) => clock.resolve(boot, time),
      accessories: board.accessories?.flatMap((accessory) => accessory.request(encoding) ?? []),
      resolveUptime: (boot, time) => clock.uptimeOf(boot, time),
      uptime: clock.uptime,
    });
    const remedy = known === "embed" ? "raise it, or set data_format_id: the data format goes along" : "raise it";
    const narrow = `request_bytes (${buffer.length}): ${remedy}`;
    if (written.length === 0) return `a request does not fit into ${narrow}`;
    if (written.rows === 0 && written.stop === "limit") log(`no row fits into ${narrow}`);
    const request: PendingRequest = {
      route: "/dd",
      contentType: `application/${encoding}`,
      body: buffer.subarray(0, written.length),
      take: (status, answer) => this.#take(status, answer, { written, cursor, encoding, firstCount, strict }),
      delivered: () => this.#commit(written, cursor),
    };
    return request;
  }

  #take(status: number, bytes: Uint8Array, sent: SentRequest): string | undefined {
    if (!isSuccess(status)) return describe(status, bytes);
    const { settings, log, onAnswer } = this.#options;
    const { written, cursor, encoding, firstCount, strict } = sent;
    const answer = readAnswer(bytes, {
      encoding,
      serialNumber: settings.text("serial_number"),
      key: this.#key(),
      sent: written.sent,
      firstRequestCount: firstCount,
      time: this.#requestedTime(),
    });
    if (!answer.accepted) {
      this.refused++;
      const refusal = `answer refused: ${answer.reason} (${answer.detail})`;
      if ((strict && !answer.verified) || NOT_TAKEN.includes(answer.reason)) return refusal;
      log(refusal);
    }
    this.#commit(written, cursor);
    if (answer.accepted) onAnswer(answer);
    return undefined;
  }

  /** The server has these rows. */
  #commit(written: WrittenRequest, cursor: RowSource): void {
    const { outbox, log } = this.#options;
    const waiting = outbox.length;
    if (written.rows > 0) outbox.commit(written.position);
    // Nothing readable is left: what is corrupt waits no longer.
    else if (written.stop === "end") outbox.commit(cursor.position);
    this.acknowledged += written.rows;
    this.#greeted = true;
    this.more = written.stop !== "end" && outbox.length < waiting;
    log(`report accepted: ${written.rows} rows in ${written.length} bytes${this.more ? ", more to come" : ""}`);
  }

  /**
   * An answer's signature runs count and seconds together without a mark between them. Without a timestamp before them
   * only a count of ten digits keeps an old answer from being read as one with other seconds. Counter and simple auth send
   * the count alone.
   */
  #firstCount(auth: AuthMethod): number {
    const { settings, clock } = this.#options;
    const alone = clock.now === undefined || auth === "ca" || auth === "sa";
    return settings.text("activation") === "seconds_left" && alone ? 1_000_000_000 : 1;
  }

  /** The one kind of time that this device asks for, and the most it believes. */
  #requestedTime(): RequestedTime | undefined {
    const { settings, clock } = this.#options;
    const most = settings.integer("maximum_credit");
    const activation = settings.text("activation");
    if (activation === "seconds_left") return { kind: "active_seconds_left", maximum: most };
    if (activation !== "active_until" || clock.now === undefined) return undefined;
    return { kind: "active_until_timestamp", maximum: clock.now + most };
  }

  /** The device as it is now; what never changes goes with the first report after a start only. */
  #data(): Sample {
    const { board, clock, settings, outbox, credit, failures } = this.#options;
    const activation = settings.text("activation");
    const first = !this.#greeted;
    return {
      token_count: activation === "token" ? credit.tokens.count : undefined,
      active_until_timestamp_requested: activation === "active_until" && clock.now !== undefined ? true : undefined,
      active_seconds_left_requested: activation === "seconds_left" ? true : undefined,
      firmware_version: first ? VERSION : undefined,
      reset_reason: first ? board.resetReason : undefined,
      signal: board.network.information.signal,
      rows_evicted: outbox.evicted || undefined,
      rows_corrupt: outbox.corrupt || undefined,
      requests_failed: failures() || undefined,
      answers_refused: this.refused || undefined,
    };
  }

  /** Number of the format of the oldest waiting row, or of the present one. */
  #waitingFormat(): number {
    const row: Row = { format: CURRENT_FORMAT, boot: 0, time: 0, values: [] };
    this.#options.outbox.cursor().next(row);
    return row.format;
  }

  /** The format as this device uses it: rows follow each other at its own record interval. */
  #format(number: number): DataFormat {
    return { ...FORMATS[number]!, historical_data_interval: this.#options.settings.integer("record_interval") };
  }

  #key(): Uint8Array {
    return hexBytes(this.#options.settings.text("secret_key"));
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** A refusal in one line: the status and the readable beginning of what the server says. */
function describe(status: number, answer: Uint8Array): string {
  let text = "";
  for (let i = 0; i < answer.length && text.length < 80; i++) {
    const byte = answer[i]!;
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : " ";
  }
  return `server answered ${status} ${text}`.trimEnd();
}
