import assert from "node:assert/strict";
import { Publisher, type PublisherOptions, parseBroker } from "../../firmware/uplink/mqtt.js";
import {
  CONNACK,
  DISCONNECT,
  type MQTTClient,
  type MQTTClientOptions,
  type MQTTWriteOptions,
  PUBACK,
  SUBACK,
  SUBSCRIBE,
} from "../../hal/mqtt.js";
import type { Network } from "../../hal/network.js";
import { SimulatedTime } from "../../hal/sim/time.js";

const BROKER = { secure: false, host: "broker.example", port: 1883 };

/** A publisher on a client that a test plays. */
function setUp(changes: Partial<PublisherOptions> = {}, window = 1000) {
  const time = new SimulatedTime();
  const writes: (MQTTWriteOptions & { text: string })[] = [];
  let client: PlayedClient | undefined;
  class PlayedClient implements MQTTClient {
    readonly options: MQTTClientOptions;
    closed = false;
    free = window;
    #payload = "";
    constructor(options: MQTTClientOptions) {
      this.options = options;
      client = this;
    }
    read(count = this.#payload.length): ArrayBuffer {
      const piece = this.#payload.slice(0, count);
      this.#payload = this.#payload.slice(count);
      return new Uint8Array(Buffer.from(piece)).buffer;
    }
    write(data: ArrayBuffer | Uint8Array | null, options: MQTTWriteOptions = {}): number {
      assert.ok(!this.closed, "written to a closed client");
      const text = data ? Buffer.from(data as Uint8Array).toString() : "";
      assert.ok(text.length <= this.free, "overflow");
      writes.push({ ...options, text });
      this.free -= text.length;
      return this.free;
    }
    close(): void {
      this.closed = true;
    }
    accept(): void {
      this.options.onControl?.call(this, { operation: CONNACK });
      this.drain();
    }
    drain(): void {
      this.free = window;
      if (!this.closed) this.options.onWritable?.call(this, window);
    }
    control(operation: number, id: number, payload: number[] = [1]): void {
      this.options.onControl?.call(this, { operation, id, payload });
    }
    /** A message, in pieces of `size`. */
    receive(topic: string, text: string, size = text.length): void {
      for (let at = 0; at < text.length; at += size) {
        this.#payload += text.slice(at, at + size);
        const first = at === 0 ? { topic, byteLength: text.length } : {};
        const count = Math.min(size, text.length - at);
        this.options.onReadable?.call(this, count, { more: at + size < text.length, ...first });
        assert.equal(this.#payload, "", "left unread");
      }
    }
  }
  const publisher = new Publisher(
    { network: { TCP: class {} } as unknown as Network, timer: time, MQTTClient: PlayedClient },
    { broker: BROKER, id: "HG1", user: "", password: "", up: "up", down: "down", ...changes },
  );
  const done: (string | undefined)[] = [];
  const answers: string[] = [];
  const publish = (text: string, onAnswer: (answer: string) => string | undefined = () => undefined) =>
    publisher.publish({
      body: Uint8Array.from(Buffer.from(text)),
      onAnswer: (bytes) => {
        const answer = Buffer.from(bytes).toString();
        answers.push(answer);
        return onAnswer(answer);
      },
      onDone: (problem) => void done.push(problem),
    });
  return { time, writes, client: client!, publisher, publish, done, answers };
}

describe("the MQTT publisher", () => {
  it("subscribes first, then sends the request with QoS 1, and is done with the answer", () => {
    const { client, writes, publish, done, answers, time } = setUp();
    publish("request");
    client.accept();
    assert.deepEqual(
      writes.map((write) => write.operation ?? "publish"),
      [SUBSCRIBE],
    );
    client.control(SUBACK, writes[0]!.id!);
    assert.equal(writes[1]!.text, "request");
    assert.deepEqual([writes[1]!.topic, writes[1]!.QoS, writes[1]!.byteLength], ["up", 1, 7]);
    client.control(PUBACK, writes[1]!.id!);
    time.run(0);
    assert.deepEqual(done, [], "the broker's word alone is not the server's");
    client.receive("down", "{}", 1);
    time.run(0);
    assert.deepEqual([done, answers], [[undefined], ["{}"]]);
    assert.equal(client.options.keepAlive, 240_000);
  });

  it("writes a long request piece by piece as there is room", () => {
    const { client, writes, publish } = setUp({ down: "" }, 10);
    publish("0123456789abcdefghij");
    client.accept();
    for (let i = 0; i < 3; i++) client.drain();
    assert.deepEqual(
      writes.map(({ text }) => text),
      ["01234567", "89abcdefgh", "ij"],
    );
    assert.equal(writes[0]!.byteLength, 20);
    assert.equal(writes[1]!.topic, undefined);
  });

  it("is done with the broker's word where no answers come, and does not subscribe", () => {
    const { client, writes, publish, done, time } = setUp({ down: "" });
    publish("request");
    client.accept();
    client.control(PUBACK, writes[0]!.id! + 1);
    time.run(0);
    assert.deepEqual(done, [], "another packet's");
    client.control(PUBACK, writes[0]!.id!);
    time.run(0);
    assert.deepEqual(done, [undefined]);
  });

  it("takes nothing for an answer that came before the request was sent, on another topic, or is too long", () => {
    const { client, writes, publish, answers } = setUp();
    client.accept();
    client.control(SUBACK, 1);
    client.receive("down", "retained");
    publish("request");
    client.control(PUBACK, writes.at(-1)!.id!);
    client.receive("other", "{}");
    client.receive("down", "x".repeat(5000), 999);
    assert.deepEqual(answers, []);
    client.receive("down", "{}");
    assert.deepEqual(answers, ["{}"]);
  });

  it("keeps an answer that overtakes the broker's word until that is there", () => {
    const { client, writes, publish, answers, done, time } = setUp();
    publish("request");
    client.accept();
    client.control(SUBACK, 1);
    client.receive("down", "{}");
    assert.deepEqual(answers, []);
    client.control(PUBACK, writes.at(-1)!.id!);
    time.run(0);
    assert.deepEqual([answers, done], [["{}"], [undefined]]);
  });

  it("waits on after an answer that is none, and gives its reason when no other comes", () => {
    const { client, writes, publish, done, time } = setUp();
    publish("request", () => "signature");
    client.accept();
    client.control(SUBACK, 1);
    client.control(PUBACK, writes.at(-1)!.id!);
    client.receive("down", "{}");
    time.run(149_000);
    assert.deepEqual(done, []);
    time.run(2000);
    assert.deepEqual(done, ["signature"]);
    assert.ok(client.closed);
  });

  for (const [name, play, problem] of [
    [
      "refuses the connection or goes",
      (c: MQTTClient & { options: MQTTClientOptions }) => c.options.onError?.call(c),
      /cannot be reached/,
    ],
    ["never answers", () => {}, /does not answer/],
    [
      "refuses the topic",
      (c: { accept(): void; control(o: number, i: number, p: number[]): void }) => {
        c.accept();
        c.control(SUBACK, 1, [0x80]);
      },
      /refuses the topic down/,
    ],
    [
      "never acknowledges",
      (c: { accept(): void; control(o: number, i: number): void }) => {
        c.accept();
        c.control(SUBACK, 1);
      },
      /does not acknowledge/,
    ],
  ] as const) {
    it(`says so when the broker ${name}`, () => {
      const { client, publish, done, time } = setUp();
      publish("request");
      (play as (c: typeof client) => void)(client);
      time.run(200_000);
      assert.equal(done.length, 1);
      assert.match(done[0]!, problem);
      assert.ok(client.closed);
    });
  }

  it("says so when the connection is lost while an answer is due: the client takes no goodbye then", () => {
    const { client, publish, done, time } = setUp();
    publish("request");
    client.accept();
    client.control(SUBACK, 1);
    client.write = () => {
      throw new Error("not connected");
    };
    client.options.onError?.call(client);
    time.run(200_000);
    assert.equal(done.length, 1);
    assert.match(done[0]!, /closed it/);
    assert.ok(client.closed);
  });

  it("is done also when the connection ends in the same turn as the answer comes", () => {
    const { client, writes, publish, done, time } = setUp();
    publish("request");
    client.accept();
    client.control(SUBACK, 1);
    client.control(PUBACK, writes.at(-1)!.id!);
    client.receive("down", "{}");
    client.options.onError?.call(client);
    time.run(200_000);
    assert.deepEqual(done, [undefined]);
    publish("request");
    time.run(0);
    assert.match(done[1]!, /closed it/);
  });

  it("tells a failure once, also when the client stumbles over its end", () => {
    const { client, publish, done, time } = setUp();
    publish("request");
    client.accept();
    client.control(SUBACK, 1, [0x80]);
    client.options.onError?.call(client);
    time.run(200_000);
    assert.equal(done.length, 1);
    assert.match(done[0]!, /refuses the topic/);
  });

  it("fails when the client gives up from inside its constructor, and each time it is asked after that", () => {
    const time = new SimulatedTime();
    class RefusedClient implements MQTTClient {
      constructor(options: MQTTClientOptions) {
        options.onError?.call(this);
      }
      read = () => undefined;
      write = () => 0;
      close(): void {}
    }
    const publisher = new Publisher(
      { network: { TCP: class {} } as unknown as Network, timer: time, MQTTClient: RefusedClient },
      { broker: BROKER, id: "HG1", user: "", password: "", up: "up", down: "down" },
    );
    const done: (string | undefined)[] = [];
    for (let i = 1; i < 3; i++) {
      publisher.publish({ body: Uint8Array.of(1), onAnswer: () => undefined, onDone: (problem) => done.push(problem) });
      assert.equal(done.length, i - 1, "not from inside the call");
      time.run(0);
      assert.match(done[i - 1]!, /the broker cannot be reached/);
    }
    assert.equal(time.next, undefined, "no timer is left");
  });

  it("calls nobody after it was closed, also when the answer has just come", () => {
    const { client, writes, publish, publisher, done, time } = setUp();
    publish("request");
    client.accept();
    client.control(SUBACK, 1);
    client.control(PUBACK, writes.at(-1)!.id!);
    client.receive("down", "{}");
    publisher.close();
    time.run(200_000);
    assert.deepEqual(done, []);
  });

  it("sends several requests over one connection, each with its own packet identifier, and says goodbye", () => {
    const { client, writes, publish, publisher, done, time } = setUp();
    client.accept();
    client.control(SUBACK, 1);
    for (let i = 0; i < 3; i++) {
      publish(`request ${i}`);
      client.control(PUBACK, writes.at(-1)!.id!);
      client.receive("down", "{}");
      time.run(0);
    }
    assert.equal(done.length, 3);
    assert.equal(new Set(writes.slice(1).map(({ id }) => id)).size, 3);
    publisher.close();
    publisher.close();
    assert.equal(writes.at(-1)!.operation, DISCONNECT);
    assert.ok(client.closed);
    assert.equal(time.next, undefined, "no timer is left");
  });

  it("reads the address of a broker", () => {
    assert.deepEqual(parseBroker("mqtt://b.example"), { secure: false, host: "b.example", port: 1883 });
    assert.deepEqual(parseBroker("mqtts://10.0.0.1:8884/"), { secure: true, host: "10.0.0.1", port: 8884 });
    assert.equal(parseBroker("mqtts://b")?.port, 8883);
    for (const text of ["", "http://b", "mqtt://", "mqtt://b:0", "mqtt://b:70000", "mqtt://b/path", "mqtt://a b"])
      assert.equal(parseBroker(text), undefined, text);
  });
});
