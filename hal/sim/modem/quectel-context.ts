import { frozen } from "../../frozen.js";
import type { Answer, Commands } from "./answer.js";
import { type Command, integer, quoted } from "./command.js";
import type { RunningModem } from "./running-modem.js";

const CONTEXTS = 7;

/** <err> of QIOPEN, QSSLOPEN and QIGETERROR (QTCP chapter 4), with the text of QIGETERROR. */
export const quectelErrors: Readonly<Record<number, string>> = frozen({
  0: "operate successfully",
  552: "invalid parameters",
  561: "open PDP context failed",
  563: "socket identity has been used",
  565: "DNS parse failed",
  566: "socket connect failed",
  567: "socket has been closed",
  569: "operation timeout",
  570: "PDP context broken down",
});

/** QICSGP, QIACT, QIDEACT and what else belongs to PDP contexts of Quectel modems (QTCP chapter 2). */
export class QuectelContexts {
  readonly commands: Commands;
  /** Of the last socket command, for QIGETERROR. */
  lastError = 0;
  readonly #modem: RunningModem;
  /** "broken": the network has taken it away, and QIDEACT must come before the next QIACT. */
  readonly #states = new Map<number, "active" | "broken">();
  readonly #onDeactivated: (context: number) => void;

  /** `onDeactivated`: the host has closed a context, all of whose sockets end with it. */
  constructor(modem: RunningModem, onDeactivated: (context: number) => void) {
    this.#modem = modem;
    this.#onDeactivated = onDeactivated;
    this.commands = {
      "+QICSGP": (command, answer) => this.#configure(command, answer),
      "+QIACT": (command, answer) => (command.form === "read" ? this.#list(answer) : this.#activate(command, answer)),
      "+QIDEACT": (command, answer) => this.#deactivate(integer(command, 0, 1, CONTEXTS), answer),
      "+QIDNSGIP": (command, answer) => this.#resolve(command, answer),
      "+QIGETERROR": (_, answer) =>
        answer.line(`+QIGETERROR: ${this.lastError}, ${quectelErrors[this.lastError] ?? "unknown error"}`).ok(),
    };
  }

  isActive(context: number): boolean {
    return this.#states.get(context) === "active";
  }

  onDetached(): void {
    for (const [context, state] of this.#states) {
      if (state === "broken") continue;
      this.#states.set(context, "broken");
      this.#modem.terminal.unsolicited(`+QIURC: "pdpdeact",${context}`);
    }
  }

  /** AT+QICSGP=<context>,<1 IPv4>,"apn"[,"user","password",<authentication>]. */
  #configure(command: Command, answer: Answer): undefined {
    const context = integer(command, 0, 1, CONTEXTS);
    const apn = quoted(command, 2);
    if (context === undefined || integer(command, 1, 1, 3) === undefined || apn === undefined) return answer.error();
    this.#modem.memory.contexts.set(context, apn);
    answer.ok();
  }

  #activate(command: Command, answer: Answer): undefined {
    const { agenda, knobs, radio } = this.#modem;
    const context = integer(command, 0, 1, CONTEXTS);
    if (context === undefined || this.#states.get(context) === "broken") return answer.error();
    agenda.about(knobs.contextTime, () => {
      if (radio.attached) this.#states.set(context, "active");
      else this.lastError = 561;
      if (radio.attached) answer.ok();
      else answer.error();
    });
  }

  #list(answer: Answer): undefined {
    for (const [context, state] of this.#states) {
      if (state === "active") answer.line(`+QIACT: ${context},1,1,"${this.#modem.radio.address}"`);
    }
    answer.ok();
  }

  #deactivate(context: number | undefined, answer: Answer): undefined {
    if (context === undefined) return answer.error();
    this.#states.delete(context);
    this.#onDeactivated(context);
    this.#modem.agenda.about(this.#modem.knobs.attachTime, () => answer.ok());
  }

  /** AT+QIDNSGIP=<context>,"host": OK, and the addresses as unsolicited codes. */
  #resolve(command: Command, answer: Answer): undefined {
    const context = integer(command, 0, 1, CONTEXTS);
    const host = quoted(command, 1);
    if (context === undefined || host === undefined || !this.isActive(context)) return answer.error();
    answer.ok();
    const { air, terminal } = this.#modem;
    air.resolve(host, (address) => {
      terminal.unsolicited(`+QIURC: "dnsgip",${address === undefined ? 565 : "0,1,600"}`);
      if (address !== undefined) terminal.unsolicited(`+QIURC: "dnsgip","${address}"`);
    });
  }
}
