import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { HostTCP } from "../../../hal/host/tcp.js";
import { TCPDuplex } from "../../../hal/host/tcp-duplex.js";
import { SimulatedTime } from "../../../hal/sim/time.js";
import type { ByteBuffer, TCP, TCPOptions } from "../../../hal/tcp.js";

/** A socket moved by hand: takes `window` bytes at a time, and sends what `receive` is given. */
class HandTCP implements TCP {
  static last: HandTCP;
  readonly format = "buffer";
  readonly remoteAddress = undefined;
  readonly remotePort = undefined;
  readonly options: TCPOptions;
  readonly writes: string[] = [];
  free = 0;
  closed = 0;
  #received = new Uint8Array(0);

  constructor(options: TCPOptions) {
    this.options = options;
    HandTCP.last = this;
  }

  read(): ArrayBuffer | undefined;
  read(byteLength: number): ArrayBuffer | undefined;
  read(buffer: ByteBuffer): number | undefined;
  read(): ArrayBuffer | number | undefined {
    const bytes = this.#received;
    this.#received = new Uint8Array(0);
    return bytes.byteLength > 0 ? bytes.buffer : undefined;
  }

  write(data: ByteBuffer | number): number {
    const bytes = Buffer.from(data as Uint8Array);
    if (this.closed > 0 || bytes.byteLength > this.free) throw new Error("would overflow");
    this.writes.push(bytes.toString("latin1"));
    this.free -= bytes.byteLength;
    return this.free;
  }

  close(): void {
    this.closed++;
  }

  get unread(): number {
    return this.#received.byteLength;
  }

  window(count: number): void {
    this.free = count;
    this.options.onWritable?.(count);
  }

