import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkBoard, sensorVariables } from "../../../hal/esp32/config.js";

const MANIFESTS = join(import.meta.dirname, "../../../manifests");
const BOARDS = join(MANIFESTS, "boards");

function board(name: string): Record<string, unknown> {
  const manifest = JSON.parse(readFileSync(join(BOARDS, name), "utf8"));
  return manifest.config.board;
}

/** The plain board with something changed: a path of keys, and the value (undefined removes it). */
function changed(path: string, value: unknown): unknown {
  const config = board("plain-esp32.json");
  const keys = path.split(".");
  const last = keys.pop()!;
  let place = config as Record<string, unknown>;
  for (const key of keys) place = place[key] as Record<string, unknown>;
  if (value === undefined) delete place[last];
  else place[last] = value;
  return config;
}

describe("board manifests", () => {
  for (const name of readdirSync(BOARDS))
    it(`${name} is a wiring without contradictions, with every variable that is recorded`, () => {
      const config = checkBoard(board(name));
      const given = [...config.sensors.flatMap(sensorVariables), ...config.inputs.map((input) => input.variable)];
      for (const variable of ["battery_voltage", "battery_current", "panel_voltage", "load_current", "temperature"])
        assert.ok(given.includes(variable), variable);
      assert.ok(given.includes("tampered"));
    });

  it("fit into 4 MB of flash with their partitions, without a gap, a slot at 64 KB as the chip wants it", () => {
    const lines = readFileSync(join(MANIFESTS, "esp32/partitions.csv"), "utf8").split("\n");
    const rows = lines.filter((line) => line && !line.startsWith("#")).map((line) => line.split(/,\s*/));
    let end = 0x9000;
    for (const [name, type, , offset, size] of rows) {
      assert.equal(Number(offset), end, name);
      assert.equal(Number(offset) % (type === "app" ? 0x10000 : 0x1000), 0, name);
      end += Number(size);
    }
    assert.equal(end, 4 << 20);
  });
});

describe("a board's configuration", () => {
  it("has defaults for what is left out", () => {
    const config = checkBoard(changed("inputs", undefined));
    assert.deepEqual(config.inputs, []);
    assert.deepEqual(config.hold, []);
    assert.deepEqual(config.relay, { pin: 18, active: "high" });
    assert.equal(config.modem.supply, undefined);
    assert.deepEqual(config.i2c, { data: 21, clock: 22, registers: [] });
  });

  for (const [path, value, message] of [
    ["relay", undefined, "board.relay: expected an object, not nothing"],
    ["relay.pin", "18", 'board.relay.pin: expected a whole number from 0 to 48, not "18"'],
    ["relay.pin", 49, "board.relay.pin: expected a whole number from 0 to 48, not 49"],
    ["relay.polarity", 1, "board.relay.polarity: is unknown; known are pin, active"],
    ["relay.active", "hi", 'board.relay.active: expected one of high, low, not "hi"'],
    ["console.baud", 300, "board.console.baud: expected a whole number from 1200 to 921600, not 300"],
    ["name", "", 'board.name: expected text, not ""'],
    ["hold", {}, "board.hold: expected an array, not [object Object]"],
    ["inputs.1.variable", 3, "board.inputs[1].variable: expected text, not 3"],
    ["inputs.1.pin", 27, "board.inputs[1]: GPIO 27 is taken by board.modem.transmit"],
    ["inputs.1.variable", "tampered", "board.inputs[1]: variable tampered is taken by board.inputs[0]"],
    ["modem.port", 0, "board.modem.port: UART 0 is taken by board.console.port"],
    ["sensors.1.variable", "load_current", "board.sensors[1]: variable load_current is taken by board.sensors[0]"],
    ["sensors.1.address", 64, "board.sensors[1].address: I2C address 64 is taken by board.sensors[0].address"],
    [
      "sensors.0.driver",
      "INA3221A",
      'board.sensors[0].driver: expected one of INA219, INA226, INA3221, TMP102, not "INA3221A"',
    ],
    ["sensors.0.channels.0.shunt", 0, "board.sensors[0].channels[0].shunt: expected a number above 0, not 0"],
    [
      "sensors.0.channels",
      [],
      'board.sensors[0]: expected variable for a TMP102, channels with current or voltage for an INA, not "INA3221"',
    ],
    [
      "sensors.1.driver",
      "INA219",
      'board.sensors[1]: expected variable for a TMP102, channels with current or voltage for an INA, not "INA219"',
    ],
    ["i2c", undefined, "board.i2c: expected data and clock for what is on the bus, not nothing"],
    [
      "analog",
      [{ variable: "cell_voltage", pin: 35, upper: 1, lower: 0 }],
      "board.analog[0].lower: expected a number above 0, not 0",
    ],
  ] as const)
    it(`is refused with the place: ${message}`, () => {
      assert.throws(() => checkBoard(changed(path, value)), { message });
    });

  it("is refused when there is none", () => {
    assert.throws(() => checkBoard(undefined), { message: "board: expected an object, not nothing" });
  });
});
