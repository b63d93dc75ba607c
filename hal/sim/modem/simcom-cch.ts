import { frozen } from "../../frozen.js";
import type { TLSOptions } from "../internet.js";
import type { AirSocket, Failure } from "./air-socket.js";
import type { Answer, Commands } from "./answer.js";
import { type Command, integer, quoted } from "./command.js";
import type { RunningModem } from "./running-modem.js";
import { CONTEXTS, SecurityContexts, type SecurityDialect } from "./simcom-ssl.js";

const SESSIONS = 2;
const LARGEST_SEND = 2048;
const LARGEST_READ = 2048;
/** One DATA block of CCHRECV. */
const BLOCK = 1024;
/** TCP only, or with TLS: <client_type> of CCHOPEN. */
const CLIENT_TLS = 2;
const SEND_TIMEOUT = 120_000;

/** Where SIM7600 and A76xx differ. */
export interface SecureDialect extends SecurityDialect {
  /** Says +CCH: CCH STOP when the network is lost. */
  readonly reportsStop: boolean;
}

/** <err> of chapter 10's unsolicited result codes. */
const ERROR = frozen({
  peerClosed: 4,
  timeout: 5,
  network: 9,
  dns: 13,
  connect: 14,
  handshake: 15,
} as const);
const FAILURES: Readonly<Record<Failure, number>> = frozen({
  refused: ERROR.connect,
  network: ERROR.network,
  tls: ERROR.handshake,
  timeout: ERROR.timeout,
  dns: ERROR.dns,
});

interface Session {
  readonly socket: AirSocket;
  announced: boolean;
}

/** SIM7600 TLS: the CCH* sockets, with the SSL contexts they use (chapter 10). */
export class SecureService {
  readonly commands: Commands;
  readonly #modem: RunningModem;
  readonly #reportsStop: boolean;
  readonly #contexts: SecurityContexts;
  readonly #sessions: Array<Session | undefined> = [];
  /** SSL context by session; undefined is the one of the session's own number. */
  readonly #bound: Array<number | undefined> = [];
  #started = false;
  #reportsSends = false;
  #manualRead = false;

  constructor(modem: RunningModem, dialect: SecureDialect) {
    this.#modem = modem;
    this.#reportsStop = dialect.reportsStop;
    this.#contexts = new SecurityContexts(modem, dialect);
    this.commands = {
      ...this.#contexts.commands,
      "+CCHSET": (command, answer) => this.#set(command, answer),
      "+CCHSTART": (_, answer) => this.#start(answer),
      "+CCHSTOP": (_, answer) => this.#stop(answer),
      "+CCHSSLCFG": (command, answer) => this.#bind(command, answer),
      "+CCHOPEN": (command, answer) => this.#open(command, answer),
      "+CCHSEND": (command, answer) => this.#send(command, answer),
      "+CCHRECV": (command, answer) => this.#receive(command, answer),
      "+CCHCLOSE": (command, answer) => this.#close(integer(command, 0, 0, SESSIONS - 1), answer),
    };
  }

  onDetached(): void {
    if (this.#started && this.#reportsStop) this.#modem.terminal.unsolicited("+CCH: CCH STOP");
    this.#started = false;
  }

  #set(command: Command, answer: Answer): undefined {
    const report = integer(command, 0, 0, 1);
    const manual = integer(command, 1, 0, 1) ?? 0;
    if (report === undefined || this.#started) return answer.error();
    this.#reportsSends = report === 1;
    this.#manualRead = manual === 1;
    answer.ok();
  }

  #bind(command: Command, answer: Answer): undefined {
    const session = integer(command, 0, 0, SESSIONS - 1);
    const context = integer(command, 1, 0, CONTEXTS - 1);
    if (session === undefined || context === undefined) return answer.error();
    this.#bound[session] = context;
    answer.ok();
  }

  // The service.

