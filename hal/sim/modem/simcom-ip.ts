import { frozen } from "../../frozen.js";
import { toHex } from "../bytes.js";
import type { AirSocket, Closing, Failure } from "./air-socket.js";
import type { Answer, Commands } from "./answer.js";
import { type Command, integer, quoted } from "./command.js";
import { connectData } from "./data-mode.js";
import type { RunningModem } from "./running-modem.js";

const LINKS = 10;
const LARGEST_SEND = 1500;
const LARGEST_READ = 1500;
const LARGEST_HEX_READ = 750;

/** <err> of +NETOPEN, +CIPOPEN, +CIPSEND and +CIPCLOSE (chapter 11, unsolicited result codes). */
const ERROR = frozen({ network: 1, notOpened: 2, parameter: 3, notSupported: 4, timeout: 10, dns: 11 } as const);
const FAILURES: Readonly<Record<Failure, number>> = frozen({
  refused: ERROR.network,
  network: ERROR.network,
  tls: ERROR.network,
  timeout: ERROR.timeout,
  dns: ERROR.dns,
});
/** <err_info>. */
const INFO = frozen({
  alreadyOpened: "Network is already opened",
  notOpened: "Network not opened",
  noData: "No data",
} as const);

/** Where SIM7600 and A76xx differ. */
export interface IPDialect {
  /** <err_info> as a number for "No data". */
  readonly noData: number;
  /** NETCLOSE tells the end of every open link. */
  readonly listsClosedLinks: boolean;
}
/** <close_reason> of +IPCLOSE; a lost network is told by +CIPEVENT. */
const CLOSE_REASONS: Readonly<Record<Exclude<Closing, "lost">, number>> = frozen({ remote: 1, timeout: 2 });

interface Link {
  readonly socket: AirSocket;
  readonly host: string;
  readonly port: number;
  /** Data was announced and the buffer not emptied since: nothing is announced again. */
  announced: boolean;
}

/** SIM7600 TCP sockets: NETOPEN, CIPOPEN, CIPSEND, CIPRXGET and what belongs to them (chapter 11). */
export class IPService {
  readonly commands: Commands;
  readonly #modem: RunningModem;
  readonly #dialect: IPDialect;
  readonly #links: Array<Link | undefined> = [];
  #state: "closed" | "opening" | "open" = "closed";
  /** CIPRXGET: the host asks for data; otherwise it is pushed. */
  #manualRead = false;
  /** CIPCCFG <errMode>: numbers instead of texts. */
  #numericErrors = false;
  /** CIPMODE: links are opened in data mode. */
  #transparent = false;
  /** CIPSENDMODE: the result waits for the peer's acknowledgement. */
  #acknowledgedSends = false;
  /** CIPTIMEOUT, milliseconds. */
  #netopenTimeout = 120_000;
  #connectTimeout = 120_000;
  #sendTimeout = 120_000;

  constructor(modem: RunningModem, dialect: IPDialect) {
    this.#modem = modem;
    this.#dialect = dialect;
    this.commands = {
      "+NETOPEN": (command, answer) => {
        if (command.form === "read") answer.line(`+NETOPEN: ${this.#state === "open" ? 1 : 0}`).ok();
        else this.#open(answer);
      },
      "+NETCLOSE": (_, answer) => this.#close(answer),
      "+IPADDR": (_, answer) => {
        if (this.#state === "open") answer.line(`+IPADDR: ${modem.radio.address ?? "0.0.0.0"}`).ok();
        else this.#refuse(answer, "notOpened");
      },
      "+CIPOPEN": (command, answer) => {
        if (command.form === "read") this.#listLinks(answer);
        else this.#connect(command, answer);
      },
      "+CIPCLOSE": (command, answer) => {
        if (command.form === "read") answer.line(`+CIPCLOSE: ${this.#flags()}`).ok();
        else this.#disconnect(integer(command, 0, 0, LINKS - 1), answer);
      },
      "+CIPSEND": (command, answer) => this.#send(command, answer),
      "+CIPRXGET": (command, answer) => this.#receive(command, answer),
      "+CIPTIMEOUT": (command, answer) => this.#setTimeouts(command, answer),
      "+CIPCCFG": (command, answer) => {
        this.#numericErrors = command.parameters[3] === "0";
        answer.ok();
      },
      "+CIPSENDMODE": (command, answer) => {
        this.#acknowledgedSends = command.parameters[0] === "1";
        answer.ok();
      },
      "+CIPMODE": (command, answer) => this.#setTransparent(command, answer),
      "+CSOCKSETPN": (_, answer) => answer.ok(),
      "+CDNSGIP": (command, answer) => this.#resolve(quoted(command, 0), answer),
    };
  }

  onDetached(): void {
    const wasOpen = this.#state === "open";
    if (!wasOpen || !this.#modem.knobs.networkStaysOpen) this.#state = "closed";
    if (wasOpen) this.#modem.terminal.unsolicited("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY");
  }

  // The network.

  #open(answer: Answer): undefined {
    const { knobs, agenda, radio } = this.#modem;
    if (this.#state !== "closed") return this.#refuse(answer, "alreadyOpened");
    if (knobs.networkOpenError) return answer.error();
    this.#state = "opening";
    this.#modem.answerLater(answer, (report) => {
      agenda.about(Math.min(knobs.contextTime, this.#netopenTimeout), () => {
        const opened = this.#state === "opening" && radio.attached;
        this.#state = opened ? "open" : "closed";
        report(`+NETOPEN: ${opened ? 0 : ERROR.network}`);
      });
    });
  }

