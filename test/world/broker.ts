import { generate, type Packet, parser } from "mqtt-packet";
import { toText } from "../../hal/sim/bytes.js";
import type { ConnectionOptions } from "../../hal/sim/internet.js";
import type { SimulatedTime } from "../../hal/sim/time.js";
import type { Chance } from "./chance.js";
import { Exchange, type Piece, type Welcome } from "./exchange.js";
import { type Answer, bodyOf, type HTTPRequest } from "./metrics-server.js";

/** Port of MQTT without TLS. */
export const BROKER_PORT = 1883;

/** Return codes of MQTT 3.1.1: of CONNACK, "server unavailable" (3.2.2.3), and of SUBACK, "failure" (3.9.3). */
const UNAVAILABLE = 3;
const FAILURE = 0x80;

export interface BrokerExchangeOptions {
  readonly time: SimulatedTime;
  readonly chance: Chance;
  readonly welcome: Welcome;
  /** Given in the place of CONNACK. */
  readonly portal?: string | undefined;
  readonly refusesConnection: boolean;
  readonly refusesTopics: boolean;
  /** The device's word reaches no broker. */
  readonly losesRequests: boolean;
  /** Answers come twice, as QoS 1 allows. */
  readonly repeats: boolean;
  /** Gives what becomes of a request; `message` makes what is sent of an answer. */
  readonly serve: (request: HTTPRequest, message: (answer: Answer) => string) => readonly Piece[];
}

/** One connection to an MQTT broker, behind which a metrics server takes what comes up and answers on the topic down. */
export class BrokerExchange extends Exchange {
  readonly #options: BrokerExchangeOptions;
  readonly #packets = parser({ protocolVersion: 4 });
  #down: string | undefined;
  #messages = 0;

  constructor(connection: ConnectionOptions, options: BrokerExchangeOptions) {
    super(connection, options.time, options.welcome);
    this.#options = options;
    this.#packets.on("packet", (packet) => this.#take(packet));
    // A client that breaks the protocol is disconnected.
    this.#packets.on("error", () => this.play([{ after: 0 }]));
  }

  write(bytes: Uint8Array): void {
    this.#packets.parse(Buffer.from(bytes));
  }

  #take(packet: Packet): void {
    if (packet.cmd === "connect") this.#connected();
    else if (packet.cmd === "subscribe") this.#subscribed(packet.messageId!, packet.subscriptions[0]!.topic);
    else if (packet.cmd === "publish") this.#published(packet);
    else if (packet.cmd === "pingreq") this.#send({ cmd: "pingresp" });
  }

  #connected(): void {
    const { portal, refusesConnection } = this.#options;
    if (portal !== undefined) this.play([{ after: 50, text: portal }, { after: 50 }]);
    else this.#send({ cmd: "connack", returnCode: refusesConnection ? UNAVAILABLE : 0, sessionPresent: false });
    if (refusesConnection) this.play([{ after: 50 }]);
  }

  #subscribed(messageId: number, topic: string): void {
    const { refusesTopics } = this.#options;
    if (!refusesTopics) this.#down = topic;
    this.#send({ cmd: "suback", messageId, granted: [refusesTopics ? FAILURE : 1] });
  }

  /** The broker's word comes before the server's answer, or after. */
  #published({ messageId, payload }: Extract<Packet, { cmd: "publish" }>): void {
    const { losesRequests, repeats, serve, chance } = this.#options;
    if (!losesRequests) this.#send({ cmd: "puback", messageId: messageId! }, chance.of([10, 100]));
    const body = toText(payload as Buffer);
    const type = body.startsWith("{") ? "application/json" : "application/cbor";
    const pieces = serve({ path: "/dd", type, body }, (answer) => this.#message(answer));
    this.play(pieces);
    if (repeats) this.play(pieces.map((piece) => ({ ...piece, after: piece.after + chance.span(1, 10_000) })));
  }

  /** A request that was refused is not answered: there is no status to say so. */
  #message(answer: Answer): string {
    if (answer.status >= 300 || this.#down === undefined) return "";
    const payload = Buffer.from(bodyOf(answer), "latin1");
    this.#messages = (this.#messages % 0xffff) + 1;
    const flags = { qos: 1, dup: false, retain: false } as const;
    return toText(generate({ cmd: "publish", topic: this.#down, payload, messageId: this.#messages, ...flags }));
  }

  #send(packet: Packet, after = 10): void {
    this.play([{ after, text: toText(generate(packet)) }]);
  }
}
