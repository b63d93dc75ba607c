import { strict as assert } from "node:assert";
import { createServer as createWebServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer, type Server as NetServer } from "node:net";
import { SocketInternet } from "../../../hal/host/internet.js";
import { makeCertificates } from "./certificates.js";
import { Client, post } from "./internets.js";

const HOST = "127.0.0.1";
const open: Array<Server | NetServer> = [];

async function listen(server: Server | NetServer): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return (server.address() as AddressInfo).port;
}

function webServer(delay = 0): Server {
  return createWebServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => setTimeout(() => response.end(Buffer.concat(chunks)), delay));
  });
}

describe("socket internet", () => {
  after(() => {
    for (const server of open) {
      if ("closeAllConnections" in server) server.closeAllConnections();
      server.close();
    }
  });

  it("is busy until connected, and until a slow server has answered", async () => {
    const internet = new SocketInternet();
    const client = new Client(internet, HOST, await listen(webServer(200)));
    assert.equal(internet.busy, true);
    await internet.settled();
    assert.deepEqual([client.events, internet.busy], [["connected"], false]);
    client.send(post("/", "slow"));
    assert.equal(internet.busy, true);
    await internet.settled();
    assert.match(client.text, /\r\n\r\nslow$/);
    assert.equal(internet.settled(), undefined);
    client.connection.close();
  });

  it("does not wait while a request is only half sent", async () => {
    const internet = new SocketInternet();
    const client = new Client(internet, HOST, await listen(webServer()));
    await internet.settled();
    const request = post("/", "x".repeat(65536));
    for (let at = 0; at < request.length; at += 8000) {
      assert.equal(internet.busy, false);
      client.send(request.slice(at, at + 8000));
    }
    await internet.settled();
    assert.equal(client.text.split("\r\n\r\n")[1]?.length, 65536);
    client.connection.close();
  });

  it("hands nothing over before it is asked to", async () => {
    const internet = new SocketInternet();
    const client = new Client(internet, HOST, await listen(webServer()));
    const pending = internet.settled();
    assert.deepEqual(client.events, []);
    await pending;
    client.send(post("/", "hello"));
    const answer = internet.settled();
    assert.equal(client.text, "");
    await answer;
    assert.match(client.text, /hello$/);
    client.connection.close();
  });

  it("tells refusals, unknown names, and the server's close", async () => {
    const internet = new SocketInternet();
    const closing = createServer((socket) => socket.end("bye"));
    const port = await listen(closing);
    const free = await listen(createServer());
    await new Promise((resolve) => open.pop()!.close(resolve));
    const closed = new Client(internet, HOST, port);
    const refused = new Client(internet, HOST, free);
    const unknown = new Client(internet, "no such host.invalid", 80);
    await internet.settled();
    await internet.settled();
    assert.deepEqual([closed.text, closed.events], ["bye", ["connected", "closed"]]);
    assert.deepEqual([refused.events, unknown.events], [["refused"], ["dns"]]);
  });

  it("resolves names", async () => {
    const internet = new SocketInternet();
    const answers: Array<string | undefined> = [];
    internet.resolve("localhost", (address) => answers.push(address));
    assert.equal(internet.busy, true);
    await internet.settled();
    assert.deepEqual(answers, [HOST]);
  });

  it("speaks TLS, and tells a bad certificate and a refusal apart", async function () {
    const certificates = makeCertificates("localhost");
    if (!certificates) return this.skip();
    const internet = new SocketInternet();
    const { ca, cert, key } = certificates;
    const port = await listen(createSecureServer({ key, cert }, (_, response) => response.end("secret")));
    const free = await listen(createServer());
    await new Promise((resolve) => open.pop()!.close(resolve));
    const trusting = new Client(internet, HOST, port, { authority: ca });
    const wary = new Client(internet, HOST, port, { authority: makeCertificates("other")!.ca });
    const refused = new Client(internet, HOST, free, { authority: ca });
    await internet.settled();
    assert.deepEqual([trusting.events, wary.events, refused.events], [["connected"], ["tls"], ["refused"]]);
    trusting.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await internet.settled();
    assert.match(trusting.text, /secret/);
    trusting.connection.close();
  });
});
