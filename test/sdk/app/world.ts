import FFI from "mc/ffi";
import { SocketInternet } from "../../../hal/lin/internet.js";
import { keepPace } from "../../../hal/lin/pace.js";
import { Modem } from "../../../hal/modem/modem.js";
import type { Network } from "../../../hal/network.js";
import type { Connection, ConnectionOptions, Internet } from "../../../hal/sim/internet.js";
import { SIM7600 } from "../../../hal/sim/modem/sim7600.js";
import { seededRandom } from "../../../hal/sim/random.js";
import { SimulatedTime } from "../../../hal/sim/time.js";
import type { TCPConstructor } from "../../../hal/tcp.js";

export const { environment } = new FFI();

/** Every name is this machine, where the servers of the test listen on the ports of HELIOGRAPH_PORT_80, _443 and _1883. */
class TestInternet implements Internet {
  readonly real: SocketInternet;

  constructor(io: TCPConstructor) {
    this.real = new SocketInternet({ io });
  }

  connect(options: ConnectionOptions): Connection {
    const port = Number(environment(`HELIOGRAPH_PORT_${options.port}`) || 1);
    return this.real.connect({ ...options, host: "127.0.0.1", port });
  }

  resolve(host: string, onResolved: (address: string | undefined) => void): void {
    this.real.resolve(host, onResolved);
  }
}

/** A modem that is attached to its network over sockets `io`, driven by the real driver, 20 times as fast as real time. */
export function attach(io: TCPConstructor): Promise<Network> {
  const time = new SimulatedTime();
  const internet = new TestInternet(io);
  const ticks = () => time.now;
  const { serial, power } = new SIM7600({
    timer: time,
    ticks,
    random: seededRandom(1),
    time: () => 1_767_225_600 + time.now / 1000,
    internet,
  });
  const network = new Modem({ serial, power, timer: time, ticks, random: seededRandom(2) });
  keepPace({ time, speed: 20, connected: () => internet.real.open > 0 });
  return new Promise((resolve) => {
    network.onChanged = (name: string) => {
      if (name === "connection" && network.connection === 500) resolve(network);
    };
    network.connect({ apn: "internet" });
  });
}