  receive(value: Uint8Array): void {
    this.#received = new Uint8Array(Buffer.concat([this.#received, value]));
    this.options.onReadable?.(this.#received.byteLength);
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

function byHand(): { duplex: TCPDuplex; tcp: HandTCP } {
  const duplex = new TCPDuplex({ io: HandTCP, host: "server", port: 1883 });
  return { duplex, tcp: HandTCP.last };
}

describe("a stream over an ECMA-419 TCP socket", () => {
  it("hands its options on to the socket class, and that class's complaints to the caller", () => {
    const target = {};
    new TCPDuplex({ io: HandTCP, host: "server", port: 1883, target });
    const { host, port, format, target: handed } = HandTCP.last.options;
    assert.deepEqual([host, port, format, handed], ["server", 1883, "buffer", target]);
    assert.throws(() => new TCPDuplex({ io: HostTCP, host: "server", port: -1 }), { name: "RangeError" });
  });

  it("waits for the connection, then sends what was written, in parts that the socket takes", async () => {
    const { duplex, tcp } = byHand();
    const done: string[] = [];
    duplex.on("connect", () => done.push("connect"));
    duplex.write("abcdef", () => done.push("first"));
    duplex.write("ghi", () => done.push("second"));
    await turn();
    assert.deepEqual([tcp.writes, done], [[], []]);
    tcp.window(4);
    await turn();
    assert.deepEqual([tcp.writes, done], [["abcd"], ["connect"]]);
    tcp.window(4);
    await turn();
    assert.deepEqual(
      [tcp.writes, done],
      [
        ["abcd", "ef", "gh"],
        ["connect", "first"],
      ],
    );
    tcp.window(4);
    await turn();
    assert.deepEqual([tcp.writes.join("|"), done], ["abcd|ef|gh|i", ["connect", "first", "second"]]);
  });

  it("holds the writer back by Node's own rules while the socket is full", async () => {
    const { duplex, tcp } = byHand();
    tcp.window(1000);
    assert.equal(duplex.write(Buffer.alloc(duplex.writableHighWaterMark)), false);
    let drained = false;
    duplex.on("drain", () => {
      drained = true;
    });
    await turn();
    assert.equal(drained, false);
    tcp.window(1 << 20);
    await turn();
    assert.equal(drained, true);
  });

  it("leaves bytes in the socket while nobody reads the stream", async () => {
    const { duplex, tcp } = byHand();
    tcp.window(100);
    duplex.once("readable", () => {});
    await turn();
    const size = duplex.readableHighWaterMark;
    tcp.receive(new Uint8Array(size));
    tcp.receive(new Uint8Array(7));
    await turn();
    assert.equal(tcp.unread, 7);
    assert.equal(duplex.read(size).byteLength, size);
    await turn();
    assert.equal(tcp.unread, 0);
    assert.equal(duplex.read().byteLength, 7);
  });

  it("ends when the peer has gone, after all bytes, and closes the socket once", async () => {
    const { duplex, tcp } = byHand();
    tcp.window(100);
    const all = text(duplex);
    tcp.receive(Buffer.from("Good"));
    tcp.receive(Buffer.from("bye!"));
    tcp.options.onError?.();
    assert.equal(await all, "Goodbye!");
    if (!duplex.closed) await once(duplex, "close");
    assert.equal(tcp.closed, 1);
  });

  it("fails when there is no connection", async () => {
    const { duplex, tcp } = byHand();
    tcp.options.onError?.();
    const [error] = await once(duplex, "error");
    assert.match(error.message, /no connection: refused, unreachable or name not found/);
    assert.equal(tcp.closed, 1);
  });

  it("fails when the connection is lost with bytes unsent, or the socket throws", async () => {
    const lost = byHand();
    lost.tcp.window(2);
    lost.duplex.write("abcd");
    lost.tcp.options.onError?.();
    assert.match((await once(lost.duplex, "error"))[0].message, /connection lost while sending/);

    const broken = byHand();
    broken.tcp.window(10);
    broken.tcp.free = 0;
    broken.duplex.write("abcd");
    assert.match((await once(broken.duplex, "error"))[0].message, /would overflow/);
  });

  it("needs no real timer: simulated time alone drives it", async () => {
    const time = new SimulatedTime();
    const { duplex, tcp } = byHand();
    time.set(() => tcp.window(50), 1000);
    time.set(() => tcp.receive(Buffer.from("pong")), 2000);
    time.set(() => tcp.options.onError?.(), 3000);
    const all = text(duplex);
    duplex.end("ping");
    while (time.step()) await turn();
    assert.equal(await all, "pong");
    assert.deepEqual([tcp.writes, time.now], [["ping"], 3000]);
  });

  describe("over the machine's network", () => {
    let server: Server;
    let serve: (socket: Socket) => void;
    const sockets: Socket[] = [];
    const make = () => new TCPDuplex({ io: HostTCP, host: "127.0.0.1", port: (server.address() as AddressInfo).port });

    before(async () => {
      server = createServer((socket) => {
        sockets.push(socket);
        serve(socket);
      });
      await once(server.listen(0, "127.0.0.1"), "listening");
    });
    after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });

    it("carries a megabyte both ways", async () => {
      serve = (socket) => socket.pipe(socket);
      const duplex = make();
      const sent = Buffer.from(Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 7) % 253));
      const chunks: Buffer[] = [];
      let length = 0;
      duplex.write(sent);
      for await (const chunk of duplex) {
        chunks.push(chunk);
        length += chunk.byteLength;
        if (length === sent.byteLength) break;
      }
      assert.ok(Buffer.concat(chunks).equals(sent));
    });

    it("delivers everything that was written before destroySoon", async () => {
      const received = new Promise<Buffer>((resolve, reject) => {
        serve = (socket) => buffer(socket).then(resolve, reject);
      });
      const duplex = make();
      duplex.write(Buffer.alloc(100_000, 1));
      duplex.destroySoon();
      assert.equal((await received).byteLength, 100_000);
      assert.ok(duplex.destroyed);
    });
  });
});
