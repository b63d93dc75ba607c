import assert from "node:assert/strict";
import { Chat } from "../../../hal/modem/chat.js";
import { type Command, type Reply, wasRefused } from "../../../hal/modem/command.js";
import { SimulatedTime } from "../../../hal/sim/time.js";
import { ScriptedModem } from "./scripted-modem.js";

const CSQ: Command = { text: "AT+CSQ", timeout: 1000, info: "+CSQ:" };
const SEND: Command = { text: "AT+CIPSEND=0,5", timeout: 1000, prompt: ">", data: Buffer.from("hello") };

function setUp() {
  const time = new SimulatedTime();
  const modem = new ScriptedModem(time);
  const urcs: string[] = [];
  const log: string[] = [];
  const chat = new Chat({ serial: modem.port, timer: time, onURC: (l) => urcs.push(l), log: (l) => log.push(l) });
  let reply: Reply | undefined;
  const run = (command: Command) => {
    reply = undefined;
    chat.run(command, (r) => {
      reply = r;
    });
    while (!reply && time.step(time.now + 60_000));
    return reply!;
  };
  return { time, modem, urcs, log, chat, run };
}

describe("modem chat", () => {
  it("gives the answer of a command and hands on what else comes", () => {
    const { modem, urcs, run } = setUp();
    modem.on("AT+CSQ", ["+CREG: 1", "+CSQ: 20,99", "+CIPRXGET: 1,0", "OK"]);
    assert.deepEqual(run(CSQ), { ok: true, final: "OK", lines: ["+CSQ: 20,99"] });
    assert.deepEqual(urcs, ["+CREG: 1", "+CIPRXGET: 1,0"]);
  });

  it("waits 20 ms after a final reply before the next command can go", () => {
    const { time, run } = setUp();
    run({ text: "AT", timeout: 1000 });
    assert.equal(time.now, 25, "5 ms for the answer and the gap");
  });

  it("refuses a second command while one is in flight", () => {
    const { chat } = setUp();
    chat.run(CSQ, () => {});
    assert.throws(() => chat.run(CSQ, () => {}), /in flight/);
  });

  it("waits for the second half of an asynchronous answer, in either order", () => {
    const { modem, run } = setUp();
    const open = { text: "AT+NETOPEN", timeout: 1000, result: "+NETOPEN:" };
    for (const answer of [
      ["OK", "+NETOPEN: 0"],
      ["+NETOPEN: 0", "OK"],
    ]) {
      modem.on("AT+NETOPEN", answer);
      assert.deepEqual(run(open), { ok: true, final: "OK", lines: ["+NETOPEN: 0"] });
    }
    modem.on("AT+NETOPEN", ["+NETOPEN: 2", "ERROR"]);
    assert.deepEqual(run(open), { ok: false, final: "ERROR", lines: ["+NETOPEN: 2"] });
    modem.on("AT+NETOPEN", ["OK"]);
    assert.equal(run(open).final, "timeout");
  });

  it("sends a payload after the prompt, through a UART that takes it in pieces", () => {
    const { modem, run } = setUp();
    modem.on("AT+CIPSEND=", ["> ", "OK"]);
    const data = new Uint8Array(1500).map((_, i) => i);
    assert.ok(run({ ...SEND, text: "AT+CIPSEND=0,1500", data }).ok);
    assert.deepEqual(Buffer.from(modem.payloads[0]!, "latin1"), Buffer.from(data));
  });

  it("waits between the prompt and the payload where the modem wants that, unless it refuses meanwhile", () => {
    const { modem, time, run } = setUp();
    const write: Command = { ...SEND, text: "AT+USOWR=0,5", prompt: "@", promptPause: 50 };
    modem.on("AT+USOWR=", ["@", "OK"]);
    const start = time.now;
    assert.ok(run(write).ok);
    assert.equal(time.now - start, 5 + 50 + 5 + 20, "answer, pause, answer, gap");
    modem.on("AT+USOWR=", []);
    time.set(() => modem.raw("\r\n@\r\nERROR\r\n"), 5);
    assert.ok(wasRefused(run(write)));
    assert.deepEqual(modem.payloads, ["hello"]);
  });

  it("tells whether the payload was handed over", () => {
    const { modem, run } = setUp();
    modem.on("AT+CIPSEND=", ["ERROR"]);
    assert.ok(wasRefused(run(SEND)));
    modem.on("AT+CIPSEND=", ["> ", "ERROR"]);
    assert.ok(!wasRefused(run(SEND)));
    modem.on("AT+CIPSEND=", []);
    assert.ok(!wasRefused(run(SEND)), "its prompt may have been lost");
  });

  it("sends no payload when the modem refuses instead of prompting", () => {
    const { modem, run } = setUp();
    modem.on("AT+CIPSEND=", ["ERROR"]);
    assert.equal(run(SEND).ok, false);
    assert.deepEqual(modem.commands, ["AT+CIPSEND=0,5"]);
  });

  it("does not take an OK without a prompt for a sent payload", () => {
    const { run } = setUp();
    assert.deepEqual(run(SEND), { ok: false, final: "OK", lines: [] });
  });

  it("gives up a prompt that does not come after 5 s and is in step again", () => {
    const { modem, time, run } = setUp();
    modem.on("AT+CIPSEND=", []);
    assert.equal(run(SEND).final, "timeout");
    assert.ok(time.now >= 5000 && time.now < 6000, `${time.now} ms`);
    assert.deepEqual(modem.commands, ["AT+CIPSEND=0,5", "AT"]);
    modem.on("AT+CSQ", ["+CSQ: 1,99", "OK"]);
    assert.ok(run(CSQ).ok);
  });

  it("gets out of a payload that the modem still waits for", () => {
    const { modem, run } = setUp();
    // The modem is in its prompt, but the prompt was lost on the line.
    modem.on("AT+CIPSEND=", ["> ", "OK"]);
    const raw = modem.raw.bind(modem);
    modem.raw = (text) => raw(text.replace("> ", ""));
    assert.equal(run(SEND).final, "timeout");
    modem.on("AT+CSQ", ["+CSQ: 1,99", "OK"]);
    assert.ok(run(CSQ).ok);
  });

  it("does not count a late answer for the next command", () => {
    const { time, modem, run } = setUp();
    modem.on("AT+CSQ", []);
    time.set(() => modem.urc("+CSQ: 7,99", "OK"), 1200);
    assert.equal(run(CSQ).final, "timeout");
    modem.on("AT+CSQ", ["+CSQ: 1,99", "OK"]);
    assert.deepEqual(run(CSQ).lines, ["+CSQ: 1,99"]);
  });

  it("counts a payload that comes after its time, and gives it to nobody", () => {
    const { time, modem, urcs, run } = setUp();
    const got: Uint8Array[] = [];
    const onData = (bytes: Uint8Array) => got.push(bytes);
    modem.on("AT+CIPRXGET=", []).on("AT", []);
    time.set(() => modem.urc("+CIPRXGET: 2,0,12,0\r\nxx\r\nRDY\r\nOK\r\n", "OK"), 1100);
    const read = {
      text: "AT+CIPRXGET=2,0,12",
      timeout: 1000,
      info: "+CIPRXGET: 2,0,",
      payload: "+CIPRXGET: 2,0,",
      onData,
    };
    assert.equal(run(read).final, "timeout");
    assert.deepEqual(got, []);
    assert.deepEqual(urcs, []);
  });

  it("ends a read that brings fewer bytes than it announced", () => {
    const { modem, run } = setUp();
    let got = "";
    const onData = (bytes: Uint8Array) => {
      got += Buffer.from(bytes).toString();
    };
    modem.on("AT+CIPRXGET=", ["+CIPRXGET: 2,0,100,0\r\nabc"]);
    const read = {
      text: "AT+CIPRXGET=2,0,12",
      timeout: 1000,
      info: "+CIPRXGET: 2,0,",
      payload: "+CIPRXGET: 2,0,",
      onData,
    };
    assert.equal(run(read).final, "timeout");
    assert.equal(got.slice(0, 3), "abc");
    modem.on("AT+CSQ", ["+CSQ: 1,99", "OK"]);
    assert.ok(run(CSQ).ok, "and is in step with the modem again");
  });

  it("says that the modem is mute after three unanswered AT", () => {
    const { modem, time, run } = setUp();
    modem.mute = true;
    assert.equal(run(CSQ).final, "mute");
    assert.equal(time.now, 4000);
    assert.equal(run(SEND).final, "mute");
    assert.equal(time.now, 12_000);
  });

  it("ends a command in bounded time however much the modem chatters", () => {
    const { modem, time, run } = setUp();
    modem.on("AT", []);
    time.repeat(() => modem.urc("OK", "+CSQ: 1,99", "garbage"), 100);
    modem.on("AT+X", []);
    const reply = run({ ...CSQ, success: "NEVER" });
    assert.ok(time.now <= 1000 + 3000 + 1500, `${time.now} ms`);
    assert.equal(reply.final, "timeout");
    assert.ok(reply.lines.length <= 16);
  });

  it("loses no URC that arrives in pieces around the end of a command", () => {
    const { modem, urcs, time, run } = setUp();
    time.set(() => modem.raw("\r\n+CIPRX"), 20);
    time.set(() => modem.raw("GET: 1,0\r\n"), 40);
    run({ text: "AT", timeout: 1000 });
    time.run(100);
    assert.deepEqual(urcs, ["+CIPRXGET: 1,0"]);
  });

  it("calls nobody back after it was aborted or closed", () => {
    const { chat, time, modem } = setUp();
    chat.run(CSQ, () => assert.fail("called back"));
    chat.abort();
    time.run(10_000);
    chat.run(CSQ, () => assert.fail("called back"));
    chat.close();
    time.run(10_000);
    assert.ok(modem.closed);
  });

  it("keeps secrets out of the log", () => {
    const { log, run } = setUp();
    run({ text: 'AT+CPIN="1234"', timeout: 1000, secret: true });
    assert.deepEqual(log, ["> AT+CPIN", "< OK"]);
  });
});
