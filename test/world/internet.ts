import { toText } from "../../hal/sim/bytes.js";
import type { Connection, ConnectionOptions, Internet } from "../../hal/sim/internet.js";
import type { SimulatedTime } from "../../hal/sim/time.js";
import { BROKER_PORT, BrokerExchange } from "./broker.js";
import type { Chance } from "./chance.js";
import { Exchange, type Piece, type Welcome } from "./exchange.js";
import { type Answer, bodyOf, type HTTPRequest, type MetricsServer } from "./metrics-server.js";
import { Violation } from "./violation.js";

/** What may happen to a request and its answer. The server has the rows after those from "lost answer" on. */
export const MANNERS = [
  "right",
  "refused",
  "unknown name",
  "no connection",
  "lost request",
  "unavailable",
  "broken",
  "busy",
  "captive portal",
  "redirect",
  "closed at once",
  "garbage",
  "other device",
  "lost answer",
  "no answer",
  "cut answer",
  "late answer",
  "slow answer",
  "dripping answer",
  "wrong signature",
  "answer to an earlier request",
  "forged answer",
  "delayed request",
  "doubled request",
] as const;
export type Manner = (typeof MANNERS)[number];

export interface WorldInternetOptions {
  readonly time: SimulatedTime;
  readonly chance: Chance;
  readonly servers: readonly MetricsServer[];
  /** Seconds since 1970. */
  readonly now: () => number;
  readonly log: (line: string) => void;
  /** How often the device has started. */
  readonly starts: () => number;
  readonly onViolation: (violation: Violation) => void;
}

const HTML = "<!DOCTYPE html><html><body>Buy a data bundle to go on.</body></html>";
/** Milliseconds. */
const SECOND = 1000;
const HOUR = 3_600_000;
/** Status of a request whose counters are not above those taken before. */
const REPLAYED = 409;

/** The internet of one world, with its servers and what goes wrong between. Everything happens at a moment of virtual time. */
export class WorldInternet implements Internet {
  /** What happens now and then; else everything is right. */
  manners: readonly Manner[] = [];
  /** Not only now and then. */
  always = false;
  /** What the device meant to register last. Nobody can tell when it was garbled on its way, so that is left out. */
  lastFormat = "";
  readonly #options: WorldInternetOptions;
  /** The last answer of a server, and the one before. */
  #last = "{}";
  #earlier = "{}";

  constructor(options: WorldInternetOptions) {
    this.#options = options;
  }

  connect(options: ConnectionOptions): Connection {
    const server = this.#options.servers.find(({ host }) => host === options.host);
    const manner = this.#choose();
    const start = this.#options.starts();
    if (manner !== "right") this.#options.log(`internet: ${manner}`);
    const welcome = welcomeOf(manner, server !== undefined);
    const serve = (request: HTTPRequest, way: Way) => this.#serve(server!, request, manner, start, way);
    if (options.port === BROKER_PORT) return this.#broker(options, manner, welcome, serve);
    const { time } = this.#options;
    return new HTTPExchange(options, time, welcome, (request) => serve(request, OVER_HTTP));
  }

