import DeclaredHTTPClient from "embedded:network/http/client";
import DeclaredMQTTClient from "embedded:network/mqtt/client";
import { File } from "file";
import Timer from "timer";
import { guarded } from "../../../firmware/uplink/guarded.js";
import { Post } from "../../../firmware/uplink/http.js";
import type { HTTPClient, HTTPClientConstructor } from "../../../hal/http.js";
import type { Network } from "../../../hal/network.js";
import type { TCPConstructor } from "../../../hal/tcp.js";
import type { Timers } from "../../../hal/timer.js";
import { Bytes, check, equal, pattern, sameBytes } from "./check.js";
import { environment } from "./world.js";

interface MQTTMessage {
  operation: number;
  id: number;
}

interface MQTTClient {
  read(count: number): ArrayBuffer;
  write(data: Uint8Array | null, options: object): number;
  close(): void;
}

/** The SDK's MQTT client, as far as it is used here. */
export interface MQTTClientConstructor {
  new (options: {
    host: string;
    id: string;
    socket: object;
    dns: object;
    onControl: (this: MQTTClient, message: MQTTMessage) => void;
    onReadable: (this: MQTTClient, count: number) => void;
    onError: (error: unknown) => void;
  }): MQTTClient;
  readonly CONNACK: number;
  readonly PUBACK: number;
  readonly SUBSCRIBE: number;
  readonly SUBACK: number;
}

/** As they are; the SDK's own declarations of them are not. */
const SDKHTTPClient = DeclaredHTTPClient as unknown as HTTPClientConstructor;
const SDKMQTTClient = DeclaredMQTTClient as unknown as MQTTClientConstructor;
/** In the certificate of the test's server. */
const HOST = "www.example.com";

/** The modem resolves names. */
class NameAsAddress {
  resolve({ host, onResolved }: { host: string; onResolved: (host: string, address: string) => void }): void {
    onResolved(host, host);
  }
}
const dns = { io: NameAsAddress };

/** Drives the SDK's HTTP, MQTT and TLS clients, as they are, over the sockets of the modem. */
export async function runClients(network: Network, tls: TCPConstructor): Promise<void> {
  await check("HTTP: a long body goes there and comes back", () => echo(network, 10_000));
  await check("HTTP: an answer in chunks arrives whole", () => chunks(network));
  await check("HTTP: a second request goes over the same connection", () => twice(network));
  await check("HTTP: a refused connection is reported", () => refused(network));
  await check("HTTP: an answer that comes before the request was sent ends a post, not the device", () =>
    badAnswer(network, "/early"),
  );
  await check("HTTP: an answer that is none ends a post, not the device", () => badAnswer(network, "/garbage"));
  await check("MQTT: connects, subscribes, publishes at QoS 1 and gets it back", () => mqtt(network));
  await check("TLS: an HTTP request over a verified connection", () => secure(network, tls, "HELIOGRAPH_CA"));
  await check("TLS: a server of a strange authority is refused", () => strange(network, tls));
}

function open(network: Network, onError: (error?: unknown) => void, port = 80): HTTPClient {
  return new SDKHTTPClient({ host: HOST, port, socket: { io: network.TCP }, dns, onError });
}

/** One request; gives the body of its answer. */
function exchange(client: HTTPClient, path: string, body: Uint8Array = new Uint8Array(0)): Promise<Uint8Array> {
  const answer = new Bytes();
  let sent = 0;
  return new Promise((resolve, reject) => {
    client.request({
      method: body.length > 0 ? "POST" : "GET",
      path,
      headers: new Map(body.length > 0 ? [["content-length", String(body.length)]] : []),
      onWritable(count) {
        const part = body.subarray(sent, sent + count);
        sent += part.length;
        if (part.length > 0) this.write(part);
      },
      onHeaders: (status) => {
        if (status !== 200) reject(new Error(`status ${status}`));
      },
      onReadable(count) {
        answer.push(this.read(count));
      },
      onDone: (error) => (error ? reject(new Error("connection lost")) : resolve(answer.all)),
    });
  });
}

async function echo(network: Network, length: number): Promise<void> {
  const client = open(network, () => {});
  sameBytes(await exchange(client, "/echo", pattern(length)), pattern(length), "the echo");
  client.close();
}

async function chunks(network: Network): Promise<void> {
  const client = open(network, () => {});
  sameBytes(await exchange(client, "/chunks"), pattern(5_000), "the answer");
  client.close();
}

async function twice(network: Network): Promise<void> {
  const client = open(network, () => {});
  const first = await exchange(client, "/connection");
  const second = await exchange(client, "/connection");
  sameBytes(second, first, "the client's port");
  client.close();
}

async function refused(network: Network): Promise<void> {
  await new Promise<unknown>((resolve) => open(network, resolve, 81));
}

async function badAnswer(network: Network, route: string): Promise<void> {
  const problem = await new Promise<string | undefined>((resolve) => {
    new Post(
      { HTTPClient: SDKHTTPClient, network, timer: Timer as unknown as Timers, ticks: () => 0 },
      {
        url: { secure: false, host: HOST, port: 80, path: "" },
        route,
        contentType: "application/json",
        body: pattern(20_000),
        onDone: (_status, _answer, problem) => resolve(problem),
      },
    );
  });
  equal(problem !== undefined, true, "whether a problem was reported");
}

/** The client must not be closed in `onReadable`: it goes on with its socket after that. */
async function mqtt(network: Network): Promise<void> {
  const topic = "device/1";
  const message = pattern(700);
  const received = new Bytes();
  let acknowledged = false;
  const client = await new Promise<MQTTClient>((resolve, reject) => {
    const finish = (client: MQTTClient) => {
      if (acknowledged && received.all.length >= message.length) resolve(client);
    };
    new SDKMQTTClient({
      host: HOST,
      id: "heliograph",
      socket: { io: network.TCP },
      dns,
      onControl({ operation, id }) {
        if (operation === SDKMQTTClient.CONNACK)
          this.write(null, { operation: SDKMQTTClient.SUBSCRIBE, items: [{ topic, QoS: 0 }] });
        if (operation === SDKMQTTClient.SUBACK) this.write(message, { topic, QoS: 1, id: 77 });
        acknowledged ||= operation === SDKMQTTClient.PUBACK && id === 77;
        finish(this);
      },
      onReadable(count) {
        received.push(this.read(count));
        finish(this);
      },
      onError: (error) => reject(new Error(`MQTT: ${String(error)}`)),
    });
  });
  client.close();
  sameBytes(received.all, message, "the message");
}

/** Over TLS, trusting the certificate in the file that the variable `authority` names. */
async function secure(network: Network, tls: TCPConstructor, authority: string): Promise<void> {
  const certificate = new File(environment(authority)).read(ArrayBuffer);
  const answer = await new Promise<Uint8Array>((resolve, reject) => {
    const fail = () => reject(new Error("connection failed"));
    // A server that is not trusted makes the SDK's TLS throw out of a callback.
    const io = guarded(network.TCP, fail);
    const client = new SDKHTTPClient({
      host: HOST,
      port: 443,
      socket: { io: tls, TCP: { io }, secure: { certificate, cache: false } },
      dns,
      onError: fail,
    });
    exchange(client, "/echo", pattern(3_000)).then(resolve, reject);
  });
  sameBytes(answer, pattern(3_000), "the echo");
}

async function strange(network: Network, tls: TCPConstructor): Promise<void> {
  const verified = await secure(network, tls, "HELIOGRAPH_STRANGE_CA").then(
    () => true,
    () => false,
  );
  equal(verified, false, "whether it was trusted");
}
