import assert from "node:assert/strict";
import type { SimulatedTime } from "../../../../hal/sim/time.js";
import type { TCPOptions } from "../../../../hal/tcp.js";
import { setUp, Watched } from "../fixture.js";
import type { Answer, ScriptedModem } from "../scripted-modem.js";

/** One way to speak TCP, or TLS, with a family: what the script answers, and how things happen on the first link. */
export interface Channel {
  /** Begin of the command that opens a link, and answers to it by which it does not open. */
  readonly open: string;
  readonly refusals: readonly Answer[];
  /** Begin of the command that sends, and answers by which the data is lost or in doubt. */
  readonly send: string;
  readonly sendFailures: Readonly<Record<string, Answer>>;
  /** Answers that take nothing, or a part of "request"; the whole is then sent again. */
  readonly noRoom?: readonly Answer[];
  /** Lets the modem hold data for the first link and announce it. */
  deliver(script: ScriptedModem, data: string): void;
  /** Begin of a command that closes the first link. */
  readonly close: string;
  /** The peer closes the first link. */
  readonly remoteClose: readonly string[];
}

export interface Family {
  readonly name: string;
  readonly model: string;
  readonly iccid: string;
  /** A modem with everything in order. */
  script(time: SimulatedTime): ScriptedModem;
  readonly tcp: Channel;
  readonly tls?: Channel;
  /** Lines that may come at any moment and mean nothing for what goes on. */
  readonly idle: readonly string[];
  /** Lines that mean the data connection is gone, or the modem's state is. */
  readonly lost: readonly string[];
  readonly restarted: readonly string[];
}

const FRAGMENTS = [1, 2, 3, 7, Number.POSITIVE_INFINITY];
const EVERYWHERE = [
  "+CPIN: READY",
  '*PSUTTZ: 2024,5,6,7,8,9","+08",0',
  "DST: 1",
  '+CEREG: 1,"00C3","01A2B3C4",7',
  "garbage",
];
/** Looks like everything that a modem may say. */
const NASTY = '\r\nOK\r\n> @"\r\nERROR\r\n0, CLOSED\r\n+CME ERROR: 3\r\nCONNECT\r\n\0\x1a\x1b,';
export const SECURITY = { tls: { host: "example.com", ca: Uint8Array.of(0x30, 1, 2) } } as Partial<TCPOptions>;

/** A modem that is connected, and its first socket with TLS, which has opened or failed; the script has the commands from the open on. */
export function secured(makeScript: Family["script"], prepare: (script: ScriptedModem) => void = () => {}) {
  const fixture = setUp({}, makeScript);
  prepare(fixture.script);
  fixture.connect();
  const socket = new Watched(fixture.modem.TLS, SECURITY);
  fixture.script.commands.length = 0;
  fixture.until(() => socket.events.length > 0);
  return { ...fixture, socket };
}

/** Everything that a dialect has to do with a modem that behaves as its manual says, in pieces, amid URCs, and when it fails. */
export function describeFamily(family: Family): void {
  describe(`modem dialect ${family.name}`, () => {
    describeAttach(family);
    describeChannel(family, family.tcp, false);
    if (family.tls) describeChannel(family, family.tls, true);
  });
}

function connected(family: Family, prepare: (script: ScriptedModem) => void = () => {}) {
  const fixture = setUp({}, (time) => family.script(time));
  prepare(fixture.script);
  fixture.connect();
  return fixture;
}

function describeAttach(family: Family): void {
  const check = (prepare: (script: ScriptedModem) => void, what: string) => {
    const { modem, script } = connected(family, prepare);
    const { model, imei, imsi, iccid } = modem.information;
    const seen = [modem.address, model, imei, imsi, iccid];
    assert.deepEqual(seen, ["10.1.2.3", family.model, "867962041234567", "262011234567890", family.iccid], what);
    return script;
  };

  it("is found by the modem's name, and attaches in fragments of any size with echo on", () => {
    for (const fragment of FRAGMENTS)
      check((script) => Object.assign(script, { fragment, echo: true }), `fragments of ${fragment}`);
  });

  it("attaches with a URC at every line boundary", () => {
    const boundaries = check((script) => Object.assign(script, { inject: { line: "", at: -1 } }), "").lines;
    assert.ok(boundaries > 30, `${boundaries}`);
    for (const line of [...EVERYWHERE, ...family.idle])
      for (let at = 0; at < boundaries; at++)
        check((script) => Object.assign(script, { inject: { line, at } }), `${line} at ${at}`);
  });

  it("notices that the network is gone, and connects again", () => {
    for (const line of family.lost) {
      const { modem, script, until } = connected(family);
      const socket = new Watched(modem.TCP);
      until(() => socket.events.length > 0);
      script.urc(line);
      until(() => socket.events.includes("error"));
      assert.ok(until(() => modem.connection === 500) < 15_000, line);
    }
  });

  it("sets everything up again after a restart", () => {
    for (const line of family.restarted) {
      const { modem, script, until } = connected(family);
      script.commands.length = 0;
      script.urc(line);
      until(() => modem.connection < 500);
      until(() => modem.connection === 500);
      assert.ok(script.commands.includes("ATE0"), line);
    }
  });

  it("closes the connection in an orderly way", () => {
    const { modem, script, time } = connected(family);
    script.commands.length = 0;
    modem.disconnect();
    time.run(10_000);
    assert.equal(script.commands.at(-1), "AT+CFUN=0");
    assert.ok(script.commands.length >= 2);
  });
}

