import {
  CONNACK,
  DISCONNECT,
  type MQTTClient,
  type MQTTClientConstructor,
  type MQTTControlMessage,
  type MQTTReadableOptions,
  PUBACK,
  SUBACK,
  SUBSCRIBE,
} from "../../hal/mqtt.js";
import type { TimerHandle, Timers } from "../../hal/timer.js";
import { guarded } from "./guarded.js";
import { NameAsAddress, type SocketBoard, socketFor } from "./socket.js";

/** Nothing from the broker or the server for so long: give up. Milliseconds; a modem's own connect limit is 120 s. */
const SILENCE = 150_000;
/** Below the five minutes after which operators' NAT commonly forgets an idle connection. Milliseconds. */
const KEEP_ALIVE = 240_000;
/** More than this is no answer for a device. */
const ANSWER_LIMIT = 4096;
const LOST = "the broker cannot be reached, refused the connection or closed it";
/** Return codes of a SUBACK from here on are refusals (MQTT 3.1.1, 3.9.3). */
const REFUSED = 0x80;

export interface Broker {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
}

/** Reads `mqtt(s)://host[:port]`; undefined when it is none. */
export function parseBroker(text: string): Broker | undefined {
  const match = /^(mqtts?):\/\/([A-Za-z0-9.-]{1,253})(?::(\d{1,5}))?\/?$/.exec(text);
  if (!match) return undefined;
  const secure = match[1] === "mqtts";
  const port = match[3] ? Number(match[3]) : secure ? 8883 : 1883;
  return port === 0 || port > 65535 ? undefined : { secure, host: match[2]!, port };
}

export interface PublisherOptions {
  readonly broker: Broker;
  /** Client identifier. */
  readonly id: string;
  readonly user: string;
  readonly password: string;
  /** Topic of requests; topic of answers, empty when none come. */
  readonly up: string;
  readonly down: string;
}

/** A request on its way. */
export interface Publication {
  readonly body: Uint8Array;
  /** Takes an answer; gives the reason when it is none to this request. */
  readonly onAnswer: (answer: Uint8Array) => string | undefined;
  /** The end, or why it failed: answered, or delivered to the broker where no answers come. Called once, never after `close`. */
  readonly onDone: (problem?: string) => void;
}

type MQTTBoard = SocketBoard & { MQTTClient: MQTTClientConstructor; timer: Timers };

