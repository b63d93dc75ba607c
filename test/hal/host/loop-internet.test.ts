import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { LoopInternet } from "../../../hal/host/internet.js";
import { seededRandom } from "../../../hal/sim/random.js";
import { makeCertificates } from "./certificates.js";
import { Client, post } from "./internets.js";

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += (chunk as Buffer).toString("latin1");
  return body;
}

/** Answers with what it got; /close ends the connection, /file takes its time with the disk. */
function echoServer() {
  return createServer(async (request, response) => {
    const body = await bodyOf(request);
    if (request.url === "/file") for (let i = 0; i < 20; i++) await readFile("/dev/null");
    if (request.url === "/close") response.setHeader("connection", "close");
    response.sendDate = false;
    response.end(body, "latin1");
  });
}

function looped(): LoopInternet {
  const internet = new LoopInternet();
  internet.listen("echo.test", 80, echoServer());
  return internet;
}

describe("loop internet", () => {
  it("reaches a Node http server without a socket, and keeps the connection for the next request", async () => {
    const internet = looped();
    const client = new Client(internet, "echo.test", 80);
    assert.deepEqual(client.events, []);
    await internet.settled();
    assert.deepEqual(client.events, ["connected"]);
    for (const word of ["one", "two"]) {
      client.text = "";
      client.send(post("/", word));
      assert.equal(client.text, "");
      await internet.settled();
      assert.ok(client.text.startsWith("HTTP/1.1 200 OK\r\n"), client.text);
      assert.ok(client.text.endsWith(`\r\n\r\n${word}`), client.text);
    }
    assert.deepEqual(client.events, ["connected"]);
    assert.equal(internet.settled(), undefined);
  });

  it("carries 64 KB both ways, bit for bit, in pieces", async () => {
    const internet = looped();
    const client = new Client(internet, "echo.test", 80);
    await internet.settled();
    const random = seededRandom(3);
    const body = Buffer.from(Uint8Array.from({ length: 65536 }, () => random())).toString("latin1");
    const request = post("/", body);
    for (let at = 0; at < request.length; at += 1360) {
      client.send(request.slice(at, at + 1360));
      await internet.settled();
    }
    assert.ok(client.text.endsWith(body));
  });

  it("waits for servers that work on files", async () => {
    const internet = looped();
    const client = new Client(internet, "echo.test", 80);
    client.send(post("/file", "late"));
    await internet.settled();
    assert.match(client.text, /late$/);
  });

  it("does not wait for a server that never answers", async () => {
    const internet = new LoopInternet();
    internet.listen("mute.test", 80, createServer());
    const client = new Client(internet, "mute.test", 80);
    client.send(post("/", "anybody?"));
    await internet.settled();
    assert.deepEqual([client.events, client.text], [["connected"], ""]);
  });

  it("tells when the server closes, after its last bytes", async () => {
    const internet = looped();
    const client = new Client(internet, "echo.test", 80);
    client.send(post("/close", "bye"));
    await internet.settled();
    assert.match(client.text, /bye$/);
    assert.deepEqual(client.events, ["connected", "closed"]);
    client.send("more");
    client.connection.close();
    client.connection.close();
    await internet.settled();
    assert.deepEqual(client.events, ["connected", "closed"]);
  });

  it("lets the server see our close, and calls nothing afterwards", async () => {
    const internet = new LoopInternet();
    const seen: string[] = [];
    internet.listen("raw.test", 7, (stream) => {
      stream.on("data", (bytes: Buffer) => {
        seen.push(bytes.toString());
        stream.write(bytes);
      });
      stream.on("end", () => seen.push("end"));
    });
    const client = new Client(internet, "raw.test", 7);
    await internet.settled();
    client.send("last words");
    client.connection.close();
    await internet.settled();
    assert.deepEqual(seen, ["last words", "end"]);
    assert.deepEqual([client.events, client.text], [["connected"], ""]);
  });

  it("knows no other hosts, and refuses other ports", async () => {
    const internet = looped();
    const unknown = new Client(internet, "nowhere.test", 80);
    const refused = new Client(internet, "echo.test", 81);
    internet.listen("gone.test", 80, echoServer());
    internet.unlisten("gone.test", 80);
    const gone = new Client(internet, "gone.test", 80);
    await internet.settled();
    assert.deepEqual([unknown.events, refused.events, gone.events], [["dns"], ["refused"], ["refused"]]);
  });

  it("gives every host an address that can be connected to", async () => {
    const internet = looped();
    const answers: Array<string | undefined> = [];
    internet.resolve("echo.test", (address) => answers.push(address));
    internet.resolve("nowhere.test", (address) => answers.push(address));
    await internet.settled();
    assert.deepEqual(answers, ["198.51.100.1", undefined]);
    const client = new Client(internet, "198.51.100.1", 80);
    await internet.settled();
    assert.deepEqual(client.events, ["connected"]);
  });

  it("speaks real TLS: trusts anybody, or a private CA, whatever the name", async function () {
    const certificates = makeCertificates("secure.test");
    if (!certificates) return this.skip();
    const internet = new LoopInternet();
    const names: unknown[] = [];
    const server = createSecureServer({ key: certificates.key, cert: certificates.cert }, (_, response) => {
      response.end("secret");
    });
    server.on("secureConnection", (socket) => names.push(socket.servername));
    internet.listen("secure.test", 443, server);
    internet.listen("plain.test", 443, echoServer());
    const other = makeCertificates("other.test")!;
    const open = { client: new Client(internet, "secure.test", 443, {}), expected: ["connected"] };
    const trusting = new Client(internet, "secure.test", 443, { authority: certificates.ca, servername: "any.test" });
    const wary = new Client(internet, "secure.test", 443, { authority: other.ca });
    const plain = new Client(internet, "plain.test", 443, {});
    trusting.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await internet.settled();
    assert.deepEqual(open.client.events, open.expected);
    assert.match(trusting.text, /secret/);
    assert.deepEqual(wary.events, ["tls"]);
    assert.deepEqual(plain.events, ["tls"]);
    assert.deepEqual(names.slice(0, 2), [false, "any.test"]);
  });

  it("checks the name of a server when one is given", async function () {
    const certificates = makeCertificates("secure.test");
    if (!certificates) return this.skip();
    const internet = new LoopInternet();
    internet.listen("secure.test", 443, createSecureServer(certificates));
    const open = (hostname: string) =>
      new Client(internet, "secure.test", 443, { authority: certificates.ca, hostname });
    const [right, wrong] = [open("secure.test"), open("other.test")];
    await internet.settled();
    assert.deepEqual([right.events, wrong.events], [["connected"], ["tls"]]);
  });

  it("resumes a TLS session, and only one that the server knows", async function () {
    const certificates = makeCertificates("secure.test");
    if (!certificates) return this.skip();
    const internet = new LoopInternet();
    internet.listen("secure.test", 443, createSecureServer(certificates));
    internet.listen("other.test", 443, createSecureServer(certificates));
    const open = async (host: string, session?: Uint8Array) => {
      const client = new Client(internet, host, 443, { authority: certificates.ca, ...(session && { session }) });
      await internet.settled();
      return client;
    };
    const first = await open("secure.test");
    const again = await open("secure.test", first.session);
    const elsewhere = await open("other.test", first.session);
    assert.deepEqual([first.resumed, again.resumed, elsewhere.resumed], [false, true, false]);
    assert.deepEqual(elsewhere.events, ["connected"]);
  });
});
