import assert from "node:assert/strict";
import type { TCPOptions } from "../../../hal/tcp.js";
import { deliver, setUp, Watched } from "./fixture.js";

/** A connected socket, idle. */
function connected(options: Partial<TCPOptions> = {}, reading = true) {
  const fixture = setUp();
  fixture.connect();
  const watched = new Watched(fixture.modem.TCP, options, reading);
  fixture.until(() => watched.events.length > 0);
  return { ...fixture, watched, socket: watched.socket };
}

describe("modem TCP, as the tests of the SDK have it", () => {
  it("wants an address or host, and a port from 0 to 65535", () => {
    const { modem } = setUp();
    const make = (options: object) => () => new modem.TCP(options as TCPOptions);
    assert.throws(make({ port: 80 }), /address or host required/);
    assert.throws(make({ address: "example.com" }), /port required/);
    assert.throws(make({ address: "example.com", port: undefined }), /port required/);
    assert.throws(make({ address: "example.com", port: -1 }), RangeError);
    assert.throws(make({ address: "example.com", port: 65_536 }), RangeError);
    assert.throws(make({ address: "example.com", port: 80.5 }), RangeError);
    assert.throws(make({ address: "example.com", port: Symbol.match }), TypeError);
    assert.throws(make({ address: 'a"\rAT+CPWROFF', port: 80 }), TypeError);
  });

  it("takes host for want of an address, and ignores options it does not know", () => {
    const { modem, script, until, connect } = setUp();
    connect();
    const options = { host: "example.com", port: 8080, nonsense: 1, io: modem.TCP };
    const socket = new modem.TCP(options);
    until(() => script.commands.includes('AT+CIPOPEN=0,"TCP","example.com",8080'));
    assert.equal(socket.remoteAddress, "example.com");
  });

  it("says connected by its first onWritable, with at least 4 KB of room", () => {
    const { watched, socket } = connected();
    assert.deepEqual(watched.events, ["writable 4096"]);
    assert.equal(socket.remoteAddress, "example.com");
    assert.equal(socket.remotePort, 80);
    assert.throws(() => Object.assign(socket, { remoteAddress: "x" }), TypeError);
    assert.throws(() => Object.assign(socket, { remotePort: 1 }), TypeError);
  });

  it("has format buffer, or number when asked, flips at any time, and refuses others", () => {
    const { modem } = setUp();
    const address = { address: "example.com", port: 80 };
    assert.equal(new modem.TCP(address).format, "buffer");
    const socket = new modem.TCP({ ...address, format: "number" });
    assert.equal(socket.format, "number");
    socket.format = "buffer";
    assert.equal(socket.format, "buffer");
    assert.throws(() => Object.assign(socket, { format: "text" }), RangeError);
    assert.throws(() => new modem.TCP({ ...address, format: "text" as "buffer" }), RangeError);
  });

  it("keeps target, hands itself to its callbacks as this, and can be extended", () => {
    const { modem, until, connect } = setUp();
    connect();
    const target = {};
    const seen: unknown[] = [];
    function onWritable(this: unknown): void {
      seen.push(this);
    }
    const socket = new modem.TCP({ address: "example.com", port: 80, target, onWritable });
    until(() => seen.length > 0);
    assert.equal((socket as { target?: unknown }).target, target);
    assert.equal(seen[0], socket);
    assert.ok(Object.isExtensible(socket));
  });

  it("gives undefined when there is nothing to read, before it is connected too", () => {
    const { socket } = connected();
    const fresh = new (setUp().modem.TCP)({ address: "example.com", port: 80 });
    for (const one of [socket, fresh]) {
      assert.equal(one.read(), undefined);
      assert.equal(one.read(1), undefined);
      assert.equal(one.read(new Uint8Array(1)), undefined);
      one.format = "number";
      assert.equal(one.read(), undefined);
    }
  });

  it("reads a count, a view, all, and byte by byte", () => {
    const { watched, socket, script, until } = connected({}, false);
    deliver(script, 0, "HTTP/1.1 200 OK");
    until(() => watched.events.includes("readable 15"));
    const first = socket.read(4);
    assert.ok(first instanceof ArrayBuffer);
    assert.equal(Buffer.from(first).toString(), "HTTP");
    const whole = new Uint8Array(8);
    assert.equal(socket.read(whole.subarray(2, 6)), 4);
    assert.equal(Buffer.from(whole).toString(), "\0\0/1.1\0\0");
    socket.format = "number";
    assert.equal(socket.read(), 0x20);
    assert.equal(socket.read(), 0x32);
    socket.format = "buffer";
    const bytes = new ArrayBuffer(2);
    assert.equal(socket.read(bytes), 2);
    assert.equal(Buffer.from(bytes).toString(), "00");
    assert.equal(Buffer.from(socket.read() as ArrayBuffer).toString(), " OK");
    assert.equal(socket.read(), undefined);
  });

  it("throws when more is asked for than there is, and when it is asked for in no way known", () => {
    const { watched, socket, script, until } = connected({}, false);
    deliver(script, 0, "12345678");
    until(() => watched.events.includes("readable 8"));
    assert.throws(() => socket.read(9), /8 are there/);
    assert.throws(() => socket.read(0), /cannot read 0/);
    assert.throws(() => socket.read(new Uint8Array(9)), /8 are there/);
    assert.throws(() => socket.read(new Uint16Array(1) as unknown as Uint8Array), TypeError);
    assert.throws(() => socket.read(Symbol.match as unknown as number), TypeError);
    assert.throws(() => socket.read(Math.sin as unknown as number), TypeError);
    watched.take();
    assert.equal(watched.received, "12345678");
  });

  it("writes all or nothing and gives the room that is left", () => {
    const { socket } = connected();
    assert.throws(() => socket.write(new ArrayBuffer(4097)), /there is room for 4096/);
    assert.equal(socket.write(new ArrayBuffer(12)), 4084);
    assert.throws(() => socket.write(32), TypeError);
    assert.throws(() => socket.write(Symbol.match as unknown as number), TypeError);
    socket.format = "number";
    assert.throws(() => socket.write(Symbol.match as unknown as number), TypeError);
    assert.throws(() => socket.write(new Uint8Array(1)), TypeError);
    assert.equal(socket.write(32), 4083);
    for (let i = 0; i < 4083; i++) socket.write(i);
    assert.throws(() => socket.write(32), /there is room for 0/);
  });

  it("throws on a write before it is connected", () => {
    const { modem, connect } = setUp();
    connect();
    const socket = new modem.TCP({ address: "example.com", port: 80 });
    assert.throws(() => socket.write(new Uint8Array(1)), /not connected/);
  });

  it("works without any callback", () => {
    const { modem, script, time, connect } = setUp();
    connect();
    const socket = new modem.TCP({ address: "example.com", port: 80 });
    time.run(1000);
    socket.write(Buffer.from("GET"));
    deliver(script, 0, "HTTP");
    time.run(1000);
    assert.equal(Buffer.from(socket.read() as ArrayBuffer).toString(), "HTTP");
    assert.deepEqual(script.payloads, ["GET"]);
  });

  it("calls nobody after close, closes twice, and then throws on everything else", () => {
    const { watched, socket, script, time } = connected();
    deliver(script, 0, "data");
    socket.close();
    socket.close();
    time.run(10_000);
    assert.deepEqual(watched.events, ["writable 4096"]);
    assert.throws(() => socket.read(), /closed/);
    assert.throws(() => socket.write(new Uint8Array(1)), /closed/);
    assert.throws(() => socket.remoteAddress, /closed/);
    assert.throws(() => socket.remotePort, /closed/);
    assert.throws(() => socket.format, /closed/);
    assert.ok(script.commands.includes("AT+CIPCLOSE=0"));
  });

  it("is not called back any more when a callback closes it", () => {
    let calls = 0;
    const { script, time, modem, connect } = setUp();
    connect();
    const socket = new modem.TCP({
      address: "example.com",
      port: 80,
      onReadable: () => {
        calls++;
        socket.close();
      },
      onError: () => calls++,
    });
    time.run(1000);
    deliver(script, 0, "data");
    script.urc("+IPCLOSE: 0,1");
    time.run(10_000);
    assert.equal(calls, 1);
  });

  it("refuses receivers that are no sockets", () => {
    const { socket } = connected();
    const { read, write, close } = socket;
    for (const method of [read, write, close]) assert.throws(() => (method as () => unknown).call({}), TypeError);
  });
});

