import { frozen } from "../../frozen.js";
import { toBytes, toHex } from "../bytes.js";
import type { AirSocket, Closing, Failure } from "./air-socket.js";
import type { Answer, Commands } from "./answer.js";
import { type Command, integer, quoted } from "./command.js";
import type { RunningModem } from "./running-modem.js";
import type { UbloxContexts } from "./ublox-context.js";
import type { UbloxSecurity } from "./ublox-security.js";

const SOCKETS = 7;
const TCP = 6;
const LARGEST = 1024;
const LARGEST_HEX = 512;
const SEND_TIMEOUT = 120_000;
/** How long a close waits for a peer that does not answer. */
const CLOSE_TIMEOUT = 120_000;

/** Of USOER and +UUSOCO: no such socket, would block, and what became of a connect. */
const ERROR = frozen({ none: 0, badSocket: 9, wouldBlock: 11 } as const);
const FAILURES: Readonly<Record<Failure, number>> = frozen({
  network: 101,
  tls: 103,
  timeout: 110,
  refused: 111,
  dns: 113,
});
/** <param_val> of USOCTL=<id>,10: TCP states. */
const ESTABLISHED = 4;
const CLOSE_WAIT = 7;
const INACTIVE = 0;

interface Socket {
  link: AirSocket | undefined;
  /** Security profile; undefined is plain TCP. */
  profile: number | undefined;
  announced: boolean;
  /** The end was told. */
  gone: boolean;
}

/** u-blox sockets: USOCR, USOCO, USOWR, USORD, USOCL (R4 chapter 18). The modem chooses their numbers. */
export class UbloxSockets {
  readonly commands: Commands;
  readonly #modem: RunningModem;
  readonly #contexts: UbloxContexts;
  readonly #security: UbloxSecurity;
  readonly #sockets: Array<Socket | undefined> = new Array(SOCKETS).fill(undefined);
  #lastError: number = ERROR.none;
  #hex = false;

  /** `counts`: USOCTL tells the bytes of a socket. */
  constructor(modem: RunningModem, contexts: UbloxContexts, security: UbloxSecurity, counts: boolean) {
    this.#modem = modem;
    this.#contexts = contexts;
    this.#security = security;
    this.commands = {
      "+USOCR": (command, answer) => this.#create(command, answer),
      "+USOSEC": (command, answer) => this.#secure(command, answer),
      "+USOCO": (command, answer) => this.#connect(command, answer),
      "+USOWR": (command, answer) => this.#write(command, answer),
      "+USORD": (command, answer) => this.#read(command, answer),
      "+USOCL": (command, answer) => this.#close(command, answer),
      "+USOER": (_, answer) => answer.line(`+USOER: ${this.#lastError}`).ok(),
      "+USOCTL": (command, answer) => this.#control(command, counts, answer),
      "+UDCONF": (command, answer) => {
        if (integer(command, 0, 1, 1) === 1) this.#hex = command.parameters[1] === "1";
        answer.ok();
      },
    };
  }

