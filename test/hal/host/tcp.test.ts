import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { HostTCP } from "../../../hal/host/tcp.js";
import type { TCPOptions } from "../../../hal/tcp.js";

const text = (bytes: ArrayBuffer | Uint8Array) => Buffer.from(bytes as Uint8Array).toString("latin1");
const bytes = (value: string) => new TextEncoder().encode(value);

describe("a TCP socket of the host", () => {
  let server: Server;
  let port: number;
  /** What the server does with each connection. */
  let serve: (socket: Socket) => void;
  const open: HostTCP[] = [];
  const sockets: Socket[] = [];

  before(async () => {
    server = createServer((socket) => {
      sockets.push(socket.on("error", () => socket.destroy()));
      serve(socket);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    port = (server.address() as AddressInfo).port;
  });
  afterEach(() => {
    for (const tcp of open.splice(0)) tcp.close();
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  after(() => server.close());

  function connect(options: Partial<TCPOptions> = {}): HostTCP {
    const tcp = new HostTCP({ address: "127.0.0.1", port, ...options });
    open.push(tcp);
    return tcp;
  }

  /** Resolves when `onReadable` has said that `count` bytes are there. */
  function readable(count: number, options: Partial<TCPOptions> = {}): Promise<HostTCP> {
    return new Promise((resolve) => {
      const tcp = connect({ ...options, onReadable: (available) => available >= count && resolve(tcp) });
    });
  }

  it("connects, says so by onWritable, and names the peer", async () => {
    serve = () => {};
    const tcp = await new Promise<HostTCP>((resolve) => {
      const made = connect({
        onWritable(this: HostTCP, count: number) {
          assert.equal(this, made, "callbacks have the instance as receiver");
          assert.ok(count >= 4096, "an HTTP header fits");
          resolve(made);
        },
      } as Partial<TCPOptions>);
    });
    assert.deepEqual([tcp.remoteAddress, tcp.remotePort, tcp.format], ["127.0.0.1", port, "buffer"]);
  });

  it("takes host when there is no address, ignores unknown options and keeps target", () => {
    serve = () => {};
    const target = {};
    const options = { host: "127.0.0.1", port, target, io: HostTCP, nonsense: 1 };
    const tcp = new HostTCP(options);
    open.push(tcp);
    assert.equal(tcp.target, target);
  });

  it("refuses bad options before it does anything", () => {
    assert.throws(() => new HostTCP({ port: 80 }), { name: "TypeError", message: /address must be a name/ });
    assert.throws(() => new HostTCP({ address: "127.0.0.1" } as unknown as TCPOptions), { name: "TypeError" });
    for (const wrong of [-1, 65536, 1.5, Number.NaN])
      assert.throws(() => connect({ port: wrong }), { name: "RangeError", message: /port must be from 0 to 65535/ });
    assert.throws(() => connect({ format: "string" as "buffer" }), { name: "RangeError" });
  });

  it("reads by count, into a view, by number and all at once, the format flipped in between", async () => {
    serve = (socket) => socket.write("HTTP/1.1 200 OK");
    const tcp = await readable(15);
    const first = tcp.read(4);
    assert.ok(first instanceof ArrayBuffer);
    assert.equal(text(first), "HTTP");
    const buffer = new ArrayBuffer(32);
    assert.equal(tcp.read(new Uint8Array(buffer, 8, 4)), 4);
    assert.equal(text(buffer), `${"\0".repeat(8)}/1.1${"\0".repeat(20)}`);
    tcp.format = "number";
    assert.equal(tcp.read(), 32);
    tcp.format = "buffer";
    assert.throws(() => tcp.read(Uint16Array.of(2) as unknown as Uint8Array), { name: "TypeError" });
    assert.throws(() => tcp.read(Math.sin as unknown as number), { name: "TypeError" });
    assert.equal(text(tcp.read(2)!), "20");
    assert.equal(text(tcp.read(100)!), "0 OK", "more than is there gives what is there");
    assert.equal(tcp.read(), undefined);
    assert.equal(tcp.read(new Uint8Array(1)), undefined);
  });

  it("reads nothing before it is connected, and throws on writing", () => {
    serve = () => {};
    const tcp = connect();
    assert.equal(tcp.read(new Uint8Array(1)), undefined);
    assert.throws(() => tcp.write(Uint8Array.of(1)), { message: /not connected: wait for onWritable/ });
  });

  it("writes all or nothing and gives the bytes still free", async () => {
    serve = () => {};
    const [tcp, count] = await new Promise<[HostTCP, number]>((resolve) => {
      const made = connect({ onWritable: (free) => resolve([made, free]) });
    });
    assert.throws(() => tcp.write(new ArrayBuffer(count + 1)), { message: /would overflow/ });
    assert.equal(tcp.write(new ArrayBuffer(12)), count - 12);
    tcp.format = "number";
    assert.equal(tcp.write(32), count - 13);
    assert.throws(() => tcp.write(Uint8Array.of(1)), { name: "TypeError" });
    tcp.format = "buffer";
    assert.throws(() => tcp.write(32), { name: "TypeError" });
    assert.equal(tcp.write(new Uint8Array(count - 13)), 0);
    assert.throws(() => tcp.write(new Uint8Array(1)), { message: /0 bytes are free, got 1/ });
  });

  it("sends what is written in one turn as one piece, and lets the caller use its buffer again", async () => {
    const pieces: string[] = [];
    const closed = new Promise((resolve) => {
      serve = (socket) => socket.on("data", (data) => pieces.push(text(data))).on("end", resolve);
    });
    const tcp = await new Promise<HostTCP>((resolve) => {
      const made = connect({ onWritable: () => resolve(made) });
    });
    const buffer = Buffer.from("host: x\r\n");
    tcp.write(buffer);
    buffer.fill(0);
    tcp.write(bytes("\r\n"));
    tcp.close();
    await closed;
    assert.deepEqual(pieces, ["host: x\r\n\r\n"]);
  });

  it("carries a megabyte both ways within the free bytes it names", async () => {
    const size = 1 << 20;
    serve = (socket) => socket.pipe(socket);
    let written = 0;
    let received = 0;
    await new Promise<void>((resolve, reject) => {
      const tcp = connect({
        onWritable(free) {
          while (free > 0 && written < size) {
            const part = Uint8Array.from(
              { length: Math.min(free, size - written, 1000) },
              (_, i) => (written + i) % 251,
            );
            written += part.byteLength;
            free = tcp.write(part);
          }
        },
        onReadable() {
          for (const byte of new Uint8Array(tcp.read() as ArrayBuffer))
            if (byte !== received++ % 251) reject(new Error(`byte ${received}`));
          if (received === size) resolve();
        },
        onError: () => reject(new Error("lost")),
      });
    });
    assert.equal(received, size);
  });

  it("reports the end only after everything was read, and never from inside read", async () => {
    serve = (socket) => socket.end("Goodbye!");
    const events: string[] = [];
    await new Promise<void>((resolve) => {
      const tcp = connect({
        onReadable() {
          events.push("readable");
          // Late, and in two parts.
          setImmediate(() => {
            tcp.read(4);
            setImmediate(() => {
              events.push("reading the rest");
              tcp.read();
              events.push("read");
            });
          });
        },
        onError() {
          events.push("error");
          resolve();
        },
      });
    });
    assert.deepEqual(events, ["readable", "reading the rest", "read", "error"]);
  });

  it("reports a reset connection once, after what had come was offered", async () => {
    serve = (socket) => {
      socket.write("last words");
      socket.once("data", () => socket.resetAndDestroy());
    };
    const events: string[] = [];
    await new Promise<void>((resolve) => {
      const tcp = connect({
        onReadable() {
          events.push(text(tcp.read() as ArrayBuffer));
          tcp.write(bytes("!"));
        },
        onError() {
          events.push("error");
          setImmediate(resolve);
        },
      });
    });
    assert.deepEqual(events, ["last words", "error"]);
  });

  it("reports a refused connection and a name that does not exist", async () => {
    const refused = createServer();
    await once(refused.listen(0, "127.0.0.1"), "listening");
    const { port: freed } = refused.address() as AddressInfo;
    await once(refused.close(), "close");
    await new Promise<void>((resolve) => connect({ port: freed, onError: resolve }));
    await new Promise<void>((resolve) => connect({ address: "no-such-host.invalid", onError: resolve }));
  });

  it("calls nothing after close, refuses use, and closes twice", async () => {
    serve = (socket) => socket.write("data");
    const called: string[] = [];
    const tcp = await new Promise<HostTCP>((resolve) => {
      const made: HostTCP = connect({
        onWritable: () => {
          made.close();
          resolve(made);
        },
        onReadable: () => called.push("readable"),
        onError: () => called.push("error"),
      });
    });
    tcp.close();
    connect({ onWritable: () => called.push("writable"), onError: () => called.push("error") }).close();
    assert.throws(() => tcp.read(), { message: "closed" });
    assert.throws(() => tcp.write(Uint8Array.of(1)), { message: "closed" });
    assert.throws(() => tcp.remoteAddress, { message: "closed" });
    assert.throws(() => tcp.format, { message: "closed" });
    await once(sockets.at(-1)!, "close");
    assert.deepEqual(called, []);
  });
});
