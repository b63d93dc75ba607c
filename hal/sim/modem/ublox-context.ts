import type { Answer, Commands } from "./answer.js";
import { integer, quoted } from "./command.js";
import type { RunningModem } from "./running-modem.js";

/** Which contexts sockets need: the one that comes with the attach (R4), or a profile that UPSDA activates (R5, U2). */
export type UbloxContext = "attach" | "profile";

/** UPSDA <action>. */
const ACTIVATE = 3;
const DEACTIVATE = 4;
/** UPSND <parameter>. */
const ADDRESS = 0;
const STATUS = 8;

/** Packet data of u-blox modems: UPSD, UPSDA, UPSND, and UMNOPROF of the LTE families. */
export class UbloxContexts {
  readonly commands: Commands;
  readonly #modem: RunningModem;
  readonly #kind: UbloxContext;
  /** SARA-R5: the address comes as an unsolicited code. */
  readonly #activatesLater: boolean;
  #profileActive = false;

  constructor(modem: RunningModem, kind: UbloxContext, activatesLater: boolean) {
    this.#modem = modem;
    this.#kind = kind;
    this.#activatesLater = activatesLater;
    this.commands = {
      "+UMNOPROF": (command, answer) => {
        if (command.form === "read") return answer.line("+UMNOPROF: 100").ok();
        if (modem.functionality === 1) return answer.cme(3);
        answer.ok();
      },
      "+UDNSRN": (command, answer) => this.#resolve(quoted(command, 1), answer),
      ...(kind === "profile" ? this.#profileCommands() : {}),
    };
  }

  get active(): boolean {
    return this.#kind === "attach" ? this.#modem.radio.attached : this.#profileActive;
  }

  onDetached(): void {
    if (this.#kind === "profile" && !this.#profileActive) return;
    this.#profileActive = false;
    this.#modem.terminal.unsolicited("+UUPSDD: 0");
  }

  #profileCommands(): Commands {
    return {
      "+UPSD": (command, answer) => {
        if (integer(command, 0, 0, 6) === undefined) return answer.cme(50);
        if (integer(command, 1, 1, 1) === 1) this.#modem.memory.contexts.set(1, quoted(command, 2) ?? "");
        answer.ok();
      },
      "+UPSDA": (command, answer) => this.#act(integer(command, 1, 0, 4), answer),
      "+UPSND": (command, answer) => {
        const parameter = integer(command, 1, 0, 16);
        const address = (this.#profileActive && this.#modem.radio.address) || "0.0.0.0";
        if (parameter === ADDRESS) answer.line(`+UPSND: 0,0,"${address}"`).ok();
        else if (parameter === STATUS) answer.line(`+UPSND: 0,8,${this.#profileActive ? 1 : 0}`).ok();
        else answer.cme(50);
      },
    };
  }

  #act(action: number | undefined, answer: Answer): undefined {
    if (action === DEACTIVATE) {
      this.#profileActive = false;
      this.#modem.air.drop();
    }
    if (action !== ACTIVATE) return action === undefined ? answer.cme(50) : answer.ok();
    const { agenda, knobs, radio, terminal } = this.#modem;
    if (this.#activatesLater) answer.ok();
    agenda.about(knobs.contextTime, () => {
      this.#profileActive = radio.attached;
      const result = radio.attached ? `0,"${radio.address}"` : "1";
      if (this.#activatesLater) terminal.unsolicited(`+UUPSDA: ${result}`);
      else if (radio.attached) answer.ok();
      else answer.cme(30);
    });
  }

  #resolve(host: string | undefined, answer: Answer): undefined {
    if (host === undefined || !this.active) return answer.cme(3);
    this.#modem.air.resolve(host, (address) => {
      if (address === undefined) answer.error();
      else answer.line(`+UDNSRN: "${address}"`).ok();
    });
  }
}
