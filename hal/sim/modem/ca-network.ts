import type { Answer, Commands } from "./answer.js";
import { type Command, integer, quoted } from "./command.js";
import type { RunningModem } from "./running-modem.js";

/** Contexts of SIM70x0; SIM7000 has one. */
const CONTEXTS = 4;

/** The application network of SIM7000 and SIM70x0 (CNACT), which CA* sockets and the time client need. */
export class ApplicationNetwork {
  readonly commands: Commands;
  readonly #modem: RunningModem;
  /** SIM70x0: contexts have an index, and CNCFG sets them up. */
  readonly #indexed: boolean;
  readonly #active: boolean[] = [];
  /** The meter at activation, for CNII. */
  #before = { sent: 0, received: 0, packetsSent: 0, packetsReceived: 0 };

  constructor(modem: RunningModem, indexed: boolean) {
    this.#modem = modem;
    this.#indexed = indexed;
    const activation = (command: Command, answer: Answer) =>
      command.form === "read" ? this.#tell(answer) : this.#activate(command, answer);
    this.commands = indexed
      ? {
          "+CNACT": activation,
          "+CNCFG": (command, answer) => this.#configure(command, answer),
          "+CNII": (command, answer) => this.#tellCounters(integer(command, 0, 0, CONTEXTS - 1), answer),
        }
      : { "+CNACT": activation };
  }

  isActive(context: number): boolean {
    return this.#active[context] === true;
  }

  onDetached(): void {
    for (let context = 0; context < CONTEXTS; context++) {
      if (!this.#active[context]) continue;
      this.#active[context] = false;
      this.#modem.terminal.unsolicited(this.#event(context, false));
    }
  }

  #event(context: number, active: boolean): string {
    const index = this.#indexed && !(this.#modem.knobs.indexMissing && !active) ? `${context},` : "";
    return `+APP PDP: ${index}${active ? "ACTIVE" : "DEACTIVE"}`;
  }

  /** AT+CNCFG=<context>,<1 IPv4>,"apn". */
  #configure(command: Command, answer: Answer): undefined {
    const context = integer(command, 0, 0, CONTEXTS - 1);
    if (context === undefined || integer(command, 1, 0, 3) === undefined) return answer.cme(50);
    this.#modem.memory.contexts.set(context + 1, quoted(command, 2) ?? "");
    answer.ok();
  }

  /** AT+CNACT=<context>,<0|1> on SIM70x0, AT+CNACT=<0|1>,"apn" on SIM7000. */
  #activate(command: Command, answer: Answer): undefined {
    const context = this.#indexed ? integer(command, 0, 0, CONTEXTS - 1) : 0;
    const wanted = integer(command, this.#indexed ? 1 : 0, 0, 1);
    if (context === undefined || wanted === undefined) return answer.cme(50);
    if (this.isActive(context) === (wanted === 1)) return answer.error();
    if (!this.#indexed) this.#modem.memory.contexts.set(1, quoted(command, 1) ?? "");
    const { agenda, knobs, radio, options } = this.#modem;
    this.#modem.answerLater(answer, (report) => {
      agenda.about(knobs.contextTime, () => {
        this.#active[context] = wanted === 1 && radio.attached;
        const { sent, received, packetsSent, packetsReceived } = options.meter;
        this.#before = { sent, received, packetsSent, packetsReceived };
        report(this.#event(context, this.isActive(context)));
      });
    });
  }

  #tell(answer: Answer): undefined {
    const contexts = this.#indexed ? [0, 1, 2, 3] : [0];
    for (const context of contexts) {
      const active = this.isActive(context);
      const address = (active && this.#modem.radio.address) || "0.0.0.0";
      answer.line(`+CNACT: ${this.#indexed ? `${context},` : ""}${active ? 1 : 0},"${address}"`);
    }
    answer.ok();
  }

  /** Since activation: bytes and packets received and sent, and dropped ones. */
  #tellCounters(context: number | undefined, answer: Answer): undefined {
    if (context === undefined || !this.isActive(context)) return answer.error();
    const { meter } = this.#modem.options;
    const before = this.#before;
    const bytes = `${meter.received - before.received},${meter.sent - before.sent}`;
    const packets = `${meter.packetsReceived - before.packetsReceived},${meter.packetsSent - before.packetsSent}`;
    answer.line(`+CNII: ${context},1500,${bytes},${packets},0,0`).ok();
  }
}
