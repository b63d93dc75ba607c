import { frozen } from "../../frozen.js";
import type { TLSOptions } from "../internet.js";
import type { AirSocket, Failure } from "./air-socket.js";
import { type Answer, accept, type Commands } from "./answer.js";
import type { ApplicationNetwork } from "./ca-network.js";
import type { CASecurity } from "./ca-security.js";
import { type Command, integer, quoted } from "./command.js";
import type { RunningModem } from "./running-modem.js";

export const SOCKETS = 13;
const LONGEST_NAME = 64;
const LARGEST_SEND = 1460;
const LARGEST_READ = 1460;
/** <inputtime> of CASEND: within it the payload must come, milliseconds. */
const INPUT_TIME = 5000;
const SEND_TIMEOUT = 120_000;

/** <result> of CAOPEN. */
const RESULT = frozen({
  dns: 20,
  inactive: 21,
  refused: 23,
  expired: 24,
  failed: 27,
  undocumented: 11,
} as const);

interface Socket {
  readonly socket: AirSocket;
  readonly host: string;
  readonly port: number;
  /** Data comes as +CAURC instead of waiting for CARECV. */
  readonly pushes: boolean;
  announced: boolean;
}

/** What an open asks for. */
interface Target {
  readonly id: number;
  readonly context: number;
  readonly host: string;
  readonly port: number;
  readonly pushes: boolean;
}

/** CA* sockets of SIM7000 and SIM70x0, TCP and TLS (S7080 and S7000 manuals, S7080T). */
export class CASockets {
  readonly commands: Commands;
  readonly #modem: RunningModem;
  readonly #network: ApplicationNetwork;
  readonly #security: CASecurity;
  /** SIM7000: CACID chooses the socket, and CASEND tells its result. */
  readonly #isSIM7000: boolean;
  readonly #sockets: Array<Socket | undefined> = [];
  #chosen: number | undefined;
  #opensLater = false;
  #showsPeer = false;

