import assert from "node:assert/strict";
import fc from "fast-check";
import type { Command } from "../../../hal/modem/command.js";
import { Digester } from "../../../hal/modem/digest.js";

const FRAGMENTS = [1, 2, 3, 7, 10_000];
const READ: Command = {
  text: "AT+CIPRXGET=2,0,1500",
  timeout: 1,
  info: ["+CIPRXGET: 2,0,", "+IP ERROR:"],
  payload: "+CIPRXGET: 2,0,",
};

/** Events as text, `kind:line`, payloads joined. */
function digest(text: string, expect: Command | undefined, fragment = 10_000): string[] {
  const digester = new Digester();
  digester.expect = expect;
  const bytes = Uint8Array.from(Buffer.from(text, "latin1"));
  const events: string[] = [];
  for (let i = 0; i < bytes.length; i += fragment) {
    digester.feed(bytes.subarray(i, i + fragment));
    for (let event = digester.next(); event; event = digester.next()) {
      if (event !== "data") events.push(event === "prompt" ? event : `${event}:${digester.line}`);
      else {
        const piece = Buffer.from(digester.data).toString("latin1");
        if (events.at(-1)?.startsWith("data:")) events[events.length - 1] += piece;
        else events.push(`data:${piece}`);
      }
    }
  }
  return events;
}

function everyFragment(text: string, expect: Command | undefined, events: string[]): void {
  for (const fragment of FRAGMENTS)
    assert.deepEqual(digest(text, expect, fragment), events, `fragments of ${fragment}`);
}

