import assert from "node:assert/strict";
import { pemOf } from "../../../hal/modem/pem.js";
import type { Knobs } from "../../../hal/sim/modem/knobs.js";
import type { TCPOptions } from "../../../hal/tcp.js";
import { AUTHORITY, exchange, pattern, type World, world } from "../../../tools/bench/modem-world.js";
import { Watched } from "./fixture.js";

describe("modem driver and behaving SIM7600", () => {
  it("comes from power off to an address, and knows who and when", () => {
    const { modem, until, time } = world();
    assert.ok(until(() => modem.connection === 500) < 40_000);
    assert.ok(modem.address);
    assert.match(modem.information.model!, /SIM7600/);
    assert.equal(modem.information.signal, -71);
    assert.match(modem.information.imei!, /^[0-9]{15}$/);
    until(() => modem.time !== undefined);
    assert.ok(Math.abs(modem.time! - 1_700_000_000 - time.now / 1000) <= 2);
  });

  for (const fragment of [1, 2, 3, 7, 0]) {
    it(`carries 64 KB both ways bit for bit, in pieces of ${fragment || "any number of"} bytes, amid a storm of URCs`, () => {
      const w = world({ fragment, storm: 50, interleave: 200 });
      w.until(() => w.modem.connection === 500);
      assert.deepEqual(exchange(w, 65_536), pattern(65_536));
      assert.deepEqual([w.modem.bytesSent, w.modem.bytesReceived], [65_536, 65_536]);
    });
  }

  for (const fragment of [1, 7, 0]) {
    it(`carries 20 KB both ways over TLS in the modem, in pieces of ${fragment || "any number of"} bytes`, () => {
      const w = world({ fragment, storm: 50, interleave: 200 });
      w.until(() => w.modem.connection === 500);
      const tls = { host: "shs.example", ca: AUTHORITY };
      assert.deepEqual(exchange(w, 20_000, { tls }), pattern(20_000));
      assert.deepEqual(exchange(w, 1000, { tls }), pattern(1000));
      const expected = { servername: "shs.example", authority: Buffer.from(pemOf(AUTHORITY)).toString() };
      assert.deepEqual(w.internet.security, [expected, expected]);
      assert.equal(w.log.filter((line) => line.includes("> AT+CCERTDOWN")).length, 2, "the certificate is kept");
    });
  }

  it("opens over TLS where the OK comes with the result, a quarter of a minute late", () => {
    const w = world({ resultFirst: true, latency: 4000 });
    w.until(() => w.modem.connection === 500);
    const tls = { host: "shs.example", ca: AUTHORITY };
    assert.deepEqual(exchange(w, 1000, { tls }), pattern(1000));
    assert.equal(w.log.filter((line) => line.includes("recovery")).length, 0);
  });

  it("serves two plain and two secured sockets at a time", () => {
    const w = world();
    w.until(() => w.modem.connection === 500);
    const tls = { host: "shs.example", ca: AUTHORITY };
    const sockets = [w.modem.TCP, w.modem.TCP, w.modem.TLS, w.modem.TLS].map((io) => {
      return new Watched(io, { tls } as Partial<TCPOptions>);
    });
    w.until(() => sockets.every(({ events }) => events.length === 1));
    for (const [i, socket] of sockets.entries()) socket.write(`number ${i}`);
    w.until(() => sockets.every(({ received }) => received.length === 8));
    assert.deepEqual(
      sockets.map(({ received }) => received),
      ["number 0", "number 1", "number 2", "number 3"],
    );
  });

  it("reports a refused connection and one whose peer closes", () => {
    const w = world();
    w.until(() => w.modem.connection === 500);
    assert.equal(exchange(w, 10, { address: "refused" }), undefined);
    w.emulator.knobs.closeAfterReceived = 5000;
    assert.equal(exchange(w, 20_000), undefined);
    w.emulator.knobs.closeAfterReceived = undefined;
    assert.ok(exchange(w, 1000));
  });

  for (const [name, knobs] of Object.entries<Partial<Knobs>>({
    "results come before their OK": { resultFirst: true },
    "the OK comes with the result, a quarter of a minute late": { resultFirst: true, latency: 8000 },
    "errors are bare": { plainErrors: true },
    "an open link is silent": { silentReopen: true },
    "unread data goes with the peer": { closeDropsData: true },
    "ESC aborts a payload": { escapeAborts: true },
    "the network is GSM, slow and lossy": {
      technology: "GSM",
      uplink: 20_000,
      downlink: 40_000,
      latency: 700,
      loss: 30,
    },
    "we are roaming": { roaming: true },
    "answers take half a second": { answerTime: 500 },
  })) {
    it(`works when ${name}`, () => {
      const w = world(knobs);
      w.until(() => w.modem.connection === 500);
      assert.deepEqual(exchange(w, 5000), pattern(5000));
    });
  }

  const nothing = () => {};
  const faults: [name: string, harm: (w: World) => void, mend: (w: World) => void][] = [
    ["a crash", ({ emulator }) => emulator.crash(), nothing],
    ["a lost context", ({ emulator }) => emulator.dropContext(), nothing],
    ["a lost context that NETOPEN? hides", (w) => hideLoss(w), nothing],
    ["a hang until reset", (w) => turn(w, { hang: "reset" }), nothing],
    ["a hang until the key", (w) => turn(w, { hang: "key" }), nothing],
    ["a hang until the supply is cut", (w) => turn(w, { hang: "supply" }), nothing],
    ["a minute without coverage", (w) => turn(w, { coverage: false }), (w) => turn(w, { coverage: true })],
    ["a denial", (w) => turn(w, { denied: true }, true), (w) => turn(w, { denied: false })],
    [
      "a NETOPEN that fails",
      (w) => turn(w, { networkOpenError: true }, true),
      (w) => turn(w, { networkOpenError: false }),
    ],
  ];
  for (const [name, harm, mend] of faults) {
    it(`works again within 3 minutes after ${name}`, () => {
      const w = world();
      w.until(() => w.modem.connection === 500);
      exchange(w, 1000);
      harm(w);
      w.time.run(60_000);
      mend(w);
      const took = w.until(() => w.modem.connection === 500 && exchange(w, 1000) !== undefined, 180_000);
      assert.ok(took < 180_000);
    });
  }

  it("goes on under noise: sockets may fail, the driver does not", () => {
    for (let seed = 1; seed <= 10; seed++) {
      const w = world({ noise: 300 }, seed);
      let good = 0;
      for (let i = 0; i < 20; i++) {
        w.until(() => w.modem.connection === 500);
        if (exchange(w, 500)) good++;
      }
      assert.ok(good > 10, `${good} of 20`);
    }
  });
});

function turn({ emulator }: World, knobs: Partial<Knobs>, crash = false): void {
  Object.assign(emulator.knobs, knobs);
  if (crash) emulator.crash();
}

function hideLoss(w: World): void {
  turn(w, { networkStaysOpen: true });
  w.emulator.dropContext();
}
