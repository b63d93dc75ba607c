import type { Board } from "../../hal/board.js";
import type { Clock } from "../clock.js";
import type { Settings } from "../settings.js";

/** What an update wants of the device. */
export interface UpdateHost {
  readonly board: Board;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly session: {
    /** A report is under way. */
    readonly busy: boolean;
    /** Uptime, in seconds, when the last report got through. */
    readonly lastSuccess: number | undefined;
    /** Why this device can't report at all. */
    readonly problem: string | undefined;
    /** Brings the network up. */
    connect(): void;
  };
  /** Rows recorded since start. */
  readonly recorded: number;
  log(line: string): void;
}

/** Whether this firmware has done what it is there for: it has reported, or recorded where it can't report. */
export function isProven({ session, recorded }: UpdateHost): boolean {
  return session.lastSuccess !== undefined || (session.problem !== undefined && recorded > 0);
}
