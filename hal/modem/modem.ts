import { frozen } from "../frozen.js";
import type { ConnectOptions, LinkInformation, Network, Rest } from "../network.js";
import type { SerialPort } from "../serial.js";
import type { TCPConstructor, TCPOptions } from "../tcp.js";
import type { Timers } from "../timer.js";
import { isQuotable } from "./ascii.js";
import { dialectNamed } from "./dialect.js";
import { Driver } from "./driver.js";
import type { PowerPins } from "./power.js";
import { Socket } from "./tcp.js";

export interface ModemOptions {
  /** The class of the serial port with the options it takes: `{io: Serial, baud: 115200, ...}`. */
  serial: SerialPort;
  timer: Timers;
  /** Milliseconds since boot. */
  ticks: () => number;
  /** 32 random bits, to spread the retries of many devices; without, they are not spread. */
  random?: () => number;
  /** Name of the dialect; without, the modem is asked. */
  dialect?: string;
  power?: PowerPins;
  onChanged?: (name: string) => void;
  /** Gets what goes to and comes from the modem, and what the driver makes of it; PIN, password and keys are left out. */
  log?: (line: string) => void;
}

const MODES: readonly Rest["mode"][] = frozen(["off", "sleep", "psm"]);
const OFF: Rest = frozen({ mode: "off", seconds: 0 });

/** Longest access point name (3GPP TS 23.003, 9.1), user name and password. */
const NAME_LENGTH = 100;

/**
 * A cellular modem on a serial line as ECMA-419 network interface and IO provider: `connect`, wait for `connection` 500, then open
 * sockets with `new modem.TCP({address, port, ...})`.
 */
export class Modem implements Network {
  readonly TCP: TCPConstructor;
  /** Takes `tls: {host, ca}` as well (ECMA-419 10.15.1); `ca` is required, as nothing else tells whom to trust. */
  readonly TLS: TCPConstructor;
  onChanged: ((name: string) => void) | undefined;
  readonly #driver: Driver;
  #closed = false;

  constructor(options: ModemOptions) {
    const { serial, timer, ticks, random = () => 0, power = {}, log = () => {} } = options;
    if (typeof serial?.io !== "function") throw new TypeError("serial: {io: Serial, ...} expected");
    if (!timer || typeof ticks !== "function") throw new TypeError("timer and ticks expected");
    const dialect = options.dialect === undefined ? undefined : dialectNamed(options.dialect);
    this.onChanged = options.onChanged;
    // Later, so that no callback comes from inside a call.
    const onChanged = (name: string) => void timer.set(() => this.#notify(name));
    const driver = new Driver({ serial, timer, ticks, random, dialect, power, log, onChanged });
    this.#driver = driver;
    this.TCP = class extends Socket {
      constructor(socketOptions: TCPOptions) {
        super(socketOptions, driver.links, timer);
      }
    };
    this.TLS = class extends Socket {
      constructor(socketOptions: TCPOptions) {
        super(socketOptions, driver.links, timer, true);
      }
    };
  }

  connect(options: ConnectOptions): void {
    checkOptions(options);
    if (this.#closed) throw new Error("modem is closed");
    if (this.#driver.connection !== 200) throw new Error("already connecting or connected: disconnect first");
    this.#driver.start({ ...options });
  }

  disconnect(rest = OFF): void {
    if (!MODES.includes(rest.mode))
      throw new RangeError(`rest: one of ${MODES.join(", ")} expected, not "${rest.mode}"`);
    if (!(rest.seconds >= 0)) throw new RangeError("rest: how many seconds expected");
    if (!this.#closed && this.#driver.connection !== 200) this.#driver.stop(rest);
  }

  /** Lets go of the serial port; the modem stays as it is. */
  close(): void {
    if (!this.#closed) this.#driver.close();
    this.#closed = true;
  }

  get connection(): number {
    return this.#driver.connection;
  }

  get address(): string | undefined {
    return this.#driver.address;
  }

  get information(): LinkInformation {
    return this.#driver.facts.information;
  }

  get time(): number | undefined {
    return this.#driver.facts.time;
  }

  get problem(): string | undefined {
    return this.#driver.problem;
  }

  get bytesSent(): number {
    return this.#driver.links.bytesSent;
  }

  get bytesReceived(): number {
    return this.#driver.links.bytesReceived;
  }

  #notify(name: string): void {
    if (!this.#closed) this.onChanged?.(name);
  }
}

function checkOptions({ apn, user, password, pin, roaming }: ConnectOptions): void {
  if (!isQuotable(apn, NAME_LENGTH)) throw new TypeError("apn: an access point name expected");
  if (user !== undefined && !isQuotable(user, NAME_LENGTH)) throw new TypeError("user: printable text expected");
  if (password !== undefined && password !== "" && !isQuotable(password, NAME_LENGTH))
    throw new TypeError("password: printable text expected");
  if (pin !== undefined && !(pin.length >= 4 && pin.length <= 8 && Number.isInteger(Number(pin))))
    throw new TypeError("pin: 4 to 8 digits expected");
  if (roaming !== undefined && typeof roaming !== "boolean") throw new TypeError("roaming: true or false expected");
}
