import { defaultKnobs, type Knobs } from "../../hal/sim/modem/knobs.js";
import type { Chance } from "./chance.js";
import { MANNERS } from "./internet.js";
import { HOSTS } from "./profile.js";
import type { World } from "./world.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Something that goes wrong. What has a duration gives what ends it. */
interface Fault {
  readonly name: string;
  readonly start: (world: World, chance: Chance) => (() => void) | undefined;
}

/** Turns knobs of the modem for a while, then back to what is usual in this world. */
function knobs(name: string, changes: (chance: Chance, world: World) => Partial<Knobs>): Fault {
  return {
    name,
    start(world, chance) {
      const turned = changes(chance, world);
      const usual = { ...defaultKnobs, ...world.profile.knobs };
      const back = Object.keys(turned).map((knob) => [knob, usual[knob as keyof Knobs]]);
      Object.assign(world.machine.modem.knobs, turned);
      return () => void Object.assign(world.machine.modem.knobs, Object.fromEntries(back));
    },
  };
}

/** Something that happens at one moment. */
function moment(name: string, happen: (world: World, chance: Chance) => void): Fault {
  return {
    name,
    start(world, chance) {
      happen(world, chance);
      return undefined;
    },
  };
}

/** Cuts the power for `downtime` milliseconds, at once. */
function cut(world: World, downtime: number, modem: boolean, resetReason: string): void {
  world.downtime = downtime;
  world.resetReason = resetReason;
  if (world.machine.powered) world.machine.stop(modem);
}

const POWER: readonly Fault[] = [
  moment("short cut", (world, chance) => cut(world, chance.span(100, MINUTE), true, "power")),
  moment("long cut", (world, chance) => cut(world, chance.span(MINUTE, 2 * DAY), true, "power")),
  moment("board resets alone", (world, chance) => cut(world, chance.span(10, 5 * SECOND), false, "brownout")),
  {
    name: "brown-outs",
    start(world, chance) {
      const { time } = world;
      let running = true;
      const next = () => {
        if (!running) return;
        cut(world, chance.span(10, 30 * SECOND), chance.oneIn(2), "brownout");
        time.set(next, chance.span(10, 20 * MINUTE));
      };
      next();
      return () => {
        running = false;
      };
    },
  },
  {
    name: "cuts in the middle of flash writes",
    start: (world, chance) => cutInside(world, chance, (steps) => world.machine.flash.cutAfter(steps), 400),
  },
  {
    name: "cuts in the middle of state writes",
    start: (world, chance) => cutInside(world, chance, (steps) => world.machine.keyValue.cutAfter(steps), 100),
  },
  moment("weak bits leak", (world, chance) => {
    cut(world, chance.span(100, MINUTE), true, "power");
    world.machine.flash.leak();
  }),
];

/** One cut after the other, each at some byte of what is written next. */
function cutInside(world: World, chance: Chance, arm: (steps: number) => void, most: number): () => void {
  let running = true;
  const next = () => {
    if (!running) return;
    world.downtime = chance.span(100, 10 * MINUTE);
    world.resetReason = "power";
    if (world.machine.powered) arm(chance.whole(0, most));
    world.time.set(next, chance.span(SECOND, HOUR));
  };
  next();
  return () => {
    running = false;
    arm(Number.POSITIVE_INFINITY);
  };
}

const MODEM: readonly Fault[] = [
  // Only a signature over the data sees a byte that was garbled on its way to the modem, and none covers a data format.
  knobs("noise on the UART", (chance, { profile }) =>
    ["ra", "da"].includes(profile.auth) && profile.registry ? { noise: chance.span(20, 20_000) } : {},
  ),
  knobs("fragments", (chance) => ({ fragment: chance.whole(1, 9) })),
  knobs("storm of unsolicited codes", (chance) => ({ storm: chance.span(20, 2000), interleave: chance.whole(0, 500) })),
  knobs("slow modem", (chance) => ({ answerTime: chance.span(20, 3000) })),
  knobs("late results", () => ({ resultFirst: true, contextTime: 8000 })),
  knobs("bearer cannot be opened", () => ({ networkOpenError: true })),
  knobs("no SIM", () => ({ sim: "NOT INSERTED" })),
  moment("modem hangs", (world, chance) => {
    world.machine.modem.knobs.hang = chance.of(["reset", "key", "supply"] as const);
  }),
  moment("modem resets", (world) => world.machine.modem.crash()),
];

const NETWORK: readonly Fault[] = [
  knobs("no coverage", () => ({ coverage: false })),
  knobs("registration denied", () => ({ denied: true })),
  knobs("segments are lost", (chance) => ({ loss: chance.whole(50, 600) })),
  knobs("slow link", (chance) => ({
    latency: chance.span(300, 20_000),
    uplink: chance.span(500, 20_000),
    downlink: chance.span(500, 20_000),
  })),
  knobs("half-open connections", () => ({ halfOpen: true })),
  knobs("connections close while sending", (chance) => ({ closeAfterSent: chance.whole(1, 2000) })),
  knobs("connections close while receiving", (chance) => ({ closeAfterReceived: chance.whole(1, 300) })),
  moment("bearer dropped", (world) => world.machine.modem.dropContext()),
  moment("all connections closed", (world) => world.machine.modem.closeConnections()),
];

const SERVER: readonly Fault[] = [
  {
    name: "server misbehaves",
    start(world, chance) {
      world.internet.manners = Array.from({ length: chance.whole(1, 4) }, () => chance.of(MANNERS));
      return () => {
        world.internet.manners = [];
      };
    },
  },
  {
    name: "server away",
    start(world, chance) {
      world.internet.manners = [chance.of(["refused", "unknown name", "no connection", "unavailable"] as const)];
      world.internet.always = true;
      return () => {
        world.internet.manners = [];
        world.internet.always = false;
      };
    },
  },
  moment("a technician changes the server", (world) => world.migrate()),
  moment("servers move the device", (world, chance) => world.redirect(chance.of(HOSTS))),
  {
    name: "servers move the device to nowhere",
    start(world) {
      world.redirect("nowhere.example");
      return () => world.redirect();
    },
  },
];

const CLOCK: readonly Fault[] = [
  knobs("network tells no time", () => ({ nitz: false })),
  {
    name: "network clock wrong",
    start(world, chance) {
      world.clocksRight = false;
      world.machine.networkClockError = (chance.oneIn(2) ? 1 : -1) * chance.span(1, 400 * 86_400);
      return () => {
        world.machine.networkClockError = 0;
      };
    },
  },
  moment("battery-backed clock wrong", (world, chance) => {
    world.clocksRight = false;
    world.machine.setClock((chance.oneIn(2) ? 1 : -1) * chance.span(1, 400 * 86_400));
  }),
  moment("battery-backed clock lost", (world) => world.machine.setClock(undefined)),
];

/** Clocks go wrong in some worlds only, so that the others can be held to the right time of every row. */
export function faultsOf(clocks: boolean): readonly Fault[] {
  return [
    ...POWER,
    ...POWER,
    ...MODEM,
    ...NETWORK,
    ...SERVER,
    ...SERVER,
    ...(clocks ? [...CLOCK, ...CLOCK] : [CLOCK[0]!]),
  ];
}
