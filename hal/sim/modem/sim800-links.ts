import { toHex } from "../bytes.js";
import type { TLSOptions } from "../internet.js";
import type { AirSocket, Closing } from "./air-socket.js";
import type { Answer, Commands } from "./answer.js";
import { type Command, integer, quoted, text } from "./command.js";
import { connectData } from "./data-mode.js";
import type { RunningModem } from "./running-modem.js";

/** Where SIM800 and SIM7000 differ. */
export interface LinksDialect {
  readonly links: number;
  /** Largest CIPRXGET, bytes; half of it in hex. */
  readonly largestRead: number;
  /** What TLS asks of links opened from now on; undefined is plain TCP. */
  readonly security: () => TLSOptions | undefined;
}

const LARGEST_SEND = 1460;
/** Unacknowledged data closes the link after this (S800 8.2.3), milliseconds. */
const SEND_TIMEOUT = 645_000;

type State = "IP INITIAL" | "IP START" | "IP GPRSACT" | "IP STATUS" | "IP PROCESSING" | "PDP DEACT";

interface Link {
  readonly socket: AirSocket;
  readonly host: string;
  readonly port: number;
  announced: boolean;
  state: "CONNECTING" | "CONNECTED" | "CLOSED";
}

/** SIM800 TCP in multi-connection mode (S800 chapter 8), and the same dialogue on SIM7000. */
export class MultiLinks {
  readonly commands: Commands;
  readonly #modem: RunningModem;
  readonly #dialect: LinksDialect;
  readonly #links: Array<Link | undefined> = [];
  #state: State = "IP INITIAL";
  #multiple = false;
  /** CIPMODE: the only link of single-connection mode is opened in data mode. */
  #transparent = false;
  #quickSend = false;
  #manualRead = false;

