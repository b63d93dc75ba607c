import type { Serial } from "../../../../hal/serial.js";
import { toBytes, toText } from "../../../../hal/sim/bytes.js";
import type { Connection, ConnectionOptions, Internet } from "../../../../hal/sim/internet.js";
import type { ModemEmulator, ModemOptions } from "../../../../hal/sim/modem/emulator.js";
import { modemNamed } from "../../../../hal/sim/modem/modems.js";
import { seededRandom } from "../../../../hal/sim/random.js";
import { SimulatedTime } from "../../../../hal/sim/time.js";

/** An internet whose one peer is the test itself. */
export class TestInternet implements Internet {
  /** Connections by the order they were asked for. */
  readonly opened: ConnectionOptions[] = [];
  /** What each of them sent, as text. */
  readonly sent: string[] = [];
  readonly closed: boolean[] = [];
  /** False: connections are neither accepted nor refused. */
  accepts = true;
  /** What TLS connections give as their session. */
  session: Uint8Array | undefined;
  readonly #time: SimulatedTime;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  connect(options: ConnectionOptions): Connection {
    const index = this.opened.push(options) - 1;
    this.sent[index] = "";
    this.closed[index] = false;
    if (this.accepts) this.#time.set(() => this.#answer(options));
    return {
      write: (bytes) => {
        this.sent[index] += toText(bytes);
      },
      close: () => {
        this.closed[index] = true;
      },
    };
  }

  resolve(host: string, onResolved: (address: string | undefined) => void): void {
    this.#time.set(() => onResolved(host === "unknown.test" ? undefined : "198.51.100.1"));
  }

  #answer(options: ConnectionOptions): void {
    if (options.host === "unknown.test") options.onError("dns", "no such host");
    else if (options.port === 1) options.onError("refused", "nothing listens");
    else if (options.host === "badtls.test") options.onError("tls", "handshake failed");
    else this.#accept(options);
  }

  #accept({ tls, onSession, onConnected }: ConnectionOptions): void {
    if (tls && this.session) onSession?.(this.session);
    onConnected(tls?.session !== undefined);
  }
}

/** A modem, SIM7600 unless named otherwise, with somebody at its serial port, in virtual time. */
export class Bench {
  readonly time = new SimulatedTime();
  readonly internet = new TestInternet(this.time);
  readonly modem: ModemEmulator;
  #serial: Serial | undefined;
  #output = "";
  #pending: Uint8Array[] = [];
  #free = 0;

  constructor(options: Partial<ModemOptions> = {}, name = "SIM7600") {
    this.modem = new (modemNamed(name))({
      timer: this.time,
      ticks: () => this.time.now,
      random: seededRandom(7),
      time: () => 1_700_000_000 + Math.floor(this.time.now / 1000),
      internet: this.internet,
      keyTied: true,
      ...options,
    });
    this.open(115200);
  }

  open(baud: number): void {
    this.#serial?.close();
    const serial: Serial = new this.modem.serial.io({
      ...this.modem.serial,
      baud,
      onReadable: () => {
        const bytes = serial.read();
        if (bytes) this.#output += toText(new Uint8Array(bytes));
      },
      onWritable: (count) => {
        this.#free = count;
        this.#flush();
      },
    });
    this.#serial = serial;
  }

  /** What the modem said since this was last asked, `milliseconds` later. */
  said(milliseconds = 0): string {
    this.time.run(milliseconds);
    const output = this.#output;
    this.#output = "";
    return output;
  }

  send(data: string | Uint8Array): void {
    this.#pending.push(typeof data === "string" ? toBytes(data) : data);
    this.#flush();
  }

  /** Sends a command line and gives what was said within a second, or as long as told. */
  command(line: string, milliseconds = 1000): string {
    this.said();
    this.send(`${line}\r`);
    return this.said(milliseconds);
  }

  /** Booted, registered, echo off. */
  attached(): this {
    this.time.run(40_000);
    this.command("ATE0");
    return this;
  }

  /** The IP service is open and data is read by command. */
  online(): this {
    this.attached();
    this.command("AT+CIPRXGET=1");
    this.command("AT+NETOPEN", 5000);
    return this;
  }

  /** Link 0 is connected. */
  connected(): this {
    this.online();
    this.command('AT+CIPOPEN=0,"TCP","server.test",80', 3000);
    return this;
  }

  #flush(): void {
    while (this.#free > 0 && this.#pending.length > 0) {
      const head = this.#pending[0]!;
      const piece = head.subarray(0, this.#free);
      this.#serial?.write(piece);
      this.#free -= piece.length;
      if (piece.length === head.length) this.#pending.shift();
      else this.#pending[0] = head.subarray(piece.length);
    }
  }
}
