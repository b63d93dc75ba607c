import { frozen } from "../frozen.js";
import type { SerialPort } from "../serial.js";
import type { TimerHandle, Timers } from "../timer.js";
import { toBytes } from "./ascii.js";
import { type Command, MUTE, matches, type Reply, TIMEOUT } from "./command.js";
import { type DigestEvent, Digester, succeeds } from "./digest.js";
import { Port } from "./port.js";

/** Quiet time between a final reply and the next command, milliseconds. */
const GAP = 20;
/** A prompt that has not come by then does not come. Milliseconds. */
const PROMPT_TIMEOUT = 5000;
/** Getting back in step after a timeout: `AT` this often, each waiting this long for `OK`; then the line is drained. */
const PROBES = 3;
const PROBE_TIMEOUT = 1000;
const DRAIN = 300;
/** A modem that chatters must not fill the heap: further information lines of one command are dropped. */
const MAXIMUM_LINES = 16;

const PROBE: Command = frozen({ text: "AT", timeout: PROBE_TIMEOUT });
const ESCAPE = 0x1b;
const SESSION_SECRET = "+UUSECPRF:";

type Phase = "idle" | "prompt" | "final" | "gap" | "probe" | "drain";

export interface ChatOptions {
  readonly serial: SerialPort;
  readonly timer: Timers;
  readonly onURC: (line: string) => void;
  readonly log?: ((line: string) => void) | undefined;
  /** What cuts the bytes into events; one that is watched, for tools that show how a log is understood. */
  readonly digester?: Digester;
}

/**
 * One command at a time with a modem. Every command ends: by its final reply, or by its timeout, after which the chat
 * gets back in step with the modem before it reports. No command takes longer than its own timeout, 5 s
 * for a prompt, and 4.2 s.
 */
export class Chat {
  readonly #port: Port;
  readonly #digester: Digester;
  readonly #timer: Timers;
  readonly #onURC: (line: string) => void;
  readonly #log: ((line: string) => void) | undefined;
  #phase: Phase = "idle";
  #timeout: TimerHandle | undefined;
  #command: Command = PROBE;
  #done: ((reply: Reply) => void) | undefined;
  #final = "";
  #ok = false;
  #lines: string[] = [];
  /** `OK` or the command's `result` is still to come. */
  #awaitsFinal = false;
  #awaitsResult = false;
  #probes = 0;
  #prompted = false;

  constructor({ serial, timer, onURC, log, digester = new Digester() }: ChatOptions) {
    this.#timer = timer;
    this.#digester = digester;
    this.#onURC = onURC;
    this.#log = log;
    this.#port = new Port(serial, (bytes) => this.#receive(bytes));
  }

  /** Sends `command`; `done` comes later, never from inside this call. Throws when another one is in flight. */
  run(command: Command, done: (reply: Reply) => void): void {
    if (this.#phase !== "idle") throw new Error(`"${nameOf(command)}" while "${nameOf(this.#command)}" is in flight`);
    this.#command = command;
    this.#done = done;
    this.#lines = [];
    this.#ok = false;
    this.#prompted = false;
    this.#awaitsFinal = true;
    this.#awaitsResult = command.result !== undefined;
    this.#send(command);
    if (command.prompt === undefined) this.#enter("final", command.timeout);
    else this.#enter("prompt", PROMPT_TIMEOUT);
  }

  /** Forgets the command in flight: `done` does not come. */
  abort(): void {
    this.#timer.clear(this.#timeout);
    this.#done = undefined;
    this.#port.discard();
    if (this.#phase === "prompt" || this.#phase === "final") this.#leavePrompt();
    this.#finish();
  }

  close(): void {
    this.abort();
    this.#port.close();
  }

  /** Opens the line anew at another rate, bits per second; no command may be in flight. */
  reopen(baud: number): void {
    this.#log?.(`! ${baud} baud`);
    this.#port.reopen(baud);
  }

  /** Sends bytes that are no command; no command may be in flight. */
  write(bytes: Uint8Array): void {
    this.#log?.(`> (${bytes.length} bytes)`);
    this.#port.write(bytes);
  }

  #send(command: Command): void {
    this.#log?.(`> ${command.secret ? nameOf(command) : command.text}`);
    this.#digester.expect = command;
    this.#port.write(toBytes(`${command.text}\r`));
  }

  #enter(phase: Phase, milliseconds: number): void {
    this.#phase = phase;
    this.#timer.clear(this.#timeout);
    this.#timeout = this.#timer.set(() => this.#expire(), milliseconds);
  }

