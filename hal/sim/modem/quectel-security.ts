import { frozen } from "../../frozen.js";
import { toText } from "../bytes.js";
import type { Answer, Commands } from "./answer.js";
import { type Command, integer, quoted } from "./command.js";
import type { QuectelTarget } from "./quectel-sockets.js";
import type { RunningModem } from "./running-modem.js";

const CONTEXTS = 6;
const LARGEST_FILE = 65536;
/** Why a handshake cannot succeed: no root, or dates that cannot be checked. */
const HANDSHAKE_FAILED = 566;
/** +CME ERROR of QFUPL. */
const FILE_EXISTS = 407;
const UPLOAD_SECONDS = 5;

/** Highest value of the numeric keywords of QSSLCFG, and what they start with. */
const LIMITS: Readonly<Record<string, number>> = frozen({
  sslversion: 4,
  seclevel: 2,
  ignorelocaltime: 1,
  negotiatetime: 300,
  sni: 1,
  closetimemode: 1,
  session: 1,
  session_cache: 1,
});
const DEFAULTS: Readonly<Record<string, string>> = frozen({
  sslversion: "4",
  ciphersuite: "0XFFFF",
  seclevel: "0",
  cacert: "",
  ignorelocaltime: "0",
  negotiatetime: "300",
  sni: "0",
  closetimemode: "0",
});

/** Quectel TLS contexts (QSSLCFG) and the files that certificates come as (QFUPL, QFLST, QFDEL). */
export class QuectelSecurity {
  readonly commands: Commands;
  readonly #modem: RunningModem;
  /** The keyword for session resumption: "session_cache" or "session". */
  readonly #sessionKeyword: string;
  readonly #contexts: Array<Map<string, string>>;
  /** Sessions to resume, by host and port; in RAM. */
  readonly #sessions = new Map<string, Uint8Array>();

  constructor(modem: RunningModem, sessionKeyword: "session" | "session_cache") {
    this.#modem = modem;
    this.#sessionKeyword = sessionKeyword;
    this.#contexts = Array.from(
      { length: CONTEXTS },
      () => new Map([...Object.entries(DEFAULTS), [sessionKeyword, "0"]]),
    );
    this.commands = {
      "+QSSLCFG": (command, answer) => this.#configure(command, answer),
      "+QFUPL": (command, answer) => this.#upload(command, answer),
      "+QFLST": (_, answer) => {
        for (const [name, content] of modem.memory.files) answer.line(`+QFLST: "UFS:${name}",${content.length}`);
        answer.ok();
      },
      "+QFDEL": (command, answer) => (modem.memory.files.delete(fileName(command, 0)) ? answer.ok() : answer.cme(405)),
    };
  }

  /** AT+QSSLOPEN=<PDP context>,<TLS context>,<id>,"host",<port>[,<access mode>]. */
  target(command: Command): QuectelTarget | undefined {
    const context = integer(command, 0, 1, 7);
    const settings = this.#contexts[integer(command, 1, 0, CONTEXTS - 1) ?? -1];
    const id = integer(command, 2, 0, 11);
    const host = quoted(command, 3);
    const port = integer(command, 4, 1, 65535);
    const mode = command.parameters.length > 5 ? integer(command, 5, 0, 1) : 0;
    if (!settings || context === undefined || id === undefined || host === undefined) return undefined;
    if (port === undefined || mode === undefined) return undefined;
    return { context, id, host, port, pushes: mode === 1, ...this.#security(settings, host, port) };
  }

  #security(settings: Map<string, string>, host: string, port: number): Partial<QuectelTarget> {
    const { memory, clock } = this.#modem;
    const peer = `${host}:${port}`;
    const caches = settings.get(this.#sessionKeyword) === "1";
    const session = caches ? this.#sessions.get(peer) : undefined;
    const checks = settings.get("seclevel") !== "0";
    const authority = memory.files.get(localName(settings.get("cacert") ?? ""));
    const untimely = settings.get("ignorelocaltime") === "0" && !clock.isSet;
    if (checks && (authority === undefined || untimely)) return { tls: {}, failure: HANDSHAKE_FAILED };
    return {
      tls: {
        ...(settings.get("sni") === "1" && { servername: host }),
        ...(checks && authority !== undefined && { authority }),
        ...(session && { session }),
      },
      ...(caches && { onSession: (fresh: Uint8Array) => void this.#sessions.set(peer, fresh) }),
    };
  }

  /** AT+QSSLCFG="keyword",<context>[,<value>]; without a value it tells. */
  #configure(command: Command, answer: Answer): undefined {
    const keyword = quoted(command, 0) ?? "";
    const context = integer(command, 1, 0, CONTEXTS - 1);
    const settings = this.#contexts[context ?? -1];
    if (!settings?.has(keyword)) return answer.error();
    if (command.parameters.length === 2) {
      const value = settings.get(keyword)!;
      return answer.line(`+QSSLCFG: "${keyword}",${context},${keyword === "cacert" ? `"${value}"` : value}`).ok();
    }
    const value = keyword in LIMITS ? integer(command, 2, 0, LIMITS[keyword]!) : quoted(command, 2);
    const cipherSuite = keyword === "ciphersuite" && /^0X[0-9A-F]{4}$/i.test(command.parameters[2] ?? "");
    if (value === undefined && !cipherSuite) return answer.error();
    settings.set(keyword, cipherSuite ? command.parameters[2]! : `${value}`);
    answer.ok();
  }

  /** AT+QFUPL="UFS:name",<bytes>[,<seconds>]: CONNECT, the bytes, their number and checksum. */
  #upload(command: Command, answer: Answer): undefined {
    const { files } = this.#modem.memory;
    const name = fileName(command, 0);
    const length = integer(command, 1, 1, LARGEST_FILE);
    const seconds = command.parameters.length > 2 ? integer(command, 2, 1, 65535) : UPLOAD_SECONDS;
    if (name === "" || length === undefined || seconds === undefined) return answer.cme(50);
    if (files.has(name)) return answer.cme(FILE_EXISTS);
    const store = (bytes: Uint8Array | undefined) => {
      if (!bytes) return answer.cme(50);
      files.set(name, toText(bytes));
      answer.line(`+QFUPL: ${length},${checksum(bytes).toString(16)}`).ok();
    };
    answer.prompt(length, store, { text: "\r\nCONNECT\r\n", timeout: seconds * 1000 });
  }
}

function fileName(command: Command, index: number): string {
  return localName(quoted(command, index) ?? "");
}

/** Without its storage, which is always the same. */
function localName(name: string): string {
  return name.replace(/^UFS:/, "");
}

/** Exclusive or of the 16-bit words, high byte first, the last one filled up with 0. */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum ^= bytes[i]! << (i % 2 === 0 ? 8 : 0);
  return sum;
}
