/**
 * Answers of a server (spec "Server Response Object"), reduced to what may be acted on.
 *
 *   const answer = readAnswer(body, { encoding, serialNumber, key, sent: written.sent,
 *     time: { kind: "active_until_timestamp", maximum: now + mostCreditSeconds } });
 *   if (answer.accepted) ... answer.tokens, answer.activeUntil, answer.activeSecondsLeft, answer.settings
 *   else ... answer.reason, answer.detail: nothing of it may be acted on.
 *
 * A signature covers serial number, counters, time, tokens, settings and extra data without names or separators, and not
 * what is 0 or empty. It proves less than it seems, so a signed answer is still refused when it could mean something else.
 */
import { frozen } from "../../hal/frozen.js";
import { answerPrefix, type Counters } from "./auth.js";
import { cborToJson } from "./cbor-reader.js";
import type { Encoding } from "./data-format.js";
import {
  hashJson,
  isEmptyContainer,
  type JsonMember,
  type JsonRange,
  jsonMembers,
  jsonScalar,
  MAX_MEMBERS,
  takeElements,
} from "./json-reader.js";
import { SipHash } from "./siphash.js";
import { fromUtf8, utf8 } from "./text.js";

/** The longest answer that is read, as it came and as text. */
export const MAX_ANSWER_BYTES = 4096;

/** Taken from one answer, the oldest; the server sends the others again when it has seen the token count rise. */
const MAX_TOKENS = 128;

/** The one kind of time that the device asked for. */
export interface RequestedTime {
  readonly kind: "active_until_timestamp" | "active_seconds_left";
  /** The most that is believed: seconds since 1970, or seconds left. */
  readonly maximum: number;
}

export interface AnswerOptions {
  readonly encoding: Encoding;
  readonly serialNumber: string;
  readonly key: Uint8Array;
  /** The counters of the request that is answered (`WrittenRequest.sent`). */
  readonly sent: Counters;
  /** Missing when the request asked for no time. */
  readonly time?: RequestedTime | undefined;
  /** The first request count that this device ever sent; 1 when not said. */
  readonly firstRequestCount?: number | undefined;
}

export type Refusal =
  | "too large"
  | "malformed"
  | "server error"
  | "other serial number"
  | "unsigned"
  | "wrong signature"
  | "time not requested"
  | "two times"
  | "beyond maximum"
  | "ambiguous time";

export interface Setting {
  readonly name: string;
  /** Undefined when it was null, an array or an object. */
  readonly value: string | number | boolean | undefined;
}

export interface AcceptedAnswer {
  readonly accepted: true;
  /** From oldest to newest, as digits with their leading zeros. They carry their own proof: `TokenDecoder`. */
  readonly tokens: readonly string[];
  /** Seconds since 1970; only when asked for and verified. */
  readonly activeUntil?: number;
  /** Only when asked for and verified. */
  readonly activeSecondsLeft?: number;
  /** Only from a verified answer; which names and values are allowed is for the caller to say. */
  readonly settings: readonly Setting[];
  readonly verified: boolean;
}

export interface RefusedAnswer {
  readonly accepted: false;
  readonly reason: Refusal;
  readonly detail: string;
  /** Its signature fits: it is the answer to this request, though nothing of it may be acted on. */
  readonly verified: boolean;
}

export type Answer = AcceptedAnswer | RefusedAnswer;

const LONG_TO_SHORT: Readonly<Record<string, string>> = frozen({
  serial_number: "sn",
  token_list: "tkl",
  active_until_timestamp: "auts",
  active_seconds_left: "asl",
  settings: "st",
  extra_data: "ed",
  auth: "a",
});

/** What signatures cover, in their order. */
const SIGNED: readonly string[] = frozen(["auts", "asl", "tkl", "st", "ed"]);

/** Reads an answer; never throws, whatever the bytes are. An empty body is an answer without content. */
export function readAnswer(body: Uint8Array, options: AnswerOptions): Answer {
  if (body.length === 0) return { accepted: true, tokens: [], settings: [], verified: false };
  if (body.length > MAX_ANSWER_BYTES) {
    return refuse("too large", `${body.length} bytes; at most ${MAX_ANSWER_BYTES} are read`);
  }
  const text = textOf(body, options.encoding);
  const members = text && membersOf(text);
  if (!members) {
    const encoding = options.encoding === "json" ? "JSON" : "CBOR";
    return refuse("malformed", `expected one ${encoding} object of at most ${MAX_MEMBERS} members`);
  }
  return new AnswerReader(text, members, options).read();
}

