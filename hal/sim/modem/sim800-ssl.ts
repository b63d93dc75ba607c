import { toText } from "../bytes.js";
import type { TLSOptions } from "../internet.js";
import type { Answer, Commands } from "./answer.js";
import { type Command, integer, text } from "./command.js";
import type { RunningModem } from "./running-modem.js";

const LARGEST_FILE = 10240;
/** SSLOPT: accept any certificate; present one of our own. */
const IGNORE_CERTIFICATE = 0;

/** SIM800 TLS (SSL application note V1.05): encryption for links that are opened after CIPSSL=1. No name is sent or checked. */
export class LinkSecurity {
  readonly commands: Commands;
  readonly #modem: RunningModem;
  #on = false;
  #ignoresCertificate = true;

  constructor(modem: RunningModem) {
    this.#modem = modem;
    const { files } = modem.memory;
    this.commands = {
      "+CIPSSL": (command, answer) => {
        if (command.form === "read") return answer.line(`+CIPSSL: ${this.#on ? 1 : 0}`).ok();
        const on = integer(command, 0, 0, 1);
        if (on === undefined) return answer.cme(50);
        this.#on = on === 1;
        answer.ok();
      },
      "+SSLOPT": (command, answer) => this.#setOption(command, answer),
      "+FSCREATE": (command, answer) => {
        const path = text(command, 0);
        if (path === undefined || files.has(path)) return answer.error();
        files.set(path, "");
        answer.ok();
      },
      "+FSDEL": (command, answer) => (files.delete(text(command, 0) ?? "") ? answer.ok() : answer.error()),
      "+FSWRITE": (command, answer) => this.#write(command, answer),
      "+SSLSETROOT": (command, answer) => this.#setRoot(command, answer),
      "+SSLSETCERT": (command, answer) => {
        const known = files.has(text(command, 0) ?? "");
        modem.answerLater(answer, (report) => {
          modem.agenda.about(modem.knobs.answerTime, () => report(`+SSLSETCERT: ${known ? 0 : 1}`));
        });
      },
    };
  }

  /** What the next link asks of TLS; undefined is plain TCP. */
  security(): TLSOptions | undefined {
    if (!this.#on) return undefined;
    return this.#ignoresCertificate ? {} : { authority: this.#modem.memory.files.get(ROOT) ?? "" };
  }

  #setOption(command: Command, answer: Answer): undefined {
    const option = integer(command, 0, 0, 1);
    const on = integer(command, 1, 0, 1);
    if (option === undefined || on === undefined) return answer.cme(50);
    if (option === IGNORE_CERTIFICATE) this.#ignoresCertificate = on === 1;
    answer.ok();
  }

  /** AT+FSWRITE=<path>,<0 from the start, 1 append>,<bytes>,<seconds>. */
  #write(command: Command, answer: Answer): undefined {
    const { files } = this.#modem.memory;
    const path = text(command, 0) ?? "";
    const mode = integer(command, 1, 0, 1);
    const length = integer(command, 2, 1, LARGEST_FILE);
    const seconds = integer(command, 3, 1, 1000);
    const before = files.get(path);
    if (before === undefined || mode === undefined || length === undefined || !seconds) return answer.error();
    const store = (bytes: Uint8Array | undefined) => {
      if (!bytes) return answer.error();
      files.set(path, mode === 1 ? before + toText(bytes) : toText(bytes));
      answer.ok();
    };
    answer.prompt(length, store, { timeout: seconds * 1000 });
  }

  /** AT+SSLSETROOT=<path>,<bytes>: the file becomes the root that servers are checked with. */
  #setRoot(command: Command, answer: Answer): undefined {
    const { files } = this.#modem.memory;
    const certificate = files.get(text(command, 0) ?? "");
    if (certificate === undefined || integer(command, 1, 1, LARGEST_FILE) !== certificate.length) return answer.error();
    if (files.has(ROOT)) answer.line("Certificate already exists!");
    files.set(ROOT, certificate);
    answer.ok();
  }
}

/** Where the root in use is kept; no path of the module's file system looks like this. */
const ROOT = "root certificate";
