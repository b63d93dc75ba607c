import Timer from "timer";
import type { Network } from "../../../hal/network.js";
import type { TCPConstructor } from "../../../hal/tcp.js";
import { check } from "./check.js";

/** The SDK's tests of TCP sockets that need no listener and no `from`, which a modem does not have. */
const NAMES = [
  "close",
  "constructor-no-address",
  "constructor-port",
  "constructor",
  "format",
  "no-callbacks",
  "onReadable",
  "onWritable-overflow",
  "onWritable",
  "read-beyond-available",
  "read-into-view",
  "read-no-argument",
  "read-outside-callback",
  "remoteAddress",
  "remotePort",
  "target",
  "write-outside-callback",
];

interface Globals {
  /** The class that stands for `embedded:io/socket/tcp`. */
  $TCP: TCPConstructor;
  assert: typeof assert;
  /** Ends the test: in peace without a reason. */
  $DONE: (reason?: unknown) => void;
  $DO: (part: () => void) => () => void;
  $NETWORK: { connected: Promise<void>; resolve(name: string): Promise<string> };
  $TESTMC: { timeout(milliseconds: number): void };
}

/** What the SDK's test harness offers to a test, as far as these use it. */
const globals = globalThis as unknown as Globals;

/** Runs the SDK's own TCP tests, as they are, against the sockets of the modem. */
export async function runSDKTests(network: Network): Promise<void> {
  globals.$TCP = network.TCP;
  globals.assert = assert;
  globals.$DO = (part) => () => {
    try {
      part();
      globals.$DONE();
    } catch (error) {
      globals.$DONE(error);
    }
  };
  globals.$NETWORK = { connected: Promise.resolve(), resolve: async (name) => name };
  for (const name of NAMES) await check(`the SDK's test tcp/${name}`, () => run(name));
}

function run(name: string): Promise<void> {
  let timer: Timer | undefined;
  return new Promise<void>((resolve, reject) => {
    globals.$DONE = (reason) => (reason === undefined ? resolve() : reject(reason));
    globals.$TESTMC = {
      timeout: (milliseconds) => {
        timer = Timer.set(() => reject(new Error("timeout")), milliseconds);
      },
    };
    import(`sdk-test/tcp/${name}`).catch(reject);
  }).finally(() => Timer.clear(timer));
}

function assert(value: unknown, message = "assertion failed"): void {
  if (!value) throw new Error(message);
}

assert.sameValue = (actual: unknown, expected: unknown, message = "not the same"): void => {
  if (!Object.is(actual, expected)) throw new Error(`${message}: expected ${String(expected)}, got ${String(actual)}`);
};

/** Where the SDK has SyntaxError, for a socket that is closed, any error will do: ECMA-419 names none. */
assert.throws = (kind: ErrorConstructor, part: () => void, message = "should throw"): void => {
  try {
    part();
  } catch (error) {
    if (error instanceof kind || (kind as unknown) === SyntaxError) return;
    throw new Error(`${message}: expected ${kind.name}, got ${String(error)}`);
  }
  throw new Error(`${message}: expected ${kind.name}, nothing was thrown`);
};
