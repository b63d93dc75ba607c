import type { Board } from "../../hal/board.js";
import { frozen } from "../../hal/frozen.js";
import type { Rest } from "../../hal/network.js";
import type { Settings } from "../settings.js";

/** What the network is connected with: a change takes a new connection. */
export const NETWORK_SETTINGS: readonly string[] = frozen(["apn", "apn_user", "apn_password", "sim_pin", "roaming"]);

/**
 * Shorter rests are not worth it: off and PSM take the modem out of the network, which is not to be joined anew every few minutes;
 * sleep costs ten commands. Seconds.
 */
const WORTHWHILE: Readonly<Record<Rest["mode"], number>> = frozen({ off: 600, sleep: 30, psm: 600 });

/** Brings the network up for reports, and down between them where the power mode says so. */
export class Attachment {
  readonly #board: Board;
  readonly #settings: Settings;

  constructor(options: { board: Board; settings: Settings }) {
    this.#board = options.board;
    this.#settings = options.settings;
  }

  /** Starts to connect, unless that is so already. */
  want(): void {
    const { network, keyValue } = this.#board;
    if (network.connection !== 200) return;
    const settings = this.#settings;
    const [user, password, pin] = [settings.text("apn_user"), settings.text("apn_password"), settings.text("sim_pin")];
    network.connect({
      apn: settings.text("apn"),
      ...(user && { user }),
      ...(password && { password }),
      ...(pin && { pin }),
      roaming: settings.text("roaming") === "yes",
      keyValue,
    });
  }

  /**
   * Nothing is to be sent for `seconds`. A network that is still looked for is left alone: the search has rests of
   * its own, which grow.
   */
  spare(seconds: number): void {
    const { network } = this.#board;
    const between = this.#settings.text("power_mode") === "between";
    const mode = this.#settings.text("modem_rest") as Rest["mode"];
    if (between && seconds >= WORTHWHILE[mode] && network.connection >= 500) network.disconnect({ mode, seconds });
  }

  /**
   * Leaves a network that seems to work, but brings nothing through: the next try joins it anew. That mends a modem in
   * a state that nobody thought of, and networks tell the time when they are joined.
   */
  refresh(): void {
    const { network } = this.#board;
    if (network.connection >= 500) network.disconnect();
  }

  /** Connects with what was set meanwhile. */
  renew(): void {
    const { network } = this.#board;
    if (network.connection !== 200) network.disconnect();
  }
}
