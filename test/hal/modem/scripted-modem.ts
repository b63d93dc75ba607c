import type { Serial, SerialOptions, SerialPort } from "../../../hal/serial.js";
import type { SimulatedTime } from "../../../hal/sim/time.js";

/** Lines to send; after a prompt the payload is swallowed and then the next lines are sent. */
export type Answer = readonly string[];

/** Prompts as they stand on the line, and which number of the command, from its end, is the length of the payload. */
const PROMPTS: Readonly<Record<string, { text: string; length: number }>> = {
  "> ": { text: "\r\n> ", length: -1 },
  "@": { text: "\r\n@", length: -1 },
  CONNECT: { text: "\r\nCONNECT\r\n", length: -2 },
  DOWNLOAD: { text: "\r\nDOWNLOAD\r\n", length: -2 },
};
type Source = Answer | ((command: string) => Answer | undefined);

interface Rule {
  readonly prefix: string;
  readonly source: Source;
}

/** Bytes that the UART takes at a time. */
const FIFO = 64;
/** Milliseconds from a command to its answer. */
const DELAY = 5;

/**
 * The far end of a serial line that answers by a table: no modem, only what a test wrote down. Every line goes out as
 * `\r\n<line>\r\n`; a line may hold a payload after its header. Bytes arrive `fragment` at a time.
 */
export class ScriptedModem {
  readonly commands: string[] = [];
  readonly payloads: string[] = [];
  fragment = Number.POSITIVE_INFINITY;
  /** Answers nothing while true. */
  mute = false;
  /** Takes everything for data, until `+++` comes alone: a second of silence before it and after. */
  dataMode = false;
  #heard = 0;
  /** Echoes what it gets. */
  echo = false;
  /** Sends this before the line of this number. */
  inject: { line: string; at: number } | undefined;
  lines = 0;
  readonly #time: SimulatedTime;
  #rules: Rule[] = [];
  #options: SerialOptions = {};
  #toHost: Uint8Array[] = [];
  #received = "";
  /** Payload bytes still to come, and what follows them. */
  #payload: { missing: number; after: Answer } | undefined;
  closed = false;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  /** Later rules come before earlier ones; a command without a rule gets OK. */
  on(prefix: string, source: Source): this {
    this.#rules.unshift({ prefix, source });
    return this;
  }

  /** Gives these answers in turn, the last one for good. */
  onEach(prefix: string, ...answers: Answer[]): this {
    let i = 0;
    return this.on(prefix, () => answers[Math.min(i++, answers.length - 1)]);
  }

  get port(): SerialPort {
    const modem = this;
    class ScriptedSerial implements Serial {
      constructor(options: SerialOptions) {
        modem.#options = options;
        modem.closed = false;
        modem.#time.set(() => options.onWritable?.(FIFO));
      }
      read(): ArrayBuffer | undefined {
        return modem.#toHost.shift()?.slice().buffer as ArrayBuffer | undefined;
      }
      write(buffer: ArrayBuffer | Uint8Array): void {
        const bytes = new Uint8Array(buffer as ArrayBuffer);
        if (bytes.length > FIFO) throw new Error(`overflow: ${bytes.length} bytes into ${FIFO}`);
        modem.#take(Buffer.from(bytes).toString("latin1"));
        modem.#time.set(() => modem.closed || modem.#options.onWritable?.(FIFO));
      }
      close(): void {
        modem.closed = true;
      }
    }
    return { io: ScriptedSerial, baud: 115_200 };
  }

  /** Sends lines of its own accord. */
  urc(...lines: string[]): void {
    this.#send(lines);
  }

