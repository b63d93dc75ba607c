import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { generate, type Packet, parser } from "mqtt-packet";

/** Debian keeps it where only root looks. */
const MOSQUITTO = ["mosquitto", "/usr/sbin/mosquitto"].find((path) => !spawnSync(path, ["-h"]).error);

export const hasMosquitto = MOSQUITTO !== undefined;

/** A Mosquitto of its own: a plain port, and one with TLS. */
export class Broker {
  readonly port: number;
  readonly securePort: number;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(ports: readonly [number, number], folder: string) {
    [this.port, this.securePort] = ports;
    this.#folder = folder;
    this.#process = spawn(MOSQUITTO!, ["-c", join(folder, "mosquitto.conf")], { stdio: "ignore" });
  }

  static async start(certificates: { ca: string; cert: string; key: string }): Promise<Broker> {
    const ports = [await freePort(), await freePort()] as const;
    const folder = mkdtempSync(join(tmpdir(), "heliograph-mosquitto-"));
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    };
    const user = process.getuid?.() === 0 ? ["user root"] : [];
    const tls = [
      `cafile ${file("ca.pem", certificates.ca)}`,
      `certfile ${file("cert.pem", certificates.cert)}`,
      `keyfile ${file("key.pem", certificates.key)}`,
    ];
    const settings = ["per_listener_settings false", "allow_anonymous true", ...user];
    const listeners = [`listener ${ports[0]} 127.0.0.1`, `listener ${ports[1]} 127.0.0.1`, ...tls];
    file("mosquitto.conf", `${[...settings, ...listeners].join("\n")}\n`);
    const broker = new Broker(ports, folder);
    await listening(ports[0]);
    await listening(ports[1]);
    return broker;
  }

  stop(): void {
    this.#process.kill();
    rmSync(this.#folder, { recursive: true });
  }
}

/** A metrics server of three lines behind a broker: answers what comes up as `answer` says. */
export class Answerer {
  readonly requests: string[] = [];
  /** Undefined: says nothing. */
  answer: (request: string) => string | undefined = () => "{}";
  readonly #socket: Socket;
  readonly #down: string;
  readonly ready: Promise<void>;

  constructor(port: number, up: string, down: string) {
    this.#down = down;
    this.#socket = connect(port, "127.0.0.1");
    const packets = parser({ protocolVersion: 4 });
    this.#socket.on("data", (bytes) => packets.parse(bytes));
    this.#send({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clean: true,
      clientId: "server",
      keepalive: 0,
    });
    this.#send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: up, qos: 1 }] });
    this.ready = new Promise((resolve) => {
      packets.on("packet", (packet) => {
        if (packet.cmd === "suback") resolve();
        if (packet.cmd === "publish") this.#take(packet);
      });
    });
  }

  publish(text: string): void {
    const message = { topic: this.#down, payload: text, messageId: 7, dup: false, retain: false } as const;
    this.#send({ cmd: "publish", qos: 1, ...message });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(packet: Extract<Packet, { cmd: "publish" }>): void {
    this.#send({ cmd: "puback", messageId: packet.messageId! });
    const request = String(packet.payload);
    this.requests.push(request);
    const answer = this.answer(request);
    if (answer !== undefined) this.publish(answer);
  }

  #send(packet: Packet): void {
    this.#socket.write(generate(packet));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(port, "127.0.0.1");
    const open = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    await delay(50);
  }
  throw new Error(`Mosquitto does not listen on port ${port}`);
}
