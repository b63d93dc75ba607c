import { Chance } from "./chance.js";
import { faultsOf } from "./faults.js";
import { User } from "./user.js";
import { Violation } from "./violation.js";
import { World, type WorldOptions } from "./world.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** How long the device may need to report after everything works again, beyond its own report interval, in milliseconds. */
const RECOVERY = 2.5 * HOUR;

/** And for the tries at a server on probation that is not there. */
const PROBATION = 2 * HOUR;

export interface CampaignOptions extends WorldOptions {
  readonly days: number;
}

/** How one world ended. */
export interface Outcome {
  readonly seed: number;
  readonly days: number;
  /** Of everything that happened: equal for equal runs. */
  readonly digest: string;
  readonly recorded: number;
  readonly acknowledged: number;
  readonly evicted: number;
  readonly requests: number;
  readonly boots: number;
  /** Milliseconds of real time. */
  readonly duration: number;
  /** The day of the first violation, and what was expected and found. */
  readonly violation?: { readonly day: number; readonly text: string };
}

export function runCampaign(options: CampaignOptions): Outcome {
  const start = performance.now();
  const campaign = new Campaign(options);
  const { world } = campaign;
  const violation = violationOf(campaign);
  const { recorded, acknowledged, evicted } = world.rows;
  return {
    seed: options.seed,
    days: options.days,
    digest: world.digest,
    ...{ recorded, acknowledged, evicted },
    requests: world.requests,
    boots: world.machine.boots,
    duration: performance.now() - start,
    ...(violation && { violation: { day: world.day, text: violation.message } }),
  };
}

function violationOf(campaign: Campaign): Violation | undefined {
  try {
    campaign.run();
    return undefined;
  } catch (error) {
    if (error instanceof Violation) return error;
    throw error;
  } finally {
    campaign.world.close();
  }
}

/** The days of one world: storms of faults, each followed by a calm in which the device has to come back. */
class Campaign {
  readonly world: World;
  readonly #chance: Chance;
  readonly #end: number;
  readonly #faults: ReturnType<typeof faultsOf>;
  readonly #user: User;
  #ends: (() => void)[] = [];

  constructor({ days, ...options }: CampaignOptions) {
    this.world = new World(options);
    this.#end = days * DAY;
    this.#chance = new Chance(options.seed, "campaign");
    this.#faults = faultsOf(this.#chance.oneIn(2));
    this.#user = new User(this.world, new Chance(options.seed, "user"));
  }

  /** Throws Violation. */
  run(): void {
    const { world } = this;
    const calm = RECOVERY + PROBATION + world.profile.reportInterval * 1000;
    world.machine.start("power");
    this.#user.start();
    world.runUntil(Math.min(this.#end, this.#chance.span(10 * MINUTE, 12 * HOUR)));
    while (world.time.now + calm < this.#end) {
      this.#storm(Math.min(this.#end - calm, world.time.now + this.#chance.span(HOUR, 6 * DAY)));
      const start = world.now;
      world.log("calm");
      world.runUntil(world.time.now + RECOVERY + this.#probation() + world.profile.reportInterval * 1000);
      world.checkRecovered(start);
    }
    world.runUntil(this.#end);
  }

  #probation(): number {
    const { device } = this.world.machine;
    const lost = !this.world.servers.some(({ host }) => device?.settings.text("base_url").endsWith(host));
    return lost ? PROBATION : 0;
  }

  #storm(end: number): void {
    const { world } = this;
    world.log("storm");
    const span = end - world.time.now;
    const count = 1 + Math.round((this.#chance.span(1, 12) * span) / DAY);
    for (let i = 0; i < count; i++) {
      world.time.set(() => this.#strike(end), Math.floor((span * this.#chance.bits()) / 0x100000000));
    }
    world.runUntil(end);
    for (const stop of this.#ends.splice(0).reverse()) stop();
    world.restorePower();
  }

  #strike(stormEnd: number): void {
    const { world } = this;
    const fault = this.#chance.of(this.#faults);
    world.log(`fault: ${fault.name}`);
    const stop = fault.start(world, this.#chance);
    if (!stop) return;
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      world.log(`over: ${fault.name}`);
      stop();
    };
    this.#ends.push(end);
    // Some last as long as the storm: that fills the ring.
    const longest = stormEnd - world.time.now;
    world.time.set(end, this.#chance.oneIn(8) ? longest : Math.min(longest, this.#chance.span(MINUTE, DAY)));
  }
}
