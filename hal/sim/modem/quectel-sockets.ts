import { frozen } from "../../frozen.js";
import type { TLSOptions } from "../internet.js";
import type { AirSocket, Closing, Failure } from "./air-socket.js";
import type { Answer, Commands } from "./answer.js";
import { type Command, integer } from "./command.js";
import { connectData } from "./data-mode.js";
import type { QuectelContexts } from "./quectel-context.js";
import type { RunningModem } from "./running-modem.js";

const SOCKETS = 12;
const LARGEST_SEND = 1460;
const LARGEST_READ = 1500;
const SEND_TIMEOUT = 120_000;
/** How long QICLOSE waits for the peer when it is not told, seconds. */
const CLOSE_TIMEOUT = 10;
/** <state> of QISTATE. */
const STATES = frozen({ connecting: 1, closed: 4 } as const);

const ERROR = frozen({
  parameter: 552,
  context: 561,
  inUse: 563,
  dns: 565,
  connect: 566,
  closed: 567,
  timeout: 569,
  broken: 570,
} as const);
const FAILURES: Readonly<Record<Failure, number>> = frozen({
  refused: ERROR.connect,
  tls: ERROR.connect,
  network: ERROR.broken,
  timeout: ERROR.timeout,
  dns: ERROR.dns,
});

/** Where an open leads to. */
export interface QuectelTarget {
  readonly context: number;
  readonly id: number;
  readonly host: string;
  readonly port: number;
  /** Data is pushed instead of kept (access mode 1). */
  readonly pushes: boolean;
  /** The connection is in data mode (access mode 2). */
  readonly transparent?: boolean;
  readonly tls?: TLSOptions | undefined;
  readonly onSession?: (session: Uint8Array) => void;
  /** Why the open cannot succeed. */
  readonly failure?: number | undefined;
}

/** What differs between TCP and TLS: names, and how a target is written. */
export interface QuectelNames {
  readonly open: string;
  readonly send: string;
  readonly receive: string;
  readonly close: string;
  readonly state: string;
  readonly event: string;
  /** The target of an open; undefined when it is malformed. */
  target(command: Command): QuectelTarget | undefined;
  /** How the announcement of data goes on after its id. */
  announcement(unread: number): string;
  /** The payload is echoed. */
  echo(): boolean;
}

interface Socket {
  readonly target: QuectelTarget;
  readonly socket: AirSocket;
  announced: boolean;
}

/** The sockets of Quectel modems: QI* for TCP, QSSL* for TLS, in the same dialogue (QTCP chapter 2). */
export class QuectelSockets {
  readonly commands: Commands;
  readonly #modem: RunningModem;
  readonly #contexts: QuectelContexts;
  readonly #names: QuectelNames;
  readonly #sockets: Array<Socket | undefined> = [];

  constructor(modem: RunningModem, contexts: QuectelContexts, names: QuectelNames) {
    this.#modem = modem;
    this.#contexts = contexts;
    this.#names = names;
    this.commands = {
      [names.open]: (command, answer) => this.#open(command, answer),
      [names.send]: (command, answer) => this.#send(command, answer),
      [names.receive]: (command, answer) => this.#receive(command, answer),
      [names.close]: (command, answer) => this.#close(command, answer),
      [names.state]: (command, answer) => this.#tellStates(command, answer),
    };
  }

  /** Ends every socket of a context without a word. */
  drop(context: number): void {
    for (const [id, open] of this.#sockets.entries()) {
      if (open?.target.context !== context) continue;
      open.socket.close();
      this.#sockets[id] = undefined;
    }
  }

