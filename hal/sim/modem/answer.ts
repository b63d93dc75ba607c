import { frozen } from "../../frozen.js";
import type { AirSocket } from "./air-socket.js";
import type { Command } from "./command.js";

/** +CME ERROR texts of 27.007 (9.2), in SIMCom's spelling; from 400 on Quectel's. */
export const cmeErrors: Readonly<Record<number, string>> = frozen({
  3: "operation not allowed",
  4: "operation not supported",
  10: "SIM not inserted",
  11: "SIM PIN required",
  12: "SIM PUK required",
  13: "SIM failure",
  14: "SIM busy",
  16: "incorrect password",
  30: "no network service",
  50: "incorrect parameters",
  405: "file not found",
  407: "file already existed",
});

/** How a prompt differs from the family's usual one. */
export interface PromptOptions {
  /** What is written instead of the prompt. */
  readonly text?: string;
  /** Milliseconds after which an incomplete payload is dropped; undefined never. */
  readonly timeout?: number;
  /** Writes the payload back once it is complete. */
  readonly echo?: boolean;
}

/**
 * What a command says in reply; ends with exactly one of `ok`, `error`, `cme`, `fail`, `result`, `connect` and `silence`, now or
 * later. These give undefined, so that a handler can answer and return in one statement.
 */
export interface Answer {
  line(text: string): Answer;
  /** A line with counted bytes in it, between `head` and `tail`: nothing comes between them. */
  data(head: string, bytes: Uint8Array, tail?: string): Answer;
  ok(): undefined;
  error(): undefined;
  /** +CME ERROR, in the form that CMEE asks for. */
  cme(code: number): undefined;
  /** A line of the command's own and ERROR. */
  fail(text: string): undefined;
  /** A result code of the command's own instead of OK. */
  result(text: string): undefined;
  /** CONNECT: what the host writes goes to `socket` from now on. */
  connect(socket: AirSocket): undefined;
  /** No result code at all; the next command is taken. */
  silence(): undefined;
  /** Asks for `length` bytes, or for text up to Ctrl-Z when undefined; undefined comes back when it was not completed. */
  prompt(
    length: number | undefined,
    onPayload: (bytes: Uint8Array | undefined) => undefined,
    options?: PromptOptions,
  ): undefined;
}

export type Handler = (command: Command, answer: Answer) => undefined;
export type Commands = Readonly<Record<string, Handler>>;

/** For settings that change nothing here. */
export const accept: Handler = (_, answer) => answer.ok();
