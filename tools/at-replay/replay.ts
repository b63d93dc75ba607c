import { Chat } from "../../hal/modem/chat.js";
import type { Command, Reply } from "../../hal/modem/command.js";
import type { Dialect } from "../../hal/modem/dialect.js";
import { type DigestEvent, Digester } from "../../hal/modem/digest.js";
import type { Serial, SerialOptions } from "../../hal/serial.js";
import { SimulatedTime } from "../../hal/sim/time.js";
import { Beliefs } from "./beliefs.js";
import { type Found, findCommand } from "./catalogue.js";

/** More than any piece of a log. */
const ROOM = 1 << 24;
/** Longer than the chat's quiet time after a final reply, milliseconds. */
const QUIET = 100;

export type ReplayEvent =
  | { readonly event: "urc" | "info" | "final"; readonly text: string }
  | { readonly event: "prompt" }
  | { readonly event: "data"; bytes: number };

/** What one line of a log was understood as. */
export interface Understood {
  readonly events: readonly ReplayEvent[];
  readonly outcome: {
    /** idle: nothing was in flight · pending: the final reply is still to come. */
    readonly status: "ok" | "failed" | "pending" | "idle";
    readonly final: string | null;
    /** Whether the driver sends this command; others are taken to answer with their own name, as `+CSQ:`. */
    readonly known: boolean;
  };
  readonly state: object;
}

/** A digester whose events are written down. */
class Watched extends Digester {
  events: ReplayEvent[] = [];

  override next(): DigestEvent | undefined {
    const event = super.next();
    if (event) this.#note(event);
    return event;
  }

  #note(event: DigestEvent): void {
    const last = this.events.at(-1);
    if (event === "data" && last?.event === "data") last.bytes += this.data.length;
    else if (event === "data") this.events.push({ event, bytes: this.data.length });
    else if (event === "prompt") this.events.push({ event });
    else this.events.push({ event: event === "response" ? "info" : event, text: this.line });
  }
}

/** The driver's engine on a log instead of a modem: what was sent is in flight, what was received comes in. */
export class Replay {
  readonly #dialect: Dialect;
  readonly #time = new SimulatedTime();
  readonly #digester = new Watched();
  readonly #chat: Chat;
  readonly #beliefs: Beliefs;
  #serial: SerialOptions = {};
  #incoming: Uint8Array | undefined;
  #inFlight: { found: Found; known: boolean; reply: Reply | undefined } | undefined;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
    this.#beliefs = new Beliefs(dialect);
    const io = this.#serialClass();
    this.#chat = new Chat({
      serial: { io },
      timer: this.#time,
      digester: this.#digester,
      onURC: (line) => this.#beliefs.take(line),
    });
    this.#time.run(0);
  }

  /**
   * Takes one line of a log. Without `sent`, or with what is no command (the payload after a prompt), the command before
   * stays in flight.
   */
  take(sent: string, received: Uint8Array): Understood {
    this.#digester.events = [];
    const command = sent.replace(/[\r\n]+$/, "");
    if (/^AT/i.test(command)) this.#send(command);
    this.#incoming = received;
    if (received.length > 0) this.#serial.onReadable?.(received.length);
    this.#time.run(QUIET);
    return { events: this.#digester.events, outcome: this.#outcome(), state: this.#beliefs.state };
  }

  #send(sent: string): void {
    this.#chat.abort();
    const onData = (id: number, bytes: Uint8Array) => this.#beliefs.received(id, bytes);
    const own = findCommand(this.#dialect, sent, onData);
    const found = own ?? foreign(sent);
    const flight = { found, known: own !== undefined, reply: undefined as Reply | undefined };
    this.#inFlight = flight;
    this.#beliefs.begin(found);
    this.#chat.run(found.command, (reply) => {
      flight.reply = reply;
      this.#beliefs.end(found, reply);
    });
  }

  #outcome(): Understood["outcome"] {
    const flight = this.#inFlight;
    if (!flight) return { status: "idle", final: null, known: false };
    const { reply, known } = flight;
    if (!reply) return { status: "pending", final: null, known };
    this.#inFlight = undefined;
    return { status: reply.ok ? "ok" : "failed", final: reply.final, known };
  }

  #serialClass() {
    const replay = this;
    return class implements Serial {
      constructor(options: SerialOptions) {
        replay.#serial = options;
        replay.#time.set(() => options.onWritable?.(ROOM));
      }
      read(): ArrayBuffer | undefined {
        const bytes = replay.#incoming;
        replay.#incoming = undefined;
        return bytes?.slice().buffer;
      }
      write(): void {}
      close(): void {}
    };
  }
}

/** A command that the driver never sends. By custom its information lines begin with its name. */
function foreign(sent: string): Found {
  const name = /^AT([+*^$#][A-Z0-9]+)/i.exec(sent)?.[1]?.toUpperCase();
  const command: Command = { text: sent, timeout: 120_000, ...(name && { info: `${name}:` }) };
  return { command, purpose: "something else", id: -1, conclude: () => undefined };
}
