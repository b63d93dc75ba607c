import { frozen } from "../../frozen.js";
import { toBase64 } from "../../modem/base64.js";
import { md5 } from "../../modem/md5.js";
import { derOf, pemOf } from "../../modem/pem.js";
import { toBytes, toText } from "../bytes.js";
import type { TLSOptions } from "../internet.js";
import type { Answer, Commands } from "./answer.js";
import { type Command, integer, quoted } from "./command.js";
import type { RunningModem } from "./running-modem.js";

const PROFILES = 5;
const LARGEST_FILE = 8192;
/** Operations of USECPRF. */
const OPERATION = frozen({ level: 0, authority: 3, hostname: 4, servername: 10, session: 13 } as const);
/** <tag> of USECPRF=p,13. */
const TAG = frozen({ enable: 0, type: 1, data: 2 } as const);
/** Lengths of a TLS 1.2 session id and of its master secret (RFC 5246 7.4.1.2, 8.1). */
const ID_LENGTH = 32;
const SECRET_LENGTH = 48;

interface Profile {
  /** 0 no check, 1 the chain, 2 the name as well, 3 the date as well. */
  level: number;
  authority: string;
  hostname: string;
  servername: string;
  resumes: boolean;
  /** Base64 of the session to resume: id and secret. */
  session: string;
}

/** What a TLS connection needs to know. */
export interface UbloxTLS {
  readonly tls: TLSOptions;
  readonly onSession?: (session: Uint8Array) => void;
}

/** u-blox security profiles (USECPRF) and certificates (USECMNG). */
export class UbloxSecurity {
  readonly commands: Commands;
  readonly #modem: RunningModem;
  /** Operations that SARA-R4 lacks: server name and session resumption. */
  readonly #newer: boolean;
  readonly #profiles: Profile[] = Array.from({ length: PROFILES }, newProfile);
  /** Sessions by what the host was told of them. */
  readonly #sessions: Map<string, Uint8Array>;

  /** `sessions` outlives the run: whoever has id and secret can resume. */
  constructor(modem: RunningModem, newer: boolean, sessions: Map<string, Uint8Array>) {
    this.#modem = modem;
    this.#newer = newer;
    this.#sessions = sessions;
    this.commands = {
      "+USECPRF": (command, answer) => this.#configure(command, answer),
      "+USECMNG": (command, answer) => this.#manage(command, answer),
    };
  }

  /** What a profile asks of a connection to `host`; undefined when its certificate or the date is missing. */
  security(index: number, host: string): UbloxTLS | undefined {
    const { level, authority, hostname, servername, resumes, session } = this.#profiles[index]!;
    const { memory, clock } = this.#modem;
    const root = memory.files.get(authority);
    if (level > 0 && root === undefined) return undefined;
    if (level === 3 && !clock.isSet) return undefined;
    const known = resumes ? this.#sessions.get(session) : undefined;
    const tls = {
      ...(servername !== "" && { servername }),
      ...(level > 0 && { authority: root! }),
      ...(level > 1 && { hostname: hostname || host }),
      ...(known && { session: known }),
    };
    return resumes ? { tls, onSession: (fresh) => this.#keep(index, fresh) } : { tls };
  }

  /** Tells the host what to give back for the next connection. */
  #keep(index: number, session: Uint8Array): void {
    const { random } = this.#modem.options;
    const id = toBase64(new Uint8Array(ID_LENGTH).map(() => random()));
    const secret = toBase64(new Uint8Array(SECRET_LENGTH).map(() => random()));
    const name = `"${id}","${secret}"`;
    this.#sessions.set(name, session);
    this.#modem.terminal.unsolicited(`+UUSECPRF: ${index},${OPERATION.session},${TAG.data},${name}`);
  }

  /** AT+USECPRF=<profile>[,<operation>,<value>]; the profile alone sets it back. */
  #configure(command: Command, answer: Answer): undefined {
    const index = integer(command, 0, 0, PROFILES - 1);
    if (index === undefined) return answer.cme(50);
    if (command.parameters.length === 1) {
      this.#profiles[index] = newProfile();
      return answer.ok();
    }
    const operation = integer(command, 1, 0, 15);
    if (operation === undefined) return answer.cme(50);
    if (operation >= 7 && !this.#newer) return answer.cme(4);
    if (this.#set(this.#profiles[index]!, operation, command)) answer.ok();
    else answer.cme(50);
  }

  /** Gives whether the value is valid; operations without effect here take any. */
  #set(profile: Profile, operation: number, command: Command): boolean {
    const text = quoted(command, 2);
    if (operation === OPERATION.level) {
      const level = integer(command, 2, 0, 3);
      profile.level = level ?? profile.level;
      return level !== undefined;
    }
    if (operation === OPERATION.session) return this.#setSession(profile, command);
    if (operation === OPERATION.authority) profile.authority = text ?? "";
    else if (operation === OPERATION.hostname) profile.hostname = text ?? "";
    else if (operation === OPERATION.servername) profile.servername = text ?? "";
    else return true;
    return text !== undefined;
  }

  #setSession(profile: Profile, command: Command): boolean {
    const tag = integer(command, 2, 0, 2);
    if (tag === TAG.enable) profile.resumes = command.parameters[3] === "1";
    else if (tag === TAG.data) profile.session = `${command.parameters[3]},${command.parameters[4]}`;
    else return tag === TAG.type && command.parameters[3] === "0";
    return true;
  }

  /** AT+USECMNG=0,<type>,"name",<bytes> stores, 2 deletes, 3 lists, 4 tells the digest; it keeps DER, whatever it gets. */
  #manage(command: Command, answer: Answer): undefined {
    const { files } = this.#modem.memory;
    const action = integer(command, 0, 0, 4);
    const type = integer(command, 1, 0, 2);
    const name = quoted(command, 2) ?? "";
    if (action === 3) {
      for (const stored of files.keys()) answer.line(`"CA","${stored}"`);
      return answer.ok();
    }
    if (type === undefined || name === "") return answer.cme(50);
    if (action === 2) return files.delete(name) ? answer.ok() : answer.error();
    const tell = (pem: string) =>
      answer.line(`+USECMNG: ${action},${type},"${name}","${md5(derOf(toBytes(pem))!)}"`).ok();
    const stored = files.get(name);
    if (action === 4) return stored === undefined ? answer.error() : tell(stored);
    const length = integer(command, 3, 1, LARGEST_FILE);
    if (action !== 0 || length === undefined) return answer.cme(50);
    const store = (bytes: Uint8Array | undefined) => {
      const der = bytes && derOf(bytes);
      if (!der) return answer.error();
      const pem = toText(pemOf(der));
      files.set(name, pem);
      tell(pem);
    };
    answer.prompt(length, store, { text: "\r\n>" });
  }
}

function newProfile(): Profile {
  return { level: 0, authority: "", hostname: "", servername: "", resumes: false, session: "" };
}
