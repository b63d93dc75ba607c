import { DeviceData } from "../../tools/server/device-data.js";
import { decodeBody, type Encoding, encodeBody, encodingOf } from "../../tools/server/encoding.js";
import { readFormat } from "../../tools/server/format.js";
import type { JSONNode } from "../../tools/server/json.js";
import { Refusal } from "../../tools/server/refusal.js";
import { readRequest } from "../../tools/server/request.js";
import { type DecodedRow, decodeRows } from "../../tools/server/rows.js";
import { type DeviceState, Store } from "../../tools/server/state.js";

/** Bodies here are strings with one character for each byte. */
export interface HTTPRequest {
  readonly path: string;
  readonly type: string | undefined;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  /** JSON, before it is encoded. */
  readonly text: string;
  readonly encoding: Encoding;
  /** The header of that name. */
  readonly date?: string;
}

/** A request that a server took. */
export interface TakenRequest {
  readonly body: string;
  readonly rows: readonly DecodedRow[];
  readonly requestCount: number | undefined;
  readonly timestamp: number | undefined;
}

export interface MetricsServerOptions {
  readonly host: string;
  readonly serialNumber: string;
  readonly key: Uint8Array;
  /** Keeps data formats; without, POST /data_format is answered with 404. */
  readonly registry: boolean;
  /** Answers carry the time. */
  readonly dates: boolean;
  /** Seconds since 1970. */
  readonly now: () => number;
  readonly onTaken: (request: TakenRequest) => void;
}

/** The development server's own checks and store in memory, without its HTTP. */
export class MetricsServer {
  readonly host: string;
  readonly #options: MetricsServerOptions;
  readonly #store = new Store();
  readonly #data: DeviceData;

  constructor(options: MetricsServerOptions) {
    this.host = options.host;
    this.#options = options;
    const known = { key: options.key };
    this.#data = new DeviceData({
      store: this.#store,
      find: (serialNumber) => (serialNumber === options.serialNumber ? known : undefined),
    });
  }

  get device(): DeviceState {
    return this.#store.device(this.#options.serialNumber);
  }

  /** What the operator changes about the device. */
  change(changes: Partial<DeviceState>): void {
    this.#store.save(this.#options.serialNumber, { ...this.device, ...changes });
  }

  answer(request: HTTPRequest): Answer {
    const { dates, now } = this.#options;
    return { ...this.#answer(request), ...(dates && { date: new Date(now() * 1000).toUTCString() }) };
  }

  #answer({ path, type, body }: HTTPRequest): Answer {
    try {
      const encoding = encodingOf(type);
      const node = decodeBody(Buffer.from(body, "latin1"), encoding);
      if (path === "/dd") return { status: 201, text: this.#take(node, body), encoding };
      if (path !== "/data_format" || !this.#options.registry) throw new Refusal(404, `${path} is not served`);
      return { status: 201, text: JSON.stringify({ id: this.#store.addFormat(readFormat(node)) }), encoding };
    } catch (error) {
      if (error instanceof Refusal) return refusal(error.status, error.message);
      if (error instanceof SyntaxError) return refusal(400, error.message);
      throw error;
    }
  }

  #take(node: JSONNode, body: string): string {
    const now = Math.floor(this.#options.now());
    const { answer } = this.#data.take(node, now);
    const request = readRequest(node);
    const { requestCount, timestamp } = request;
    const format = request.formatId === undefined ? request.format : this.#store.format(request.formatId);
    const rows = decodeRows(request, format ?? { variables: {} }, request.timestamp ?? now);
    this.#options.onTaken({ body, rows, requestCount, timestamp });
    return answer;
  }
}

function refusal(status: number, error: string): Answer {
  return { status, text: JSON.stringify({ error }), encoding: "json" };
}

/** The answer's body as it is sent. */
export function bodyOf({ text, encoding }: Answer): string {
  return encodeBody(text, encoding).toString("latin1");
}