  /** What a server says by its status is the broker's to say where it can. */
  #broker(
    options: ConnectionOptions,
    manner: Manner,
    welcome: Welcome,
    serve: (request: HTTPRequest, way: Way) => Piece[],
  ): Connection {
    const { time, chance } = this.#options;
    const isPortal = manner === "captive portal" || manner === "redirect";
    return new BrokerExchange(options, {
      ...{ time, chance, welcome },
      portal: isPortal ? messageOf(plain(200, HTML)) : undefined,
      refusesConnection: manner === "unavailable",
      refusesTopics: manner === "broken",
      losesRequests: manner === "lost request",
      repeats: manner === "doubled request",
      serve: (request, message) => serve(request, { message }),
    });
  }

  resolve(host: string, onResolved: (address: string | undefined) => void): void {
    const known = this.#options.servers.some((server) => server.host === host);
    this.#options.time.set(() => onResolved(known ? "192.0.2.1" : undefined));
  }

  #choose(): Manner {
    const { chance } = this.#options;
    if (this.manners.length === 0 || (!this.always && chance.oneIn(4))) return "right";
    return chance.of(this.manners);
  }

  /** Gives the pieces of the answer. `start`: of the device, in which it connected. */
  #serve(server: MetricsServer, request: HTTPRequest, manner: Manner, start: number, way: Way): Piece[] {
    const whole = (answer: Answer, after = 50) => wholeOf(way, answer, after);
    const take = () => this.#take(server, request, start);
    switch (manner) {
      case "lost request":
        return [{ after: SECOND }];
      case "unavailable":
        return whole(plain(503, "Service Unavailable"));
      case "broken":
        return whole(plain(500, '{"error": "database"}'));
      case "busy":
        return whole(plain(429, ""));
      case "captive portal":
        return whole(plain(200, HTML));
      case "redirect":
        return whole(plain(302, HTML));
      case "garbage":
        return [{ after: SECOND, text: this.#garbage() }, { after: SECOND }];
      case "other device":
        return whole(plain(201, '{"sn":"OTHER-1","tkl":[123456789]}'));
      case "lost answer":
        take();
        return [{ after: SECOND }];
      case "no answer":
        take();
        return [];
      case "cut answer":
        return cut(way.message(take()), this.#options.chance);
      case "late answer":
        return whole(take(), this.#options.chance.whole(100, 200) * SECOND);
      case "slow answer":
        return drip(way.message(take()), 300);
      case "dripping answer":
        return drip(way.message(take()), 100 * SECOND);
      case "wrong signature":
        return whole(withSignature(take(), (digit) => (digit === "0" ? "1" : "0")));
      case "answer to an earlier request": {
        const text = this.#earlier;
        return whole({ ...take(), text });
      }
      case "forged answer":
        return whole({ ...take(), text: this.#forgery() });
      case "delayed request":
        this.#options.time.set(() => void this.#answer(server, request), this.#options.chance.span(SECOND, 3 * HOUR));
        return [{ after: SECOND }];
      case "closed at once":
        return [...whole(take()).slice(0, 1), { after: 0 }];
      case "doubled request":
        return whole(this.#either(take(), this.#answer(server, request)));
      default:
        return whole(take());
    }
  }

  /** A request that comes for the first time is no replay; what the modem had of one when the device lost its power may come late. */
  #take(server: MetricsServer, request: HTTPRequest, start: number): Answer {
    const answer = this.#answer(server, request);
    if (answer.status === REPLAYED && start === this.#options.starts()) {
      this.#options.onViolation(new Violation("request counts rise", "a count above the last one", answer.text));
    }
    return answer;
  }

  #answer(server: MetricsServer, request: HTTPRequest): Answer {
    if (request.path === "/data_format" && request.body !== this.lastFormat) return plain(400, "garbled");
    const answer = server.answer(request);
    this.#earlier = this.#last;
    this.#last = answer.text;
    if (answer.status >= 300) this.#options.log(`${server.host} refuses: ${answer.status} ${answer.text}`);
    return answer;
  }

  /** The copy is refused as a replay; the device sees one of the two answers. */
  #either(...answers: readonly [Answer, Answer]): Answer {
    return answers[this.#options.chance.whole(0, 1)]!;
  }

  /** What somebody in between would like to give, unsigned. */
  #forgery(): string {
    const until = Math.floor(this.#options.now()) + 2_592_000;
    return this.#options.chance.of([`{"auts":${until}}`, '{"asl":2592000}', '{"st":{"sample_interval":59}}']);
  }

  #garbage(): string {
    const { chance } = this.#options;
    return String.fromCharCode(...Array.from({ length: chance.whole(1, 600) }, () => chance.whole(0, 255)));
  }
}

/** How answers travel. */
interface Way {
  readonly message: (answer: Answer) => string;
  /** An idle connection is kept open so long after an answer, in milliseconds; for ever when not given. */
  readonly kept?: number;
}

/** One connection, with at most one request. */
class HTTPExchange extends Exchange {
  readonly #serve: (request: HTTPRequest) => Piece[];
  #received = "";
  #served = false;

  constructor(
    options: ConnectionOptions,
    time: SimulatedTime,
    welcome: Welcome,
    serve: (request: HTTPRequest) => Piece[],
  ) {
    super(options, time, welcome);
    this.#serve = serve;
  }

  write(bytes: Uint8Array): void {
    this.#received += toText(bytes);
    const request = this.#served ? undefined : requestIn(this.#received);
    if (!request) return;
    this.#served = true;
    this.play(this.#serve(request));
  }
}

function welcomeOf(manner: Manner, known: boolean): Welcome {
  if (manner === "no connection") return undefined;
  if (!known || manner === "unknown name") return "dns";
  return manner === "refused" ? "refused" : "connected";
}

/** The request, once it is whole; undefined as well for what is none. */
function requestIn(received: string): HTTPRequest | undefined {
  const head = /^POST (\S+) HTTP\/1\.1\r\n([\s\S]*?)\r\n\r\n/.exec(received);
  const length = head && /^content-length: (\d+)\r?$/im.exec(head[2]!);
  if (!length) return undefined;
  const start = head![0].length;
  const end = start + Number(length[1]);
  if (received.length < end) return undefined;
  const type = /^content-type: (.*?)\r?$/im.exec(head![2]!);
  return { path: head![1]!, type: type?.[1], body: received.slice(start, end) };
}

/** An answer that is none of a metrics server, and goes out as it is. */
function plain(status: number, text: string): Answer {
  return { status, text, encoding: "json" };
}

function messageOf(answer: Answer): string {
  const body = bodyOf(answer);
  const date = answer.date === undefined ? "" : `date: ${answer.date}\r\n`;
  return `HTTP/1.1 ${answer.status} -\r\n${date}content-length: ${body.length}\r\n\r\n${body}`;
}

const OVER_HTTP: Way = { message: messageOf, kept: 5 * SECOND };

function wholeOf({ message, kept }: Way, answer: Answer, after: number): Piece[] {
  return [{ after, text: message(answer) }, ...(kept === undefined ? [] : [{ after: kept }])];
}

function cut(message: string, chance: Chance): Piece[] {
  return [{ after: 50, text: message.slice(0, chance.whole(1, message.length - 1)) }, { after: SECOND }];
}

/** Byte by byte; of HTTP, the head at once. */
function drip(message: string, after: number): Piece[] {
  const [head, ...body] = message.split(/(?<=\r\n\r\n)/);
  const bytes = body.length > 0 ? [head!, ...body.join("")] : [...message];
  return [...bytes.map((text) => ({ after, text })), { after }];
}

function withSignature(answer: Answer, change: (digit: string) => string): Answer {
  return { ...answer, text: answer.text.replace(/(?<="a":"da[0-9a-f]*)[0-9a-f](?=")/, change) };
}
