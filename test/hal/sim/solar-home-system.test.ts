import assert from "node:assert/strict";
import type { Sample } from "../../../hal/sensor.js";
import { seededRandom } from "../../../hal/sim/random.js";
import { recordedDay, type TracePoint } from "../../../hal/sim/solar/weather.js";
import {
  SolarHomeSystem,
  type SolarHomeSystemOptions,
  type SolarHomeSystemView,
} from "../../../hal/sim/solar-home-system.js";

/** 2016-01-01T00:00:00Z. */
const START = 1451606400;
const DAY = 86400;

/** A winter's day of the high plains with noon at 19:00 UTC: 3.4 kWh/m2 and frost. */
const WINTER: TracePoint[] = Array.from({ length: 1440 }, (_, minute) => {
  const fromNoon = Math.abs(minute - 1140);
  return {
    minute,
    irradiance: fromNoon < 285 ? 575 * Math.cos((fromNoon / 285) * (Math.PI / 2)) : 0,
    airTemperature: -13 + 9 * Math.cos((fromNoon / 720) * Math.PI),
  };
});
const DARK: TracePoint[] = [{ minute: 0, irradiance: 0, airTemperature: 20 }];

function build(options: Partial<SolarHomeSystemOptions> & { seed?: number } = {}) {
  const clock = { now: START };
  const { seed = 1, ...rest } = options;
  const system = new SolarHomeSystem({ random: seededRandom(seed), time: () => clock.now, ...rest });
  system.relay.write(1);
  const read = (): Sample => ({ ...system.sensors[0]!.sample(), ...system.sensors[1]!.sample() });
  return { clock, system, read };
}

interface Moment {
  readonly time: number;
  readonly sample: Record<string, number>;
  readonly view: SolarHomeSystemView;
}

/** Reads every 10 s, as the firmware does. */
function run(world: ReturnType<typeof build>, seconds: number, interval = 10): Moment[] {
  const moments: Moment[] = [];
  for (const end = world.clock.now + seconds; world.clock.now < end; ) {
    world.clock.now += interval;
    const sample = world.read() as Record<string, number>;
    moments.push({ time: world.clock.now, sample, view: world.system.view });
  }
  return moments;
}

