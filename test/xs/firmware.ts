import { Device } from "../../firmware/app.js";
import type { Flash } from "../../hal/flash.js";
import { Modem } from "../../hal/modem/modem.js";
import type { Sensor } from "../../hal/sensor.js";
import type { SerialPort } from "../../hal/serial.js";
import { seededRandom } from "../../hal/sim/random.js";
import { HostFlash, HostInput, HostKeyValue, HostOutput, HostSerial, host, openTime } from "./board.js";
import { TestHTTPClient } from "./http-client.js";
import { MODEM_PORT, PINS, PROVISION } from "./provision.js";

/** Readings that move as a day does, without the memory that a physical model would take. */
class TestSensor implements Sensor {
  readonly #ticks: () => number;

  constructor(ticks: () => number) {
    this.#ticks = ticks;
  }

  sample() {
    const minute = Math.floor(this.#ticks() / 60_000) % 1440;
    const sun = Math.max(0, 720 - Math.abs(720 - minute) - 360);
    return {
      battery_voltage: 12_000 + sun * 5,
      battery_current: 300 - sun * 8,
      panel_voltage: sun ? 17_000 + sun : 0,
      panel_current: sun * 9,
      load_current: 250 + (minute % 60),
      temperature: 180 + Math.floor(sun / 3),
    };
  }
}

/** The firmware as it is, on the board that host/board.c and its parent make up. */
export default function main(flash: Flash = new HostFlash(), console?: SerialPort): void {
  const time = openTime();
  const ticks = () => time.now;
  const random = seededRandom(1);
  const power = {
    key: new HostOutput(PINS.modemKey),
    reset: new HostOutput(PINS.modemReset),
    supply: new HostOutput(PINS.modemSupply),
  };
  const device = new Device({
    name: "XS test host",
    ticks,
    timer: time,
    random,
    flash,
    keyValue: new HostKeyValue(),
    sensors: [new TestSensor(ticks)],
    inputs: [new HostInput(PINS.tamper, "tampered")],
    relay: new HostOutput(PINS.relay),
    network: new Modem({ serial: { io: HostSerial, port: MODEM_PORT }, timer: time, ticks, random, power }),
    HTTPClient: TestHTTPClient,
    ...(console && { console }),
    log: (line) => host.print(line),
    resetReason: "power",
    restart: () => host.restart(),
  });
  for (const [name, value] of PROVISION) device.settings.set(name, value);
}
