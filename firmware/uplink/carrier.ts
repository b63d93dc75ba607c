import type { Board } from "../../hal/board.js";
import type { Clock } from "../clock.js";
import type { Settings } from "../settings.js";
import { parseBaseURL } from "../url.js";
import { Post } from "./http.js";
import { type Broker, Publisher, parseBroker } from "./mqtt.js";
import { CREATED, type Reporter } from "./reporter.js";
import { noTLS } from "./socket.js";

/** A server's time may be late by this, in seconds; a clock that agrees so far is left alone. */
const LATE = 60;

export interface CarrierOptions {
  readonly board: Board;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** The server of this base URL was asked, and answered or not. */
  readonly onOutcome: (baseURL: string, answered: boolean) => void;
}

/** A way to the server. */
export interface Carrier {
  /** Why nothing can be sent this way; undefined when something can. */
  problem(): string | undefined;
  /** Through TLS. */
  readonly secure: boolean;
  /**
   * Sends the reporter's next request and takes its answer in; then `onDone`, with the reason when it has to be tried again. Gives
   * the reason when there is nothing to send.
   */
  send(onDone: (problem?: string) => void): string | undefined;
  /** Ends what is under way without a word, and the connection. */
  close(): void;
}

/** A connection for each request. The rows are the server's with its answer. */
export class HTTPCarrier implements Carrier {
  readonly #options: CarrierOptions;
  #post: Post | undefined;

  constructor(options: CarrierOptions) {
    this.#options = options;
  }

  problem(): string | undefined {
    const { settings, board } = this.#options;
    const url = parseBaseURL(settings.text("base_url"));
    if (!url) return "no server set (base_url)";
    return url.secure ? noTLS(board) : undefined;
  }

  get secure(): boolean {
    return parseBaseURL(this.#options.settings.text("base_url"))?.secure ?? false;
  }

  send(onDone: (problem?: string) => void): string | undefined {
    const { settings, board, reporter, onOutcome } = this.#options;
    const request = reporter.next();
    if (typeof request === "string") return request;
    // The answer itself may change it.
    const baseURL = settings.text("base_url");
    const url = parseBaseURL(baseURL)!;
    this.#post = new Post(board, {
      url,
      route: request.route,
      contentType: request.contentType,
      bearer: request.bearer,
      body: request.body,
      onTime: (time) => this.#offerTime(time, url.secure),
      onDone: (status, answer, problem) => {
        this.#post = undefined;
        const refusal = problem ?? request.take(status, answer);
        onOutcome(baseURL, refusal === undefined);
        onDone(refusal);
      },
    });
    return undefined;
  }

  close(): void {
    this.#post?.close();
    this.#post = undefined;
  }

  #offerTime(time: number, secure: boolean): void {
    const { clock } = this.#options;
    if (clock.now === undefined || Math.abs(clock.now - time) > LATE) clock.offer(time, secure ? "server" : "internet");
  }
}

/**
 * One connection for all requests of a report. A broker's word alone does not say that the server has the rows: they are the
 * server's with its answer on the topic down. Only where no such topic is set, the broker's word is all there is.
 */
export class MQTTCarrier implements Carrier {
  readonly #options: CarrierOptions;
  #publisher: Publisher | undefined;

  constructor(options: CarrierOptions) {
    this.#options = options;
  }

  problem(): string | undefined {
    const { settings, board } = this.#options;
    if (!board.MQTTClient) return "this board has no MQTT client";
    const broker = parseBroker(settings.text("mqtt_broker"));
    if (!broker) return "no broker set (mqtt_broker)";
    return broker.secure ? noTLS(board) : undefined;
  }

  get secure(): boolean {
    return parseBroker(this.#options.settings.text("mqtt_broker"))?.secure ?? false;
  }

  send(onDone: (problem?: string) => void): string | undefined {
    const { settings, reporter } = this.#options;
    const request = reporter.next(true);
    if (typeof request === "string") return request;
    this.#publisher ??= this.#connect(parseBroker(settings.text("mqtt_broker"))!);
    const answered = settings.text("mqtt_topic_down") !== "";
    this.#publisher.publish({
      body: request.body,
      onAnswer: (answer) => request.take(CREATED, answer),
      onDone: (problem) => {
        if (problem === undefined && !answered) request.delivered?.();
        onDone(problem);
      },
    });
    return undefined;
  }

  close(): void {
    this.#publisher?.close();
    this.#publisher = undefined;
  }

  #connect(broker: Broker): Publisher {
    const { settings, board } = this.#options;
    const serialNumber = settings.text("serial_number");
    const topic = (name: string) => settings.text(name).split("%s").join(serialNumber);
    const { network, timer, authority } = board;
    return new Publisher(
      { network, timer, MQTTClient: board.MQTTClient!, ...(authority && { authority }) },
      {
        broker,
        id: serialNumber,
        user: settings.text("mqtt_user"),
        password: settings.text("mqtt_password"),
        up: topic("mqtt_topic_up"),
        down: topic("mqtt_topic_down"),
      },
    );
  }
}
