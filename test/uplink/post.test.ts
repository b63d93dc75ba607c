import assert from "node:assert/strict";
import { Post } from "../../firmware/uplink/http.js";
import type {
  HTTPClient,
  HTTPClientConstructor,
  HTTPClientOptions,
  HTTPRequest,
  HTTPRequestOptions,
} from "../../hal/http.js";
import type { Network } from "../../hal/network.js";
import { SimulatedTime } from "../../hal/sim/time.js";

const MINUTE = 60_000;

/** A client whose server answers 200 and then one byte every 100 seconds, for ever. */
class DrippingClient implements HTTPClient {
  static time: SimulatedTime;
  static closed = 0;

  // biome-ignore lint/complexity/noUselessConstructor: the contract has it.
  constructor(_: HTTPClientOptions) {}

  request(options: HTTPRequestOptions): HTTPRequest {
    const { time } = DrippingClient;
    const request: HTTPRequest = { read: () => Uint8Array.of(0x20).buffer, write: () => 0 };
    time.set(() => options.onHeaders?.call(request, 200, new Map()), 1000);
    time.repeat(() => options.onReadable?.call(request, 1), 100_000);
    return request;
  }

  close(): void {
    DrippingClient.closed++;
  }
}

/** A client whose socket refuses its options: it says so from inside its constructor, as the SDK's does. */
class RefusedClient implements HTTPClient {
  constructor({ onError }: HTTPClientOptions) {
    try {
      onError?.(new TypeError("tls.ca: one whole certificate expected, DER or PEM"));
    } catch {
      // The SDK's client takes no notice.
    }
  }

  request(): HTTPRequest {
    return { read: () => undefined, write: () => 0 };
  }

  close(): void {}
}

/** Posts by this client; gives the list that gets the reason of the end. */
function post(time: SimulatedTime, HTTPClient: HTTPClientConstructor): (string | undefined)[] {
  const problems: (string | undefined)[] = [];
  const network = { TCP: Object } as unknown as Network;
  new Post(
    { HTTPClient, network, timer: time, ticks: () => time.now },
    {
      url: { secure: false, host: "metrics.example", port: 80, path: "" },
      route: "/dd",
      contentType: "application/json",
      body: new Uint8Array(0),
      onDone: (_status, _answer, problem) => problems.push(problem),
    },
  );
  return problems;
}

describe("a request", () => {
  it("fails with the reason when the socket refuses its options, such as an authority that is no certificate", () => {
    const time = new SimulatedTime();
    const problems = post(time, RefusedClient);
    assert.deepEqual(problems, [], "not from inside the call");
    time.run(60 * MINUTE);
    assert.deepEqual(problems, ["connection failed: tls.ca: one whole certificate expected, DER or PEM"]);
    assert.equal(time.next, undefined, "no timer is left");
  });

  it("ends after a quarter of an hour, however slowly the answer goes on coming", () => {
    const time = new SimulatedTime();
    DrippingClient.time = time;
    DrippingClient.closed = 0;
    const problems = post(time, DrippingClient);
    time.run(14 * MINUTE);
    assert.deepEqual(problems, []);
    time.run(2 * MINUTE);
    assert.deepEqual(problems, ["the answer took too long"]);
    assert.equal(DrippingClient.closed, 1);
    time.run(60 * MINUTE);
    assert.equal(problems.length, 1);
  });
});