  #close(answer: Answer): undefined {
    if (this.#state === "closed") return answer.fail(`+NETCLOSE: ${ERROR.notOpened}`);
    const open = this.#links.flatMap((_, number) => (this.#isOpen(number) ? [number] : []));
    for (const link of this.#links) link?.socket.close();
    this.#links.length = 0;
    this.#state = "closed";
    this.#modem.answerLater(answer, (report) => {
      if (this.#dialect.listsClosedLinks) {
        for (const number of open) this.#modem.terminal.unsolicited(`+CIPCLOSE: ${number},0`);
      }
      this.#modem.agenda.about(this.#modem.knobs.attachTime, () => report("+NETCLOSE: 0"));
    });
  }

  /** +IP ERROR in the form of CIPCCFG, and ERROR. */
  #refuse(answer: Answer, why: keyof typeof INFO): undefined {
    const numbers = { alreadyOpened: 4, notOpened: 8, noData: this.#dialect.noData };
    answer.fail(`+IP ERROR: ${this.#numericErrors ? numbers[why] : INFO[why]}`);
  }

  #resolve(host: string | undefined, answer: Answer): undefined {
    if (host === undefined) return answer.error();
    if (!this.#modem.radio.reachable) return answer.fail(`+CDNSGIP: 0,${ERROR.network}`);
    this.#modem.air.resolve(host, (address) => {
      if (address === undefined) answer.fail("+CDNSGIP: 0,10");
      else answer.line(`+CDNSGIP: 1,"${host}","${address}"`).ok();
    });
  }

  #setTimeouts(command: Command, answer: Answer): undefined {
    const times = [0, 1, 2].map((i) => integer(command, i, 3000, 120_000));
    if (times.includes(undefined)) return answer.error();
    [this.#netopenTimeout = 0, this.#connectTimeout = 0, this.#sendTimeout = 0] = times;
    answer.ok();
  }

  /** Before NETOPEN only. */
  #setTransparent(command: Command, answer: Answer): undefined {
    if (command.form === "read") return answer.line(`+CIPMODE: ${this.#transparent ? 1 : 0}`).ok();
    const mode = integer(command, 0, 0, 1);
    if (mode === undefined || this.#state !== "closed") return answer.error();
    this.#transparent = mode === 1;
    answer.ok();
  }

  // Links.

  #isOpen(link: number): boolean {
    return this.#links[link]?.socket.state === "open";
  }

  #flags(): string {
    return Array.from({ length: LINKS }, (_, link) => (this.#isOpen(link) ? 1 : 0)).join(",");
  }

  #listLinks(answer: Answer): undefined {
    for (let i = 0; i < LINKS; i++) {
      const link = this.#links[i];
      answer.line(`+CIPOPEN: ${i}${link && this.#isOpen(i) ? `,"TCP","${link.host}",${link.port},-1` : ""}`);
    }
    answer.ok();
  }

  #connect(command: Command, answer: Answer): undefined {
    const number = integer(command, 0, 0, LINKS - 1);
    const host = quoted(command, 2);
    const port = integer(command, 3, 0, 65535);
    if (number === undefined) return answer.error();
    const fail = (error: number) => answer.fail(`+CIPOPEN: ${number},${error}`);
    if (this.#state !== "open") return fail(ERROR.notOpened);
    if (quoted(command, 1) === "UDP") return fail(ERROR.notSupported);
    if (quoted(command, 1) !== "TCP" || host === undefined || port === undefined) return fail(ERROR.parameter);
    const previous = this.#links[number];
    if (previous && previous.socket.state !== "closed") {
      if (this.#modem.knobs.silentReopen) return answer.ok();
      return fail(ERROR.notSupported);
    }
    if (this.#transparent) {
      const socket = connectData(this.#modem, answer, { host, port, failure: "CONNECT FAIL" });
      this.#links[number] = { socket, host, port, announced: false };
    } else this.#modem.answerLater(answer, (report) => this.#openLink(number, host, port, report));
  }

  #openLink(number: number, host: string, port: number, report: (result: string) => void): void {
    const { air, terminal, knobs } = this.#modem;
    const socket = air.open({
      host,
      port,
      connectTimeout: this.#connectTimeout,
      sendTimeout: this.#sendTimeout,
      onConnected: () => report(`+CIPOPEN: ${number},0`),
      onFailed: (why) => report(`+CIPOPEN: ${number},${FAILURES[why]}`),
      onReceived: () => this.#announce(number),
      onClosed: (why) => {
        if (knobs.closeDropsData) socket.received.clear();
        if (why !== "lost") terminal.unsolicited(`+IPCLOSE: ${number},${CLOSE_REASONS[why]}`);
      },
    });
    this.#links[number] = { socket, host, port, announced: false };
  }

  #disconnect(number: number | undefined, answer: Answer): undefined {
    if (number === undefined) return answer.error();
    if (!this.#isOpen(number)) return answer.fail(`+CIPCLOSE: ${number},${ERROR.notSupported}`);
    this.#links[number]?.socket.close();
    this.#modem.answerLater(answer, (report) => {
      this.#modem.agenda.about(this.#modem.knobs.latency, () => report(`+CIPCLOSE: ${number},0`));
    });
  }

  // Data.

  #send(command: Command, answer: Answer): undefined {
    const number = integer(command, 0, 0, LINKS - 1);
    const unlimited = command.parameters.length === 1;
    const length = unlimited ? undefined : integer(command, 1, 1, LARGEST_SEND);
    if (number === undefined || (!unlimited && length === undefined)) return answer.error();
    if (this.#state !== "open") return answer.fail(`+CIPERROR: ${ERROR.notOpened}`);
    if (!this.#isOpen(number)) return answer.fail(`+CIPERROR: ${ERROR.notSupported}`);
    answer.prompt(length, (payload) => {
      if (!payload) answer.error();
      else this.#modem.answerLater(answer, (report) => this.#sendPayload(number, payload, report));
    });
  }

  #sendPayload(number: number, payload: Uint8Array, report: (result: string) => void): void {
    const until = this.#acknowledgedSends ? "acknowledged" : "buffered";
    this.#links[number]?.socket.send(payload, until, (count) =>
      report(`+CIPSEND: ${number},${payload.length},${count}`),
    );
  }

  /** Tells the host of data, or gives it right away when the host did not want to ask. */
  #announce(number: number): void {
    const link = this.#links[number];
    if (!link) return;
    const { terminal } = this.#modem;
    if (!this.#manualRead) {
      const bytes = link.socket.received.take(link.socket.received.length);
      terminal.unsolicited(`RECV FROM:${link.host}:${link.port}`);
      terminal.unsolicitedData(`+IPD${bytes.length}\r\n`, bytes);
    } else if (!link.announced) {
      link.announced = true;
      terminal.unsolicited(`+CIPRXGET: 1,${number}`);
    }
  }

  #receive(command: Command, answer: Answer): undefined {
    if (command.form === "read") return answer.line(`+CIPRXGET: ${this.#manualRead ? 1 : 0}`).ok();
    const mode = integer(command, 0, 0, 4);
    if (mode === undefined) return answer.error();
    if (mode <= 1) {
      this.#manualRead = mode === 1;
      return answer.ok();
    }
    const number = integer(command, 1, 0, LINKS - 1);
    if (number === undefined) return answer.error();
    if (this.#state !== "open") return this.#refuse(answer, "notOpened");
    if (mode === 4) answer.line(`+CIPRXGET: 4,${number},${this.#links[number]?.socket.received.length ?? 0}`).ok();
    else this.#read(mode, number, command, answer);
  }

  #read(mode: number, number: number, command: Command, answer: Answer): undefined {
    const largest = mode === 3 ? LARGEST_HEX_READ : LARGEST_READ;
    const length = command.parameters.length > 2 ? integer(command, 2, 1, largest) : largest;
    if (length === undefined) return answer.error();
    const link = this.#links[number];
    const received = link?.socket.received;
    if (!link || !received || received.length === 0) return this.#refuse(answer, "noData");
    const bytes = received.take(length);
    link.announced = received.length > 0;
    const head = `+CIPRXGET: ${mode},${number},${bytes.length},${received.length}\r\n`;
    answer.data(head, mode === 3 ? toHex(bytes) : bytes).ok();
  }
}
