import assert from "node:assert/strict";
import { pemOf } from "../../../hal/modem/pem.js";
import type { Serial, SerialOptions, SerialPort } from "../../../hal/serial.js";
import type { TCPOptions } from "../../../hal/tcp.js";
import { exchange, pattern, type World, world } from "../../../tools/bench/modem-world.js";

/** One of each way to store a certificate. */
const MODEMS = ["SIM7600", "SIM7000", "SIM7070", "BG95", "SARA-R5"];

/** Small, and different for every number. */
function certificate(number: number): Uint8Array {
  return Uint8Array.of(0x30, 6, 4, 4, 0xca, 0xfe, number >> 8, number);
}

/** A line that lets so many more bytes out to the modem, then none until it is opened anew; `onCut` is told. */
class Line {
  left = Number.POSITIVE_INFINITY;
  written = 0;
  onCut = () => {};

  wrap({ io, ...options }: SerialPort): SerialPort {
    const line = this;
    class Cut implements Serial {
      readonly #serial: Serial;
      constructor(own: SerialOptions) {
        this.#serial = new io(own);
      }
      read(count?: number): ArrayBuffer | undefined {
        return this.#serial.read(count);
      }
      write(buffer: ArrayBuffer | Uint8Array): void {
        const bytes = new Uint8Array(buffer as ArrayBuffer).subarray(0, Math.max(0, line.left));
        if (bytes.length > 0) this.#serial.write(bytes);
        line.written += bytes.length;
        line.left -= buffer.byteLength;
        if (line.left <= 0 && line.left > -buffer.byteLength) line.onCut();
      }
      close(): void {
        this.#serial.close();
      }
    }
    return { ...options, io: Cut };
  }
}

function connected(name: string) {
  const line = new Line();
  const w = world({}, 1, { name, wrap: (serial) => line.wrap(serial) });
  w.until(() => w.modem.connection === 500);
  return { w, line };
}

function talk(w: World, ca: Uint8Array): boolean {
  return exchange(w, 24, { tls: { host: "shs.example", ca } }) !== undefined;
}

/** Bytes from the first command of a connection up to the last of what is stored for it. */
function bytesToStore(name: string): number {
  const { w, line } = connected(name);
  const before = line.written;
  let stored = 0;
  const push = w.log.push.bind(w.log);
  w.log.push = (...lines) => {
    const size = / > \((\d+) bytes\)$/.exec(lines[0]!);
    if (size && Number(size[1]) !== 24) stored = line.written - before + Number(size[1]);
    return push(...lines);
  };
  assert.ok(talk(w, certificate(0)));
  assert.ok(stored > 0);
  return stored;
}

describe("modem: the certificate in a modem", () => {
  for (const name of MODEMS)
    it(`is whole on ${name} after the controller restarted at any byte of the upload`, function () {
      this.timeout(60_000);
      const bytes = bytesToStore(name);
      const { w, line } = connected(name);
      for (let at = 1; at <= bytes; at++) {
        const ca = certificate(at);
        let cut = false;
        line.onCut = () => {
          cut = true;
        };
        line.left = at;
        new w.modem.TLS({ address: "echo", port: 7, tls: { host: "shs.example", ca } } as object as TCPOptions);
        w.until(() => cut);
        w.restart();
        line.left = Number.POSITIVE_INFINITY;
        w.until(() => w.modem.connection === 500, 400_000);
        assert.ok(talk(w, ca), `cut at ${at}`);
        assert.equal(w.internet.security.at(-1)?.authority, Buffer.from(pemOf(ca)).toString(), `cut at ${at}`);
      }
      console.log(`      ${bytes} cuts`);
    });

  for (const name of MODEMS)
    it(`is stored once on ${name}, whether it is given as DER or as PEM`, () => {
      const { w } = connected(name);
      const der = certificate(1);
      const pem = pemOf(der);
      const uploads = () => w.log.filter((line) => / > \((8|67) bytes\)$/.test(line)).length;
      assert.ok(talk(w, der));
      assert.equal(uploads(), 1);
      assert.ok(talk(w, pem));
      assert.equal(uploads(), 1);
      for (const { authority } of w.internet.security.map((options) => options!))
        assert.equal(authority, Buffer.from(pem).toString());
    });

  for (const name of ["SIM7600", "BG95"])
    it(`is found on ${name} among many others`, () => {
      const { w } = connected(name);
      const uploads = () => w.log.filter((line) => line.endsWith(" > (67 bytes)")).length;
      for (let i = 1; i <= 20; i++) assert.ok(talk(w, certificate(i)));
      assert.equal(uploads(), 20);
      assert.ok(talk(w, certificate(20)));
      assert.equal(uploads(), 20);
    });

  it("has to be one, and whole", () => {
    const { modem } = connected("SIM7600").w;
    const pem = pemOf(pattern(0));
    for (const ca of [Buffer.from("authority.pem"), certificate(1).subarray(1), certificate(1).subarray(0, 7), pem])
      assert.throws(() => new modem.TLS({ address: "a", port: 1, tls: { ca } } as object as TCPOptions), {
        name: "TypeError",
        message: "tls.ca: one whole certificate expected, DER or PEM",
      });
  });
});
