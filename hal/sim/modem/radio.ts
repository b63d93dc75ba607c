import type { TimerHandle } from "../../timer.js";
import type { Agenda } from "./agenda.js";
import type { Knobs } from "./knobs.js";

/** <stat> of +CREG (27.007 7.2): idle, home, searching, denied, roaming. */
export type Registration = 0 | 1 | 2 | 3 | 5;

export interface RadioOptions {
  readonly agenda: Agenda;
  readonly knobs: Knobs;
  readonly random: () => number;
  /** The network still knows the modem: it is found as fast as it attaches (after PSM). */
  readonly known: boolean;
  readonly onRegistration: () => void;
  /** The packet bearer is gone: detached, out of coverage for too long, or dropped by the network. */
  readonly onDetached: () => void;
  /** NITZ: the network tells the time. */
  readonly onTime: () => void;
}

/** How long losing the cell goes unnoticed. */
const LOSS_NOTICED = 2000;
const TIME_AFTER_REGISTRATION = 1000;

/** The radio and the network's mind: searching, registration, packet attach, and their loss. */
export class Radio {
  registration: Registration = 0;
  /** Of the packet bearer; undefined while detached. */
  address: string | undefined;
  /** Names can be resolved. */
  namesReady = true;
  readonly #options: RadioOptions;
  #on = false;
  #search: TimerHandle | undefined;
  #loss: TimerHandle | undefined;
  #hold: TimerHandle | undefined;
  #lifetime: TimerHandle | undefined;
  #names: TimerHandle | undefined;
  #known: boolean;

  constructor(options: RadioOptions) {
    this.#options = options;
    this.#known = options.known;
  }

  get registered(): boolean {
    return this.registration === 1 || this.registration === 5;
  }

  get attached(): boolean {
    return this.address !== undefined;
  }

  /** Whether packets get through right now. */
  get reachable(): boolean {
    return this.attached && this.#options.knobs.coverage;
  }

  /** The radio is on and has a SIM that works: looks for a network. */
  start(): void {
    if (this.#on) return;
    this.#on = true;
    this.#searchAgain();
  }

  stop(): void {
    this.#on = false;
    for (const timer of [this.#search, this.#loss, this.#hold]) this.#options.agenda.cancel(timer);
    this.#search = this.#loss = this.#hold = undefined;
    this.detach();
    this.#register(0);
  }

  attach(): void {
    if (!this.registered || this.attached) return;
    const { random, agenda, knobs } = this.#options;
    if (knobs.contextLifetime > 0) this.#lifetime = agenda.about(knobs.contextLifetime, () => this.dropContext());
    this.namesReady = knobs.dnsTime === 0;
    if (!this.namesReady) this.#names = agenda.after(knobs.dnsTime, () => this.#resolveNames());
    this.address = `10.${random() % 256}.${random() % 256}.${1 + (random() % 254)}`;
  }

  detach(): void {
    if (!this.attached) return;
    this.address = undefined;
    for (const timer of [this.#lifetime, this.#names]) this.#options.agenda.cancel(timer);
    this.#options.onDetached();
  }

  /** The network drops the bearer; the registration stays and a new bearer follows. */
  dropContext(): void {
    this.detach();
    this.attach();
  }

  /** A knob was turned. */
  update(): void {
    if (!this.#on) return;
    const { knobs } = this.#options;
    if (!knobs.coverage) this.#startLoss();
    else this.#endLoss();
    if (!this.registered || !knobs.coverage) return;
    if (knobs.denied) this.#deny();
    else this.#register(knobs.roaming ? 5 : 1);
  }

  #resolveNames(): void {
    this.namesReady = true;
  }

  #startLoss(): void {
    if (!this.registered || this.#loss) return;
    const { agenda, knobs } = this.#options;
    this.#loss = agenda.about(LOSS_NOTICED, () => this.#register(2));
    this.#hold = agenda.about(knobs.contextHold, () => this.detach());
  }

  #endLoss(): void {
    this.#options.agenda.cancel(this.#loss);
    this.#options.agenda.cancel(this.#hold);
    this.#loss = this.#hold = undefined;
    if (this.registration === 2 && !this.#search) this.#searchAgain();
  }

  #searchAgain(): void {
    this.#register(2);
    const { agenda, knobs } = this.#options;
    this.#search = agenda.about(this.#known ? knobs.attachTime : knobs.searchTime, () => this.#found());
    this.#known = false;
  }

  #found(): void {
    const { agenda, knobs, onTime } = this.#options;
    this.#search = undefined;
    if (!knobs.coverage) return;
    if (knobs.denied) {
      this.#deny();
      return;
    }
    this.#register(knobs.roaming ? 5 : 1);
    this.attach();
    if (knobs.nitz) agenda.about(TIME_AFTER_REGISTRATION, onTime);
  }

  #deny(): void {
    this.detach();
    this.#register(3);
  }

  #register(registration: Registration): void {
    if (this.registration === registration) return;
    this.registration = registration;
    this.#options.onRegistration();
  }
}
