import Resource from "Resource";
import Digital from "embedded:io/digital";
import SDKSerial from "embedded:io/serial";
import SDKSMBus from "embedded:io/smbus";
import SDKHTTPClient from "embedded:network/http/client";
import SDKMQTTClient from "embedded:network/mqtt/client";
import TMP102 from "embedded:sensor/Temperature/TMP102";
import flash from "embedded:storage/flash";
import keyValue from "embedded:storage/key-value";
import SDKUpdate from "embedded:update";
import config from "mc/config";
import FFI from "mc/ffi";
import Modules from "modules";
import Time from "time";
import SDKTimer from "timer";
import type { AnalogConstructor, SMBusConstructor } from "../../hal/esp32/io.js";
import type { UpdateClass } from "../../hal/esp32/slots.js";
import { start } from "../../hal/esp32/start.js";
import type { HTTPClientConstructor } from "../../hal/http.js";
import type { MQTTClientConstructor } from "../../hal/mqtt.js";
import type { SerialConstructor } from "../../hal/serial.js";
import type { Timers } from "../../hal/timer.js";
import { Device } from "../app.js";

/* The SDK's own declarations of these do not fit its classes, or are narrower than what they take. */
const Serial = SDKSerial as unknown as SerialConstructor;
const HTTPClient = SDKHTTPClient as unknown as HTTPClientConstructor;
const MQTTClient = SDKMQTTClient as unknown as MQTTClientConstructor;
const SMBus = SDKSMBus as unknown as SMBusConstructor;
const update = SDKUpdate as unknown as UpdateClass;
/**
 * Only in images of boards with dividers: ESP-IDF's ADC driver calibrates itself before the firmware starts, and a chip whose
 * ADC does not answer would never start.
 */
const ANALOG = "embedded:io/analog";
const timer: Timers = SDKTimer as Timers;

/** The firmware on an ESP32, wired as `config.board` of the manifest says. */
export default function main(): void {
  const system = new FFI();
  system.idle_alarm();
  start({
    config: config.board,
    platform: {
      ...{ Serial, Digital, SMBus, TMP102, HTTPClient, MQTTClient, flash, keyValue, update },
      ...(Modules.has(ANALOG) && { Analog: Modules.importNow(ANALOG) as AnalogConstructor }),
      authority: new Uint8Array(new Resource("authority.pem") as unknown as ArrayBuffer),
      timer,
      milliseconds: () => Time.ticks,
      system,
      trace: (line) => trace(`${line}\n`),
    },
    boot: (board) => new Device(board),
  });
}
