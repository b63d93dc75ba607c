import { derOf } from "../../modem/pem.js";
import { toBytes, toText } from "../bytes.js";
import type { TLSOptions } from "../internet.js";
import type { Answer, Commands } from "./answer.js";
import { type Command, integer, quoted } from "./command.js";
import type { RunningModem } from "./running-modem.js";

const CONTEXTS = 6;
const LONGEST_NAME = 253;
const LARGEST_FILE = 10239;
const LONGEST_UPLOAD = 10_000;
/** CFSWFILE's number of the folder /customer/. */
const FOLDERS = 3;

/** CSSLCFG of one context. */
interface Context {
  sslversion: number;
  ignorertctime: number;
  sni: string;
}

/** CASSLCFG of one socket. */
interface Binding {
  tls: boolean;
  context: number;
  authority: string;
}

/** TLS of CA* sockets on SIM7000 and SIM70x0: CSSLCFG, CASSLCFG, and the file system that certificates come through. */
export class CASecurity {
  readonly commands: Commands;
  readonly #modem: RunningModem;
  readonly #contexts: Context[] = Array.from({ length: CONTEXTS }, () => ({
    sslversion: 0,
    ignorertctime: 0,
    sni: "",
  }));
  readonly #bindings: Binding[] = [];
  readonly #sockets: number;
  /** Between CFSINIT and CFSTERM. */
  #filesOpen = false;

  constructor(modem: RunningModem, sockets: number) {
    this.#modem = modem;
    this.#sockets = sockets;
    this.commands = {
      "+CSSLCFG": (command, answer) => this.#configure(command, answer),
      "+CASSLCFG": (command, answer) => this.#bind(command, answer),
      "+CFSINIT": (_, answer) => this.#openFiles(true, answer),
      "+CFSTERM": (_, answer) => this.#openFiles(false, answer),
      "+CFSWFILE": (command, answer) => this.#write(command, answer),
    };
  }

  /** What a connection of `socket` asks of TLS; undefined is plain TCP, "clock" a check of dates in 1980. */
  security(socket: number): TLSOptions | "clock" | undefined {
    const { memory, clock } = this.#modem;
    const binding = this.#bindings[socket];
    if (!binding?.tls) return undefined;
    const { sni, ignorertctime } = this.#contexts[binding.context]!;
    const servername = sni === "" ? {} : { servername: sni };
    const authority = memory.files.get(certificate(binding.authority));
    if (authority === undefined) return servername;
    return ignorertctime === 0 && !clock.isSet ? "clock" : { ...servername, authority };
  }

  /** AT+CSSLCFG="keyword",<context>,<value>, and "convert",<2 roots, 1 own, 3 PSK>,"file". */
  #configure(command: Command, answer: Answer): undefined {
    const keyword = quoted(command, 0);
    if (keyword === "convert") return this.#convert(command, answer);
    const context = this.#contexts[integer(command, 1, 0, CONTEXTS - 1) ?? -1];
    const value = integer(command, 2, 0, keyword === "sslversion" ? 5 : 1);
    const name = quoted(command, 2) ?? "";
    if (!context) return answer.cme(50);
    if (keyword === "sni" && name !== "" && name.length <= LONGEST_NAME) context.sni = name;
    else if ((keyword === "sslversion" || keyword === "ignorertctime") && value !== undefined) context[keyword] = value;
    else return answer.cme(50);
    answer.ok();
  }

  /** What is no certificate is refused. */
  #convert(command: Command, answer: Answer): undefined {
    const { files } = this.#modem.memory;
    const name = quoted(command, 2) ?? "";
    const content = files.get(name);
    if (integer(command, 1, 1, 3) === undefined || !content || !derOf(toBytes(content))) return answer.cme(50);
    files.set(certificate(name), content);
    answer.ok();
  }

  /** AT+CASSLCFG=<socket>,"SSL"|"CRINDEX"|"CACERT",<value>. */
  #bind(command: Command, answer: Answer): undefined {
    const socket = integer(command, 0, 0, this.#sockets - 1);
    if (socket === undefined) return answer.cme(50);
    const { knobs, memory } = this.#modem;
    const keyword = (quoted(command, 1) ?? "").toUpperCase();
    const binding = this.#bindings[socket] ?? { tls: false, context: 0, authority: "" };
    const on = integer(command, 2, 0, 1);
    const context = integer(command, 2, 0, CONTEXTS - 1);
    const name = quoted(command, 2) ?? "";
    if (keyword === "SSL" && on !== undefined) binding.tls = on === 1;
    else if (keyword === (knobs.contextIndexRenamed ? "CTXINDEX" : "CRINDEX") && context !== undefined) {
      binding.context = context;
    } else if (keyword === "CACERT" && memory.files.has(certificate(name))) binding.authority = name;
    else return answer.cme(50);
    this.#bindings[socket] = binding;
    answer.ok();
  }

  #openFiles(open: boolean, answer: Answer): undefined {
    if (this.#filesOpen === open) return answer.error();
    this.#filesOpen = open;
    answer.ok();
  }

  /** AT+CFSWFILE=<folder>,"file",<0 from the start, 1 append>,<bytes>,<milliseconds>: asks by DOWNLOAD. */
  #write(command: Command, answer: Answer): undefined {
    const folder = integer(command, 0, 0, FOLDERS);
    const name = quoted(command, 1);
    const mode = integer(command, 2, 0, 1);
    const length = integer(command, 3, 1, LARGEST_FILE);
    const timeout = integer(command, 4, 100, LONGEST_UPLOAD);
    const { files } = this.#modem.memory;
    if (!this.#filesOpen || folder === undefined || !name || mode === undefined) return answer.error();
    if (length === undefined || timeout === undefined) return answer.error();
    const store = (bytes: Uint8Array | undefined) => {
      if (!bytes) return answer.error();
      files.set(name, (mode === 1 ? (files.get(name) ?? "") : "") + toText(bytes));
      answer.ok();
    };
    answer.prompt(length, store, { text: "\r\nDOWNLOAD\r\n", timeout });
  }
}

/** Where a converted file is kept. */
function certificate(name: string): string {
  return `converted ${name}`;
}
