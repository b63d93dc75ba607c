import { Modem, type ModemOptions } from "../../../hal/modem/modem.js";
import { SimulatedTime } from "../../../hal/sim/time.js";
import type { TCP, TCPOptions } from "../../../hal/tcp.js";
import { type ScriptedModem, sim7600 } from "./scripted-modem.js";

export const APN = { apn: "internet" };

/** A driver on a scripted modem, a SIM7600 by default, on virtual time, with everything that it reports. */
export function setUp(options: Partial<ModemOptions> = {}, makeScript = sim7600) {
  const time = new SimulatedTime();
  const script = makeScript(time);
  const log: string[] = [];
  const changes: string[] = [];
  const modem = new Modem({
    serial: script.port,
    timer: time,
    ticks: () => time.now,
    log: (line) => log.push(`${time.now} ${line}`),
    onChanged: (name) => changes.push(`${name} ${String(modem[name as keyof Modem])}`),
    ...options,
  });
  /** Lets time pass until something is so; gives the milliseconds it took. */
  const until = (condition: () => boolean, limit = 600_000): number => {
    const start = time.now;
    while (!condition()) {
      if (!time.step(start + limit)) throw new Error(`not within ${limit} ms:\n${log.slice(-30).join("\n")}`);
    }
    return time.now - start;
  };
  const connect = () => {
    modem.connect(APN);
    return until(() => modem.connection === 500);
  };
  return { time, script, log, changes, modem, until, connect };
}

/** A socket whose callbacks are written down. */
export class Watched {
  readonly events: string[] = [];
  received = "";
  readonly socket: TCP;

  /** `reading`: takes everything as it comes. */
  constructor(io: new (options: TCPOptions) => TCP, options: Partial<TCPOptions> = {}, reading = true) {
    const watched = this;
    this.socket = new io({
      address: "example.com",
      port: 80,
      onReadable(count) {
        watched.events.push(`readable ${count}`);
        if (reading) watched.take();
      },
      onWritable: (count) => void this.events.push(`writable ${count}`),
      onError: () => void this.events.push("error"),
      ...options,
    });
  }

  take(count?: number): void {
    const buffer = count === undefined ? this.socket.read() : this.socket.read(count);
    if (buffer instanceof ArrayBuffer) this.received += Buffer.from(buffer).toString("latin1");
  }

  write(text: string): number {
    return this.socket.write(Buffer.from(text, "latin1"));
  }
}

/** Lets `script` hold `data` for a link, announced and read as a SIM7600 does. */
export function deliver(script: ScriptedModem, id: number, data: string): void {
  let left = data;
  script.on(`AT+CIPRXGET=2,${id},`, (command) => {
    const piece = left.slice(0, Number(command.split(",")[2]));
    left = left.slice(piece.length);
    if (piece === "") return ["+IP ERROR: No data", "ERROR"];
    return [`+CIPRXGET: 2,${id},${piece.length},${left.length}\r\n${piece}`, "OK"];
  });
  script.urc(`+CIPRXGET: 1,${id}`);
}
