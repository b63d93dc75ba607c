import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import type { Server } from "node:http";
import { createServer as createHTTPSServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createMetricsServer } from "../server/server.js";
import { HeadlessApp } from "./headless.js";
import { Answerer, Broker, hasMosquitto } from "./mqtt-server.js";
import { type Certificates, makeCertificates } from "./servers.js";

/** One device for each transport. */
const OVER_HTTPS = "HG0000001";
const OVER_MQTTS = "HG0000002";
const KEY = "dac86b1a29ab82edc5fbbc41ec9530f6";
const HOST = "localhost";
const SPEED = "300";
/** Rows that have to arrive. */
const ROWS = 10;
/** Real seconds that a step may take. */
const PATIENCE = 60;

/**
 * Lets the Linux build report over TLS, by HTTP to the metrics server and by MQTT to Mosquitto where that is installed; gives a line for each.
 * A server of a strange authority gets nothing. Throws AssertionError or Error for anything that went wrong.
 */
export async function checkSecure(program: string, library: string, folder: string): Promise<string[]> {
  mkdirSync(join(folder, "tls"));
  const certificates = makeCertificates(join(folder, "tls"), HOST);
  const secure = new Secure(
    (name, authority) => {
      const data = join(folder, name);
      return new HeadlessApp(program, library, {
        HELIOGRAPH_DATA: data,
        HELIOGRAPH_SPEED: SPEED,
        HELIOGRAPH_AUTHORITY: join(folder, "tls", `${authority}.pem`),
      });
    },
    join(folder, "tls-server"),
  );
  const https = `HTTPS on lin: ${await secure.overHTTPS(certificates)} rows; none to a server of a strange authority`;
  if (!hasMosquitto) return [https, "MQTT over TLS on lin is left out: Mosquitto is not installed"];
  return [https, `MQTT over TLS on lin: ${await secure.overMQTTS(certificates)} rows, through Mosquitto`];
}

type Start = (name: string, authority: "ca" | "strange") => HeadlessApp;

class Secure {
  readonly #start: Start;
  readonly #data: string;
  readonly #server: Server;

  /** `start` starts the app on a folder of its own. */
  constructor(start: Start, data: string) {
    this.#start = start;
    this.#data = data;
    const devices = [OVER_HTTPS, OVER_MQTTS].map((serialNumber) => ({ serialNumber, key: KEY }));
    this.#server = createMetricsServer({ data, devices, now: () => Math.floor(Date.now() / 1000) });
  }

  /** Gives the rows that arrived. */
  async overHTTPS({ key, cert }: Certificates): Promise<number> {
    const versions = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const;
    const server = createHTTPSServer({ key, cert, ...versions }, (...exchange) => {
      this.#server.emit("request", ...exchange);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const settings = { serial_number: OVER_HTTPS, base_url: `https://${HOST}:${port}` };
    try {
      await this.#withApp("https-strange", "strange", settings, async (app) => {
        await app.until("it is refused", () => /report failed/.test(app.printed), PATIENCE);
      });
      assert.equal(this.#rows(OVER_HTTPS), 0);
      await this.#withApp("https", "ca", settings, async (app) => {
        await app.until(`${ROWS} rows have arrived`, () => this.#rows(OVER_HTTPS) >= ROWS, PATIENCE);
      });
      return this.#rows(OVER_HTTPS);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  }

  /** The same; what comes up is handed to the metrics server. */
  async overMQTTS({ key, cert, ca }: Certificates): Promise<number> {
    const broker = await Broker.start({ key: String(key), cert: String(cert), ca: String(ca) });
    const answerer = new Answerer(broker.port, `openpaygo/${OVER_MQTTS}/up`, `openpaygo/${OVER_MQTTS}/down`);
    await answerer.ready;
    try {
      const mqtt_broker = `mqtts://${HOST}:${broker.securePort}`;
      const settings = { serial_number: OVER_MQTTS, transport: "mqtt", mqtt_broker };
      await this.#withApp("mqtts", "ca", settings, async (app) => {
        await app.until("two reports are answered", () => answerer.requests.length > 2, PATIENCE);
      });
    } finally {
      answerer.close();
      broker.stop();
    }
    await this.#take(answerer.requests);
    return this.#rows(OVER_MQTTS);
  }

  async #withApp(
    name: string,
    authority: "ca" | "strange",
    settings: Record<string, string>,
    run: (app: HeadlessApp) => Promise<void>,
  ): Promise<void> {
    const app = this.#start(name, authority);
    const all = { secret_key: KEY, record_interval: 60, report_interval: 300, ...settings };
    for (const [name, value] of Object.entries(all)) app.type(`set ${name}=${value}`);
    try {
      await run(app);
    } finally {
      await app.kill();
    }
  }

  /** Asks the metrics server what it says to requests. */
  async #take(requests: readonly string[]): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/dd`;
    for (const body of requests) {
      const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
      assert.equal(answer.status, 201, await answer.text());
    }
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #rows(serialNumber: string): number {
    const path = join(this.#data, `${serialNumber}.csv`);
    return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n").length - 1 : 0;
  }
}