/** The id that a server gave to a data format (spec "Register Device Data Format"); undefined when the answer holds none. */
export function readFormatId(body: Uint8Array, encoding: Encoding = "json"): number | undefined {
  const text = body.length <= MAX_ANSWER_BYTES ? textOf(body, encoding) : undefined;
  const member = text && jsonMembers(text)?.find(({ name }) => name === "id");
  const id = member && jsonScalar(text, member);
  return typeof id === "number" && Number.isSafeInteger(id) && id > 0 ? id : undefined;
}

function textOf(body: Uint8Array, encoding: Encoding): Uint8Array | undefined {
  return encoding === "json" ? body : cborToJson(body, MAX_ANSWER_BYTES);
}

function refuse(reason: Refusal, detail: string): RefusedAnswer {
  return { accepted: false, reason, detail, verified: false };
}

/** By short name; undefined when malformed, also when one thing stands there twice, under its short and its long name. */
function membersOf(text: Uint8Array): Map<string, JsonMember> | undefined {
  const members = jsonMembers(text);
  if (!members) return undefined;
  const byName = new Map<string, JsonMember>();
  for (const member of members) {
    const name = Object.hasOwn(LONG_TO_SHORT, member.name) ? LONG_TO_SHORT[member.name]! : member.name;
    byName.set(name, member);
  }
  return byName.size === members.length ? byName : undefined;
}

class AnswerReader {
  readonly #text: Uint8Array;
  readonly #members: Map<string, JsonMember>;
  readonly #options: AnswerOptions;
  #tokens: string[] = [];
  #seconds: number | undefined;
  #settings: Setting[] = [];
  #verified = false;

  constructor(text: Uint8Array, members: Map<string, JsonMember>, options: AnswerOptions) {
    this.#text = text;
    this.#members = members;
    this.#options = options;
  }

