import { type Answer, accept, type Commands } from "./answer.js";
import { clockText, zoneText } from "./clock.js";
import { type Command, integer, quoted } from "./command.js";
import { saveSettings } from "./identity-commands.js";
import { OPERATOR_NUMBER } from "./network-commands.js";
import type { RunningModem } from "./running-modem.js";
import { UART_IDLE_TIME } from "./sleep.js";
import { askTimeServer } from "./time-commands.js";

/** Where SIM800, SIM7000 and SIM70x0 differ. */
export interface LegacyDialect {
  /** CLTS is kept at once; otherwise by AT&W, and it works after a reset. */
  readonly savesTimeSetting: boolean;
  /** CSCLK=2: the UART sleeps by itself. Those without keep CSCLK=1 over a restart. */
  readonly sleepsByItself: boolean;
  /** +CNTP has the time behind its code. */
  readonly tellsTime: boolean;
  /** Whether what time servers are asked through is open: SAPBR, CNACT. */
  readonly bearerOpen: () => boolean;
}

/** Supply thresholds, millivolts (S800HW). */
const TOO_LOW = 3400;
const LOW = 3500;
const HIGH = 4300;
const TOO_HIGH = 4400;
/** <code> of +CNTP: network error, DNS error; 1 is success, unlike on SIM7600. */
const TIME_NETWORK_ERROR = 61;
const TIME_DNS_ERROR = 62;

/** What SIM800, SIM7000 and SIM70x0 have in common: network time, time server, sleep, power off, supply warnings. */
export class LegacyCommands {
  readonly commands: Commands;
  readonly #modem: RunningModem;
  readonly #dialect: LegacyDialect;
  #localTime: boolean;
  #server = "";
  /** Quarter hours. */
  #zone = 0;
  #supply = "";

  constructor(modem: RunningModem, dialect: LegacyDialect) {
    this.#modem = modem;
    this.#dialect = dialect;
    this.#localTime = modem.memory.automaticTime;
    const tellTime = modem.memory.automaticTime;
    if (modem.memory.slowClock) modem.sleep.set("pin");
    modem.onTime = (time, zone) => {
      if (dialect.savesTimeSetting ? this.#localTime : tellTime) this.#tellTime(time, zone);
    };
    this.commands = {
      "+CLTS": (command, answer) => this.#setLocalTime(command, answer),
      "+CNTPCID": accept,
      "+CNTP": (command, answer) => this.#timeServer(command, answer),
      "+CBATCHK": accept,
      "+CSCLK": (command, answer) => {
        const mode = integer(command, 0, 0, dialect.sleepsByItself ? 2 : 1);
        if (mode === undefined) return answer.cme(50);
        if (!dialect.sleepsByItself) modem.memory.slowClock = mode === 1;
        modem.sleep.set((["never", "pin", "idle"] as const)[mode]!, UART_IDLE_TIME);
        answer.ok();
      },
      "+CPOWD": (_, answer) => {
        answer.result("NORMAL POWER DOWN");
        modem.options.onPowerDown();
      },
      ...(dialect.savesTimeSetting ? {} : { "&W": (_: Command, answer: Answer) => this.#save(answer) }),
    };
  }

  /** The supply voltage may have changed. */
  update(): void {
    const { terminal, options, knobs } = this.#modem;
    const supply = supplyCode(knobs.supplyVoltage);
    if (supply === this.#supply) return;
    this.#supply = supply;
    if (supply !== "") terminal.unsolicited(supply);
    if (supply.endsWith("POWER DOWN")) options.onPowerDown();
  }

  #setLocalTime(command: Command, answer: Answer): undefined {
    if (command.form === "read") return answer.line(`+CLTS: ${this.#localTime ? 1 : 0}`).ok();
    const on = integer(command, 0, 0, 1);
    if (on === undefined) return answer.cme(50);
    this.#localTime = on === 1;
    if (this.#dialect.savesTimeSetting) this.#modem.memory.automaticTime = this.#localTime;
    answer.ok();
  }

  #save(answer: Answer): undefined {
    saveSettings(this.#modem);
    this.#modem.memory.automaticTime = this.#localTime;
    answer.ok();
  }

  #tellTime(time: number, zone: number): void {
    const { terminal } = this.#modem;
    const [date = "", clock = ""] = clockText(time, 0).slice(0, 17).split(",");
    const fields = `20${date.replaceAll("/", ",")},${clock.replaceAll(":", ",")}`.replace(/,0(?=\d)/g, ",");
    terminal.unsolicited(`*PSNWID: "${OPERATOR_NUMBER.replace("-", '","')}","Emulated Mobile",0,"Emulated",0`);
    terminal.unsolicited(`*PSUTTZ: ${fields},"${zoneText(zone)}",0`);
    terminal.unsolicited("DST: 0");
    terminal.unsolicited(`+CTZV: "${zoneText(zone)}"`);
  }

  /** AT+CNTP="host",<zone>[,..] sets, AT+CNTP asks. */
  #timeServer(command: Command, answer: Answer): undefined {
    if (command.form === "read") return answer.line(`+CNTP: "${this.#server}",${this.#zone}`).ok();
    if (command.form === "run") return this.#askTime(answer);
    const host = quoted(command, 0);
    const zone = command.parameters[1] ?? "0";
    if (host === undefined || !/^[+-]?\d+$/.test(zone) || Math.abs(Number(zone)) > 48) return answer.cme(50);
    this.#server = host;
    this.#zone = Number(zone);
    answer.ok();
  }

  #askTime(answer: Answer): undefined {
    const failed = `+CNTP: ${TIME_NETWORK_ERROR}`;
    if (!this.#dialect.bearerOpen()) return this.#modem.answerLater(answer, (report) => report(failed));
    const { clock } = this.#modem;
    askTimeServer(this.#modem, answer, this.#server, {
      zone: this.#zone,
      ok: () => {
        const time = `20${clockText(clock.time, clock.zone)}`;
        return `+CNTP: 1${this.#dialect.tellsTime ? `,"${time}"` : ""}`;
      },
      dns: `+CNTP: ${TIME_DNS_ERROR}`,
      network: failed,
    });
  }
}

/** The modem's own spelling. */
function supplyCode(millivolts: number): string {
  if (millivolts < TOO_LOW) return "UNDER-VOLTAGE POWER DOWN";
  if (millivolts <= LOW) return "UNDER-VOLTAGE WARNNING";
  if (millivolts >= TOO_HIGH) return "OVER-VOLTAGE POWER DOWN";
  return millivolts >= HIGH ? "OVER-VOLTAGE WARNNING" : "";
}