  constructor(modem: RunningModem, dialect: LinksDialect) {
    this.#modem = modem;
    this.#dialect = dialect;
    this.commands = {
      "+CIPSHUT": (_, answer) => this.#shut(answer),
      "+CIPMUX": (command, answer) => this.#setInitial(command, answer, "+CIPMUX"),
      "+CIPMODE": (command, answer) => this.#setInitial(command, answer, "+CIPMODE"),
      "+CIPRXGET": (command, answer) => this.#receive(command, answer),
      "+CIPQSEND": (command, answer) => this.#setQuickSend(command, answer),
      "+CSTT": (command, answer) => this.#setAccessPoint(command, answer),
      "+CIICR": (_, answer) => this.#activate(answer),
      "+CIFSR": (_, answer) => this.#tellAddress(answer),
      "+CIPSTART": (command, answer) => this.#connect(command, answer),
      "+CIPSEND": (command, answer) => (command.form === "read" ? this.#room(answer) : this.#send(command, answer)),
      "+CIPCLOSE": (command, answer) => this.#disconnect(integer(command, 0, 0, this.#last), answer),
      "+CIPSTATUS": (command, answer) => this.#status(command, answer),
    };
  }

  onDetached(): void {
    if (this.#state === "IP INITIAL" || this.#state === "IP START") return;
    this.#state = "PDP DEACT";
    this.#links.length = 0;
    this.#modem.terminal.unsolicited("+PDP: DEACT");
  }

  get #last(): number {
    return this.#dialect.links - 1;
  }

  // Settings that precede the context, and the context.

  #setInitial(command: Command, answer: Answer, name: "+CIPMUX" | "+CIPMODE" | "+CIPRXGET"): undefined {
    const on = integer(command, 0, 0, 1);
    const values = { "+CIPMUX": this.#multiple, "+CIPMODE": this.#transparent, "+CIPRXGET": this.#manualRead };
    if (command.form === "read") return answer.line(`${name}: ${values[name] ? 1 : 0}`).ok();
    if (on === undefined || this.#state !== "IP INITIAL") return answer.cme(3);
    if (name === "+CIPMUX") this.#multiple = on === 1;
    else if (name === "+CIPMODE") this.#transparent = on === 1;
    else this.#manualRead = on === 1;
    answer.ok();
  }

  #setQuickSend(command: Command, answer: Answer): undefined {
    if (command.form === "read") return answer.line(`+CIPQSEND: ${this.#quickSend ? 1 : 0}`).ok();
    const on = integer(command, 0, 0, 1);
    if (on === undefined) return answer.error();
    this.#quickSend = on === 1;
    answer.ok();
  }

  #setAccessPoint(command: Command, answer: Answer): undefined {
    if (this.#state !== "IP INITIAL" || quoted(command, 0) === undefined) return answer.cme(3);
    this.#modem.memory.contexts.set(1, quoted(command, 0)!);
    this.#state = "IP START";
    answer.ok();
  }

  #activate(answer: Answer): undefined {
    const { agenda, knobs, radio } = this.#modem;
    if (this.#state !== "IP START") return answer.cme(3);
    agenda.about(knobs.contextTime, () => {
      this.#state = radio.attached ? "IP GPRSACT" : "PDP DEACT";
      if (radio.attached) answer.ok();
      else answer.error();
    });
  }

  /** The address alone: no prefix, no OK. */
  #tellAddress(answer: Answer): undefined {
    if (this.#state === "IP GPRSACT") this.#state = "IP STATUS";
    if (this.#state !== "IP STATUS" && this.#state !== "IP PROCESSING") return answer.error();
    answer.result(this.#modem.radio.address ?? "0.0.0.0");
  }

  #shut(answer: Answer): undefined {
    for (const link of this.#links) link?.socket.close();
    this.#links.length = 0;
    this.#state = "IP INITIAL";
    this.#modem.agenda.about(this.#modem.knobs.attachTime, () => answer.result("SHUT OK"));
  }

  // Links.

  /** "1, CONNECT OK", or as the manual spells it. */
  #told(number: number, what: string): string {
    return `${number},${this.#modem.knobs.manualSpaces ? "" : " "}${what}`;
  }

  /** AT+CIPSTART="TCP","host",<port>, with neither CIPMUX nor another link. */
  #connectSingle(command: Command, answer: Answer): undefined {
    const host = quoted(command, 1);
    const port = Number(text(command, 2) ?? "");
    if (!this.#transparent || quoted(command, 0) !== "TCP" || !host || !(port > 0)) return answer.cme(50);
    if (this.#state !== "IP STATUS") return answer.cme(3);
    this.#state = "IP PROCESSING";
    const socket = connectData(this.#modem, answer, { host, port, failure: "CONNECT FAIL" });
    this.#links[0] = { socket, host, port, announced: false, state: "CONNECTED" };
  }

  #connect(command: Command, answer: Answer): undefined {
    if (!this.#multiple) return this.#connectSingle(command, answer);
    const number = integer(command, 0, 0, this.#last);
    const host = quoted(command, 2);
    const port = Number(text(command, 3) ?? "");
    const valid = quoted(command, 1) === "TCP" && Number.isInteger(port) && port > 0 && port <= 65535;
    if (number === undefined || host === undefined || !valid) return answer.cme(50);
    if (this.#state !== "IP STATUS" && this.#state !== "IP PROCESSING") return answer.cme(3);
    this.#modem.answerLater(answer, (report) => {
      const tell = (what: string) => report(this.#told(number, what));
      if (this.#links[number] && this.#links[number].state !== "CLOSED") return tell("ALREADY CONNECT");
      this.#openLink(number, host, port, tell);
    });
  }

  #openLink(number: number, host: string, port: number, tell: (what: string) => void): undefined {
    const { air, knobs } = this.#modem;
    this.#state = "IP PROCESSING";
    const socket = air.open({
      ...{ host, port, sendTimeout: SEND_TIMEOUT, connectTimeout: knobs.connectTimeout },
      tls: this.#dialect.security(),
      onConnected: () => {
        link.state = "CONNECTED";
        tell("CONNECT OK");
      },
      onFailed: () => {
        link.state = "CLOSED";
        tell("CONNECT FAIL");
      },
      onReceived: () => this.#announce(number, link),
      onClosed: (why) => this.#closed(number, link, why),
    });
    const link: Link = { socket, host, port, announced: false, state: "CONNECTING" };
    this.#links[number] = link;
  }

  #closed(number: number, link: Link, why: Closing): void {
    const { knobs, terminal } = this.#modem;
    link.state = "CLOSED";
    if (knobs.closeDropsData) link.socket.received.clear();
    if (why !== "lost") terminal.unsolicited(this.#told(number, "CLOSED"));
  }

  #disconnect(number: number | undefined, answer: Answer): undefined {
    const link = this.#links[number ?? -1];
    if (number === undefined || !link || link.state === "CLOSED") return answer.cme(3);
    link.state = "CLOSED";
    link.socket.close();
    this.#modem.agenda.about(this.#modem.knobs.latency, () => answer.result(this.#told(number, "CLOSE OK")));
  }

  /** Of one link, or OK first and then everything. */
  #status(command: Command, answer: Answer): undefined {
    const number = integer(command, 0, 0, this.#last);
    if (command.form === "set" && number === undefined) return answer.cme(50);
    if (number !== undefined) return answer.line(`+CIPSTATUS: ${this.#describe(number)}`).ok();
    answer.ok();
    const { terminal } = this.#modem;
    terminal.unsolicited(`STATE: ${this.#state}`);
    if (!this.#multiple) return;
    for (let i = 0; i <= this.#last; i++) terminal.unsolicited(`C: ${this.#describe(i)}`);
  }

  #describe(number: number): string {
    const link = this.#links[number];
    return link ? `${number},0,"TCP","${link.host}","${link.port}","${link.state}"` : `${number},,"","","","INITIAL"`;
  }

  // Data.

  #room(answer: Answer): undefined {
    for (const [number, link] of this.#links.entries()) {
      if (link?.state === "CONNECTED") answer.line(`+CIPSEND: ${number},${Math.min(LARGEST_SEND, link.socket.free)}`);
    }
    answer.ok();
  }

  #send(command: Command, answer: Answer): undefined {
    const number = integer(command, 0, 0, this.#last);
    const unlimited = command.parameters.length === 1;
    const length = unlimited ? undefined : integer(command, 1, 1, LARGEST_SEND);
    const link = this.#links[number ?? -1];
    if (number === undefined || (!unlimited && length === undefined)) return answer.cme(50);
    if (link?.state !== "CONNECTED") return answer.cme(3);
    answer.prompt(length, (payload) => {
      if (!payload) answer.error();
      else this.#sendPayload(number, link.socket, payload, answer);
    });
  }

  #sendPayload(number: number, socket: AirSocket, payload: Uint8Array, answer: Answer): undefined {
    const { knobs, options } = this.#modem;
    const failed = this.#told(number, "SEND FAIL");
    if (options.random() % 1000 < knobs.sendFails) return answer.result(failed);
    socket.send(payload, this.#quickSend ? "buffered" : "acknowledged", (count) => {
      if (count <= 0) answer.result(failed);
      else if (this.#quickSend) answer.result(`DATA ACCEPT:${knobs.manualSpaces ? " " : ""}${number},${count}`);
      else answer.result(this.#told(number, "SEND OK"));
    });
  }

  #announce(number: number, link: Link): void {
    const { terminal } = this.#modem;
    const { received } = link.socket;
    if (!this.#manualRead) {
      const bytes = received.take(received.length);
      terminal.unsolicitedData(`+RECEIVE,${number},${bytes.length}:\r\n`, bytes);
    } else if (!link.announced) {
      link.announced = true;
      terminal.unsolicited(`+CIPRXGET: 1,${number}`);
    }
  }

  #receive(command: Command, answer: Answer): undefined {
    const mode = integer(command, 0, 0, 4);
    if (command.form === "read" || (mode !== undefined && mode <= 1)) {
      return this.#setInitial(command, answer, "+CIPRXGET");
    }
    const number = integer(command, 1, 0, this.#last);
    const link = this.#links[number ?? -1];
    if (mode === undefined || number === undefined || !this.#manualRead || !link) return answer.cme(3);
    if (this.#modem.knobs.announcesAgain) this.#modem.terminal.unsolicited(`+CIPRXGET: 1,${number}`);
    if (mode === 4) answer.line(`+CIPRXGET: 4,${number},${link.socket.received.length}`).ok();
    else this.#read(mode, number, link, command, answer);
  }

  #read(mode: number, number: number, link: Link, command: Command, answer: Answer): undefined {
    const largest = mode === 3 ? this.#dialect.largestRead / 2 : this.#dialect.largestRead;
    const length = command.parameters.length > 2 ? integer(command, 2, 1, largest) : largest;
    if (length === undefined) return answer.cme(50);
    const { received } = link.socket;
    const bytes = received.take(length);
    link.announced = received.length > 0;
    const head = `+CIPRXGET: ${mode},${number},${bytes.length},${received.length}`;
    if (bytes.length === 0) answer.line(head).ok();
    else answer.data(`${head}\r\n`, mode === 3 ? toHex(bytes) : bytes).ok();
  }
}
