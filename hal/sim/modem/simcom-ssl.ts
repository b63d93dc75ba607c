import { frozen } from "../../frozen.js";
import { toText } from "../bytes.js";
import type { TLSOptions } from "../internet.js";
import type { Answer, Commands } from "./answer.js";
import { type Command, integer, quoted } from "./command.js";
import type { RunningModem } from "./running-modem.js";

export const CONTEXTS = 10;
const LARGEST_CERTIFICATE = 10240;
/** File names have at least so many characters, and end in .pem or .der. */
const SHORTEST_NAME = 5;
/** Why a handshake cannot succeed, as <err> of CCHOPEN. */
const HANDSHAKE_FAILED = 15;
const NO_CERTIFICATE = 19;

/** CSSLCFG of one SSL context, with the manual's defaults. */
interface SecurityContext {
  sslversion: number;
  /** 0 no check, 1 the server's certificate, 2 both, 3 the client's. */
  authmode: number;
  ignorelocaltime: number;
  negotiatetime: number;
  enableSNI: number;
  cacert: string;
}

/** Where SIM7600 and A76xx differ. */
export interface SecurityDialect {
  readonly longestName: number;
  /** Keywords whose value is a text; nothing but "cacert" has an effect here. */
  readonly textKeywords: readonly string[];
}

/** Highest value of the numeric keywords. */
const LIMITS: Readonly<Record<string, number>> = frozen({
  sslversion: 4,
  authmode: 3,
  ignorelocaltime: 1,
  negotiatetime: 300,
  enableSNI: 1,
});

/** SIMCom SSL contexts and certificate store: CSSLCFG, CCERTDOWN, CCERTLIST, CCERTDELE (chapter 10). */
export class SecurityContexts {
  readonly commands: Commands;
  readonly #modem: RunningModem;
  readonly #dialect: SecurityDialect;
  readonly #contexts: SecurityContext[] = Array.from({ length: CONTEXTS }, () => ({
    sslversion: 4,
    authmode: 0,
    ignorelocaltime: 1,
    negotiatetime: 300,
    enableSNI: 0,
    cacert: "",
  }));

  constructor(modem: RunningModem, dialect: SecurityDialect) {
    this.#modem = modem;
    this.#dialect = dialect;
    this.commands = {
      "+CSSLCFG": (command, answer) => this.#configure(command, answer),
      "+CCERTDOWN": (command, answer) => this.#storeCertificate(command, answer),
      "+CCERTLIST": (_, answer) => {
        for (const name of modem.memory.files.keys()) answer.line(`+CCERTLIST: "${name}"`);
        answer.ok();
      },
      "+CCERTDELE": (command, answer) =>
        modem.memory.files.delete(quoted(command, 0) ?? "") ? answer.ok() : answer.error(),
    };
  }

  /** What a context (0 to 9) asks of a connection to `host`, or the error that its handshake would end with. */
  security(index: number, host: string): TLSOptions | number {
    const { memory, clock } = this.#modem;
    const context = this.#contexts[index]!;
    const servername = context.enableSNI === 1 ? { servername: host } : {};
    if (context.authmode === 0 || context.authmode === 3) return servername;
    const authority = memory.files.get(context.cacert);
    if (authority === undefined) return NO_CERTIFICATE;
    // A certificate is never valid yet in 1980.
    if (context.ignorelocaltime === 0 && !clock.isSet) return HANDSHAKE_FAILED;
    return { ...servername, authority };
  }

  /** AT+CSSLCFG="keyword",<context>,<value>: keywords are case-sensitive and quoted. */
  #configure(command: Command, answer: Answer): undefined {
    const keyword = quoted(command, 0) ?? "";
    const context = this.#contexts[integer(command, 1, 0, CONTEXTS - 1) ?? -1];
    if (!context) return answer.error();
    if (this.#dialect.textKeywords.includes(keyword)) return this.#setText(context, keyword, command, answer);
    const value = integer(command, 2, 0, LIMITS[keyword] ?? -1);
    if (value === undefined) return answer.error();
    Object.assign(context, { [keyword]: value });
    answer.ok();
  }

  #setText(context: SecurityContext, keyword: string, command: Command, answer: Answer): undefined {
    const value = quoted(command, 2);
    if (value === undefined) return answer.error();
    if (keyword === "cacert") context.cacert = value;
    answer.ok();
  }

  #storeCertificate(command: Command, answer: Answer): undefined {
    const name = quoted(command, 0) ?? "";
    const length = integer(command, 1, 1, LARGEST_CERTIFICATE);
    const valid = name.length >= SHORTEST_NAME && name.length <= this.#dialect.longestName;
    if (!valid || !/\.(pem|der)$/.test(name) || length === undefined) return answer.error();
    answer.prompt(length, (bytes) => {
      if (!bytes) return answer.error();
      this.#modem.memory.files.set(name, toText(bytes));
      answer.ok();
    });
  }
}
