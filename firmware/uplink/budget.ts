import type { KeyValue } from "../../hal/key-value.js";
import type { Network } from "../../hal/network.js";
import type { Clock } from "../clock.js";
import { StateCell } from "../state.js";

const DAY = 86_400;
/** A device that does not know the time takes every month for this long. Seconds. */
const MONTH = 30 * DAY;
/** What may be used before its time has come: a day's part; without a clock less, as each restart begins anew. Seconds. */
const AHEAD = DAY;
const AHEAD_UNDATED = DAY / 8;
/**
 * What a request costs besides what the sockets carry, in bytes: DNS, SYN, FIN, the headers of its short segments, and the answers
 * to all that (measured: 885 with 10 rows); a full TLS handshake.
 */
const CONNECTION = 900;
const HANDSHAKE = 3000;
const LENGTH = 8;

export interface BudgetOptions {
  readonly clock: Clock;
  readonly keyValue: KeyValue;
  readonly network: Pick<Network, "bytesSent" | "bytesReceived">;
  /** Most bytes in a month; 0: any number. */
  readonly limit: () => number;
}

/**
 * What the operator bills. Requests are booked before they leave, so that a cut of power forgets none, and put right by what
 * the sockets carried. A month's bytes become free day by day: a device that has much to say slows down, and is not silent at the end.
 *
 *     u32 month, 12 x year + 0..11, UTC; 0 before it was known | u32 bytes in it, little-endian
 */
export class Budget {
  readonly #options: BudgetOptions;
  readonly #cell: StateCell;
  #month = 0;
  #spent = 0;
  /** Bytes of the month at the start. */
  readonly #before: number;
  /** The request under way: what was booked for it, what it costs besides its payload, and the sockets' bytes before it. */
  #open: { readonly booked: number; readonly overhead: number; readonly carried: number } | undefined;

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#cell = new StateCell({ keyValue: options.keyValue, key: "budget", version: 1 });
    const bytes = this.#cell.read();
    if (bytes?.length === LENGTH) {
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      this.#month = view.getUint32(0, true);
      this.#spent = view.getUint32(4, true);
    }
    this.#before = this.#spent;
  }

  /** Bytes on the air in this month: those of the sockets, and a little more than what carried them. */
  get spent(): number {
    this.#turnPage();
    return this.#spent;
  }

  /** Seconds until a request of so many payload bytes, its answer included, may leave; 0: now. */
  wait(bytes: number, secure: boolean): number {
    const limit = this.#options.limit();
    if (limit === 0) return 0;
    const needed = this.spent + Math.min(limit, cost(bytes) + overhead(secure));
    const { clock } = this.#options;
    if (clock.now === undefined) {
      // Restarts must not add up to more than the month: then nothing may be used ahead.
      const ahead = needed > limit ? 0 : AHEAD_UNDATED;
      return Math.max(0, Math.ceil(((needed - this.#before) / limit) * MONTH) - ahead - clock.uptime);
    }
    const [start, end] = monthOf(clock.now);
    const free = needed > limit ? end : Math.ceil(start + (needed / limit) * (end - start)) - AHEAD;
    return Math.max(0, free - clock.now);
  }

  /** Books a request of so many payload bytes, its answer included; saved when it returns. */
  book(bytes: number, secure: boolean): void {
    this.settle();
    this.#turnPage();
    const booked = cost(bytes) + overhead(secure);
    this.#open = { booked, overhead: overhead(secure), carried: this.#carried };
    this.#spent += booked;
    this.#save();
  }

  /** The request has ended: what it really took is saved with the next one. */
  settle(): void {
    if (!this.#open) return;
    const { booked, overhead, carried } = this.#open;
    this.#open = undefined;
    this.#spent = Math.max(0, this.#spent - booked) + overhead + cost(this.#carried - carried);
  }

  get #carried(): number {
    const { bytesSent, bytesReceived } = this.#options.network;
    return bytesSent + bytesReceived;
  }

  /** A later month begins at zero. An earlier one means that the clock was wrong: what was spent stays. */
  #turnPage(): void {
    const { now } = this.#options.clock;
    if (now === undefined) return;
    const month = numberOf(now);
    if (this.#month !== 0 && month > this.#month) this.#spent = 0;
    this.#month = month;
  }

  #save(): void {
    const bytes = new Uint8Array(LENGTH);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, this.#month, true);
    view.setUint32(4, Math.min(this.#spent, 0xffffffff), true);
    this.#cell.write(bytes);
  }
}

function overhead(secure: boolean): number {
  return secure ? CONNECTION + HANDSHAKE : CONNECTION;
}

/** Payload with the headers of its segments and their acknowledgements. */
function cost(bytes: number): number {
  return bytes + Math.ceil(bytes / 8);
}

function numberOf(time: number): number {
  const date = new Date(time * 1000);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** First second of the month that this lies in, and of the one after. */
function monthOf(time: number): readonly [start: number, end: number] {
  const number = numberOf(time);
  const first = (index: number) => Date.UTC(Math.floor(index / 12), index % 12) / 1000;
  return [first(number), first(number + 1)];
}