  #socket(command: Command): [number, Socket] | undefined {
    const id = integer(command, 0, 0, SOCKETS - 1) ?? -1;
    const socket = this.#sockets[id];
    return socket && [id, socket];
  }

  #fail(answer: Answer, error: number): undefined {
    this.#lastError = error;
    answer.cme(3);
  }

  // From creating to closing.

  #create(command: Command, answer: Answer): undefined {
    const id = this.#sockets.indexOf(undefined);
    if (integer(command, 0, 6, 17) !== TCP || id < 0) return answer.cme(3);
    this.#sockets[id] = { link: undefined, profile: undefined, announced: false, gone: false };
    answer.line(`+USOCR: ${id}`).ok();
  }

  /** AT+USOSEC=<id>,<0|1>[,<profile>]. */
  #secure(command: Command, answer: Answer): undefined {
    const found = this.#socket(command);
    const on = integer(command, 1, 0, 1);
    const profile = on === 1 ? integer(command, 2, 0, 4) : undefined;
    if (!found || on === undefined || found[1].link || (on === 1 && profile === undefined)) return answer.cme(3);
    found[1].profile = profile;
    answer.ok();
  }

  /** AT+USOCO=<id>,"host",<port>[,1]: blocks until connected, or tells by +UUSOCO. */
  #connect(command: Command, answer: Answer): undefined {
    const found = this.#socket(command);
    const host = quoted(command, 1);
    const port = integer(command, 2, 1, 65535);
    const later = command.parameters[3] === "1";
    if (!found || host === undefined || port === undefined || found[1].link) return this.#fail(answer, ERROR.badSocket);
    if (!this.#contexts.active) return this.#fail(answer, FAILURES.network);
    const { knobs, terminal } = this.#modem;
    if (!later && knobs.syncConnectHangs) knobs.hang = "reset";
    const [id, socket] = found;
    if (later) answer.ok();
    this.#open(id, socket, host, port, (error) => {
      this.#lastError = error;
      if (later) terminal.lateResult(`+UUSOCO: ${id},${error}`);
      else if (error !== 0) answer.cme(3);
      else {
        if (knobs.connectTwiceOK) terminal.unsolicited("OK");
        answer.ok();
      }
    });
  }

  #open(id: number, socket: Socket, host: string, port: number, report: (error: number) => void): undefined {
    const { air, knobs } = this.#modem;
    const secured = socket.profile === undefined ? { tls: undefined } : this.#security.security(socket.profile, host);
    if (!secured) return void this.#modem.agenda.about(knobs.latency, () => report(FAILURES.tls));
    const link = air.open({
      ...{ host, port, ...secured, connectTimeout: knobs.connectTimeout, sendTimeout: SEND_TIMEOUT },
      onConnected: () => report(0),
      onFailed: (why) => {
        socket.link = undefined;
        report(FAILURES[why]);
      },
      onReceived: () => this.#announce(id, socket),
      onClosed: (why) => this.#closed(id, socket, why),
    });
    socket.link = link;
  }

  /** The end is told when everything was read. */
  #closed(id: number, socket: Socket, why: Closing): void {
    if (this.#modem.knobs.closeDropsData || why === "lost") socket.link?.received.clear();
    this.#tellEnd(id, socket);
  }

  #tellEnd(id: number, socket: Socket): void {
    const { link } = socket;
    if (socket.gone || !link || link.state !== "closed" || link.received.length > 0) return;
    socket.gone = true;
    this.#sockets[id] = undefined;
    this.#modem.terminal.unsolicited(`+UUSOCL: ${id}`);
  }

  /** AT+USOCL=<id>[,1]: waits for the peer, or tells by +UUSOCL. */
  #close(command: Command, answer: Answer): undefined {
    const found = this.#socket(command);
    if (!found) return this.#fail(answer, ERROR.badSocket);
    const [id, socket] = found;
    const later = command.parameters[1] === "1";
    const alone = socket.link?.state !== "open";
    socket.gone = true;
    this.#sockets[id] = undefined;
    socket.link?.close();
    if (later) answer.ok();
    const { agenda, knobs, radio } = this.#modem;
    const answered = radio.reachable && !knobs.halfOpen;
    agenda.after(alone ? 0 : answered ? knobs.latency : CLOSE_TIMEOUT, () => {
      if (later) this.#modem.terminal.lateResult(`+UUSOCL: ${id}`);
      else answer.ok();
    });
  }

  // Data.

  /** AT+USOWR=<id>,<bytes> asks by @; AT+USOWR=<id>,<bytes>,"data" has it on the line, in hex when UDCONF says so. */
  #write(command: Command, answer: Answer): undefined {
    const found = this.#socket(command);
    const length = integer(command, 1, 1, this.#hex ? LARGEST_HEX : LARGEST);
    const link = found?.[1].link;
    if (!found || link?.state !== "open") return this.#fail(answer, ERROR.badSocket);
    if (length === undefined) return answer.cme(50);
    if (command.parameters.length === 2) {
      return answer.prompt(length, (bytes) => this.#writePayload(found[0], link, bytes, answer));
    }
    const bytes = this.#hex ? fromHex(quoted(command, 2) ?? "") : toBytes(quoted(command, 2) ?? "");
    if (bytes.length !== length) return answer.cme(50);
    this.#writePayload(found[0], link, bytes, answer);
  }

  #writePayload(id: number, link: AirSocket, bytes: Uint8Array | undefined, answer: Answer): undefined {
    if (!bytes || link.state !== "open") return this.#fail(answer, ERROR.badSocket);
    if (link.free < bytes.length) return this.#fail(answer, ERROR.wouldBlock);
    link.send(bytes, "buffered", (count) => {
      if (count <= 0) return this.#fail(answer, ERROR.badSocket);
      if (!this.#modem.knobs.writeWithoutResult) answer.line(`+USOWR: ${id},${count}`);
      answer.ok();
    });
  }

  #announce(id: number, socket: Socket): void {
    const unread = socket.link?.received.length ?? 0;
    if (socket.announced || unread === 0) return;
    socket.announced = true;
    this.#modem.terminal.unsolicited(`+UUSORD: ${id},${unread}`);
  }

  /** AT+USORD=<id>,<bytes>; 0 bytes tells what is there. What is left is announced again. */
  #read(command: Command, answer: Answer): undefined {
    const found = this.#socket(command);
    const length = integer(command, 1, 0, this.#hex ? LARGEST_HEX : LARGEST);
    if (!found || length === undefined) return this.#fail(answer, ERROR.badSocket);
    const [id, socket] = found;
    const received = socket.link?.received;
    if (length === 0) return answer.line(`+USORD: ${id},${received?.length ?? 0}`).ok();
    const bytes = received?.take(length) ?? new Uint8Array(0);
    if (bytes.length === 0) return answer.line(`+USORD: ${id},""`).ok();
    answer.data(`+USORD: ${id},${bytes.length},"`, this.#hex ? toHex(bytes) : bytes, '"\r\n').ok();
    if (this.#modem.knobs.extraRead && bytes.length < length) {
      this.#modem.terminal.unsolicited(`+USORD: ${id},""`);
    }
    socket.announced = false;
    this.#announce(id, socket);
    this.#tellEnd(id, socket);
  }

  /** AT+USOCTL=<id>,<0 type|1 last error|2 sent|3 received|10 TCP state>. */
  #control(command: Command, counts: boolean, answer: Answer): undefined {
    const found = this.#socket(command);
    const parameter = integer(command, 1, 0, 11);
    if (!found || parameter === undefined) return this.#fail(answer, ERROR.badSocket);
    const [id, { link }] = found;
    const open = link?.state === "open";
    const values: Readonly<Record<number, number>> = {
      0: TCP,
      1: this.#lastError,
      ...(counts && { 2: link?.sentTotal ?? 0, 3: link?.receivedTotal ?? 0 }),
      10: open ? ESTABLISHED : link ? CLOSE_WAIT : INACTIVE,
    };
    const value = values[parameter];
    if (value === undefined) return answer.cme(4);
    answer.line(`+USOCTL: ${id},${parameter},${value}`).ok();
  }
}

function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
