import { encodeToken, type TokenType } from "../../tools/server/token-encoder.js";

export const DAY = 86400;

export interface IssuedToken {
  readonly token: string;
  readonly count: number;
  readonly type: TokenType;
  /** Days. */
  readonly value: number | null;
  used: boolean;
}

/** Ages at which an unused token that adds time is still taken. */
const WINDOW = 16;

/** Makes the tokens of one device, and knows which of them it may still take. */
export class TokenOffice {
  readonly issued: IssuedToken[] = [];
  readonly #key: Uint8Array;
  /** Count of the last token made. */
  count = 1;
  /** Highest count that the device took. */
  #highest = 1;
  /** Below and at this nothing is taken any more: a token that sets the time came later. */
  #barrier = 1;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  issue(type: TokenType, days?: number): IssuedToken {
    const { count, token } = encodeToken({ key: this.#key, count: this.count, type, value: days });
    const issued = { token, count, type, value: days ?? null, used: false };
    this.count = count;
    this.issued.push(issued);
    return issued;
  }

  find(digits: string): IssuedToken | undefined {
    return this.issued.find(({ token }) => token === digits);
  }

  /** Whether the device has to take it now. */
  isFresh({ used, count, type }: IssuedToken): boolean {
    if (used || count <= this.#barrier) return false;
    return count > this.#highest || (type === "ADD_TIME" && count > this.#highest - WINDOW);
  }

  /** The device took it. */
  take(token: IssuedToken): void {
    token.used = true;
    this.#highest = Math.max(this.#highest, token.count);
    if (token.type !== "ADD_TIME") this.#barrier = token.count;
  }
}