describe("modem digest", () => {
  it("tells answer, URC and final reply apart, in fragments of any size", () => {
    everyFragment(
      "\r\n+CREG: 1\r\n\r\n+CSQ: 20,99\r\n\r\n+CPIN: NOT READY\r\n\r\nOK\r\n",
      { text: "AT+CSQ", timeout: 1, info: "+CSQ:" },
      ["urc:+CREG: 1", "response:+CSQ: 20,99", "urc:+CPIN: NOT READY", "final:OK"],
    );
  });

  it("skips the echo, whether a line end follows its carriage return or not", () => {
    const command = { text: "AT+CSQ", timeout: 1, info: "+CSQ:" };
    everyFragment("AT+CSQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n", command, ["response:+CSQ: 20,99", "final:OK"]);
    everyFragment("AT+CSQ\r+CSQ: 20,99\rOK\r\n", command, ["response:+CSQ: 20,99", "final:OK"]);
  });

  it("takes every final reply, and calls none of them so while no command is in flight", () => {
    const command = { text: "AT+CIPCLOSE=0", timeout: 1, failure: "+CIPERROR:" };
    for (const final of ["OK", "ERROR", "+CME ERROR: 10", "+CMS ERROR: 500", "+CIPERROR: 4"]) {
      everyFragment(`\r\n${final}\r\n`, command, [`final:${final}`]);
      everyFragment(`\r\n${final}\r\n`, undefined, [`urc:${final}`]);
    }
    everyFragment("\r\nOKAY\r\nERRORS\r\n", command, ["urc:OKAY", "urc:ERRORS"]);
  });

  it("ends a command by its own words where it has some, and not by OK", () => {
    const command = { text: "AT+CIPSHUT", timeout: 1, success: "SHUT OK" };
    everyFragment("\r\nOK\r\nSHUT OK\r\n", command, ["urc:OK", "final:SHUT OK"]);
  });

  it("sees a prompt without a line end, and only when one is expected", () => {
    const send: Command = { text: "AT+CIPSEND=0,5", timeout: 1, prompt: ">" };
    everyFragment("\r\n>", send, ["prompt"]);
    everyFragment("AT+CIPSEND=0,5\r\r\n> \r\nOK\r\n", send, ["prompt", "final:OK"]);
    everyFragment("\r\n>\r\nOK\r\n", { text: "AT", timeout: 1 }, ["urc:>", "final:OK"]);
    everyFragment("@", { text: "AT+USOWR=0,5", timeout: 1, prompt: "@" }, ["prompt"]);
  });

  it("sees a prompt that is a line of its own, and no other line that begins like it", () => {
    const upload: Command = { text: "AT+QFUPL=1", timeout: 1, prompt: "CONNECT" };
    everyFragment("\r\nCONNECT OK\r\n\r\nCPIN\r\n\r\nCONNECT\r\n\r\nOK\r\n", upload, [
      "urc:CONNECT OK",
      "urc:CPIN",
      "prompt",
      "final:OK",
    ]);
    everyFragment("\r\nCONNECT\r\n", { text: "AT", timeout: 1 }, ["urc:CONNECT"]);
  });

  it("counts a payload and never looks into it", () => {
    const payload = "\r\nOK\r\n+CIPRXGET: 1,0\r\n\0\xff> ERROR\r\n";
    const text = `\r\n+CIPRXGET: 2,0,${payload.length},7\r\n${payload}\r\nOK\r\n`;
    everyFragment(text, READ, [`response:+CIPRXGET: 2,0,${payload.length},7`, `data:${payload}`, "final:OK"]);
  });

  it("does not take a URC for the answer with the payload", () => {
    everyFragment("\r\n+CIPRXGET: 1,0\r\n+CIPRXGET: 1,2\r\n+CIPRXGET: 2,0,2,0\r\nhi\r\nOK\r\n", READ, [
      "urc:+CIPRXGET: 1,0",
      "urc:+CIPRXGET: 1,2",
      "response:+CIPRXGET: 2,0,2,0",
      "data:hi",
      "final:OK",
    ]);
  });

  it("finds payloads that begin on the line of their header", () => {
    const sim7080: Command = {
      text: "AT+CARECV=0,99",
      timeout: 1,
      info: "+CARECV:",
      payload: "+CARECV: ",
      payloadStart: ",",
    };
    everyFragment("\r\n+CARECV: 4,\r\nOK\r\n\r\nOK\r\n", sim7080, ["response:+CARECV: 4", "data:\r\nOK", "final:OK"]);
    everyFragment("\r\n+CARECV: 0\r\n\r\nOK\r\n", sim7080, ["response:+CARECV: 0", "final:OK"]);
    // As SIM7000's manual has it: the connection's number first, the payload on a line of its own.
    everyFragment("\r\n+CARECV: 0,4\r\n\r\nOK\r\n\r\nOK\r\n", sim7080, [
      "response:+CARECV: 0,4",
      "data:\r\nOK",
      "final:OK",
    ]);
    const ublox: Command = {
      text: "AT+USORD=0,99",
      timeout: 1,
      info: "+USORD:",
      payload: "+USORD: 0,",
      payloadStart: '"',
    };
    everyFragment('\r\n+USORD: 0,3,"a"b"\r\n\r\nOK\r\n', ublox, [
      "response:+USORD: 0,3,",
      'data:a"b',
      'urc:"',
      "final:OK",
    ]);
  });

  it("drops zeros and line noise", () => {
    everyFragment("\0\0\xff\r\nO\0K\r\n", { text: "AT", timeout: 1 }, ["final:OK"]);
  });

  it("cuts a line that is too long and goes on with the next", () => {
    everyFragment(`\r\n+X: ${"y".repeat(5000)}\r\nOK\r\n`, { text: "AT", timeout: 1 }, [
      `urc:+X: ${"y".repeat(252)}`,
      "final:OK",
    ]);
  });

  it("goes back to lines when a payload is given up", () => {
    const digester = new Digester();
    digester.expect = READ;
    digester.feed(Buffer.from("\r\n+CIPRXGET: 2,0,100,0\r\nabc"));
    assert.equal(digester.next(), "response");
    assert.equal(digester.next(), "data");
    digester.abandonPayload();
    digester.feed(Buffer.from("\r\nOK\r\n"));
    assert.equal(digester.next(), "final");
  });

  it("gives the same events for any bytes however they are cut", () => {
    const piece = fc.constantFrom(
      "\r\nOK\r\n",
      "\r\n+CIPRXGET: 2,0,3,0\r\n",
      "\r\n+CIPRXGET: 1,0\r\n",
      "\r",
      "\n",
      ">",
      "AT+CIPRXGET=2,0,1500\r",
    );
    const text = fc
      .array(fc.oneof(piece, fc.string({ unit: "binary-ascii" })), { maxLength: 20 })
      .map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 9 }), (bytes, cut) => {
        assert.deepEqual(digest(bytes, READ, cut), digest(bytes, READ));
      }),
    );
  });
});
