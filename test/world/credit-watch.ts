import type { Device } from "../../firmware/app.js";
import { CreditModel, type CreditView } from "./credit-model.js";
import type { IssuedToken, TokenOffice } from "./token-office.js";
import { Violation } from "./violation.js";

/** Seconds that an answer may take to the device. */
const LATE = 1800;
/** Bits of used tokens that the device remembers. */
const WINDOW = 16;

export interface CreditWatchOptions {
  readonly office: TokenOffice;
  readonly view: () => CreditView;
  /** False from the moment the power goes. */
  readonly powered: () => boolean;
  readonly onViolation: (violation: Violation) => void;
}

/** Sees everything that changes the credit, and holds it against the model. */
export class CreditWatch {
  /** Ends of credit that the servers were told to give, in seconds since 1970. */
  readonly grants = new Set<number>();
  readonly #model = new CreditModel();
  readonly #options: CreditWatchOptions;
  /** Being taken; after a cut its fate is open. */
  #openToken: IssuedToken | undefined;
  /** A change of the credit that is accounted for elsewhere is under way. */
  #granting = false;

  constructor(options: CreditWatchOptions) {
    this.#options = options;
  }

  started(device: Device): void {
    this.#model.started(this.#options.view());
    this.#granting = false;
    this.#watchDoor(device);
    this.#watchCredit(device);
    this.#settleToken(device);
  }

  /** The power went after so many seconds. */
  stopped(uptime: number): void {
    this.#model.crashed(uptime, this.#options.view());
  }

  /** To be called every minute. */
  check({ credit }: Device): void {
    const view = this.#options.view();
    this.#model.ran(view);
    this.#model.check(credit.left, view);
  }

  #watchDoor({ door }: Device): void {
    const enter = door.enter.bind(door);
    door.enter = (digits) => {
      if (!this.#options.powered()) return enter(digits);
      const token = this.#options.office.find(digits);
      const expected = door.wait === 0 && token !== undefined && this.#options.office.isFresh(token);
      this.#openToken = expected ? token : undefined;
      this.#granting = true;
      const entry = enter(digits);
      this.#granting = false;
      if (!this.#options.powered()) return entry;
      this.#openToken = undefined;
      if (entry.accepted !== expected) {
        const what = token ? `token ${token.count}` : "a token that was never made";
        const wanted = expected ? "accepted" : "refused";
        this.#fail("tokens are taken once", `${what} to be ${wanted}`, entry.message);
      }
      if (entry.accepted && token) this.#took(token);
      return entry;
    };
  }

  #took(token: IssuedToken): void {
    this.#options.office.take(token);
    this.#model.took(token, this.#options.view());
  }

  /** A cut in the middle of a token: the counts tell whether it was taken, and the credit has to agree. */
  #settleToken(device: Device): void {
    const token = this.#openToken;
    this.#openToken = undefined;
    if (!token) return;
    const { count, used } = device.credit.tokens;
    const age = count - token.count;
    if (age >= 0 && age < WINDOW && (used & (1 << age)) !== 0) this.#took(token);
  }

  #watchCredit({ credit }: Device): void {
    const setUntil = credit.setUntil.bind(credit);
    const setLeft = credit.setLeft.bind(credit);
    credit.setUntil = (time) => {
      if (!this.grants.has(time)) this.#fail("only a server grants time", "an end that it gave", `${time}`);
      this.#granting = true;
      setUntil(time);
      this.#granting = false;
      this.#model.grantedUntil(time, this.#options.view());
    };
    credit.setLeft = (seconds, lock) => {
      setLeft(seconds, lock);
      if (!this.#granting) this.#grantedLeft(seconds);
    };
  }

  #grantedLeft(seconds: number): void {
    const view = this.#options.view();
    const granted = [...this.grants].some((time) => Math.abs(time - view.now - seconds) < LATE);
    if (!granted && seconds > 0) this.#fail("only a server grants time", "seconds that it gave", `${seconds}`);
    this.#model.grantedLeft(seconds, view);
  }

  #fail(invariant: string, expected: string, found: string): void {
    this.#options.onViolation(new Violation(invariant, expected, found));
  }
}