  #receive(bytes: Uint8Array): void {
    this.#digester.feed(bytes);
    for (;;) {
      const event = this.#digester.next();
      if (event === undefined) return;
      this.#take(event);
    }
  }

  #take(event: DigestEvent): void {
    if (event === "prompt") this.#takePrompt();
    else if (event === "data") this.#takeData();
    else {
      const line = this.#digester.line;
      this.#log?.(`< ${withoutSecrets(line, this.#command.secret)}`);
      if (event === "urc") this.#onURC(line);
      else if (event === "response") this.#respond(line);
      else this.#finalize(line);
    }
  }

  #takePrompt(): void {
    if (this.#phase !== "prompt") return;
    this.#timer.clear(this.#timeout);
    const { promptPause } = this.#command;
    if (promptPause === undefined) this.#sendData();
    else this.#timeout = this.#timer.set(() => this.#sendData(), promptPause);
  }

  #sendData(): void {
    this.#log?.(`> (${this.#command.data?.length} bytes)`);
    this.#prompted = true;
    this.#port.write(this.#command.data!);
    this.#enter("final", this.#command.timeout);
  }

  #takeData(): void {
    // What a read brings after its time is over has no taker any more.
    if (this.#phase === "final") this.#command.onData?.(this.#digester.data);
  }

  #respond(line: string): void {
    if (this.#phase !== "final" && this.#phase !== "prompt") return;
    if (this.#lines.length < MAXIMUM_LINES) this.#lines.push(line);
    if (!this.#awaitsResult || !matches(line, this.#command.result)) return;
    this.#awaitsResult = false;
    if (!this.#awaitsFinal) this.#settle(true, this.#final);
  }

  #finalize(line: string): void {
    if (this.#phase === "probe") this.#drain();
    else if (this.#phase === "drain" && this.#probes++ < PROBES) this.#enter("drain", DRAIN);
    else if (this.#phase === "prompt" || this.#phase === "final") this.#end(line);
  }

  #end(line: string): void {
    const ok = succeeds(line, this.#command);
    this.#awaitsFinal = false;
    this.#final = line;
    if (!ok || !this.#awaitsResult) this.#settle(ok && this.#phase === "final", line);
  }

  #settle(ok: boolean, final: string): void {
    this.#ok = ok;
    this.#final = final;
    this.#digester.expect = undefined;
    this.#enter("gap", GAP);
  }

  #expire(): void {
    if (this.#phase === "gap" || this.#phase === "drain") this.#finish();
    else if (this.#phase === "probe") this.#probe();
    else this.#lose();
  }

  /** The final reply did not come: is the modem still there? It may also sit in a prompt and take all this for data. */
  #lose(): void {
    this.#log?.(`! no ${this.#phase === "prompt" ? "prompt" : "answer"} after ${nameOf(this.#command)}`);
    this.#final = TIMEOUT;
    this.#port.discard();
    this.#digester.abandonPayload();
    this.#leavePrompt();
    this.#probes = 0;
    this.#probe();
  }

  #leavePrompt(): void {
    if (this.#command.prompt !== undefined) this.#port.write(Uint8Array.of(ESCAPE));
  }

  #probe(): void {
    if (this.#probes === (this.#command.probes ?? PROBES)) {
      this.#final = MUTE;
      this.#port.discard();
      this.#finish();
      return;
    }
    // The second time the modem gets what it may be waiting for: the rest of the payload that was announced to it.
    if (this.#probes === 1 && this.#command.data) this.#port.write(this.#command.data);
    this.#probes++;
    // A late payload of the lost command must still be counted, so its header stays expected.
    const { payload, payloadStart } = this.#command;
    this.#send({ ...PROBE, ...(payload && { payload }), ...(payloadStart && { payloadStart }) });
    this.#enter("probe", PROBE_TIMEOUT);
  }

  #drain(): void {
    this.#probes = 0;
    this.#enter("drain", DRAIN);
  }

  #finish(): void {
    this.#phase = "idle";
    this.#digester.expect = undefined;
    this.#digester.abandonPayload();
    const done = this.#done;
    this.#done = undefined;
    done?.({ ok: this.#ok, final: this.#final, lines: this.#lines, ...(this.#prompted && { prompted: true }) });
  }
}

function nameOf(command: Command): string {
  return command.text.split("=")[0]!;
}

/** An echo, also a late or garbled one, may hold a PIN or a password; SARA tells what its TLS sessions are resumed with. */
function withoutSecrets(line: string, expected = false): string {
  if (line.startsWith(SESSION_SECRET)) return SESSION_SECRET;
  const isEcho = expected || line.startsWith("AT");
  const end = line.includes("=") || !isEcho ? line.indexOf("=") : line.indexOf('"');
  return end < 0 ? line : line.slice(0, end);
}
