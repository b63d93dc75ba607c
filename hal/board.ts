import type { DigitalInput, DigitalOutput } from "./digital.js";
import type { FirmwareSlots } from "./firmware-slots.js";
import type { Flash } from "./flash.js";
import type { HTTPClientConstructor } from "./http.js";
import type { KeyValue } from "./key-value.js";
import type { MQTTClientConstructor } from "./mqtt.js";
import type { Network } from "./network.js";
import type { Sensor } from "./sensor.js";
import type { SerialPort } from "./serial.js";
import type { Timers } from "./timer.js";

/** A device that is connected to this one. */
export interface Accessory {
  /** Its own signed request, whole and in this encoding; undefined when it has none. */
  request(encoding: "json" | "cbor"): Uint8Array | undefined;
}

/** THE contract: everything the firmware has of the world. One object per platform, built in `firmware/main/*`. */
export interface Board {
  /** What the hardware calls itself, for logs and the `status` command. */
  readonly name: string;
  /** Milliseconds since boot; never runs backwards, does not wrap. */
  ticks(): number;
  readonly timer: Timers;
  /** 32 random bits as an unsigned integer. */
  random(): number;
  /** The outbox partition. */
  readonly flash: Flash;
  readonly keyValue: KeyValue;
  readonly sensors: readonly Sensor[];
  readonly inputs: readonly DigitalInput[];
  /** The customer's load. Off at reset, until the firmware says otherwise. */
  readonly relay: DigitalOutput;
  readonly network: Network;
  readonly HTTPClient: HTTPClientConstructor;
  /** Absent: this board reports by HTTP only. */
  readonly MQTTClient?: MQTTClientConstructor;
  /** Certificate of the authority that signs the servers' certificates, DER or PEM; absent: no TLS. */
  readonly authority?: Uint8Array;
  /** Where a technician types; absent on boards without one. */
  readonly console?: SerialPort;
  /** Where log lines go on a board without a console. */
  readonly log?: (line: string) => void;
  /** Devices without a connection of their own, whose requests travel with ours (spec "accessories"). */
  readonly accessories?: readonly Accessory[];
  /** Where updates go; absent: this board takes none. */
  readonly slots?: FirmwareSlots;
  /** Battery-backed clock, seconds since 1970; undefined when it lost its time. */
  readonly clock?: { time: number | undefined };
  /** Why the last reset happened: "power", "software", "watchdog", "brownout" ... */
  readonly resetReason: string;
  restart(): void;
}
