import type { EventEmitter } from "node:events";
import { Duplex } from "node:stream";
import { setImmediate as nextRound } from "node:timers/promises";
import { HostInternet, type Opened, type Watcher } from "./host-internet.js";

/** A Node server (http, https, net), or anything that serves a stream. */
export type LoopTarget = EventEmitter | ((stream: Duplex) => void);

/** Rounds of the event loop without any activity, after which nothing more is to be expected. */
const IDLE_ROUNDS = 4;

/**
 * An internet inside this process: no sockets, no real time, so the same run gives the same bytes. It is busy until the
 * event loop has come to rest, file access of the servers included. Servers that answer from a timer are not waited for.
 */
export class LoopInternet extends HostInternet {
  /** By host name, then port. */
  readonly #hosts = new Map<string, Map<number, LoopTarget>>();
  #idleRounds = IDLE_ROUNDS;

  get busy(): boolean {
    return this.#idleRounds < IDLE_ROUNDS;
  }

  /** Serves `host` and `port` from now on. The host gets an address of its own (198.51.100.n) that works as well. */
  listen(host: string, port: number, target: LoopTarget): void {
    const ports = this.#hosts.get(host) ?? new Map<number, LoopTarget>();
    ports.set(port, target);
    this.#hosts.set(host, ports);
  }

  /** New connections to `host` and `port` are refused from now on. */
  unlisten(host: string, port: number): void {
    this.#hosts.get(host)?.delete(port);
  }

  resolve(host: string, onResolved: (address: string | undefined) => void): void {
    const index = [...this.#hosts.keys()].indexOf(host);
    this.#idleRounds = 0;
    this.post(() => onResolved(index < 0 ? undefined : address(index)));
  }

  protected open(host: string, port: number): Opened {
    this.#idleRounds = 0;
    const name = [...this.#hosts.keys()].find((name, index) => name === host || address(index) === host);
    if (name === undefined) return { failure: "dns", message: `${host}: no such host` };
    const target = this.#hosts.get(name)?.get(port);
    if (!target) return { failure: "refused", message: `${host}: nothing listens on port ${port}` };
    const [near, far] = LoopStream.pair(() => {
      this.#idleRounds = 0;
    });
    if (typeof target === "function") target(far);
    else target.emit("connection", far);
    return near;
  }

  protected watch(): Watcher {
    const stir = () => {
      this.#idleRounds = 0;
    };
    return { onConnected: stir, onSent: stir, onReceived: stir, onEnded: stir };
  }

  protected async pause(): Promise<void> {
    await nextRound();
    this.#idleRounds = filesAreBusy() ? 0 : this.#idleRounds + 1;
  }
}

/** TEST-NET-2 (RFC 5737). */
function address(index: number): string {
  return `198.51.100.${index + 1}`;
}

/** FSReqPromise, FSReqCallback and CloseReq are what Node calls file operations under way. */
function filesAreBusy(): boolean {
  return process.getActiveResourcesInfo().some((resource) => /^(FS|Close)Req/.test(resource));
}

/** One end of a pipe in memory; what is written at one end is read at the other. */
class LoopStream extends Duplex {
  readonly #stir: () => void;
  #other: LoopStream | undefined;
  /** Tells the other end's writer that there is room again. */
  #resume: (() => void) | undefined;

  constructor(stir: () => void) {
    super({ allowHalfOpen: false });
    this.#stir = stir;
  }

  static pair(stir: () => void): [LoopStream, LoopStream] {
    const near = new LoopStream(stir);
    const far = new LoopStream(stir);
    near.#other = far;
    far.#other = near;
    return [near, far];
  }

  override _read(): void {
    this.#stir();
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#stir();
    const other = this.#other!;
    if (other.destroyed || other.push(chunk)) done();
    else other.#resume = done;
  }

  override _final(done: () => void): void {
    this.#stir();
    this.#other!.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stir();
    const other = this.#other!;
    if (!other.destroyed) other.push(null);
    // A writer that waits for room would wait for ever.
    this.#resume?.();
    done(error);
  }
}