describe("modem TCP, callbacks and order", () => {
  it("calls back from no call: not from the constructor, write, read or close", () => {
    const { modem, until, connect } = setUp();
    const failed = new Watched(modem.TCP);
    assert.deepEqual(failed.events, [], "even when there is no network");
    until(() => failed.events.length > 0);
    assert.deepEqual(failed.events, ["error"]);
    connect();
    const socket = new Watched(modem.TCP);
    until(() => socket.events.length > 0);
    socket.write("x");
    assert.deepEqual(socket.events, ["writable 4096"]);
  });

  it("sends what was written in one turn as one piece", () => {
    const { watched, script, time } = connected();
    const parts = ["POST / HTTP/1.1\r\n", "host: example.com\r\n", "content-length: 2\r\n", "\r\n", "{}"];
    for (const part of parts) watched.write(part);
    time.run(1000);
    assert.deepEqual(script.payloads, [parts.join("")]);
    assert.deepEqual(watched.events, ["writable 4096", "writable 4096"]);
  });

  it("sends much in pieces that the modem takes, in order, around the end of its buffer", () => {
    const { watched, script, until, modem } = connected();
    const sent: string[] = [];
    for (let i = 0; i < 40; i++) {
      const text = String.fromCharCode(97 + (i % 26)).repeat(500 + i * 17);
      sent.push(text);
      const before = watched.events.length;
      watched.write(text);
      until(() => watched.events.length > before);
    }
    until(() => script.payloads.join("").length === sent.join("").length);
    assert.equal(script.payloads.join(""), sent.join(""));
    assert.ok(script.payloads.every((payload) => payload.length <= 1500));
    assert.equal(modem.bytesSent, sent.join("").length);
  });

  it("reads on until the modem is empty, as there is room", () => {
    const { watched, script, time } = connected({}, false);
    const data = Array.from({ length: 6000 }, (_, i) => String.fromCharCode(i & 0xff)).join("");
    deliver(script, 0, data);
    time.run(5000);
    const reads = () => script.commands.filter((c) => c.startsWith("AT+CIPRXGET=2"));
    assert.deepEqual(reads(), ["AT+CIPRXGET=2,0,1500"]);
    while (watched.received.length < data.length) {
      watched.take(100);
      time.run(200);
    }
    assert.equal(watched.received, data);
  });

  it("gives received bytes exactly, whatever they look like", () => {
    const data = "\r\nOK\r\n+CIPRXGET: 1,0\r\nRDY\r\n+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY\r\n\0\xff> ERROR\r\n";
    for (const fragment of [1, 2, 3, 7, 10_000]) {
      const { watched, script, until, modem } = connected();
      script.fragment = fragment;
      deliver(script, 0, data);
      until(() => watched.received.length === data.length);
      assert.equal(watched.received, data);
      assert.equal(modem.connection, 500);
    }
  });

  it("tells of the end only after the last byte was read", () => {
    const { watched, script, time } = connected({}, false);
    script.urc("+IPCLOSE: 0,1");
    deliver(script, 0, "last words");
    time.run(10_000);
    assert.deepEqual(watched.events, ["writable 4096", "readable 10"]);
    watched.take(9);
    time.run(1000);
    assert.equal(watched.events.length, 2);
    watched.take();
    assert.equal(watched.events.length, 2, "not from inside read");
    time.run(1000);
    assert.deepEqual(watched.events, ["writable 4096", "readable 10", "error"]);
    assert.equal(watched.received, "last words");
  });

  it("fetches what the modem holds when the peer closes unannounced", () => {
    const { watched, script, until } = connected();
    deliver(script, 0, "unannounced");
    script.urc("+IPCLOSE: 0,1");
    until(() => watched.events.includes("error"));
    assert.equal(watched.received, "unannounced");
    assert.throws(() => watched.write("x"), /not connected/);
  });

  it("sends what was written before close, then closes", () => {
    const { watched, socket, script, until } = connected();
    watched.write("goodbye");
    socket.close();
    until(() => script.commands.includes("AT+CIPCLOSE=0"));
    assert.deepEqual(script.payloads, ["goodbye"]);
  });

  it("serves several sockets at a time, each with its own link", () => {
    const { modem, script, until, connect } = setUp();
    connect();
    const sockets = [0, 1, 2].map(() => new Watched(modem.TCP));
    until(() => sockets.every((s) => s.events.length === 1));
    for (const [i, socket] of sockets.entries()) {
      socket.write(`to ${i}`);
      deliver(script, i, `from ${i}`);
    }
    until(() => sockets.every((s) => s.received.length === 6 && s.events.length === 3));
    assert.deepEqual(
      sockets.map((s) => s.received),
      ["from 0", "from 1", "from 2"],
    );
    assert.deepEqual(script.payloads, ["to 0", "to 1", "to 2"]);
  });

  it("lets a socket wait when all links are taken, but not for ever", () => {
    const { modem, until, connect } = setUp();
    connect();
    const sockets = Array.from({ length: 10 }, () => new Watched(modem.TCP));
    const late = new Watched(modem.TCP);
    const later = new Watched(modem.TCP);
    until(() => sockets.every((s) => s.events.length === 1));
    sockets[3]!.socket.close();
    until(() => late.events.length > 0);
    assert.deepEqual(late.events, ["writable 4096"]);
    assert.ok(until(() => later.events.length > 0) <= 36_000);
    assert.deepEqual(later.events, ["error"]);
  });
});