  constructor(modem: RunningModem, network: ApplicationNetwork, security: CASecurity, isSIM7000: boolean) {
    this.#modem = modem;
    this.#network = network;
    this.#security = security;
    this.#isSIM7000 = isSIM7000;
    this.commands = {
      "+CACID": (command, answer) => {
        this.#chosen = integer(command, 0, 0, SOCKETS - 1);
        if (!isSIM7000 || this.#chosen === undefined) answer.error();
        else answer.ok();
      },
      "+CAOPEN": (command, answer) => this.#open(command, answer),
      "+CASEND": (command, answer) => this.#send(command, answer),
      "+CARECV": (command, answer) =>
        command.form === "read" ? this.#tellUnread(answer) : this.#read(command, answer),
      "+CASTATE": (_, answer) => this.#tellStates(answer),
      "+CACLOSE": (command, answer) => this.#close(integer(command, 0, 0, SOCKETS - 1), answer),
      "+CASRIP": (command, answer) => {
        this.#showsPeer = command.parameters[0] === "1";
        answer.ok();
      },
      ...(isSIM7000 ? {} : this.#newerCommands()),
    };
  }

  onDetached(): void {
    for (const [id, socket] of this.#sockets.entries()) {
      if (socket) this.#modem.terminal.unsolicited(`+CASTATE: ${id},0`);
    }
    this.#sockets.length = 0;
  }

  #newerCommands(): Commands {
    return {
      "+CACFG": (command, answer) => {
        if (quoted(command, 0) === "ASYNCOPEN") this.#opensLater = command.parameters[1] === "1";
        accept(command, answer);
      },
      "+CAACK": (command, answer) => {
        const id = integer(command, 0, 0, SOCKETS - 1);
        const socket = this.#sockets[id ?? -1]?.socket;
        if (socket) answer.line(`+CAACK: ${socket.sentTotal},${socket.unacknowledged}`).ok();
        else answer.error();
      },
    };
  }

  // Opening and closing.

  /** SIM7000: <id>,"host",<port>; SIM70x0: <id>,<context>,"TCP","host",<port>[,<1 push>]. */
  #target(command: Command): Target | undefined {
    const id = integer(command, 0, 0, SOCKETS - 1);
    const at = this.#isSIM7000 ? 1 : 3;
    const context = this.#isSIM7000 ? 0 : integer(command, 1, 0, 3);
    const host = quoted(command, at);
    const port = integer(command, at + 1, 1, 65535);
    const pushes = !this.#isSIM7000 && command.parameters[5] === "1";
    if (id === undefined || context === undefined || port === undefined) return undefined;
    if (host === undefined || host.length > LONGEST_NAME) return undefined;
    if (!this.#isSIM7000 && quoted(command, 2) !== "TCP") return undefined;
    return { id, context, host, port, pushes };
  }

  #open(command: Command, answer: Answer): undefined {
    const target = this.#target(command);
    if (!target || this.#sockets[target.id]?.socket.state === "open") return answer.error();
    if (this.#isSIM7000 && this.#chosen !== target.id) return answer.error();
    const later = this.#opensLater;
    if (later) answer.ok();
    const report = (result: number): undefined => {
      const line = `+CAOPEN: ${target.id},${result}`;
      if (later) this.#modem.terminal.lateResult(line);
      else answer.line(line).ok();
    };
    if (!this.#network.isActive(target.context)) return report(RESULT.inactive);
    const tls = this.#security.security(target.id);
    if (tls === "clock") return report(RESULT.expired);
    this.#connect(target, tls, report);
  }

  #connect(target: Target, tls: TLSOptions | undefined, report: (result: number) => void): undefined {
    const { air, terminal, knobs } = this.#modem;
    const { id, host, port, pushes } = target;
    const socket = air.open({
      ...{ host, port, tls, connectTimeout: knobs.connectTimeout, sendTimeout: SEND_TIMEOUT },
      onConnected: () => report(0),
      onFailed: (why) => {
        this.#sockets[id] = undefined;
        report(this.#result(why));
      },
      onReceived: () => this.#announce(id),
      onClosed: (why) => {
        if (knobs.closeDropsData) socket.received.clear();
        if (why !== "lost") terminal.unsolicited(`+CASTATE: ${id},0`);
      },
    });
    this.#sockets[id] = { socket, host, port, pushes, announced: false };
  }

  #result(why: Failure): number {
    if (this.#isSIM7000 && this.#modem.knobs.undocumentedFailure) return RESULT.undocumented;
    if (why === "dns" || why === "refused") return RESULT[why];
    return RESULT.failed;
  }

  #close(id: number | undefined, answer: Answer): undefined {
    const open = this.#sockets[id ?? -1];
    if (id === undefined || !open) return answer.error();
    this.#sockets[id] = undefined;
    open.socket.close();
    this.#modem.agenda.about(this.#modem.knobs.latency, () => answer.ok());
  }

  #tellStates(answer: Answer): undefined {
    for (const [id, open] of this.#sockets.entries()) {
      if (open) answer.line(`+CASTATE: ${id},${open.socket.state === "open" ? 1 : 0}`);
    }
    answer.ok();
  }

  // Data.

  /** AT+CASEND=<id>,<bytes>[,<inputtime>]; without bytes it tells the room. */
  #send(command: Command, answer: Answer): undefined {
    const id = integer(command, 0, 0, SOCKETS - 1);
    const socket = this.#sockets[id ?? -1]?.socket;
    if (socket?.state !== "open") return answer.error();
    if (command.parameters.length === 1) {
      return answer.line(`+CASEND: ${Math.min(LARGEST_SEND, socket.free)}`).ok();
    }
    const length = integer(command, 1, 1, LARGEST_SEND);
    const timeout = command.parameters.length > 2 ? integer(command, 2, 1, 60_000) : INPUT_TIME;
    if (length === undefined || timeout === undefined) return answer.error();
    const send = (payload: Uint8Array | undefined): undefined => {
      if (!payload) return answer.error();
      socket.send(payload, "buffered", (count) => this.#sent(id!, count, answer));
    };
    answer.prompt(length, send, { timeout });
  }

  #sent(id: number, count: number, answer: Answer): undefined {
    if (count <= 0) return answer.error();
    answer.ok();
    if (!this.#isSIM7000 || this.#modem.knobs.sendWithoutResult) return;
    this.#modem.terminal.unsolicited(`+CASEND: ${id},0,${count}`);
  }

  #announce(id: number): void {
    const open = this.#sockets[id];
    if (!open) return;
    const { received } = open.socket;
    const { terminal } = this.#modem;
    if (open.pushes) {
      const bytes = received.take(received.length);
      const peer = this.#showsPeer ? `,${open.host},${open.port}` : "";
      terminal.unsolicitedData(`+CAURC: "recv",${id},${bytes.length}${peer}\r\n`, bytes, "\r\n");
    } else if (!open.announced) {
      open.announced = true;
      terminal.unsolicited(`+CADATAIND: ${id}`);
    }
  }

  /** In no manual; without a socket it stalls. */
  #tellUnread(answer: Answer): undefined {
    const open = [...this.#sockets.entries()].filter(([, socket]) => socket);
    if (open.length === 0) return answer.silence();
    for (const [id, socket] of open) answer.line(`+CARECV: ${id},${socket!.socket.received.length}`);
    answer.ok();
  }

  #read(command: Command, answer: Answer): undefined {
    const id = integer(command, 0, 0, SOCKETS - 1);
    const length = integer(command, 1, 1, LARGEST_READ);
    const open = this.#sockets[id ?? -1];
    if (!open || length === undefined) return answer.error();
    const bytes = open.socket.received.take(length);
    open.announced = open.socket.received.length > 0;
    const peer = this.#showsPeer ? `${open.host},${open.port},` : "";
    if (bytes.length === 0) answer.line("+CARECV: 0").ok();
    else if (this.#isSIM7000 && this.#modem.knobs.manualReceive) {
      answer.data(`+CARECV: ${id},${bytes.length}\r\n`, bytes, "\r\n").ok();
    } else answer.data(`+CARECV: ${peer}${bytes.length},`, bytes, "\r\n").ok();
  }
}