/**
 * Requests by MQTT 3.1.1 with QoS 1 over one connection, one at a time. Topics are subscribed to before the first request
 * leaves, and an answer counts only once the broker has the request: what came before belongs to an older one.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #timer: Timers;
  /** Absent while it is made: it may fail then. */
  readonly #client: MQTTClient | undefined;
  #state: "connecting" | "connected" | "subscribing" | "ready" | "closed" = "connecting";
  #writable = 0;
  #id = 1;
  #publication: Publication | undefined;
  #sent = 0;
  #delivered = false;
  /** An answer that came before the broker's word; why the last one was none. */
  #early: Uint8Array | undefined;
  #refusal: string | undefined;
  #incoming: Uint8Array | undefined;
  #received = 0;
  #watchdog: TimerHandle | undefined;

  constructor(board: MQTTBoard, options: PublisherOptions) {
    this.#options = options;
    this.#timer = board.timer;
    const { broker, id, user, password } = options;
    const socket = socketFor(board, broker);
    const publisher = this;
    this.#client = new board.MQTTClient({
      host: broker.host,
      port: broker.port,
      id,
      ...(user && { user }),
      ...(password && { password }),
      keepAlive: KEEP_ALIVE,
      socket: { ...socket, io: guarded(socket.io, () => this.#finish("the broker is not understood")) },
      dns: { io: NameAsAddress },
      onControl: (message) => this.#control(message),
      onWritable: (count) => this.#pump(count),
      onReadable(count, readable) {
        publisher.#read(this, count, readable);
      },
      onError: () => this.#finish(LOST),
    });
  }

  /** Sends a request; the one before must have ended. */
  publish(publication: Publication): void {
    this.#publication = publication;
    this.#sent = 0;
    this.#delivered = false;
    this.#early = undefined;
    this.#refusal = undefined;
    this.#alive();
    this.#pump(this.#writable);
    if (this.#state === "closed") this.#finish(LOST);
  }

  /** Says goodbye where that is possible, and abandons the request without a word. */
  close(): void {
    this.#timer.clear(this.#watchdog);
    this.#disconnect();
    this.#publication = undefined;
  }

  #disconnect(): void {
    if (this.#state === "closed") return;
    const polite = this.#state === "ready" && this.#isWhole && this.#writable > 0;
    this.#state = "closed";
    if (polite) this.#sayGoodbye();
    this.#client?.close();
  }

  #sayGoodbye(): void {
    try {
      this.#client!.write(null, { operation: DISCONNECT });
    } catch {
      // The connection is lost: clients throw then, also out of the callback that tells so.
    }
  }

  /** No message is half written. */
  get #isWhole(): boolean {
    return this.#sent === 0 || this.#sent === (this.#publication?.body.length ?? this.#sent);
  }

  #control({ operation, id, payload }: MQTTControlMessage): void {
    if (operation === CONNACK && this.#state === "connecting") this.#welcomed();
    else if (operation === SUBACK && this.#state === "subscribing") this.#subscribed(payload?.[0] ?? REFUSED);
    else if (operation === PUBACK && id === this.#id && this.#state === "ready") this.#acknowledged();
  }

  #welcomed(): void {
    this.#alive();
    this.#state = this.#options.down === "" ? "ready" : "connected";
  }

  #subscribed(code: number): void {
    this.#alive();
    this.#state = "ready";
    if (code >= REFUSED) this.#finish(`the broker refuses the topic ${this.#options.down}`);
    else this.#pump(this.#writable);
  }

  #acknowledged(): void {
    if (!this.#publication || this.#delivered) return;
    this.#alive();
    this.#delivered = true;
    if (this.#options.down === "") this.#finish();
    else if (this.#early) this.#answered(this.#early);
  }

  /** Writes what the client takes: the subscription, then the request. */
  #pump(writable: number): void {
    this.#writable = writable;
    if (this.#state === "connected" && writable > this.#options.down.length) this.#subscribe();
    else if (this.#state === "ready" && this.#publication) this.#write(this.#publication.body);
  }

  #subscribe(): void {
    this.#state = "subscribing";
    const items = [{ topic: this.#options.down, QoS: 1 }];
    this.#writable = this.#client!.write(null, { operation: SUBSCRIBE, id: this.#id, items });
  }

  #write(body: Uint8Array): void {
    const first = this.#sent === 0;
    const room = first ? this.#writable - this.#options.up.length : this.#writable;
    const piece = body.subarray(this.#sent, this.#sent + Math.max(0, room));
    if (piece.length === 0) return;
    if (first) this.#id = (this.#id % 0xffff) + 1;
    this.#sent += piece.length;
    const options = { id: this.#id, topic: this.#options.up, QoS: 1, byteLength: body.length };
    this.#writable = first ? this.#client!.write(piece, options) : this.#client!.write(piece);
    this.#alive();
  }

  #read(client: MQTTClient, count: number, { more, topic, byteLength = 0 }: MQTTReadableOptions): void {
    if (topic !== undefined) {
      const wanted = topic === this.#options.down && byteLength <= ANSWER_LIMIT;
      this.#incoming = wanted ? new Uint8Array(byteLength) : undefined;
      this.#received = 0;
    }
    // Also what nobody wants must be read.
    const piece = client.read(count);
    if (this.#incoming && piece) {
      this.#incoming.set(new Uint8Array(piece), this.#received);
      this.#received += piece.byteLength;
    }
    if (!more && this.#incoming) this.#arrived(this.#incoming);
  }

  #arrived(answer: Uint8Array): void {
    this.#incoming = undefined;
    const { body } = this.#publication ?? {};
    if (body === undefined || this.#sent < body.length) return;
    if (this.#delivered) this.#answered(answer);
    else this.#early = answer;
  }

  #answered(answer: Uint8Array): void {
    this.#refusal = this.#publication?.onAnswer(answer);
    if (this.#refusal === undefined) this.#finish();
  }

  #alive(): void {
    this.#timer.clear(this.#watchdog);
    if (this.#publication) this.#watchdog = this.#timer.set(() => this.#finish(this.#silence()), SILENCE);
  }

  #silence(): string {
    if (this.#state !== "ready") return "the broker does not answer";
    return this.#refusal ?? (this.#delivered ? "no answer in time" : "the broker does not acknowledge");
  }

  /** Later, as the client is in the middle of its own work. What comes meanwhile, such as the end of the connection, changes nothing. */
  #finish(problem?: string): void {
    if (problem !== undefined) this.#disconnect();
    const publication = this.#publication;
    if (!publication) return;
    this.#publication = undefined;
    this.#timer.clear(this.#watchdog);
    this.#watchdog = this.#timer.set(() => publication.onDone(problem));
  }
}
