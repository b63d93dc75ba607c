import { toBytes } from "../modem/ascii.js";
import type { Serial, SerialConstructor } from "../serial.js";
import { ESP32Board, type Platform } from "./board.js";
import { checkBoard, checkUART } from "./config.js";

/** Milliseconds from the message of a start that failed to the next attempt. */
const PAUSE = 60_000;

export interface StartOptions {
  /** `config.board` of the manifest. */
  readonly config: unknown;
  readonly platform: Platform;
  /** Starts the firmware on the board. */
  readonly boot: (board: ESP32Board) => { log(line: string): void };
}

/** Brings the board up and boots the firmware. When that fails it says why on the console and tries again after a minute. */
export function start({ config, platform, boot }: StartOptions): void {
  try {
    const board = new ESP32Board(checkBoard(config), platform);
    const device = boot(board);
    board.onLog = (line) => device.log(line);
    device.log(board.selfTest());
  } catch (error) {
    const line = `heliograph cannot start: ${(error as Error).message}; next attempt in ${PAUSE / 1000} s`;
    platform.trace(line);
    complain(platform.Serial, (config as { console?: unknown } | undefined)?.console, line, platform.trace);
    platform.timer.set(() => platform.system.esp_restart(), PAUSE);
  }
}

function complain(io: SerialConstructor, console: unknown, line: string, trace: (line: string) => void): void {
  let rest = toBytes(`\r\n${line}\r\n`);
  try {
    const port: Serial = new io({
      ...checkUART(console, "board.console"),
      onWritable: (count) => {
        port.write(rest.subarray(0, count));
        rest = rest.subarray(count);
      },
    });
  } catch (error) {
    trace(`no console: ${(error as Error).message}`);
  }
}