function describeChannel(family: Family, channel: Channel, secure: boolean): void {
  const name = secure ? "over TLS" : "over TCP";
  const watch = ({ modem }: ReturnType<typeof connected>) =>
    secure ? new Watched(modem.TLS, SECURITY) : new Watched(modem.TCP);
  const opened = (prepare: (script: ScriptedModem) => void = () => {}) => {
    const fixture = connected(family, prepare);
    const watched = watch(fixture);
    fixture.until(() => watched.events.length > 0);
    return { ...fixture, watched };
  };
  const exchange = (prepare: (script: ScriptedModem) => void) => {
    const fixture = connected(family);
    const { script, until, modem } = fixture;
    script.payloads.length = 0;
    prepare(script);
    const watched = watch(fixture);
    until(() => watched.events.length === 1);
    assert.deepEqual(watched.events, ["writable 4096"]);
    watched.write(NASTY);
    until(() => watched.events.length === 2);
    channel.deliver(script, NASTY);
    until(() => watched.received.length === NASTY.length);
    assert.equal(watched.received, NASTY);
    watched.socket.close();
    until(() => script.commands.some((command) => command.startsWith(channel.close)));
    assert.equal(script.payloads.at(-1), NASTY);
    assert.deepEqual([modem.connection, modem.bytesSent, modem.bytesReceived], [500, NASTY.length, NASTY.length]);
    return script;
  };

  it(`opens, sends, receives and closes ${name} in fragments of any size, with a URC at every line boundary`, () => {
    const boundaries = exchange((script) => Object.assign(script, { lines: 0, inject: { line: "", at: -1 } })).lines;
    assert.ok(boundaries >= 5, `${boundaries}`);
    for (const line of [...EVERYWHERE, ...family.idle]) {
      for (let at = 0; at < boundaries; at++) {
        const fragment = FRAGMENTS[at % FRAGMENTS.length]!;
        exchange((script) => Object.assign(script, { lines: 0, inject: { line, at }, fragment }));
      }
    }
    for (const fragment of FRAGMENTS) exchange((script) => Object.assign(script, { fragment, echo: true }));
  });

  it(`reads much ${name} until the modem has no more`, () => {
    const { script, until, watched } = opened();
    const much = "0123456789".repeat(700);
    channel.deliver(script, much);
    until(() => watched.received.length === much.length);
    assert.equal(watched.received, much);
  });

  it(`reports a connection that does not open ${name}, and opens the next`, () => {
    for (const answer of channel.refusals) {
      const fixture = connected(family);
      let refusing = true;
      fixture.script.on(channel.open, () => (refusing ? answer : undefined));
      const refused = watch(fixture);
      fixture.until(() => refused.events.length > 0);
      assert.deepEqual(refused.events, ["error"], answer.join());
      assert.equal(fixture.modem.connection, 500, "which is no trouble of the modem's");
      refusing = false;
      const next = watch(fixture);
      fixture.until(() => next.events.length > 0);
      assert.deepEqual(next.events, ["writable 4096"]);
    }
  });

  for (const [what, answer] of Object.entries(channel.sendFailures)) {
    it(`reports a failed send ${name} once and closes the link when ${what}`, () => {
      const { watched, script, until, time, modem } = opened();
      script.on(channel.send, answer);
      watched.write("hello");
      until(() => watched.events.length > 1, 130_000);
      time.run(20_000);
      assert.deepEqual(watched.events, ["writable 4096", "error"]);
      assert.equal(script.commands.filter((c) => c.startsWith(channel.send)).length, 1);
      assert.ok(script.commands.some((command) => command.startsWith(channel.close)));
      assert.deepEqual([modem.bytesSent, modem.connection], [0, 500]);
    });
  }

  if (channel.noRoom)
    it(`offers again ${name} what the modem had no room for`, () => {
      for (const answer of channel.noRoom!) {
        const { watched, script, until, modem } = opened();
        script.payloads.length = 0;
        let tries = 0;
        script.on(channel.send, () => (tries++ < 2 ? answer : undefined));
        watched.write("request");
        until(() => modem.bytesSent === 7);
        assert.ok("request".endsWith(script.payloads.at(-1)!), answer.join());
        assert.deepEqual(watched.events.includes("error"), false);
      }
    });

  it(`gives all that came ${name} before it reports that the peer closed`, () => {
    const { watched, script, until } = opened();
    channel.deliver(script, NASTY);
    script.urc(...channel.remoteClose);
    until(() => watched.events.includes("error"));
    assert.equal(watched.received, NASTY);
  });
}
