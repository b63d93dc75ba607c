import { frozen } from "../../frozen.js";
import { integer } from "../ascii.js";
import type { Procedure } from "../command.js";
import type { SendOutcome } from "../dialect.js";

/* What Quectel's plain and secured connections have in common. */

/** Most commands take 300 ms, those about the SIM and files 5 s (EC2x AT manual V2.0). Milliseconds. */
export const QUICK = 6_000;
/** Seconds that closing waits for the peer, with the command line held; 0 would drop what is still on its way. */
export const FIN = 3;

/** "SEND FAIL": the modem's buffer is full, nothing was taken. An error: the connection is broken. No OK comes. */
export function* sendBy(command: string, id: number, data: Uint8Array): Procedure<SendOutcome> {
  const reply = yield {
    text: `${command}=${id},${data.length}`,
    timeout: QUICK,
    prompt: ">",
    data,
    success: "SEND OK",
    failure: "SEND FAIL",
  };
  if (reply.ok) return data.length;
  return reply.final === "SEND FAIL" ? 0 : "failed";
}

/**
 * `recv` is told once, until nothing is left: one reads until nothing comes. `prefix` is the command's name and the head of
 * its answer.
 */
export function* receiveBy(
  prefix: string,
  id: number,
  maximum: number,
  onData: (bytes: Uint8Array) => void,
): Procedure<number | undefined> {
  const payload = `${prefix}: `;
  const reply = yield { text: `AT${prefix}=${id},${maximum}`, timeout: QUICK, info: payload, payload, onData };
  const count = integer(reply.lines[0] ?? "", 0);
  return reply.ok && count >= 0 ? Math.sign(count) : undefined;
}

frozen([sendBy, receiveBy]);