  #start(answer: Answer): undefined {
    const { agenda, knobs, radio } = this.#modem;
    if (this.#started) return answer.error();
    this.#modem.answerLater(answer, (report) => {
      agenda.about(knobs.contextTime, () => {
        this.#started = radio.attached;
        report(`+CCHSTART: ${radio.attached ? 0 : ERROR.network}`);
      });
    });
  }

  #stop(answer: Answer): undefined {
    if (!this.#started) return answer.error();
    this.#started = false;
    for (const session of this.#sessions) session?.socket.close();
    this.#sessions.length = 0;
    this.#modem.answerLater(answer, (report) => {
      this.#modem.agenda.about(this.#modem.knobs.attachTime, () => report("+CCHSTOP: 0"));
    });
  }

  // Sessions.

  #isOpen(session: number): boolean {
    return this.#sessions[session]?.socket.state === "open";
  }

  #open(command: Command, answer: Answer): undefined {
    const session = integer(command, 0, 0, SESSIONS - 1);
    const host = quoted(command, 1);
    const port = integer(command, 2, 1, 65535);
    const type = command.parameters.length > 3 ? integer(command, 3, 1, 2) : CLIENT_TLS;
    if (session === undefined || host === undefined || port === undefined || type === undefined) return answer.error();
    const previous = this.#sessions[session];
    if (!this.#started || (previous && previous.socket.state !== "closed")) return answer.error();
    this.#modem.answerLater(answer, (report) => {
      const security = type === CLIENT_TLS ? this.#contexts.security(this.#bound[session] ?? session, host) : undefined;
      if (typeof security === "number") {
        this.#modem.agenda.about(this.#modem.knobs.latency, () => report(`+CCHOPEN: ${session},${security}`));
      } else this.#openSession(session, host, port, security, report);
    });
  }

  #openSession(
    session: number,
    host: string,
    port: number,
    tls: TLSOptions | undefined,
    report: (result: string) => void,
  ): undefined {
    const { air, terminal, knobs } = this.#modem;
    const socket = air.open({
      host,
      port,
      tls,
      connectTimeout: knobs.connectTimeout,
      sendTimeout: SEND_TIMEOUT,
      onConnected: () => report(`+CCHOPEN: ${session},0`),
      onFailed: (why) => {
        this.#bound[session] = undefined;
        report(`+CCHOPEN: ${session},${FAILURES[why]}`);
      },
      onReceived: () => this.#announce(session),
      onClosed: (why) => {
        if (knobs.closeDropsData) socket.received.clear();
        if (why === "remote") terminal.unsolicited(`+CCH_PEER_CLOSED: ${session}`);
        else terminal.unsolicited(`+CCH_RECV_CLOSED: ${session},${why === "lost" ? ERROR.network : ERROR.timeout}`);
      },
    });
    this.#sessions[session] = { socket, announced: false };
  }

  #close(session: number | undefined, answer: Answer): undefined {
    if (session === undefined) return answer.error();
    const open = this.#sessions[session];
    if (!open) return answer.fail(`+CCHCLOSE: ${session},${ERROR.peerClosed}`);
    open.socket.close();
    this.#sessions[session] = undefined;
    this.#bound[session] = undefined;
    this.#modem.answerLater(answer, (report) => {
      this.#modem.agenda.about(this.#modem.knobs.latency, () => report(`+CCHCLOSE: ${session},0`));
    });
  }

  // Data.

  #send(command: Command, answer: Answer): undefined {
    const session = integer(command, 0, 0, SESSIONS - 1);
    const length = integer(command, 1, 1, LARGEST_SEND);
    if (session === undefined || length === undefined || !this.#isOpen(session)) return answer.error();
    answer.prompt(length, (payload) => {
      if (!payload) return answer.error();
      answer.ok();
      this.#sessions[session]?.socket.send(payload, "buffered", (count) => {
        if (!this.#reportsSends) return;
        const error = count < 0 ? ERROR.peerClosed : count === 0 ? ERROR.timeout : 0;
        this.#modem.terminal.unsolicited(`+CCHSEND: ${session},${error}`);
      });
    });
  }

  #announce(session: number): void {
    const open = this.#sessions[session];
    if (!open) return;
    const { terminal } = this.#modem;
    const { received } = open.socket;
    if (!this.#manualRead) {
      const bytes = received.take(received.length);
      terminal.unsolicitedData(`+CCHRECV: DATA,${session},${bytes.length}\r\n`, bytes);
    } else if (!open.announced) {
      open.announced = true;
      terminal.unsolicited(`+CCHEVENT: ${session},RECV EVENT`);
    }
  }

  /** OK comes first, then the data in blocks, then an end marker; this is not the order of any other command. */
  #receive(command: Command, answer: Answer): undefined {
    const lengths = [0, 1].map((session) => this.#sessions[session]?.socket.received.length ?? 0);
    if (command.form === "read") return answer.line(`+CCHRECV: LEN,${lengths.join(",")}`).ok();
    const session = integer(command, 0, 0, SESSIONS - 1);
    const most = command.parameters.length > 1 ? integer(command, 1, 1, LARGEST_READ) : LARGEST_READ;
    const open = this.#sessions[session ?? -1];
    if (!open || most === undefined) return answer.error();
    answer.ok();
    const { terminal } = this.#modem;
    const bytes = open.socket.received.take(most);
    open.announced = open.socket.received.length > 0;
    for (let at = 0; at < bytes.length; at += BLOCK) {
      const block = bytes.subarray(at, at + BLOCK);
      terminal.unsolicitedData(`+CCHRECV: DATA,${session},${block.length}\r\n`, block);
    }
    terminal.unsolicited(`+CCHRECV: ${session},0`);
  }
}