  read(): Answer {
    const refusal =
      this.#checkError() ?? this.#checkSerial() ?? this.#readTokens() ?? this.#readTime() ?? this.#readSettings();
    const forged = this.#checkSignature();
    if (refusal) return { ...refusal, verified: this.#verified };
    return forged ?? this.#accepted();
  }

  #accepted(): AcceptedAnswer {
    const answer = {
      accepted: true,
      tokens: this.#tokens,
      settings: this.#settings,
      verified: this.#verified,
    } as const;
    if (this.#seconds === undefined) return answer;
    return this.#options.time?.kind === "active_until_timestamp"
      ? { ...answer, activeUntil: this.#seconds }
      : { ...answer, activeSecondsLeft: this.#seconds };
  }

  /** Where a member lies; null is the same as none. */
  #member(name: string): JsonRange | undefined {
    const member = this.#members.get(name);
    return member && this.#text[member.start] !== 0x6e ? member : undefined;
  }

  /** Servers tell so that they did not take a request; by MQTT there is no status that says it too. */
  #checkError(): RefusedAnswer | undefined {
    const member = this.#member("error");
    if (!member) return undefined;
    const text = jsonScalar(this.#text, member);
    return refuse("server error", text === undefined ? "without a text" : String(text).slice(0, 80));
  }

  #checkSerial(): RefusedAnswer | undefined {
    const member = this.#member("sn");
    if (!member) return undefined;
    const serialNumber = jsonScalar(this.#text, member);
    return serialNumber === this.#options.serialNumber
      ? undefined
      : refuse("other serial number", `for ${String(serialNumber)}, not ${this.#options.serialNumber}`);
  }

  #readTokens(): RefusedAnswer | undefined {
    const member = this.#member("tkl");
    if (!member) return undefined;
    const taken = takeElements(this.#text, member, (element) => {
      const token = tokenDigits(this.#text, element);
      if (token !== undefined && this.#tokens.length < MAX_TOKENS) this.#tokens.push(token);
      return token !== undefined;
    });
    return taken ? undefined : refuse("malformed", "token_list: expected an array of tokens of up to 20 digits");
  }

  #readTime(): RefusedAnswer | undefined {
    const until = this.#member("auts");
    const left = this.#member("asl");
    if (until && left) return refuse("two times", "expected one of active_until_timestamp and active_seconds_left");
    const member = until ?? left;
    if (!member) return undefined;
    const { time } = this.#options;
    if (time?.kind !== (until ? "active_until_timestamp" : "active_seconds_left")) {
      return refuse("time not requested", `expected ${time?.kind ?? "no time"}`);
    }
    const value = jsonScalar(this.#text, member);
    if (typeof value !== "number" || value < 0) return refuse("malformed", `${time.kind}: expected seconds from 0 on`);
    if (value > time.maximum) return refuse("beyond maximum", `${time.kind}: ${value} is more than ${time.maximum}`);
    // No signature covers a 0, so anyone can have added it: it says nothing.
    if (value === 0) return undefined;
    if (this.#fitsEarlierRequest(fromUtf8(this.#text, member.start, member.end)!, time.maximum)) {
      return refuse("ambiguous time", `${time.kind}: the signature fits an earlier request_count too`);
    }
    this.#seconds = Math.floor(value);
    return undefined;
  }

  /**
   * The last digits of the request count and the time stand side by side in what is signed: an old answer, to the count
   * without these digits, is a valid answer of a shorter time now. With a timestamp in the request there is no such count.
   */
  #fitsEarlierRequest(seconds: string, maximum: number): boolean {
    const { sent, firstRequestCount = 1 } = this.#options;
    if (sent.timestamp !== undefined || sent.requestCount === undefined) return false;
    const count = String(sent.requestCount);
    for (let kept = count.length - 1; kept > 0 && Number(count.slice(0, kept)) >= firstRequestCount; kept--) {
      if (count[kept] !== "0" && Number(count.slice(kept) + seconds) <= maximum) return true;
    }
    return false;
  }

  #readSettings(): RefusedAnswer | undefined {
    const member = this.#member("st");
    if (!member) return undefined;
    const settings = jsonMembers(this.#text, member.start, member.end);
    if (!settings)
      return refuse("malformed", `settings: expected an object of at most ${MAX_MEMBERS} names, each once`);
    for (const setting of settings) this.#settings.push({ name: setting.name, value: jsonScalar(this.#text, setting) });
    return undefined;
  }

  #checkSignature(): RefusedAnswer | undefined {
    const member = this.#member("a");
    if (!member) {
      const needed = this.#seconds !== undefined || this.#settings.length > 0;
      return needed ? refuse("unsigned", "expected a signature over time and settings") : undefined;
    }
    const signature = jsonScalar(this.#text, member);
    const digits = typeof signature === "string" ? /^da0*([0-9a-f]{1,16})$/i.exec(signature)?.[1] : undefined;
    if (digits?.toLowerCase() !== this.#hash()) return refuse("wrong signature", `auth: ${String(signature)}`);
    this.#verified = true;
    return undefined;
  }

  #hash(): string {
    const { key, serialNumber, sent } = this.#options;
    const hash = new SipHash(key);
    hash.update(utf8(answerPrefix(serialNumber, sent)));
    for (const name of SIGNED) {
      const member = this.#member(name);
      if (member && !isEmpty(this.#text, member)) hashJson(hash, this.#text, member);
    }
    return hash.hex();
  }
}

/** What servers leave out of a signature: 0, false, and empty texts, arrays and objects. */
function isEmpty(text: Uint8Array, range: JsonRange): boolean {
  const first = text[range.start];
  if (first === 0x5b || first === 0x7b) return isEmptyContainer(text, range);
  return !jsonScalar(text, range);
}

/** A token's digits. Integers lost their leading zeros: standard tokens have 9 digits, extended 12, restricted 15 and 20. */
function tokenDigits(text: Uint8Array, range: JsonRange): string | undefined {
  const quoted = text[range.start] === 0x22;
  const digits = quoted ? jsonScalar(text, range) : fromUtf8(text, range.start, range.end);
  if (typeof digits !== "string" || !/^[0-9]{1,20}$/.test(digits)) return undefined;
  const { length } = digits;
  return digits.padStart(length <= 9 ? 9 : length <= 12 ? 12 : length <= 15 ? 15 : 20, "0");
}
