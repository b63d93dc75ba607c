import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer as createHTTPServer, type RequestListener } from "node:http";
import { createServer as createHTTPSServer } from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";

/** What the clients of the SDK talk to: HTTP at port 80, MQTT at 1883, HTTP over TLS at 443 in the world of the test app. */
export interface TestServers {
  /** What the app is told by its environment. */
  readonly environment: Record<string, string>;
  close(): void;
}

const HOST = "www.example.com";

/** Starts them on free ports; certificates are made by OpenSSL in `folder`. */
export async function startServers(folder: string): Promise<TestServers> {
  const { key, cert } = makeCertificates(folder, HOST);
  const servers: Record<number, Server> = {
    80: createHTTPServer(answer),
    443: createHTTPSServer({ key, cert, minVersion: "TLSv1.2", maxVersion: "TLSv1.2" }, answer),
    1883: createServer(serveMQTT),
  };
  const environment: Record<string, string> = {
    HELIOGRAPH_CA: join(folder, "ca.der"),
    HELIOGRAPH_STRANGE_CA: join(folder, "strange.der"),
  };
  for (const [port, server] of Object.entries(servers)) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    environment[`HELIOGRAPH_PORT_${port}`] = String((server.address() as AddressInfo).port);
  }
  return { environment, close: () => Object.values(servers).forEach((server) => void server.close()) };
}

const answer: RequestListener = (request, response) => {
  if (request.url === "/echo") {
    const body: Buffer[] = [];
    request.on("data", (data) => body.push(data));
    request.on("end", () => {
      const echo = Buffer.concat(body);
      response.writeHead(200, { "content-type": "application/octet-stream", "content-length": echo.length }).end(echo);
    });
  } else if (request.url === "/early") {
    // Before the request has come.
    response.writeHead(413, { "content-length": 5 }).end("large");
  } else if (request.url === "/garbage") {
    request.on("data", () => {});
    request.on("end", () => request.socket.end("no answer of HTTP\r\n\r\nat all\r\n"));
  } else if (request.url === "/chunks") {
    const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i * 7 + (i >> 8));
    for (let i = 0; i < bytes.length; i += 1000) response.write(bytes.subarray(i, i + 1000));
    response.end();
  } else {
    // The SDK's own tests close their side without a word, so nothing here waits for more.
    const body = request.url === "/connection" ? String(request.socket.remotePort) : "hello";
    response.writeHead(200, { "content-length": body.length }).end(body);
  }
};

/** MQTT 3.1.1 as far as one client needs it: what it publishes comes back to it. */
function serveMQTT(socket: Socket): void {
  let waiting = Buffer.alloc(0);
  socket.on("error", () => socket.destroy());
  socket.on("data", (data) => {
    waiting = Buffer.concat([waiting, data]);
    for (let packet = takePacket(waiting); packet; packet = takePacket(waiting)) {
      waiting = waiting.subarray(packet.length);
      answerMQTT(socket, packet);
    }
  });
}

interface Packet {
  /** First byte: operation and flags. */
  readonly head: number;
  readonly payload: Buffer;
  readonly length: number;
}

function takePacket(bytes: Buffer): Packet | undefined {
  let payloadLength = 0;
  for (let i = 1; i < bytes.length && i < 5; i++) {
    payloadLength |= (bytes[i]! & 0x7f) << (7 * (i - 1));
    if (bytes[i]! & 0x80) continue;
    const length = i + 1 + payloadLength;
    if (bytes.length < length) return undefined;
    return { head: bytes[0]!, payload: bytes.subarray(i + 1, length), length };
  }
  return undefined;
}

function answerMQTT(socket: Socket, { head, payload }: Packet): void {
  const operation = head >> 4;
  if (operation === 1) socket.write(Buffer.of(0x20, 2, 0, 0));
  else if (operation === 8) socket.write(Buffer.of(0x90, 3, payload[0]!, payload[1]!, 0));
  else if (operation === 12) socket.write(Buffer.of(0xd0, 0));
  else if (operation === 3) {
    const topicEnd = 2 + payload.readUInt16BE(0);
    const hasId = (head & 6) !== 0;
    const message = payload.subarray(topicEnd + (hasId ? 2 : 0));
    if (hasId) socket.write(Buffer.concat([Buffer.of(0x40, 2), payload.subarray(topicEnd, topicEnd + 2)]));
    const length = topicEnd + message.length;
    socket.write(
      Buffer.concat([Buffer.of(0x30, 0x80 | (length & 0x7f), length >> 7), payload.subarray(0, topicEnd), message]),
    );
  }
}

export interface Certificates {
  readonly key: Buffer;
  /** With the one of the authority. */
  readonly cert: Buffer;
  /** Of the authority, and of another one. */
  readonly ca: Buffer;
  readonly strange: Buffer;
}

/** An authority, another one, and a certificate for `host` by the first, all PEM; RSA, as the SDK's TLS has it. Also files in `folder`. */
export function makeCertificates(folder: string, host: string): Certificates {
  const openssl = (...parameters: string[]) => execFileSync("openssl", parameters, { cwd: folder, stdio: "pipe" });
  const newKey = ["-newkey", "rsa:2048", "-nodes"];
  for (const name of ["ca", "strange"]) {
    openssl("req", "-x509", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.pem`, "-subj", `/CN=${name}`);
    openssl("x509", "-in", `${name}.pem`, "-outform", "DER", "-out", `${name}.der`);
  }
  openssl(
    "req",
    ...newKey,
    "-keyout",
    "key.pem",
    "-out",
    "request.pem",
    "-subj",
    `/CN=${host}`,
    "-addext",
    `subjectAltName=DNS:${host}`,
  );
  const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-copy_extensions", "copy"];
  openssl("x509", "-req", "-in", "request.pem", ...signed, "-out", "cert.pem");
  // The SDK's TLS looks at the name in a certificate only when the one of the authority comes with it.
  const [key, own, ca, strange] = ["key", "cert", "ca", "strange"].map((name) =>
    readFileSync(join(folder, `${name}.pem`)),
  );
  return { key: key!, cert: Buffer.concat([own!, ca!]), ca: ca!, strange: strange! };
}
