import assert from "node:assert/strict";
import type { HTTPRequestOptions } from "../../hal/http.js";
import type { TCP, TCPOptions } from "../../hal/tcp.js";
import { TestHTTPClient } from "./http-client.js";

/** A socket that keeps what is written and receives what it is told, with room for `room` bytes at a time. */
class FakeTCP implements TCP {
  static last: FakeTCP;
  readonly options: TCPOptions;
  format: "buffer" | "number" = "buffer";
  readonly remoteAddress = undefined;
  readonly remotePort = undefined;
  written = "";
  room = 50;
  closed = false;
  #received: number[] = [];

  constructor(options: TCPOptions) {
    this.options = options;
    FakeTCP.last = this;
  }

  read(): number | undefined;
  read(byteLength: number): ArrayBuffer;
  read(count = 1): ArrayBuffer | number | undefined {
    if (this.format === "number") return this.#received.shift();
    return new Uint8Array(this.#received.splice(0, count)).buffer;
  }

  write(data: ArrayBuffer | Uint8Array | number): number {
    const bytes = new Uint8Array(data as ArrayBuffer);
    assert.ok(bytes.length <= this.room, `${bytes.length} bytes for room of ${this.room}`);
    this.written += String.fromCharCode(...bytes);
    this.room -= bytes.length;
    return this.room;
  }

  close(): void {
    this.closed = true;
  }

  drain(): void {
    this.room = 50;
    this.options.onWritable!(this.room);
  }

  receive(text: string): void {
    this.#received.push(...[...text].map((character) => character.charCodeAt(0)));
    this.options.onReadable!(this.#received.length);
  }
}

class Names {
  resolve({ host, onResolved }: { host: string; onResolved(host: string, address: string): void }): void {
    onResolved(host, "192.0.2.1");
  }
}

describe("HTTP client of the XS harness", () => {
  let events: string[];
  let body: string;
  let socket: FakeTCP;

  const request = (options: HTTPRequestOptions = {}) => {
    events = [];
    body = "";
    const client = new TestHTTPClient({
      host: "metrics.example",
      port: 8080,
      socket: { io: FakeTCP },
      dns: { io: Names },
    });
    client.request({
      onHeaders: (status, headers) => events.push(`${status} ${headers.get("content-type")}`),
      onReadable(count) {
        body += String.fromCharCode(...new Uint8Array(this.read(count)!));
      },
      onDone: (error) => events.push(error ? error.message : "done"),
      ...options,
    });
    socket = FakeTCP.last;
    return client;
  };
  const drainAll = () => {
    let before: string;
    do {
      before = socket.written;
      socket.drain();
    } while (socket.written !== before);
  };

  it("sends a request with its body in pieces that the socket takes", () => {
    const text = "x".repeat(120);
    let sent = 0;
    request({
      method: "POST",
      path: "/dd",
      headers: new Map([["content-length", "120"]]),
      onWritable(count) {
        const part = text.slice(sent, sent + count);
        sent += part.length;
        this.write(Uint8Array.from(part, (character) => character.charCodeAt(0)));
      },
    });
    drainAll();
    const head = "POST /dd HTTP/1.1\r\nhost: metrics.example\r\nconnection: close\r\ncontent-length: 120\r\n\r\n";
    assert.equal(socket.written, head + text);
    assert.deepEqual([socket.options.port, socket.options.address], [8080, "192.0.2.1"]);
  });

  it("reads an answer that comes byte by byte", () => {
    request();
    drainAll();
    for (const byte of "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\ncontent-length: 5\r\n\r\nhello")
      socket.receive(byte);
    assert.deepEqual([events, body, socket.closed], [["200 text/plain", "done"], "hello", true]);
  });

  it("takes the end of the connection for the end of an answer without a length", () => {
    request();
    drainAll();
    socket.receive("HTTP/1.1 200 OK\r\n\r\nhel");
    socket.receive("lo");
    socket.options.onError!();
    assert.deepEqual([events, body], [["200 undefined", "done"], "hello"]);
  });

  it("is done at once when an answer has no body", () => {
    request();
    drainAll();
    socket.receive("HTTP/1.1 204 No Content\r\n\r\n");
    assert.deepEqual(events, ["204 undefined", "done"]);
  });

  it("reports a connection that is lost before the answer is whole, once", () => {
    request();
    drainAll();
    socket.receive("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel");
    socket.options.onError!();
    socket.options.onError!();
    assert.deepEqual(events, ["200 undefined", "connection closed"]);
  });

  it("says nothing more once it is closed", () => {
    const client = request();
    client.close();
    socket.options.onError!();
    assert.deepEqual([events, socket.closed], [[], true]);
  });
});
