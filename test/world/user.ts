import type { Chance } from "./chance.js";
import { DAY } from "./token-office.js";
import type { World } from "./world.js";

const HOUR = 3_600_000;

/** The family and its vendor: buys credit in time or too late, types it rightly, wrongly and twice; opens the case. */
export class User {
  readonly #world: World;
  readonly #chance: Chance;

  constructor(world: World, chance: Chance) {
    this.#world = world;
    this.#chance = chance;
  }

  start(): void {
    this.#grant();
    this.#next();
  }

  #next(): void {
    this.#world.time.set(
      () => {
        this.#act();
        this.#next();
      },
      this.#chance.span(HOUR / 4, 30 * HOUR),
    );
  }

  #act(): void {
    const { system } = this.#world.machine;
    const what = this.#chance.whole(0, 9);
    if (what === 0) this.#typeWrong();
    else if (what === 1) this.#typeAgain();
    else if (what === 2) system.caseOpen = !system.caseOpen;
    else if (what === 3) system.appliance = this.#chance.oneIn(2) ? 0 : 100;
    else this.#grant();
  }

  #grant(): void {
    const { profile } = this.#world;
    if (profile.activation === "token" || this.#chance.oneIn(5)) this.#giveToken();
    else this.#world.grantUntil(Math.floor(this.#world.now + this.#chance.span(HOUR / 1000, 5 * DAY)));
  }

  /** Half of the tokens are typed, half come with an answer; some of both get there late or never. */
  #giveToken(): void {
    const world = this.#world;
    const chance = this.#chance;
    const type = chance.of(["ADD_TIME", "ADD_TIME", "ADD_TIME", "SET_TIME", "COUNTER_SYNC"] as const);
    const token = world.office.issue(type, type === "COUNTER_SYNC" ? undefined : chance.whole(0, 3));
    world.log(`token ${token.count} made: ${type} ${token.value}`);
    if (chance.oneIn(2)) world.queueToken(token);
    if (chance.oneIn(2)) world.time.set(() => world.type(token.token), chance.span(1, 3 * 24 * HOUR));
  }

  #typeWrong(): void {
    for (let i = this.#chance.whole(1, 5); i > 0; i--) {
      this.#world.type(String(this.#chance.whole(0, 999_999_999)).padStart(9, "0"));
    }
  }

  #typeAgain(): void {
    const { issued } = this.#world.office;
    if (issued.length > 0) this.#world.type(this.#chance.of(issued).token);
  }
}