function correlation(a: number[], b: number[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const covariance = (x: number[], y: number[]) => mean(x.map((value, i) => (value - mean0(x)) * (y[i]! - mean0(y))));
  const means = new Map([a, b].map((values) => [values, mean(values)]));
  const mean0 = (values: number[]) => means.get(values)!;
  return covariance(a, b) / Math.sqrt(covariance(a, a) * covariance(b, b));
}

const sum = (moments: Moment[], value: (moment: Moment) => number) =>
  moments.reduce((total, moment) => total + value(moment), 0);

describe("the simulated solar home system", () => {
  it("gives whole millivolts, milliamperes and tenths of a degree under the firmware's names", () => {
    const sample = build().read();
    assert.deepEqual(Object.keys(sample).sort(), [
      "battery_current",
      "battery_voltage",
      "load_current",
      "panel_current",
      "panel_voltage",
      "temperature",
    ]);
    for (const [name, value] of Object.entries(sample)) assert.ok(Number.isInteger(value), `${name} is ${value}`);
  });

  it("shows the recorded sun in the panel current", () => {
    const day = run(build({ trace: WINTER }), DAY);
    const sun = day.map((moment) => moment.view.irradiance);
    const current = day.map((moment) => moment.sample.panel_current!);
    assert.ok(Math.max(...current) > 500, "a 20 W panel gives more than half an ampere in this sun");
    assert.ok(correlation(sun, current) > 0.98, `correlation ${correlation(sun, current)}`);
  });

  it("gives no panel current in the dark, and noise of a few counts only", () => {
    const day = run(build({ trace: DARK }), DAY);
    const current = day.map((moment) => moment.sample.panel_current!);
    assert.ok(Math.max(...current) <= 3 && Math.min(...current) >= 0);
    assert.ok(new Set(current).size > 1, "there is noise");
    assert.ok(Math.max(...day.map((moment) => moment.sample.panel_voltage!)) < 50);
  });

  it("reports the air of the recorded day", () => {
    const weather = recordedDay(WINTER);
    for (const { time, sample } of run(build({ trace: WINTER }), DAY))
      assert.ok(Math.abs(sample.temperature! - weather.airTemperature(time) * 10) < 3);
  });

  it("charges with negative battery current by day and drains with positive by night", () => {
    const day = run(build(), DAY);
    const noon = day.find((moment) => moment.view.irradiance > 800)!;
    const night = day.find((moment) => moment.view.irradiance === 0)!;
    assert.ok(noon.sample.battery_current! < -300, `${noon.sample.battery_current}`);
    assert.ok(night.sample.battery_current! > 10, `${night.sample.battery_current}`);
    assert.ok(noon.sample.panel_voltage! > 14000 && noon.sample.panel_voltage! < 19000);
  });

  it("keeps what the panel gave, less 5 % in the converter, in battery and loads", () => {
    const world = build({ trace: WINTER });
    const before = world.system.view.stateOfCharge;
    const day = run(world, DAY);
    const panel = sum(day, ({ sample }) => (sample.panel_voltage! * sample.panel_current!) / 1e6) * 10;
    const battery = sum(day, ({ sample }) => (sample.battery_voltage! * sample.battery_current!) / 1e6) * 10;
    const load = sum(day, ({ sample }) => (sample.battery_voltage! * sample.load_current!) / 1e6) * 10;
    const own = 0.5 * DAY;
    assert.ok(
      Math.abs(panel * 0.95 + battery - load - own) < 0.01 * panel,
      `${panel * 0.95 + battery} J, ${load + own} J`,
    );
    const charge = sum(day, ({ sample }) => -sample.battery_current! / 1000) * 10;
    const stored = (world.system.view.stateOfCharge - before) * 9 * 3600;
    assert.ok(Math.abs(charge - stored) < 0.03 * 9 * 3600, `${charge} As in, ${stored} As stored`);
  });

  it("is seldom full before late afternoon, so that the sun shows in the current", () => {
    for (const options of [{ trace: WINTER }, {}]) {
      const noon = options.trace ? 19 : 9.7;
      let early = 0;
      for (const seed of [1, 2, 3]) {
        const days = run(build({ ...options, seed }), 10 * DAY, 600);
        const full = new Set<number>();
        for (const { time, view } of days)
          if (view.stage === "float" && ((time % DAY) / 3600 + 24 - noon) % 24 < 3) full.add(Math.floor(time / DAY));
        early += full.size;
      }
      assert.ok(early <= 9, `${early} of 30 days`);
    }
  });

  it("goes through bulk and absorption to float, and lets the panel rise to open circuit", () => {
    const world = build({ latitude: -15, longitude: 0 });
    world.system.relay.write(0);
    const day = run(world, 2 * DAY);
    const stages = day.map((moment) => moment.view.stage).filter((stage, i, all) => stage !== all[i - 1]);
    assert.deepEqual(stages.slice(0, 5), ["night", "bulk", "absorption", "float", "night"]);
    for (const { sample } of day) assert.ok(sample.battery_voltage! <= 14420, `${sample.battery_voltage} mV`);
    const floating = day.filter(({ view }) => view.stage === "float" && view.irradiance > 500);
    const last = floating.at(-1)!;
    assert.ok(last.sample.panel_current! < 60, `${last.sample.panel_current} mA`);
    assert.ok(last.sample.panel_voltage! > 19000, `${last.sample.panel_voltage} mV`);
  });

  it("switches the family's load with the relay, which is off at first", () => {
    const clock = { now: START + 17 * 3600 };
    const system = new SolarHomeSystem({ random: seededRandom(1), time: () => clock.now });
    const load = () => (system.sensors[0]!.sample() as Record<string, number>).load_current!;
    clock.now += 10;
    assert.ok(system.view.appliances.includes("lights"));
    assert.ok(load() <= 4);
    system.relay.write(1);
    clock.now += 10;
    assert.ok(load() > 200, `${load()} mA`);
    system.relay.write(0);
    clock.now += 10;
    assert.ok(load() <= 4);
  });

  it("cuts the load at low voltage and gives it back only after charging", () => {
    const world = build({ latitude: 0, longitude: 0 });
    world.system.sunshine = 0;
    const dark = run(world, 3 * DAY);
    const cut = dark.findIndex((moment) => !moment.view.loadConnected);
    assert.ok(cut > 0);
    assert.ok(dark.slice(cut).every((moment) => !moment.view.loadConnected && moment.sample.load_current! <= 4));
    world.system.sunshine = 1;
    const sunny = run(world, DAY);
    const back = sunny.find((moment) => moment.view.loadConnected)!;
    assert.ok(back.sample.battery_voltage! > 12850, `${back.sample.battery_voltage} mV`);
  });

  it("raises the overload alert for too big an appliance and switches off until it is gone", () => {
    const world = build();
    const overload = world.system.inputs.find((input) => input.variable === "overload_alert")!;
    const seen: number[] = [];
    overload.onChanged = () => seen.push(overload.read());
    world.system.appliance = 70;
    world.clock.now += 10;
    assert.equal(overload.read(), 1);
    assert.deepEqual(seen, [], "no callback from inside a call");
    world.system.advance();
    world.system.advance();
    assert.deepEqual(seen, [1]);
    assert.ok((world.read().load_current as number) <= 4);
    world.system.appliance = 0;
    world.clock.now += 10;
    world.system.advance();
    assert.deepEqual(seen, [1, 0]);
  });

  it("has no overload while the relay is off", () => {
    const world = build();
    world.system.relay.write(0);
    world.system.appliance = 70;
    run(world, 60);
    assert.equal(world.system.inputs.find((input) => input.variable === "overload_alert")!.read(), 0);
  });

  it("reports the tamper switch", () => {
    const { system } = build();
    const tampered = system.inputs.find((input) => input.variable === "tampered")!;
    let changes = 0;
    tampered.onChanged = () => changes++;
    system.caseOpen = true;
    system.advance();
    assert.deepEqual([tampered.read(), changes], [1, 1]);
    system.caseOpen = false;
    system.advance();
    assert.deepEqual([tampered.read(), changes], [0, 2]);
  });

  it("repeats to the last count with the same seed, and differs with another", () => {
    const samples = (seed: number) => run(build({ seed }), DAY).map((moment) => moment.sample);
    assert.deepEqual(samples(7), samples(7));
    assert.notDeepEqual(samples(7), samples(8));
  });

  it("lives the same day however often it is looked at", () => {
    const often = build();
    const once = build();
    run(often, DAY);
    once.clock.now += DAY;
    assert.deepEqual(once.system.save(), often.system.save());
  });

  it("continues from a saved state, also one that went through JSON", () => {
    const first = build();
    run(first, DAY / 2);
    const state = JSON.parse(JSON.stringify(first.system.save()));
    const second = build({ state });
    second.clock.now = first.clock.now;
    assert.deepEqual(second.system.save(), first.system.save());
    run(first, DAY);
    run(second, DAY);
    assert.ok(Math.abs(first.system.view.stateOfCharge - second.system.view.stateOfCharge) < 0.002);
  });

  it("makes up for a week at most after a long rest, and takes a clock that was set back", () => {
    const state = build().system.save();
    const world = build({ state });
    world.clock.now += 3650 * DAY;
    const began = process.cpuUsage().user;
    world.read();
    assert.ok(process.cpuUsage().user - began < 2e6);
    assert.equal(world.system.save().time, world.clock.now);
    const before = world.system.save();
    world.clock.now -= 30 * DAY;
    assert.deepEqual(world.system.save(), { ...before, time: world.clock.now });
  });

  it("simulates a day at 10 s samples in well under a second", () => {
    const world = build();
    const began = process.cpuUsage().user;
    for (let i = 0; i < 8640; i++) {
      world.clock.now += 10;
      world.read();
    }
    assert.ok(process.cpuUsage().user - began < 500e3, `${(process.cpuUsage().user - began) / 1000} ms`);
  });

  it("refuses places off the globe, broken states and traces without points", () => {
    assert.throws(() => build({ latitude: 91 }), {
      name: "RangeError",
      message: /latitude must be from -90 to 90, got 91/,
    });
    assert.throws(() => build({ longitude: Number.NaN }), { message: /longitude must be from -180 to 180, got NaN/ });
    assert.throws(() => build({ trace: [] }), { message: /needs at least one point/ });
    const state = build().system.save();
    assert.throws(() => build({ state: { ...state, stateOfCharge: 1.5 } }), { message: /state\.stateOfCharge/ });
    assert.throws(() => build({ state: { ...state, stage: "full" as "float" } }), { message: /what save\(\) gave/ });
  });
});
