import { strict as assert } from "node:assert";
import { toText } from "../../../../hal/sim/bytes.js";
import type { Knobs } from "../../../../hal/sim/modem/knobs.js";
import { modemNamed, modemNames } from "../../../../hal/sim/modem/modems.js";
import { seededRandom } from "../../../../hal/sim/random.js";
import { Bench } from "./bench.js";
import { dialogues, online, peerSends } from "./dialogues.js";

/** 64 KB of everything, results and prompts among it. */
function pattern(): string {
  const random = seededRandom(5);
  const noise = toText(new Uint8Array(65_536 - 64).map(() => random()));
  return `${noise}\r\nOK\r\n\r\n>\x1a\x1b\x00\xff+CIPRXGET: 1,0\r\n@\r\nERROR\r\n`.padEnd(65_536, "\r\nCLOSED");
}

function connected(name: string, knobs: Partial<Knobs> = {}): Bench {
  const bench = online(name, knobs);
  assert.match(dialogues[name]!.connect(bench, "server.test", 80), dialogues[name]!.connected);
  return bench;
}

describe("registry of emulated modems", () => {
  it("has a dialogue here for each of its names, and refuses others with the list", () => {
    assert.deepEqual(Object.keys(dialogues), modemNames);
    assert.throws(() => modemNamed("toString"), /^RangeError: modem "toString": expected one of SIM7600, A7670, /);
  });
});

for (const name of modemNames) {
  const dialogue = dialogues[name]!;

  describe(`emulated ${name}`, () => {
    it("tells who it is, and knows its card", () => {
      const bench = new Bench({}, name).attached();
      const model = name === "SARA-R5" ? "SARA-R510" : name.replace(/-R4|-U2/, "");
      assert.match(bench.command("ATI"), new RegExp(`${model}[\\s\\S]*\\r\\nOK\\r\\n$`));
      assert.match(bench.command("AT+CGMM"), new RegExp(`^\\r\\n[\\w-]*${model}[\\w-]*\\r\\n\\r\\nOK\\r\\n$`));
      assert.equal(bench.command("AT+CGSN"), "\r\n867962041234567\r\n\r\nOK\r\n");
      assert.equal(bench.command("AT+CIMI"), "\r\n262019876543210\r\n\r\nOK\r\n");
    });

    it("registers and attaches by itself", () => {
      const bench = new Bench({}, name).attached();
      const kind = bench.modem.knobs.technology === "LTE" ? "CEREG" : "CGREG";
      assert.equal(bench.command(`AT+${kind}?`), `\r\n+${kind}: 0,1\r\n\r\nOK\r\n`);
      assert.match(bench.command("AT+CGATT?"), /\+CGATT: 1/);
    });

    it("opens, sends and receives 64 KB byte for byte", () => {
      const bench = connected(name);
      const all = pattern();
      for (let at = 0; at < all.length; at += dialogue.largest) {
        dialogue.send(bench, all.slice(at, at + dialogue.largest));
      }
      bench.time.run(60_000);
      assert.ok(bench.internet.sent.at(-1) === all, "what arrived is not what was sent");
      peerSends(bench, all);
      assert.match(bench.said(60_000), dialogue.announced);
      let received = "";
      for (let piece = dialogue.receive(bench); piece !== ""; piece = dialogue.receive(bench)) received += piece;
      assert.ok(received === all, "what was read is not what the peer sent");
    });

    it("tells when the peer closes, and connects again", () => {
      const bench = connected(name);
      bench.internet.opened.at(-1)!.onClosed();
      assert.match(bench.said(3000), dialogue.closed);
      assert.match(dialogue.connect(bench, "server.test", 80), dialogue.connected);
    });

    it("tells of a name without address and of a refusal", () => {
      const bench = online(name);
      assert.match(dialogue.connect(bench, "unknown.test", 80), dialogue.unknownName);
      assert.match(dialogue.connect(bench, "server.test", 1), dialogue.refused);
      assert.match(dialogue.connect(bench, "server.test", 80), dialogue.connected);
    });

    it("gives up on a peer that does not answer", () => {
      const bench = online(name);
      bench.internet.accepts = false;
      const said = dialogue.connect(bench, "server.test", 80) + bench.said(200_000);
      assert.doesNotMatch(said, dialogue.connected);
      assert.match(said, /FAIL|ERROR|\+CIPOPEN: 0,10|\+CAOPEN: 0,27|\+QIOPEN: 0,569/);
    });

    it("tells when the bearer is lost, by command, by the network, or after its lifetime", () => {
      const lose: Array<(bench: Bench) => void> = [
        (bench) => bench.send("AT+CGATT=0\r"),
        (bench) => bench.modem.dropContext(),
        (bench) => bench.time.run(730_000),
      ];
      for (const [i, harm] of lose.entries()) {
        const bench = connected(name, { contextLifetime: i === 2 ? 600_000 : 0 });
        harm(bench);
        assert.match(bench.said(5000).replace(/\r\nOK\r\n$/, ""), dialogue.lost);
        assert.deepEqual(bench.internet.closed, [true]);
      }
    });

    it("falls silent on its power-off command, and comes back with the key", () => {
      const bench = new Bench({ keyTied: false }, name);
      bench.modem.power.key.write(1);
      bench.time.run(1200);
      bench.modem.power.key.write(0);
      bench.attached();
      assert.match(bench.command(dialogue.powerOff, 10_000), /OK|POWER DOWN/);
      assert.equal(bench.modem.running, false);
      bench.modem.power.key.write(1);
      bench.time.run(1200);
      bench.modem.power.key.write(0);
      bench.said(40_000);
      assert.match(bench.command("AT"), /OK/);
    });

    it("restarts by CFUN=1,1 with its settings forgotten, unless it refuses", () => {
      const bench = new Bench({}, name).attached();
      bench.command("AT+CMEE=2");
      bench.modem.knobs.resetsRefused = true;
      assert.equal(bench.command("AT+CFUN=1,1"), "\r\nERROR\r\n");
      bench.modem.knobs.resetsRefused = false;
      assert.match(bench.command("AT+CFUN=1,1"), /OK/);
      bench.said(40_000);
      assert.match(bench.command("AT+CMEE?"), /^AT\+CMEE\?\r\r\n\+CMEE: [01]\r\n/);
    });
  });
}
