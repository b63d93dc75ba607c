/**
 * What a report costs on each modem: AT commands, bytes on the UART, bytes on the air as billed, and time until the socket is
 * open, and in all. `npx tsx tools/bench/modem.ts [MODEM ...]` runs the driver on the emulators, on the link that each family
 * usually has. `first`: the modem was never used, its certificate store is empty; `cold`: it was switched off since; `psm` and
 * `sleep`: it rested like that, DTR is wired; `warm`: it is connected, the socket is opened anew.
 */
import { Modem } from "../../hal/modem/modem.js";
import type { Serial, SerialOptions, SerialPort } from "../../hal/serial.js";
import type { Connection, ConnectionOptions, Internet } from "../../hal/sim/internet.js";
import { modemNamed, modemNames } from "../../hal/sim/modem/modems.js";
import { seededRandom } from "../../hal/sim/random.js";
import { SimulatedTime } from "../../hal/sim/time.js";
import { AUTHORITY } from "./modem-world.js";

/** An hour of 30 rows in condensed CBOR with its HTTP header (see payload.ts), and an answer with two settings. Bytes. */
const REQUEST = 650;
const ANSWER = 250;
/** Between two reports. PSM is entered after a minute. */
const REST_SECONDS = 300;

/** Answers every request of that size. */
class Server implements Internet {
  readonly #time: SimulatedTime;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  resolve(_: string, onResolved: (address: string | undefined) => void): void {
    this.#time.set(() => onResolved("192.0.2.1"));
  }

  connect({ tls, onConnected, onSession, onData }: ConnectionOptions): Connection {
    let received = 0;
    this.#time.set(() => onConnected(tls?.session !== undefined));
    if (tls && onSession) this.#time.set(() => onSession(Uint8Array.of(1)));
    return {
      write: (bytes) => {
        received += bytes.length;
        if (received === REQUEST) this.#time.set(() => onData(new Uint8Array(ANSWER)));
      },
      close() {},
    };
  }
}

/** Counts what passes. */
class Line {
  sent = 0;
  received = 0;

  wrap({ io, ...options }: SerialPort): SerialPort {
    const line = this;
    class Counted implements Serial {
      readonly #serial: Serial;
      constructor(own: SerialOptions) {
        this.#serial = new io(own);
      }
      read(count?: number): ArrayBuffer | undefined {
        const bytes = this.#serial.read(count);
        line.received += bytes?.byteLength ?? 0;
        return bytes;
      }
      write(buffer: ArrayBuffer | Uint8Array): void {
        line.sent += buffer.byteLength;
        this.#serial.write(buffer);
      }
      close(): void {
        this.#serial.close();
      }
    }
    return { ...options, io: Counted };
  }
}

function show(name: string, secure: boolean): void {
  const time = new SimulatedTime();
  const ticks = () => time.now;
  const line = new Line();
  const emulator = new (modemNamed(name))({
    ...{ timer: time, ticks, random: seededRandom(1), internet: new Server(time) },
    time: () => 1_700_000_000 + Math.floor(time.now / 1000),
  });
  let commands = 0;
  const modem = new Modem({
    ...{ timer: time, ticks, power: emulator.power, serial: line.wrap(emulator.serial) },
    log: (text) => {
      if (text.startsWith("> AT")) commands++;
    },
  });
  const until = (condition: () => boolean) => {
    const limit = time.now + 600_000;
    while (!condition()) if (!time.step(limit)) throw new Error(`${name}: not within 10 min: ${modem.problem}`);
  };
  let opened = 0;
  const report = () => {
    let written = false;
    let answered = 0;
    let failed = false;
    const socket = new (secure ? modem.TLS : modem.TCP)({
      ...{ address: "report.example", port: 443 },
      ...(secure && { tls: { host: "report.example", ca: AUTHORITY } }),
      onWritable() {
        if (written) return;
        opened = time.now;
        socket.write(new Uint8Array(REQUEST));
        written = true;
      },
      onReadable() {
        answered += (socket.read() as ArrayBuffer).byteLength;
      },
      onError: () => {
        failed = true;
      },
    });
    until(() => answered === ANSWER || failed);
    if (failed) throw new Error(`${name}: the report failed`);
    socket.close();
    time.run(500);
  };
  const measure = (kind: string, run: () => void) => {
    const { meter } = emulator;
    const before = [commands, line.sent, line.received, meter.sent + meter.received, time.now];
    run();
    const after = [commands, line.sent, line.received, meter.sent + meter.received, time.now - 500];
    const [at, sent, received, air, milliseconds] = after.map((value, i) => value - before[i]!);
    const seconds = [opened - before[4]!, milliseconds!].map((each) => (each / 1000).toFixed(1));
    const columns = [at, sent, received, air, ...seconds].map((value) => String(value).padStart(10));
    console.log(`${name.padEnd(10)}${(secure ? "TLS" : "TCP").padEnd(5)}${kind.padEnd(6)}${columns.join("")}`);
  };
  const connectAndReport = () => {
    modem.connect({ apn: "internet" });
    until(() => modem.connection === 500);
    report();
  };
  measure("first", connectAndReport);
  for (const [kind, mode] of RESTS) {
    modem.disconnect({ mode, seconds: REST_SECONDS });
    time.run(REST_SECONDS * 1000);
    if (mode !== "psm" || emulator.saving) measure(kind, connectAndReport);
    else connectAndReport();
  }
  measure("warm", report);
}

const RESTS = [
  ["cold", "off"],
  ["psm", "psm"],
  ["sleep", "sleep"],
] as const;

const asked = process.argv.slice(2);
const columns = ["commands", "UART out", "UART in", "air", "s socket", "s"].map((title) => title.padStart(10));
console.log(`a report of ${REQUEST} bytes, answered with ${ANSWER}; bytes`);
console.log(`${"modem".padEnd(21)}${columns.join("")}`);
for (const name of asked.length > 0 ? asked : modemNames) {
  show(name, false);
  if (name !== "SIM800") show(name, true);
}