  raw(text: string): void {
    const bytes = Uint8Array.from(Buffer.from(text, "latin1"));
    for (let i = 0; i < bytes.length; i += this.fragment) {
      const piece = bytes.slice(i, i + this.fragment);
      this.#time.set(() => {
        if (this.closed) return;
        this.#toHost.push(piece);
        this.#options.onReadable?.(piece.length);
      });
    }
  }

  #take(text: string): void {
    if (this.mute) return;
    const silence = this.#time.now - this.#heard;
    this.#heard = this.#time.now;
    if (this.dataMode) {
      if (text === "+++" && silence >= 1000) this.#time.set(() => this.#leaveData(), 1000);
      return;
    }
    for (const c of text) {
      if (this.#payload) this.#takePayload(this.#payload, c);
      else if (c === "\r") this.#answer();
      else this.#received += c;
    }
  }

  #leaveData(): void {
    if (this.#time.now - this.#heard < 1000) return;
    this.dataMode = false;
    this.#send(["OK"]);
  }

  #takePayload(payload: { missing: number; after: Answer }, c: string): void {
    this.payloads[this.payloads.length - 1] += c;
    if (--payload.missing > 0) return;
    this.#payload = undefined;
    this.#time.set(() => this.#send(payload.after), DELAY);
  }

  #answer(): void {
    // What stands before the AT is noise, and a line without one is not answered (V.250, 5.2.1).
    const start = this.#received.indexOf("AT");
    const command = this.#received.slice(start);
    this.#received = "";
    if (start < 0) return;
    this.commands.push(command);
    if (this.echo) this.raw(`${command}\r`);
    for (const { prefix, source } of this.#rules) {
      if (!command.startsWith(prefix)) continue;
      const answer = typeof source === "function" ? source(command) : source;
      if (answer) return void this.#time.set(() => this.#send(answer, command), DELAY);
    }
    this.#time.set(() => this.#send(["OK"]), DELAY);
  }

  #send(lines: Answer, command = ""): void {
    for (const [i, line] of lines.entries()) {
      if (this.inject && this.lines++ === this.inject.at) this.raw(`\r\n${this.inject.line}\r\n`);
      const prompt = PROMPTS[line];
      if (prompt) {
        this.raw(prompt.text);
        this.payloads.push("");
        this.#payload = { missing: Number(command.split(",").at(prompt.length)), after: lines.slice(i + 1) };
        return;
      }
      this.raw(`\r\n${line}\r\n`);
    }
  }
}

/** The answers of any modem with everything in order, up to where the families differ. */
export function registered(time: SimulatedTime, model: string): ScriptedModem {
  return new ScriptedModem(time)
    .on("AT+CGMM", [model, "OK"])
    .on("AT+CGSN", ["867962041234567", "OK"])
    .on("AT+CIMI", ["262011234567890", "OK"])
    .on("AT+CPIN?", ["+CPIN: READY", "OK"])
    .on("AT+CGDCONT?", ['+CGDCONT: 1,"IP","internet","0.0.0.0",0,0', "OK"])
    .on("AT+CREG?", ['+CREG: 2,1,"00C3","01A2B3C4",7', "OK"])
    .on("AT+CGREG?", ["+CGREG: 2,0", "OK"])
    .on("AT+CEREG?", ['+CEREG: 2,1,"00C3","01A2B3C4",7', "OK"])
    .on("AT+CSQ", ["+CSQ: 21,99", "OK"])
    .on("AT+COPS?", ['+COPS: 0,0,"Telekom, DE",7', "OK"])
    .on("AT+CCLK?", ['+CCLK: "24/05/06,07:08:09+08"', "OK"]);
}

/** A SIM7600 with no open link. */
export function sim7600(time: SimulatedTime, model = "SIMCOM_SIM7600E-H"): ScriptedModem {
  return registered(time, model)
    .on("AT+CICCID", ["+ICCID: 8949020000012345678F", "OK"])
    .on("AT+IPADDR", ["+IPADDR: 10.1.2.3", "OK"])
    .on("AT+NETCLOSE", ["OK", "+NETCLOSE: 0"])
    .on("AT+NETOPEN", ["OK", "+NETOPEN: 0"])
    .onEach("AT+NETOPEN?", ["+NETOPEN: 0", "OK"], ["+NETOPEN: 1", "OK"])
    .on("AT+CIPOPEN=", (command) => ["OK", `+CIPOPEN: ${command.slice(11, 12)},0`])
    .on("AT+CIPSEND=", (command) => {
      const [id, length] = command.slice(11).split(",");
      return ["> ", "OK", `+CIPSEND: ${id},${length},${length}`];
    })
    .on("AT+CIPRXGET=2,", ["+IP ERROR: No data", "ERROR"])
    .on("AT+CIPRXGET=1", ["OK"])
    .on("AT+CIPCLOSE=", (command) => ["OK", `+CIPCLOSE: ${command.slice(12)},0`]);
}