  /** ERROR, and the reason for QIGETERROR. */
  #refuse(answer: Answer, error: number): undefined {
    this.#contexts.lastError = error;
    answer.error();
  }

  // Opening and closing.

  #open(command: Command, answer: Answer): undefined {
    const target = this.#names.target(command);
    if (!target || target.id >= SOCKETS) return this.#refuse(answer, ERROR.parameter);
    if (!this.#contexts.isActive(target.context)) return this.#refuse(answer, ERROR.context);
    const failure = this.#sockets[target.id] ? ERROR.inUse : target.failure;
    if (target.transparent && failure === undefined) {
      const socket = connectData(this.#modem, answer, { ...target, failure: "NO CARRIER" });
      this.#sockets[target.id] = { target, socket, announced: false };
      return;
    }
    this.#modem.answerLater(answer, (report) => {
      const tell = (error: number) => {
        this.#contexts.lastError = error;
        report(`${this.#names.open}: ${target.id},${error}`);
      };
      if (failure === undefined) this.#connect(target, tell);
      else this.#modem.agenda.about(this.#modem.knobs.answerTime, () => tell(failure));
    });
  }

  #connect(target: QuectelTarget, tell: (error: number) => void): undefined {
    const { air, knobs } = this.#modem;
    const { id, host, port, tls, onSession } = target;
    const socket = air.open({
      ...{ host, port, tls, connectTimeout: knobs.connectTimeout, sendTimeout: SEND_TIMEOUT },
      ...(onSession && { onSession }),
      onConnected: () => tell(0),
      onFailed: (why) => {
        this.#sockets[id] = undefined;
        tell(FAILURES[why]);
      },
      onReceived: () => this.#announce(id),
      onClosed: (why) => this.#closed(id, socket, why),
    });
    this.#sockets[id] = { target, socket, announced: false };
  }

  /** The id stays taken until it is closed by command; a broken context tells for all of its sockets. */
  #closed(id: number, socket: AirSocket, why: Closing): void {
    if (this.#modem.knobs.closeDropsData) socket.received.clear();
    if (why === "lost") this.#sockets[id] = undefined;
    else this.#modem.terminal.unsolicited(`${this.#names.event}: "closed",${id}`);
  }

  /** AT+QICLOSE=<id>[,<seconds>]: blocks until the peer has said goodbye, or so long. */
  #close(command: Command, answer: Answer): undefined {
    const id = integer(command, 0, 0, SOCKETS - 1);
    const timeout = command.parameters.length > 1 ? integer(command, 1, 0, 65535) : CLOSE_TIMEOUT;
    if (id === undefined || timeout === undefined) return this.#refuse(answer, ERROR.parameter);
    const { agenda, knobs, radio } = this.#modem;
    const open = this.#sockets[id];
    this.#sockets[id] = undefined;
    const answered = open?.socket.state !== "open" || (radio.reachable && !knobs.halfOpen);
    open?.socket.close();
    agenda.after(answered ? Math.min(knobs.latency, timeout * 1000) : timeout * 1000, () => answer.ok());
  }

  /** AT+QISTATE? tells all, AT+QISTATE=1,<id> one. */
  #tellStates(command: Command, answer: Answer): undefined {
    const only = command.form === "read" ? undefined : integer(command, 1, 0, SOCKETS - 1);
    for (const [id, open] of this.#sockets.entries()) {
      if (!open || (only !== undefined && only !== id)) continue;
      const state = open.socket.state === "open" ? this.#modem.knobs.connectedState : STATES[open.socket.state];
      const { host, port, context, pushes } = open.target;
      const place = `${id},"${open.target.tls ? "SSLClient" : "TCP"}","${host}",${port},${5000 + id}`;
      answer.line(`${this.#names.state}: ${place},${state},${context},${id},${pushes ? 1 : 0},"uart1"`);
    }
    answer.ok();
  }

  // Data.

  /** AT+QISEND=<id>[,<bytes>]; 0 bytes tells what was sent and acknowledged. */
  #send(command: Command, answer: Answer): undefined {
    const open = this.#sockets[integer(command, 0, 0, SOCKETS - 1) ?? -1];
    const unlimited = command.parameters.length === 1;
    const length = unlimited ? undefined : integer(command, 1, 0, LARGEST_SEND);
    if (!open || (!unlimited && length === undefined)) return this.#refuse(answer, ERROR.parameter);
    const { socket } = open;
    if (length === 0) {
      const { sentTotal, unacknowledged } = socket;
      return answer.line(`${this.#names.send}: ${sentTotal},${sentTotal - unacknowledged},${unacknowledged}`).ok();
    }
    if (socket.state !== "open") return this.#refuse(answer, ERROR.closed);
    const send = (payload: Uint8Array | undefined) => this.#sendPayload(socket, payload, answer);
    answer.prompt(length, send, { echo: this.#names.echo() });
  }

  /** Taken into the buffer, or nothing of it. */
  #sendPayload(socket: AirSocket, payload: Uint8Array | undefined, answer: Answer): undefined {
    const { knobs, options } = this.#modem;
    if (!payload || socket.state !== "open") return this.#refuse(answer, ERROR.closed);
    const full = socket.free < payload.length || options.random() % 1000 < knobs.sendFails;
    if (full) return answer.result("SEND FAIL");
    socket.send(payload, "buffered", (count) => answer.result(count > 0 ? "SEND OK" : "SEND FAIL"));
  }

  #announce(id: number): void {
    const open = this.#sockets[id];
    if (!open) return;
    const { received } = open.socket;
    const { terminal } = this.#modem;
    if (open.target.pushes) {
      const bytes = received.take(received.length);
      terminal.unsolicitedData(`${this.#names.event}: "recv",${id},${bytes.length}\r\n`, bytes, "\r\n");
    } else if (!open.announced) {
      open.announced = true;
      terminal.unsolicited(`${this.#names.event}: "recv",${id}${this.#names.announcement(received.length)}`);
    }
  }

  /** AT+QIRD=<id>[,<bytes>]; 0 bytes tells what came and was read. */
  #receive(command: Command, answer: Answer): undefined {
    const open = this.#sockets[integer(command, 0, 0, SOCKETS - 1) ?? -1];
    const length = command.parameters.length > 1 ? integer(command, 1, 0, LARGEST_READ) : LARGEST_READ;
    if (!open || length === undefined) return this.#refuse(answer, ERROR.parameter);
    const { received, receivedTotal } = open.socket;
    const name = this.#names.receive;
    if (length === 0) {
      return answer.line(`${name}: ${receivedTotal},${receivedTotal - received.length},${received.length}`).ok();
    }
    const bytes = received.take(length);
    open.announced = received.length > 0;
    if (bytes.length === 0) answer.line(`${name}: 0`).ok();
    else answer.data(`${name}: ${bytes.length}\r\n`, bytes, "\r\n").ok();
  }
}
