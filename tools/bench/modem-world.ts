import { Modem } from "../../hal/modem/modem.js";
import type { ConnectOptions } from "../../hal/network.js";
import type { SerialPort } from "../../hal/serial.js";
import type { Connection, ConnectionOptions, Internet, TLSOptions } from "../../hal/sim/internet.js";
import type { Knobs } from "../../hal/sim/modem/knobs.js";
import { modemNamed } from "../../hal/sim/modem/modems.js";
import { seededRandom } from "../../hal/sim/random.js";
import { SimulatedTime } from "../../hal/sim/time.js";

export const APN = { apn: "internet" };

/** A certificate as large as those of public authorities, DER. Nobody looks into it. */
export const AUTHORITY = Uint8Array.from([0x30, 0x82, 3, 0xe4, ...pattern(996)]);

/** A host that sends back what it gets; "refused" refuses. */
class Echo implements Internet {
  /** What TLS was asked of it, connection by connection. */
  readonly security: (TLSOptions | undefined)[] = [];
  /** Connections that nobody closed. */
  open = 0;
  readonly #time: SimulatedTime;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  resolve(_: string, onResolved: (address: string | undefined) => void): void {
    this.#time.set(() => onResolved("192.0.2.1"));
  }

  connect({ host, tls, onConnected, onSession, onData, onError }: ConnectionOptions): Connection {
    this.security.push(tls);
    this.open++;
    let closed = false;
    const later = (callback: () => void) => void this.#time.set(() => closed || callback());
    if (host === "refused") later(() => onError("refused", "refused"));
    else later(() => onConnected(tls?.session !== undefined));
    if (tls && onSession) later(() => onSession(Uint8Array.of(this.security.length)));
    return {
      write(bytes) {
        const copy = bytes.slice();
        later(() => onData(copy));
      },
      close: () => {
        if (!closed) this.open--;
        closed = true;
      },
    };
  }
}

export interface Wiring {
  /** One of `modemNames`. */
  readonly name?: string;
  /** False: DTR is not wired. Default true. */
  readonly ready?: boolean;
  /** What the driver gets in place of the modem's port. */
  readonly wrap?: (serial: SerialPort) => SerialPort;
  /** What it connects with, besides the access point. */
  readonly access?: Partial<ConnectOptions>;
}

/** A driver wired to a behaving modem that is off, and an echo behind it; connecting. */
export function world(knobs: Partial<Knobs> = {}, seed = 1, wiring: Wiring = {}) {
  const { name = "SIM7600", ready = true, wrap = (serial) => serial } = wiring;
  const access = { ...APN, ...wiring.access };
  const time = new SimulatedTime();
  const ticks = () => time.now;
  const log: string[] = [];
  const internet = new Echo(time);
  const emulator = new (modemNamed(name))({
    timer: time,
    ticks,
    random: seededRandom(seed),
    time: () => 1_700_000_000 + Math.floor(time.now / 1000),
    internet,
    knobs,
  });
  const state = { presses: 0, supplied: true };
  const power = {
    reset: emulator.power.reset,
    ...(ready && { ready: emulator.power.ready }),
    key: {
      write(value: 0 | 1) {
        state.presses += value;
        emulator.power.key.write(value);
      },
    },
    supply: {
      write(value: 0 | 1) {
        state.supplied = value === 1;
        emulator.power.supply.write(value);
      },
    },
  };
  const start = () =>
    new Modem({
      ...{ serial: wrap(emulator.serial), timer: time, ticks, power },
      random: seededRandom(seed + 1),
      log: (line) => log.push(`${time.now} ${line}`),
    });
  const until = (condition: () => boolean, limit = 3_600_000): number => {
    const begin = time.now;
    while (!condition())
      if (!time.step(begin + limit)) throw new Error(`not within ${limit} ms:\n${log.slice(-40).join("\n")}`);
    return time.now - begin;
  };
  const modem = start();
  modem.connect(access);
  return Object.assign(state, {
    ...{ time, emulator, modem, internet, until, log },
    /** The controller starts anew while the modem goes on. */
    restart(): Modem {
      this.modem.close();
      this.modem = start();
      this.modem.connect(access);
      return this.modem;
    },
  });
}

export type World = ReturnType<typeof world>;

/** Sends `size` bytes and gives what came back; undefined when the socket failed, or two minutes passed. */
export function exchange({ modem, until, time }: World, size: number, options: object = {}): Uint8Array | undefined {
  const io = "tls" in options ? modem.TLS : modem.TCP;
  const back = new Uint8Array(size);
  let sent = 0;
  let received = 0;
  let failed = false;
  const socket = new io({
    address: "echo",
    port: 7,
    onWritable(count) {
      const piece = pattern(size).subarray(sent, sent + count);
      if (piece.length > 0) socket.write(piece);
      sent += piece.length;
    },
    onReadable() {
      const bytes = new Uint8Array(socket.read() as ArrayBuffer);
      // Noise can make more bytes of a count.
      back.set(bytes.subarray(0, size - received), received);
      received += bytes.length;
    },
    onError() {
      failed = true;
    },
    ...options,
  });
  const limit = time.now + 120_000 + size;
  until(() => failed || received === size || time.now > limit);
  socket.close();
  return received === size ? back : undefined;
}

/** `size` bytes that no part of is like another. */
export function pattern(size: number): Uint8Array {
  const random = seededRandom(7);
  return new Uint8Array(size).map(() => random());
}
