import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTCPServer, type Socket, type Server as TCPServer } from "node:net";
import { HostHTTPClient } from "../../../hal/host/http-client.js";
import { HostTCP } from "../../../hal/host/tcp.js";
import type { HTTPRequest, HTTPRequestOptions } from "../../../hal/http.js";
import { SimulatedTime } from "../../../hal/sim/time.js";
import type { ByteBuffer, TCP, TCPConstructor, TCPOptions } from "../../../hal/tcp.js";

const textOf = (bytes: ByteBuffer | undefined) => (bytes ? Buffer.from(bytes as ArrayBuffer).toString("latin1") : "");
const bytesOf = (value: string) => new TextEncoder().encode(value);
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A socket in virtual time: connected after 100 ms, answers every head after 500 ms, one byte every 10 ms. */
function slowTCP(time: SimulatedTime, answer: string): TCPConstructor {
  return class implements TCP {
    readonly format = "buffer";
    readonly remoteAddress = undefined;
    readonly remotePort = undefined;
    readonly #options: TCPOptions;
    #sent = "";
    #received = "";

    constructor(options: TCPOptions) {
      this.#options = options;
      time.set(() => options.onWritable?.(4096), 100);
    }

    read(): ArrayBuffer | undefined;
    read(byteLength: number): ArrayBuffer | undefined;
    read(buffer: ByteBuffer): number | undefined;
    read(): ArrayBuffer | number | undefined {
      const bytes = new Uint8Array(bytesOf(this.#received));
      this.#received = "";
      return bytes.byteLength > 0 ? bytes.buffer : undefined;
    }

    write(data: ByteBuffer | number): number {
      this.#sent += textOf(data as ByteBuffer);
      if (this.#sent.endsWith("\r\n\r\n")) {
        this.#sent = "";
        for (const [i, character] of [...answer].entries()) time.set(() => this.#receive(character), 500 + 10 * i);
      }
      return 4096;
    }

    close(): void {}

    #receive(character: string): void {
      this.#received += character;
      this.#options.onReadable?.(this.#received.length);
    }
  };
}

describe("the HTTP client of the host", () => {
  let server: Server;
  let raw: TCPServer;
  let serve: RequestListener;
  let serveRaw: (socket: Socket) => void;
  let connections = 0;
  const rawSockets: Socket[] = [];
  const clients: HostHTTPClient[] = [];

  before(async () => {
    server = createServer((request, response) => serve(request, response)).on("connection", () => connections++);
    raw = createTCPServer((socket) => {
      rawSockets.push(socket.on("error", () => socket.destroy()));
      serveRaw(socket);
    });
    await Promise.all([server, raw].map((each) => once(each.listen(0, "127.0.0.1"), "listening")));
  });
  beforeEach(() => {
    connections = 0;
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
    for (const socket of rawSockets.splice(0)) socket.destroy();
  });
  after(() => {
    server.close();
    raw.close();
  });

  function make(to: Server | TCPServer = server, onError: (error?: unknown) => void = () => {}): HostHTTPClient {
    const { port } = to.address() as AddressInfo;
    const client = new HostHTTPClient({
      host: "127.0.0.1",
      port,
      socket: { io: HostTCP },
      dns: { io: undefined },
      onError,
    });
    clients.push(client);
    return client;
  }

  interface Answer {
    status: number;
    headers: Map<string, string>;
    body: string;
    events: string[];
    request: HTTPRequest;
  }

  /** Sends `body` as the window allows and reads the whole answer. */
  function send(client: HostHTTPClient, options: HTTPRequestOptions = {}, body = ""): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const events: string[] = [];
      const answer: Answer = { status: 0, headers: new Map(), body: "", events, request: undefined as never };
      let rest = bytesOf(body);
      const headers = new Map(options.headers);
      if (body) headers.set("content-length", String(rest.byteLength));
      answer.request = client.request({
        ...options,
        headers,
        onWritable(count) {
          assert.equal(this, answer.request);
          events.push("writable");
          this.write(rest.subarray(0, count));
          rest = rest.subarray(count);
        },
        onHeaders(status, received) {
          assert.equal(this, answer.request);
          events.push("headers");
          answer.status = status;
          answer.headers = received;
        },
        onReadable(count) {
          assert.equal(this, answer.request);
          events.push("readable");
          answer.body += textOf(this.read(count));
        },
        onDone(error) {
          assert.equal(this, answer.request);
          if (error) reject(error);
          else resolve(answer);
        },
      });
    });
  }

  it("gets an answer: status, headers in lower case, body, in this order", async () => {
    serve = (request, response) => {
      response.setHeader("X-Path", `${request.method} ${request.url}`);
      response.end("hello");
    };
    const { status, headers, body, events } = await send(make(), { path: "/dd?x=1" });
    assert.deepEqual([status, headers.get("x-path"), body], [200, "GET /dd?x=1", "hello"]);
    assert.deepEqual(events, ["headers", "readable"]);
  });

  it("sends the host and the given headers, and not a byte more", async () => {
    const heads: string[] = [];
    serveRaw = (socket) =>
      socket.on("data", (data) => {
        heads.push(data.toString("latin1"));
        socket.write("HTTP/1.1 204 No Content\r\n\r\n");
      });
    const client = make(raw);
    await send(client);
    await send(client, { method: "POST", path: "/dd", headers: new Map([["Content-Type", "application/json"]]) }, "{}");
    await send(client, { method: "POST" });
    await send(client, { method: "DELETE", headers: new Map([["Connection", "keep-alive"]]) });
    assert.deepEqual(heads, [
      "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
      "POST /dd HTTP/1.1\r\nhost: 127.0.0.1\r\nContent-Type: application/json\r\ncontent-length: 2\r\n\r\n{}",
      "POST / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
      "DELETE / HTTP/1.1\r\nhost: 127.0.0.1\r\nConnection: keep-alive\r\n\r\n",
    ]);
  });

  it("keeps only the headers of the mask", async () => {
    serve = (_, response) => response.setHeader("X-One", "1").setHeader("X-Two", "2").end();
    const { headers } = await send(make(), { headersMask: ["x-two"] });
    assert.deepEqual([...headers], [["x-two", "2"]]);
  });

  it("does not tell the date of a server outside to a device in simulated time", async () => {
    serve = (_, response) => response.setHeader("X-One", "1").end();
    const { headers } = await send(make());
    assert.equal(headers.get("x-one"), "1");
    assert.equal(headers.get("date"), undefined);
  });

  it("sends several requests in sequence over one connection", async () => {
    const order: string[] = [];
    serve = (request, response) => {
      order.push(`start ${request.url}`);
      setImmediate(() => {
        order.push(`end ${request.url}`);
        response.end(request.url);
      });
    };
    const client = make();
    const answers = await Promise.all(["/1", "/2", "/3"].map((path) => send(client, { path })));
    assert.deepEqual(
      answers.map((answer) => answer.body),
      ["/1", "/2", "/3"],
    );
    assert.deepEqual(order, ["start /1", "end /1", "start /2", "end /2", "start /3", "end /3"]);
    assert.equal((await send(client, { path: "/later" })).body, "/later");
    assert.equal(connections, 1);
  });

  it("takes a request from inside onDone", async () => {
    serve = (request, response) => response.end(request.url);
    const client = make();
    const bodies: string[] = [];
    await new Promise<void>((resolve) => {
      const next = (path: string) =>
        client.request({
          path,
          onReadable(count) {
            bodies.push(textOf(this.read(count)));
          },
          onDone: () => (path === "/3" ? resolve() : next(`/${Number(path.slice(1)) + 1}`)),
        });
      next("/1");
    });
    assert.deepEqual(bodies, ["/1", "/2", "/3"]);
    assert.equal(connections, 1);
  });

  it("sends a body of 200 KB in windows, and reads as much back", async () => {
    serve = (request, response) => request.pipe(response);
    const body = "0123456789".repeat(20_000);
    const answer = await send(make(), { method: "POST" }, body);
    assert.ok(answer.body === body);
    assert.ok(answer.events.filter((event) => event === "writable").length > 3);
  });

  it("offers to write again after a part smaller than the window", async () => {
    serve = (request, response) => request.pipe(response);
    const parts = ["ab", "cd", "e"];
    const client = make();
    const body = await new Promise((resolve) => {
      let received = "";
      client.request({
        method: "POST",
        headers: new Map([["content-length", "5"]]),
        onWritable(count) {
          assert.equal(count, parts.join("").length);
          const part = bytesOf(parts.shift()!);
          assert.equal(this.write(part), count - part.byteLength);
          part.fill(0);
        },
        onReadable(count) {
          received += textOf(this.read(count));
        },
        onDone: () => resolve(received),
      });
    });
    assert.equal(body, "abcde");
  });

  it("refuses to write too much, too early, or too late, and a body of unknown length", async () => {
    serve = (request, response) => request.resume().on("end", () => response.end());
    const client = make();
    let request: HTTPRequest | undefined;
    await new Promise<void>((resolve) => {
      request = client.request({
        method: "POST",
        headers: new Map([["content-length", "3"]]),
        onWritable() {
          assert.throws(() => this.write(new Uint8Array(4)), { message: /would overflow: 3 bytes are free, got 4/ });
          assert.equal(this.write(new Uint8Array(3)), 0);
          assert.throws(() => this.write(new Uint8Array(1)), { message: /no body is being sent/ });
        },
        onDone: () => resolve(),
      });
      assert.throws(() => request!.write(new Uint8Array(1)), { message: /no body is being sent: wait for onWritable/ });
    });
    assert.throws(() => request!.write(new Uint8Array(1)), { message: /no body is being sent/ });
    assert.equal(request!.read(), undefined);
    for (const header of [
      ["content-length", "many"],
      ["Transfer-Encoding", "chunked"],
    ] as [string, string][])
      assert.throws(() => client.request({ headers: new Map([header]) }), {
        name: "RangeError",
        message: /content-length/,
      });
  });

  it("reads piece by piece, also later, and is done only when all was read", async () => {
    serve = (_, response) => response.end("0123456789");
    const events: string[] = [];
    await new Promise<void>((resolve) => {
      make().request({
        onReadable(count) {
          events.push(`readable ${count}`, textOf(this.read(4)));
          setImmediate(() => {
            events.push(textOf(this.read(4)));
            setImmediate(() => events.push(textOf(this.read()), textOf(this.read())));
          });
        },
        onDone() {
          events.push("done");
          resolve();
        },
      });
    });
    assert.deepEqual(events, ["readable 10", "0123", "4567", "89", "", "done"]);
  });

  it("reads an answer that ends with the connection, then reports that one as closed", async () => {
    serveRaw = (socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nall there is");
    let closed = 0;
    const client = make(raw, () => closed++);
    assert.equal((await send(client)).body, "all there is");
    await turn();
    assert.equal(closed, 1);
    assert.throws(() => client.request({}), { message: /closed: make a new client/ });
  });

  it("fails the waiting requests when the server wants the connection closed", async () => {
    serve = (_, response) => response.setHeader("Connection", "close").end("bye");
    const events: string[] = [];
    await new Promise<void>((resolve) => {
      const client = make(server, (error) => {
        events.push(`onError: ${(error as Error).message}`);
        resolve();
      });
      send(client).then((answer) => events.push(answer.body));
      client.request({ onDone: (error) => events.push(`onDone: ${error?.message}`) });
    });
    assert.deepEqual(events, [
      "onDone: the server closed the connection",
      "onError: the server closed the connection",
      "bye",
    ]);
  });

  const broken: [name: string, answer: string, message: RegExp][] = [
    ["no answer at all", "", /socket hang up/],
    ["half a header", "HTTP/1.1 200 OK\r\nContent-Le", /socket hang up|aborted|closed/],
    ["half a body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234", /aborted/],
    ["half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n012", /aborted/],
    ["an answer in another language", "220 mail ready\r\n", /Parse Error/],
  ];
  for (const [name, answer, message] of broken)
    it(`fails the open requests in order, then the client, for ${name}`, async () => {
      serveRaw = (socket) => socket.once("data", () => socket.end(answer));
      const events: string[] = [];
      await new Promise<void>((resolve) => {
        const client = make(raw, () => {
          events.push("onError");
          setImmediate(resolve);
        });
        client.request({
          onReadable(count) {
            this.read(count);
          },
          onDone(error) {
            assert.match(error!.message, message);
            events.push("first");
          },
        });
        client.request({ onDone: (error) => events.push(error ? "second" : "wrong") });
      });
      assert.deepEqual(events, ["first", "second", "onError"]);
    });

  it("reports an answer that came before the whole request was sent", async () => {
    serve = (_, response) => response.writeHead(413).end("too much");
    const events: string[] = [];
    await new Promise<void>((resolve) => {
      const client = make(server, (error) => {
        events.push((error as Error).message);
        resolve();
      });
      let writes = 0;
      client.request({
        method: "POST",
        headers: new Map([["content-length", "100000"]]),
        onWritable() {
          if (writes++ === 0) this.write(new Uint8Array(100));
        },
        onHeaders: (status) => events.push(String(status)),
        onReadable(count) {
          events.push(textOf(this.read(count)));
        },
        onDone: (error) => events.push(error ? "wrong" : "done"),
      });
    });
    assert.deepEqual(events, ["413", "too much", "done", "the server answered before the whole request was sent"]);
  });

  it("reports a refused connection to the open requests and the client", async () => {
    const gone = createTCPServer();
    await once(gone.listen(0, "127.0.0.1"), "listening");
    const { port } = gone.address() as AddressInfo;
    await once(gone.close(), "close");
    const events: string[] = [];
    await new Promise<void>((resolve) => {
      const client = new HostHTTPClient({
        host: "127.0.0.1",
        port,
        socket: { io: HostTCP },
        dns: { io: undefined },
        onError(error) {
          events.push((error as Error).message);
          resolve();
        },
      });
      client.request({ onDone: (error) => events.push(`request: ${error?.message}`) });
    });
    const reason = "no connection: refused, unreachable or name not found";
    assert.deepEqual(events, [`request: ${reason}`, reason]);
  });

  it("reports a socket class that throws, and a header that may not be sent, as failures", async () => {
    const seen: string[] = [];
    await new Promise<void>((resolve) => {
      const options = { host: "x", port: 70000, socket: { io: HostTCP }, dns: { io: undefined } };
      const client = new HostHTTPClient({ ...options, onError: () => resolve() });
      client.request({ onDone: (error) => seen.push(error!.message) });
    });
    await new Promise<void>((resolve) => {
      const client = make(server, () => resolve());
      client.request({ headers: new Map([["x", "a\r\nb"]]), onDone: (error) => seen.push(error!.message) });
    });
    assert.match(seen[0]!, /port must be from 0 to 65535/);
    assert.match(seen[1]!, /Invalid character in header content/);
    assert.throws(() => new HostHTTPClient({ host: "", socket: { io: HostTCP }, dns: { io: undefined } }), {
      message: /host must be a name/,
    });
  });

  it("calls nothing after close, in any state", async () => {
    const called: string[] = [];
    const watch = (client: HostHTTPClient, closeIn: string): HTTPRequestOptions => {
      const on = (event: string) => () => {
        if (closeIn === "closed") called.push(event);
        if (event !== closeIn) return;
        client.close();
        closeIn = "closed";
      };
      const onReadable = on("onReadable");
      return {
        method: "POST",
        headers: new Map([["content-length", "2"]]),
        onWritable(count) {
          if (closeIn !== "onWritable") this.write(new Uint8Array(Math.min(2, count)));
          else on("onWritable")();
        },
        onHeaders: on("onHeaders"),
        onReadable(count) {
          if (closeIn !== "onReadable") this.read(count);
          onReadable();
        },
        onDone: on("onDone"),
      };
    };
    serve = (request, response) => request.resume().on("end", () => response.end("answer"));
    for (const state of ["onWritable", "onHeaders", "onReadable", "onDone"]) {
      const client = make(server, () => called.push(`onError after ${state}`));
      client.request(watch(client, state));
      client.request({ onDone: () => called.push("second") });
      const [connection] = await once(server, "connection");
      await once(connection, "close");
      assert.deepEqual(called, [], `closed in ${state}`);
      assert.throws(() => client.request({}), { message: /closed/ });
    }
    const early = make(server, () => called.push("onError"));
    early.request({ onDone: () => called.push("early") });
    early.close();
    early.close();
    await turn();
    assert.deepEqual(called, []);
  });

  it("runs in virtual time without a real wait, each event at its millisecond", async () => {
    const time = new SimulatedTime();
    const answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    const socket = { io: slowTCP(time, answer) };
    const events: [number, string][] = [];
    const client = new HostHTTPClient({ host: "server", socket, dns: { io: undefined } });
    const ask = (path: string, onDone: () => void) =>
      client.request({
        path,
        onHeaders: (status) => events.push([time.now, `${path} ${status}`]),
        onReadable(count) {
          events.push([time.now, textOf(this.read(count))]);
        },
        onDone() {
          events.push([time.now, "done"]);
          onDone();
        },
      });
    ask("/1", () => time.set(() => ask("/2", () => {}), 1000));
    do await HostHTTPClient.settled();
    while (time.step());
    assert.equal(HostHTTPClient.settled(), undefined);
    const head = 10 * (answer.length - 3);
    const at = (start: number, path: string) => [
      [start + head, `${path} 200`],
      [start + head + 10, "o"],
      [start + head + 20, "k"],
      [start + head + 20, "done"],
    ];
    assert.deepEqual(events, [...at(600, "/1"), ...at(600 + head + 20 + 1000 + 500, "/2")]);
    client.close();
  });
});
