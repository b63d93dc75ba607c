import { frozen } from "../frozen.js";
import type { TimerHandle, Timers } from "../timer.js";
import type { Chat } from "./chat.js";
import type { Command, Procedure, Reply, Wait } from "./command.js";

const HAPPENED: Reply = frozen({ ok: true, final: "", lines: frozen([]) });
const ELAPSED: Reply = frozen({ ok: false, final: "", lines: frozen([]) });

/** What makes all that was going on pointless: the modem restarted, the network is gone. In plain words. */
export class Trouble {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Runs one procedure over a chat: the only one who sends commands, so that one at a time is in flight by
 * construction. Every step has a time limit, so a procedure cannot stop for good.
 */
export class Fiber {
  readonly #chat: Chat;
  readonly #timer: Timers;
  readonly #onReply: (reply: Reply) => void;
  #procedure: Procedure | undefined;
  #waiting: Wait | undefined;
  #timeout: TimerHandle | undefined;
  #poke: TimerHandle | undefined;
  #trouble: Trouble | undefined;

  /** `onReply` sees every reply before the procedure does. */
  constructor(chat: Chat, timer: Timers, onReply: (reply: Reply) => void) {
    this.#chat = chat;
    this.#timer = timer;
    this.#onReply = onReply;
  }

  /** Starts `procedure` on the next turn, in place of the one that runs. */
  start(procedure: Procedure): void {
    this.stop();
    this.#procedure = procedure;
    this.#timeout = this.#timer.set(() => this.#resume(HAPPENED));
  }

  stop(): void {
    this.#timer.clear(this.#timeout);
    this.#timer.clear(this.#poke);
    this.#poke = undefined;
    this.#waiting = undefined;
    this.#procedure = undefined;
    this.#trouble = undefined;
    this.#chat.abort();
  }

  /** Throws `trouble` inside the procedure: on the next turn where it waits, else when the command in flight has ended. */
  interrupt(trouble: Trouble): void {
    this.#trouble ??= trouble;
    this.poke();
  }

  /** Something changed: on the next turn a wait looks again whether it is over. */
  poke(): void {
    this.#poke ??= this.#timer.set(() => {
      this.#poke = undefined;
      if (this.#waiting && (this.#trouble || this.#waiting.until?.())) this.#resume(HAPPENED);
    });
  }

  #resume(reply: Reply): void {
    this.#timer.clear(this.#timeout);
    this.#waiting = undefined;
    const step = this.#step(reply);
    if (step === undefined || step.done) return;
    if ("text" in step.value) this.#run(step.value);
    else this.#wait(step.value);
  }

  #step(reply: Reply): IteratorResult<Command | Wait, void> | undefined {
    const trouble = this.#trouble;
    this.#trouble = undefined;
    return trouble ? this.#procedure?.throw(trouble) : this.#procedure?.next(reply);
  }

  #run(command: Command): void {
    this.#chat.run(command, (reply) => {
      this.#onReply(reply);
      this.#resume(reply);
    });
  }

  #wait(wait: Wait): void {
    this.#waiting = wait;
    if (wait.baud !== undefined) this.#chat.reopen(wait.baud);
    if (wait.write) this.#chat.write(wait.write);
    const over = wait.until?.() === true;
    this.#timeout = this.#timer.set(() => this.#resume(over ? HAPPENED : ELAPSED), over ? 0 : wait.timeout);
  }
}
