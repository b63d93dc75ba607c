import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Device } from "../../../firmware/app.js";
import type { ESP32Board } from "../../../hal/esp32/board.js";
import { start } from "../../../hal/esp32/start.js";
import { Chip, INA3221_IDENTITY, ina } from "./chip.js";

const BOARDS = join(import.meta.dirname, "../../../manifests/boards");
const RELAY = 18;

function configOf(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(BOARDS, `${name}.json`), "utf8")).config.board;
}

/** The firmware on a chip that is wired as a board's manifest says. */
class Bench {
  readonly chip = new Chip();
  board: ESP32Board | undefined;
  device: Device | undefined;

  start(config: unknown): void {
    start({
      config,
      platform: this.chip.platform(),
      boot: (board) => {
        this.board = board;
        this.device = new Device(board);
        return this.device;
      },
    });
  }

  /** What the console shows after `milliseconds`. */
  after(milliseconds: number): string {
    this.chip.time.run(milliseconds);
    return this.chip.written;
  }
}

describe("the firmware on an ESP32", () => {
  it("starts without any chip on the I2C bus: one line says so, and the readings are absent", () => {
    const bench = new Bench();
    bench.start(configOf("plain-esp32c3"));
    const shown = bench.after(20_000);
    assert.match(shown, /heliograph \S+ on ESP32-C3 with a modem, boot 1 \(power\), 0 rows waiting/);
    assert.match(
      shown,
      /self-test: INA3221 at 0x40 missing \(write failed\), TMP102 at 0x48 missing \(write failed\)\r\n/,
    );
    assert.equal(bench.device!.latest.battery_voltage, undefined);
    assert.ok("battery_voltage" in bench.device!.latest);
    assert.equal(bench.chip.restarts, 0);
  });

  it("reads the sensors that are there", () => {
    const bench = new Bench();
    bench.chip.devices.set(0x40, ina(INA3221_IDENTITY, { 1: 0xc180, 2: 0x3200 }));
    bench.chip.devices.set(0x48, new Map([[0, 0x1930]]));
    bench.start(configOf("plain-esp32"));
    assert.match(bench.after(11_000), /self-test: INA3221 at 0x40 ok, TMP102 at 0x48 ok/);
    assert.equal(bench.device!.latest.battery_current, -800);
    assert.equal(bench.device!.latest.temperature, 252);
  });

  it("switches the relay off before anything else, and drives what is wired", () => {
    const bench = new Bench();
    bench.start(configOf("t-sim7600"));
    assert.deepEqual(bench.chip.steps.slice(0, 2), [`pin ${RELAY} low`, "pin 25 high"]);
    assert.equal(bench.chip.levels.get(4), 0, "the power key is not pressed");
    assert.equal(bench.chip.levels.get(32), 0, "DTR keeps the modem awake");
  });

  it("keeps the key and the reset of a T-Call at their idle level, which is high", () => {
    const bench = new Bench();
    bench.start(configOf("t-call-sim800"));
    assert.deepEqual(
      [4, 5].map((pin) => bench.chip.levels.get(pin)),
      [1, 1],
    );
  });

  it("sets the supplies of a T-SIM7080-S3 before the modem gets one, and leaves the processor's alone", () => {
    const bench = new Bench();
    const registers = new Map([
      [128, 0b0001],
      [144, 0b0001],
    ]);
    bench.chip.devices.set(0x34, registers);
    bench.start(configOf("t-sim7080-s3"));
    assert.deepEqual(
      bench.chip.steps.filter((step) => step.startsWith("register")),
      ["register 150 28", "register 144 17", "register 132 102"],
    );
    const { board } = bench;
    board!.network.connect({ apn: "internet" });
    bench.chip.time.run(1000);
    assert.equal(registers.get(128), 0b0101);
  });

  it("says which registers of the board could not be set", () => {
    const bench = new Bench();
    bench.start(configOf("t-call-sim800"));
    assert.match(bench.after(1000), /self-test: register 0 at 0x75 not set \(write failed\), INA3221 at 0x40 missing/);
  });

  it("leaves the console to the debugger when that has the port, and logs to the debugger", () => {
    const bench = new Bench();
    bench.chip.refused.add("port 0");
    bench.start(configOf("plain-esp32"));
    bench.after(1000);
    assert.equal(bench.board!.console, undefined);
    assert.equal(bench.chip.traces[0], "no console: port in use");
    assert.ok(bench.chip.traces.some((line) => line.includes("self-test:")));
    assert.equal(bench.chip.restarts, 0);
  });

  it("is called by the UARTs at the first byte, not when their FIFO is nearly full", () => {
    const bench = new Bench();
    bench.start(configOf("plain-esp32c3"));
    bench.after(1000);
    assert.deepEqual([...bench.chip.thresholds].sort(), [
      [0, 1],
      [1, 1],
    ]);
  });

  it("tells the reason of the reset, and restarts when it is told to", () => {
    const bench = new Bench();
    bench.chip.reason = 9;
    bench.start(configOf("plain-esp32"));
    assert.match(bench.after(1000), /boot 1 \(brownout\)/);
    bench.board!.restart();
    assert.equal(bench.chip.restarts, 1);
  });

  for (const [what, spoil, message] of [
    [
      "a wrong configuration",
      (config) => Object.assign(config, { relay: { pin: "18" } }),
      /board\.relay\.pin: expected a whole number/,
    ],
    [
      "a pin that the chip does not have",
      (_, chip) => chip.refused.add(19),
      /board\.inputs\[0\]: the chip refuses it: in use/,
    ],
    [
      "a modem port that is in use",
      (_, chip) => chip.refused.add("port 1"),
      /board\.modem: the chip refuses it: port in use/,
    ],
    [
      "dividers in an image without the ADC's driver",
      (config, chip) => {
        config.analog = [{ variable: "cell_voltage", pin: 35, upper: 1000, lower: 1000 }];
        chip.analog = false;
      },
      /board\.analog\[0\]: .*this image has no ADC driver: include manifests\/analog\.json/,
    ],
    ["a partition table without an outbox", (_, chip) => chip.refused.add("outbox"), /can't find partition/],
  ] as readonly (readonly [string, (config: Record<string, unknown>, chip: Chip) => unknown, RegExp])[])
    it(`says on the console that it cannot start for ${what}, and tries again after a minute`, () => {
      const bench = new Bench();
      const config = configOf("plain-esp32");
      spoil(config, bench.chip);
      bench.start(config);
      const shown = bench.after(59_999);
      assert.match(shown, /^\r\nheliograph cannot start: .*; next attempt in 60 s\r\n$/s);
      assert.match(shown, message);
      assert.equal(bench.chip.restarts, 0);
      bench.after(1);
      assert.equal(bench.chip.restarts, 1);
    });

  it("tells the debugger when not even the console can be opened", () => {
    const bench = new Bench();
    bench.start({ name: "nothing else" });
    assert.match(
      bench.chip.traces.join("\n"),
      /board\.console: expected an object, not nothing.*\nno console: board\.console/,
    );
    bench.after(60_000);
    assert.equal(bench.chip.restarts, 1);
  });
});
