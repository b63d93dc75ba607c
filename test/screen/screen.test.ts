import assert from "node:assert/strict";
import type { Actions, Moment } from "../../hal/screen/moment.js";
import { drag, installPiu, label, strings, tap } from "./piu.js";

installPiu();
const { openScreen } = await import("../../hal/screen/screen.js");

const MOMENT: Moment = {
  place: "Thu 01 Jan, 12:29 in Kisumu",
  serialNumber: "HG0000001",
  hour: 12,
  irradiance: 900,
  sunshine: 1,
  panel: { voltage: 15.7, current: 1.09 },
  battery: { voltage: 13.2, current: 0.8, stateOfCharge: 0.62 },
  load: { watts: 7, appliances: ["fan", "radio"] },
  appliance: 0,
  relay: true,
  loadProblem: undefined,
  credit: "29 d 23 h",
  hasCredit: true,
  modem: { state: "-71 dBm, LTE", trouble: false, bars: 3 },
  queue: "9 rows wait, next in 38 min",
  lastReport: "reported 18 min ago",
  networkCut: false,
  powerCut: false,
  speed: 60,
  log: ["12:10  load on", "12:11  token 2 accepted"],
};
/** Colours of what the keypad says. */
const [TYPED, HINT, ACCEPTED, REFUSED] = [0, 1, 2, 3];
/** Colours of a button that is lit. */
const LIT = 1;

describe("the simulator's screen", () => {
  const done: unknown[][] = [];
  let answer: { accepted: boolean; message: string };
  let show: (changes?: Partial<Moment>) => void;

  beforeEach(() => {
    done.length = 0;
    answer = { accepted: true, message: "token 1 accepted" };
    const actions: Actions = {
      setSunshine: (share) => void done.push(["sun", share]),
      setAppliance: (watts) => void done.push(["load", watts]),
      setSpeed: (times) => void done.push(["speed", times]),
      cutNetwork: (cut) => void done.push(["network", cut]),
      cutPower: (cut) => void done.push(["power", cut]),
      enterToken: (digits) => {
        done.push(["token", digits]);
        return answer;
      },
    };
    const open = openScreen(actions);
    show = (changes = {}) => open({ ...MOMENT, ...changes });
    show();
  });

  it("shows what is measured, the credit, the modem, what waits and the last lines of the log", () => {
    const expected = [
      "Panel  17.1 W",
      "15.7 V, 1.09 A",
      "Battery  62 %",
      "13.2 V, charging",
      "Loads  7.0 W",
      "fan, radio",
    ];
    for (const string of [...expected, "29 d 23 h", "load on", "-71 dBm, LTE", MOMENT.queue, ...MOMENT.log])
      assert.ok(strings().includes(string), `${string}: ${strings().join(" | ")}`);
  });

  it("says why the load is off", () => {
    show({ relay: false, hasCredit: false, credit: "Used up" });
    assert.ok(strings().includes("load off until a token"));
    assert.ok(strings().includes("switched off"));
    show({ relay: false, powerCut: true });
    assert.ok(strings().includes("no power: load off"));
    show({ loadProblem: "battery too low" });
    assert.ok(strings().includes("battery too low"));
  });

  it("shortens a line that is too long", () => {
    show({ log: ["x".repeat(100)] });
    assert.equal(label(/^x/).string, `${"x".repeat(66)}...`);
  });

  describe("keypad", () => {
    const press = (keys: string) => {
      for (const key of keys) tap(key);
    };

    it("shows digits in threes and hands over exactly those", () => {
      press("123456789");
      assert.equal(label("123 456 789").state, TYPED);
      tap("Enter");
      assert.deepEqual(done, [["token", "123456789"]]);
    });

    it("says that a token was accepted, for a while", () => {
      press("1");
      tap("Enter");
      assert.equal(label("accepted").state, ACCEPTED);
      for (let i = 0; i < 24; i++) show();
      assert.equal(label("accepted").state, ACCEPTED);
      show();
      assert.equal(label("Enter a token").state, HINT);
    });

    it("says why one was refused", () => {
      answer = { accepted: false, message: "wrong token" };
      press("42");
      tap("Enter");
      assert.equal(label("wrong token").state, REFUSED);
    });

    it("keeps digits as long as nobody enters them", () => {
      answer = { accepted: false, message: "wrong token" };
      press("42");
      tap("Enter");
      press("987");
      for (let i = 0; i < 30; i++) show();
      tap("Enter");
      assert.deepEqual(done.at(-1), ["token", "987"]);
    });

    it("clears", () => {
      press("12");
      tap("Clear");
      assert.equal(label("Enter a token").state, HINT);
    });

    it("enters nothing when nothing was typed", () => {
      tap("Enter");
      press("1");
      tap("Clear");
      tap("Enter");
      assert.deepEqual(done, []);
    });

    it("takes no more than 20 digits", () => {
      press("1".repeat(25));
      tap("Enter");
      assert.deepEqual(done, [["token", "1".repeat(20)]]);
    });
  });

  describe("sliders", () => {
    it("set the sun from 0 to 1 in steps of 5 %, and no further", () => {
      drag(/^Sun/, 10, 74);
      drag(/^Sun/, 200, -50);
      assert.deepEqual(
        done.map(([name, share]) => [name, Math.round(Number(share) * 100)]),
        [
          ["sun", 0],
          ["sun", 50],
          ["sun", 100],
          ["sun", 0],
        ],
      );
    });

    it("set the extra load up to 80 W in steps of 5 W", () => {
      drag(/^Extra load/, 86, 400);
      assert.deepEqual(done, [
        ["load", 40],
        ["load", 80],
      ]);
    });

    it("say what holds, whoever changed it", () => {
      show({ sunshine: 0.35, appliance: 45 });
      assert.ok(label("Sun  35 %"));
      assert.ok(label("Extra load  45 W"));
    });
  });

  describe("buttons", () => {
    it("cut network and power, are lit then, and give both back", () => {
      tap("Cut network");
      tap("Cut power");
      show({ networkCut: true, powerCut: true });
      assert.equal(label("Network cut").state, LIT);
      tap("Network cut");
      tap("Power cut");
      assert.deepEqual(done, [
        ["network", true],
        ["power", true],
        ["network", false],
        ["power", false],
      ]);
    });

    it("set the speed, and the one that holds is lit", () => {
      assert.equal(label("60x").state, LIT);
      tap("3600x");
      show({ speed: 3600 });
      assert.deepEqual(done, [["speed", 3600]]);
      assert.deepEqual([label("60x").state, label("3600x").state], [0, LIT]);
    });
  });
});
