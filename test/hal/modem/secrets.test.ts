import assert from "node:assert/strict";
import type { Serial, SerialOptions, SerialPort } from "../../../hal/serial.js";
import { modemNames } from "../../../hal/sim/modem/modems.js";
import { AUTHORITY, exchange, world } from "../../../tools/bench/modem-world.js";
import { Watched } from "./fixture.js";

const SECRETS = { user: "the-user", password: "the-password", pin: "49152" };
const TLS = { host: "shs.example", ca: AUTHORITY };

/**
 * A line that sends back whatever is written to it: at once, without its first byte once more, and late. `heard` keeps what comes
 * from it.
 */
function echoing({ io, ...options }: SerialPort, heard: string[], later: (action: () => void) => void): SerialPort {
  class Echoing implements Serial {
    readonly #serial: Serial;
    readonly #options: SerialOptions;
    readonly #echoes: Uint8Array[] = [];
    constructor(own: SerialOptions) {
      this.#options = own;
      this.#serial = new io(own);
    }
    read(count?: number): ArrayBuffer | undefined {
      const bytes = this.#echoes.shift()?.slice().buffer as ArrayBuffer | undefined;
      const result = bytes ?? this.#serial.read(count);
      if (result) heard.push(Buffer.from(result).toString("latin1"));
      return result;
    }
    write(buffer: ArrayBuffer | Uint8Array): void {
      const bytes = new Uint8Array(buffer as ArrayBuffer).slice();
      this.#serial.write(bytes);
      this.#echo(bytes);
      this.#echo(bytes.subarray(1));
      later(() => this.#echo(bytes));
    }
    #echo(bytes: Uint8Array): void {
      this.#echoes.push(bytes);
      this.#options.onReadable?.(bytes.length);
    }
    close(): void {
      this.#serial.close();
    }
  }
  return { ...options, io: Echoing };
}

describe("modem: the log", () => {
  for (const name of modemNames)
    for (const noise of [0, 300])
      it(`holds no PIN, password or key on ${name}, whose echo is on${noise > 0 ? ", under noise" : ""}`, () => {
        const heard: string[] = [];
        const wrap = (serial: SerialPort) => echoing(serial, heard, (action) => void w.time.set(action, 400));
        const w = world({ sim: "SIM PIN", pin: SECRETS.pin, noise }, 1, { name, wrap, access: SECRETS });
        const connected = () => w.modem.connection === 500;
        w.until(connected, 7_200_000);
        for (let i = 0; i < 3 && connected(); i++) exchange(w, 200, name === "SIM800" ? {} : { tls: TLS });
        w.emulator.crash();
        w.until(() => !connected());
        w.until(connected, 7_200_000);
        const raw = heard.join("");
        assert.ok(noise > 0 || raw.includes(SECRETS.password), "the password was on the line");
        const keys = [...raw.matchAll(/\+UUSECPRF: \d,13,2,"([^"]+)","([^"]+)"/g)].map((match) => match[2]!);
        assert.equal(noise === 0 && keys.length === 0, noise === 0 && name !== "SARA-R5");
        const log = w.log.join("\n");
        for (const secret of [SECRETS.password, SECRETS.pin, ...keys])
          assert.ok(
            !log.includes(secret),
            w.log.find((line) => line.includes(secret)),
          );
      });

  it("holds nothing of what is sent and received", () => {
    const w = world();
    w.until(() => w.modem.connection === 500);
    const socket = new Watched(w.modem.TCP, { address: "echo", port: 7 });
    w.until(() => socket.events.length > 0);
    socket.write("Authorization: Bearer of-the-device");
    w.until(() => socket.received.length > 20);
    assert.ok(!w.log.join("\n").includes("of-the-device"));
  });
});
